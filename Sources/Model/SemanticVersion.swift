/// A version as Semantic Versioning 2.0.0 writes and orders it, with or without a leading `v`.
///
/// What follows a `+` is read and forgotten: it says how something was built, not which is newer.
package struct SemanticVersion: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let major: Int
    package let minor: Int
    package let patch: Int
    /// The identifiers after the hyphen; empty for a release.
    package let prerelease: [String]

    package init(_ major: Int, _ minor: Int, _ patch: Int, prerelease: [String] = []) {
        self.major = major
        self.minor = minor
        self.patch = patch
        self.prerelease = prerelease
    }

    /// Reads a whole version; nil where `text` is none.
    package init?(_ text: String) {
        let bare = text.hasPrefix("v") ? text.dropFirst() : text[...]
        let build = bare.split(separator: "+", maxSplits: 1, omittingEmptySubsequences: false)
        guard let core = build.first, build.dropFirst().allSatisfy(SemanticVersion.areIdentifiers)
        else {
            return nil
        }
        let halves = core.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        let numbers = halves[0].split(separator: ".", omittingEmptySubsequences: false)
        guard numbers.count == 3, let major = SemanticVersion.number(numbers[0]),
            let minor = SemanticVersion.number(numbers[1]),
            let patch = SemanticVersion.number(numbers[2]),
            halves.dropFirst().allSatisfy(SemanticVersion.areIdentifiers)
        else { return nil }
        let prerelease = halves.dropFirst().flatMap { $0.split(separator: ".").map(String.init) }
        let isPlain = prerelease.allSatisfy { word in
            !word.allSatisfy(\.isNumber) || SemanticVersion.number(word[...]) != nil
        }
        guard isPlain else { return nil }
        self.init(major, minor, patch, prerelease: prerelease)
    }

    package var description: String {
        let core = "\(major).\(minor).\(patch)"
        return prerelease.isEmpty ? core : "\(core)-\(prerelease.joined(separator: "."))"
    }

    /// Source: Semantic Versioning 2.0.0, section 11.
    package static func < (a: SemanticVersion, b: SemanticVersion) -> Bool {
        let left = (a.major, a.minor, a.patch)
        let right = (b.major, b.minor, b.patch)
        guard left == right else { return left < right }
        guard !a.prerelease.isEmpty, !b.prerelease.isEmpty else {
            return !a.prerelease.isEmpty && b.prerelease.isEmpty
        }
        for (x, y) in zip(a.prerelease, b.prerelease) where x != y {
            switch (Int(x), Int(y)) {
            case (let x?, let y?): return x < y
            case (_?, nil): return true
            case (nil, _?): return false
            case (nil, nil): return x.utf8.lexicographicallyPrecedes(y.utf8)
            }
        }
        return a.prerelease.count < b.prerelease.count
    }

    /// A number without leading zeros, small enough to be counted further.
    static func number(_ text: Substring) -> Int? {
        guard !text.isEmpty, text.utf8.count < 10, text.allSatisfy({ $0.isASCII && $0.isNumber }),
            text == "0" || !text.hasPrefix("0")
        else { return nil }
        return Int(text)
    }

    private static func areIdentifiers(_ text: Substring) -> Bool {
        text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { word in
            !word.isEmpty
                && word.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
        }
    }
}
