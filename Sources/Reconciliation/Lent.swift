internal import Model

/// By an engine's id: the labels of what was taken over, which bears none of ours.
typealias Lent = @Sendable () -> [String: [String: String]]

extension ContainerEngine {
    /// What was seen, and what of it was taken over, under the labels that it would bear.
    ///
    /// What Docker knows by these names and the journal doesn't know by its id is left out.
    func adding(
        _ lent: [String: [String: String]],
        to seen: Observation
    ) async throws -> Observation {
        var seen = seen
        let names = lent.values.compactMap {
            $0[Labels.Compose.project] ?? $0[Labels.Swarm.namespace]
        }
        for name in Set(names).sorted() {
            seen.add(try await observe(predecessor: name), bearing: lent)
        }
        return seen
    }
}

extension Observation {
    /// Those of `others` that have labels in `lent`, with these.
    mutating func add(_ others: Observation, bearing lent: [String: [String: String]]) {
        containers += others.containers.compactMap { object in
            lent[object.id].map { object.bearing($0) }
        }
        networks += others.networks.compactMap { object in
            lent[object.id].map { labels in
                var object = object
                object.labels.merge(labels) { $1 }
                return object
            }
        }
        let known = Set((volumes ?? []).map(\.name))
        volumes? += (others.volumes ?? []).compactMap { object in
            guard !known.contains(object.name), let labels = lent[object.name] else { return nil }
            return ObservedVolume(name: object.name, labels: object.labels.merging(labels) { $1 })
        }
        let ours = Set((swarm?.services ?? []).map(\.id))
        swarm?.services += (others.swarm?.services ?? []).compactMap { object in
            ours.contains(object.id) ? nil : lent[object.id].map { object.bearing($0) }
        }
    }
}

extension ObservedContainer {
    func bearing(_ labels: [String: String]?) -> ObservedContainer {
        var object = self
        object.labels.merge(labels ?? [:]) { $1 }
        return object
    }
}

extension ObservedService {
    /// With these labels, as long as it has none of ours: it has when Gyre has written it since.
    ///
    /// What its tasks have of it they say themselves, once Gyre has.
    func bearing(_ labels: [String: String]?) -> ObservedService {
        guard let labels, self.labels[Labels.controller] == nil else { return self }
        var object = self
        object.labels.merge(labels) { $1 }
        for index in tasks.indices where tasks[index].labels[Labels.spec] == nil {
            object.tasks[index].labels.merge(labels) { own, _ in own }
        }
        return object
    }
}
