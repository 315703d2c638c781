/// Adds up what a pull reports, layer by layer, to how far it is.
///
/// Layers count alike, since the engine tells the size of one only when its download begins. Of
/// each, the download is the larger part and the unpacking the rest.
package struct PullTally: Sendable {
    private var layers: [String: Double] = [:]

    private static let download = 0.8

    package init() {}

    /// Whole percent, never less than before; nil until a layer is known.
    package private(set) var percent: Int?

    /// Takes one more line of the report.
    package mutating func add(_ line: PullProgress) {
        guard let layer = line.layer, let share = PullTally.share(of: line) else { return }
        layers[layer] = max(share, layers[layer] ?? 0)
        let done = layers.values.reduce(0, +) / Double(layers.count)
        percent = max(percent ?? 0, Int(done * 100))
    }

    /// How much of its layer is done; nil for a line about something else.
    ///
    /// Source: the texts of the engine's progress messages, the same in 20.10 and 28.
    private static func share(of line: PullProgress) -> Double? {
        let part = line.part
        return switch line.status {
        case "Pulling fs layer", "Waiting": 0
        case "Downloading": part * download
        case "Verifying Checksum", "Download complete": download
        case "Extracting": download + part * (1 - download)
        case "Pull complete", "Already exists": 1
        default: nil
        }
    }
}

extension PullProgress {
    fileprivate var part: Double {
        guard let current, let total, total > 0 else { return 0 }
        return min(1, max(0, Double(current) / Double(total)))
    }
}
