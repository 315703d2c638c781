/// The lines that differ between two texts, each with what surrounds it.
package struct TextDiff: CustomStringConvertible, Sendable {
    /// Lines with ` `, `-` or `+` before them; `...` where equal lines are left out.
    package let lines: [String]

    package init(from old: String, to new: String) {
        let before = old.split(separator: "\n", omittingEmptySubsequences: false)
        let after = new.split(separator: "\n", omittingEmptySubsequences: false)
        let changes = after.difference(from: before)
        var removed: Set<Int> = []
        var inserted: Set<Int> = []
        for change in changes {
            switch change {
            case .remove(let offset, _, _): removed.insert(offset)
            case .insert(let offset, _, _): inserted.insert(offset)
            }
        }
        var merged: [String] = []
        var (i, j) = (0, 0)
        while i < before.count || j < after.count {
            if removed.contains(i) {
                merged.append("-" + before[i])
                i += 1
            } else if inserted.contains(j) {
                merged.append("+" + after[j])
                j += 1
            } else {
                merged.append(" " + before[i])
                i += 1
                j += 1
            }
        }
        lines = TextDiff.withoutFarLines(merged)
    }

    package var description: String { lines.joined(separator: "\n") }

    private static func withoutFarLines(_ merged: [String]) -> [String] {
        let changed = merged.indices.filter { !merged[$0].hasPrefix(" ") }
        var kept: [String] = []
        var isGap = false
        for (index, line) in merged.enumerated() {
            if changed.contains(where: { abs($0 - index) <= 2 }) {
                kept.append(line)
                isGap = false
            } else if !isGap {
                kept.append("...")
                isGap = true
            }
        }
        return kept
    }
}
