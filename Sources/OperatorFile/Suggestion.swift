/// The word that somebody probably meant.
package enum Suggestion {
    /// `; did you mean "branch"?`, or nothing when no word is near.
    package static func question(_ text: String, _ words: some Sequence<String>) -> String {
        nearest(text, words).map { "; did you mean \"\($0)\"?" } ?? ""
    }

    private static func nearest(_ text: String, _ words: some Sequence<String>) -> String? {
        guard text.utf8.count <= 64 else { return nil }
        let wanted = Array(text.utf8)
        let ranked = words.map { ($0, distance(wanted, Array($0.utf8))) }
        let best = ranked.min { ($0.1, $0.0) < ($1.1, $1.0) }
        guard let best, best.1 <= max(1, min(3, wanted.count / 3)) else { return nil }
        return best.0
    }

    /// Insertions, deletions and replacements between two words.
    private static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
        var previous = Array(0...b.count)
        for (i, x) in a.enumerated() {
            var row = [i + 1]
            for (j, y) in b.enumerated() {
                row.append(min(previous[j] + (x == y ? 0 : 1), previous[j + 1] + 1, row[j] + 1))
            }
            previous = row
        }
        return previous[b.count]
    }
}
