internal import FoundationEssentials
internal import Model

extension Nanoseconds {
    /// A span as people say it: `0.2 s`, `12 s`, `3 min`, `2 h`, `4 d`.
    var spoken: String {
        let seconds = max(0, self.seconds)
        switch seconds {
        case ..<9.95:
            let tenths = Int((seconds * 10).rounded())
            return "\(tenths / 10).\(tenths % 10) s"
        case ..<120: return "\(Int(seconds)) s"
        case ..<7200: return "\(Int(seconds) / 60) min"
        case ..<172_800: return "\(Int(seconds) / 3600) h"
        default: return "\(Int(seconds) / 86_400) d"
        }
    }

    /// The same in whole seconds, for ages.
    var age: String { seconds < 9.95 ? "\(Int(max(0, seconds))) s" : spoken }
}

extension Nanoseconds {
    /// How far a clock is off that is this much ahead; negative: behind.
    var clockOff: String {
        let words = Nanoseconds(abs(count)).spoken
        return count < 0 ? "\(words) behind the controller's" : "\(words) ahead of the controller's"
    }
}

extension Instant {
    /// `2026-11-21 04:45:12Z`.
    var stamp: String {
        Date(timeIntervalSince1970: Double(milliseconds / 1000))
            .formatted(.iso8601.dateTimeSeparator(.space))
    }
}

extension Array where Element == String {
    var asLines: String { joined(separator: "\n") }

    func indented(_ count: Int = 2) -> [String] {
        let margin = String(repeating: " ", count: count)
        return flatMap { $0.split(separator: "\n", omittingEmptySubsequences: false) }
            .map { $0.isEmpty ? "" : margin + $0 }
    }
}
