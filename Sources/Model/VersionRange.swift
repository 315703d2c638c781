/// Which versions are wanted: `1.x`, `^1.2`, `~1.2.3`, `>=1.2 <2`, `1.4.0 || 2.x`.
///
/// Parts side by side (or with a comma) must all hold, and one side of `||`. A pre-release is in
/// a range only if the range names one: nobody gets `2.0.0-rc.1` for asking for `*`.
package struct VersionRange: Hashable, Sendable, CustomStringConvertible {
    /// From the first version up to, but without, the second; nil is without end.
    private struct Span: Hashable {
        var first = SemanticVersion(0, 0, 0, prerelease: ["0"])
        var end: SemanticVersion?

        func contains(_ version: SemanticVersion) -> Bool {
            first <= version && end.map { version < $0 } ?? true
        }
    }

    /// One of these, and all spans in it.
    private let choices: [[Span]]
    private let allowsPrereleases: Bool
    /// As written, with single spaces.
    package let description: String

    /// Reads a range; nil where `text` is none.
    package init?(_ text: String) {
        let words = text.split(whereSeparator: { $0 == " " || $0 == "," })
        description = words.joined(separator: " ")
        guard !words.isEmpty, words.count <= 32 else { return nil }
        var choices: [[Span]] = []
        for side in words.split(separator: "||", omittingEmptySubsequences: false) {
            let spans = side.compactMap(VersionRange.span)
            guard !spans.isEmpty, spans.count == side.count else { return nil }
            choices.append(spans)
        }
        self.choices = choices
        allowsPrereleases = words.contains { $0.contains("-") }
    }

    /// Whether `version` is wanted.
    package func contains(_ version: SemanticVersion) -> Bool {
        guard version.prerelease.isEmpty || allowsPrereleases else { return false }
        return choices.contains { $0.allSatisfy { $0.contains(version) } }
    }

    /// What one word of a range means.
    private static func span(_ word: Substring) -> Span? {
        let sign = word.prefix { "<>=^~".contains($0) }
        guard let partial = PartialVersion(word.dropFirst(sign.count)) else { return nil }
        let low = partial.lowest
        switch sign {
        case "", "=": return Span(first: low, end: partial.next)
        case ">=": return Span(first: low)
        case "<": return Span(end: low)
        case ">": return partial.next.map { Span(first: $0) }
        case "<=": return partial.next.map { Span(end: $0) }
        case "^": return Span(first: low, end: partial.nextCompatible)
        case "~": return Span(first: low, end: partial.nextMinor)
        default: return nil
        }
    }
}

extension VersionRange: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let range = try VersionRange(container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(
                in: container,
                debugDescription: "no range of versions"
            )
        }
        self = range
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// A version whose last numbers may be missing or `x`.
private struct PartialVersion {
    /// One to three; none for `*`.
    let numbers: [Int]
    let whole: SemanticVersion?

    init?(_ text: Substring) {
        whole = SemanticVersion(String(text))
        if let whole {
            numbers = [whole.major, whole.minor, whole.patch]
            return
        }
        let bare = text.hasPrefix("v") ? text.dropFirst() : text
        let parts = bare.split(separator: ".", omittingEmptySubsequences: false)
        let known = parts.prefix { $0 != "x" && $0 != "X" && $0 != "*" }
        let wild = parts.dropFirst(known.count).allSatisfy { ["x", "X", "*"].contains($0) }
        numbers = known.compactMap(SemanticVersion.number)
        guard wild, numbers.count == known.count, (1...3).contains(parts.count),
            numbers.count < 3
        else { return nil }
    }

    var lowest: SemanticVersion { whole ?? version(numbers) }

    /// The first version that is beyond every one this stands for; nil for `*`.
    var next: SemanticVersion? {
        // Above a release comes the next patch's lowest pre-release, `0`.
        if let whole {
            return SemanticVersion(
                whole.major,
                whole.minor,
                whole.patch + (whole.prerelease.isEmpty ? 1 : 0),
                prerelease: whole.prerelease + ["0"]
            )
        }
        return numbers.isEmpty ? nil : raised(numbers.count - 1)
    }

    /// The first version that may break what worked: the leftmost number that isn't zero goes up.
    var nextCompatible: SemanticVersion? {
        guard !numbers.isEmpty else { return nil }
        return raised(numbers.firstIndex { $0 != 0 } ?? numbers.count - 1)
    }

    var nextMinor: SemanticVersion? { numbers.isEmpty ? nil : raised(min(1, numbers.count - 1)) }

    private func raised(_ index: Int) -> SemanticVersion {
        version(numbers.prefix(index) + [numbers[index] + 1], beforeIt: true)
    }

    private func version(_ numbers: [Int], beforeIt: Bool = false) -> SemanticVersion {
        let all = numbers + [0, 0, 0]
        return SemanticVersion(all[0], all[1], all[2], prerelease: beforeIt ? ["0"] : [])
    }
}
