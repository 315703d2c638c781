/// The name that somebody probably meant.
enum Suggestion {
    /// The nearest of `names` to `text`, if it is near enough to be a slip of the pen.
    static func nearest(to text: String, among names: some Sequence<String>) -> String? {
        guard text.utf8.count <= 40 else { return nil }
        let wanted = Array(text.lowercased().utf8)
        let most = max(1, min(3, wanted.count / 3))
        let ranked = names.map {
            (name: $0, distance: distance(wanted, Array($0.lowercased().utf8)))
        }
        let best = ranked.min { ($0.distance, $0.name) < ($1.distance, $1.name) }
        guard let best, best.distance <= most else { return nil }
        return best.name
    }

    /// `did you mean "image"?`, or nil.
    static func question(_ text: String, among names: some Sequence<String>) -> String? {
        nearest(to: text, among: names).map { "did you mean \"\($0)\"?" }
    }

    /// Insertions, deletions, replacements and swaps of neighbours between two texts.
    private static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
        guard abs(a.count - b.count) <= 3 else { return Int.max }
        var rows = [Array(0...b.count)]
        for i in 0..<a.count {
            var row = [i + 1]
            for j in 0..<b.count {
                var cost = min(rows[i][j + 1] + 1, row[j] + 1)
                cost = min(cost, rows[i][j] + (a[i] == b[j] ? 0 : 1))
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
                    cost = min(cost, rows[i - 1][j - 1] + 1)
                }
                row.append(cost)
            }
            rows.append(row)
        }
        return rows[a.count][b.count]
    }
}
