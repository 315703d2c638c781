/// A way from a service through its dependencies back to itself.
enum DependencyCycle {
    /// A cycle that starts with the first name on it; nil when there is none.
    ///
    /// Takes away what depends on nothing that is left, again and again; a way through what
    /// remains must come back to itself.
    static func first(in dependencies: [String: [String]]) -> [String]? {
        var waiting = dependencies.mapValues { Set($0.filter { dependencies[$0] != nil }) }
        var dependents: [String: [String]] = [:]
        for (name, needed) in waiting {
            for other in needed { dependents[other, default: []].append(name) }
        }
        var free = waiting.filter(\.value.isEmpty).map(\.key)
        while let name = free.popLast() {
            waiting[name] = nil
            for dependent in dependents[name] ?? [] {
                waiting[dependent]?.remove(name)
                if waiting[dependent]?.isEmpty == true { free.append(dependent) }
            }
        }
        guard var name = waiting.keys.min() else { return nil }
        var way: [String] = []
        var places: [String: Int] = [:]
        while places[name] == nil {
            places[name] = way.count
            way.append(name)
            guard let next = waiting[name]?.min() else { return nil }
            name = next
        }
        let cycle = Array(way[(places[name] ?? 0)...])
        guard let least = cycle.min(), let start = cycle.firstIndex(of: least) else { return nil }
        return Array(cycle[start...] + cycle[..<start]) + [least]
    }
}
