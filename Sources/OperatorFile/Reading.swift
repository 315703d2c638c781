internal import Model
internal import YAMLTree

/// A place of the tree that may be empty or wrong; then everything read from it is nil.
struct Reading {
    let node: Node?

    init(_ node: Node?) { self.node = node }

    subscript(key: String) -> Reading { Reading(node?[key]) }

    var elements: [Reading] { node?.elements?.map(Reading.init) ?? [] }

    var entries: [(name: String, value: Reading)] {
        node?.entries?.map { ($0.key, Reading($0.value)) } ?? []
    }

    var text: String? { node?.isNull == true ? nil : node?.text }

    var texts: [String]? { node?.elements?.compactMap { Reading($0).text } }

    var int: Int? { text.flatMap { Int($0) } }

    var duration: Nanoseconds? { text.flatMap(Format.duration) }

    var bytes: Int64? { text.flatMap(Format.size)?.bytes }

    var capabilities: Set<String>? {
        texts.map { Set($0.compactMap(Format.capability)) }
    }

    /// One range or a list of them, sorted.
    var ranges: [ClosedRange<Int>]? {
        guard let texts = texts ?? text.map({ [$0] }) else { return nil }
        return texts.compactMap { Format.numbers($0, within: 0...Int(UInt32.max)) }
            .sorted { ($0.lowerBound, $0.upperBound) < ($1.lowerBound, $1.upperBound) }
    }
}
