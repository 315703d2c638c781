/// Stacks that each wait for the next, and the last for the first.
package struct StackCycle: Sendable {
    /// Each with the place where it names the next one; the least name is first.
    package let members: [(name: String, next: WrittenText)]

    /// One cycle for each stack that is on any, so that every stack on one is in what is found.
    ///
    /// `dependencies` has what each stack names; names of no stack lead nowhere.
    package static func all(in dependencies: [String: [WrittenText]]) -> [StackCycle] {
        var found: [StackCycle] = []
        var told: Set<String> = []
        for start in dependencies.keys.sorted() where !told.contains(start) {
            guard let way = way(from: start, in: dependencies) else { continue }
            told.formUnion(way.map(\.name))
            found.append(StackCycle(members: way))
        }
        return found
    }

    /// The shortest way from `start` back to itself.
    private static func way(
        from start: String,
        in dependencies: [String: [WrittenText]]
    ) -> [(name: String, next: WrittenText)]? {
        /// By name: who leads there first, and by which words.
        var before: [String: (name: String, next: WrittenText)] = [:]
        var waiting = [start]
        while !waiting.isEmpty {
            var next: [String] = []
            for name in waiting {
                for other in dependencies[name] ?? []
                where before[other.text] == nil && dependencies[other.text] != nil {
                    before[other.text] = (name, other)
                    next.append(other.text)
                }
            }
            if before[start] != nil { break }
            waiting = next
        }
        guard var last = before[start] else { return nil }
        var way = [last]
        while last.name != start, let step = before[last.name] {
            way.append(step)
            last = step
        }
        return way.reversed()
    }

    /// What is wrong with all `dependencies`, once at each place.
    package static func diagnostics(in dependencies: [String: [WrittenText]]) -> [Diagnostic] {
        var told: Set<SourceLocation?> = []
        return all(in: dependencies).flatMap { $0.diagnostics() }
            .filter { told.insert($0.location).inserted }
    }

    /// The cycle at each of its places, all members told at each.
    package func diagnostics() -> [Diagnostic] {
        let names = members.map(\.name) + [members[0].name]
        let words = Self.clipped(names, " -> ")
        let others = Self.clipped(Set(members.map(\.next.place.description)).sorted(), ", ")
        return members.map { member in
            Diagnostic(
                code: "dependency-cycle",
                "stacks wait for each other: \(words) (\(others))",
                at: member.next.place,
                field: FieldPath("stacks", member.name) / "depends_on",
                fix: "take one of these names out of depends_on"
            )
        }
    }

    /// The first of many.
    private static func clipped(_ texts: [String], _ separator: String) -> String {
        let most = 12
        let shown = texts.prefix(most).joined(separator: separator)
        return texts.count > most ? "\(shown)\(separator)… (\(texts.count - most) more)" : shown
    }
}
