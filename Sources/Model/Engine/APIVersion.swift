/// A version of the Engine API, such as 1.41.
package struct APIVersion: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let major: Int
    package let minor: Int

    /// What Gyre needs: Engine 20.10.
    package static let oldest = APIVersion(1, 41)
    /// The newest whose answers Gyre has been written for.
    package static let newest = APIVersion(1, 52)

    package init(_ major: Int, _ minor: Int) {
        self.major = major
        self.minor = minor
    }

    /// Reads `1.41`.
    package init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let major = Int(parts[0]), let minor = Int(parts[1]) else {
            return nil
        }
        self.init(major, minor)
    }

    /// The newest version that Gyre and an engine that speaks `range` both know.
    package static func agreed(_ range: ClosedRange<APIVersion>) -> APIVersion? {
        let best = min(newest, range.upperBound)
        return best >= max(oldest, range.lowerBound) ? best : nil
    }

    package static func < (a: APIVersion, b: APIVersion) -> Bool {
        (a.major, a.minor) < (b.major, b.minor)
    }

    package var description: String { "\(major).\(minor)" }
}
