package import Admission
package import Model

/// What a container has otherwise than it would be created now, by policy alone.
package struct PolicyDifference: Hashable, Codable, Sendable, Comparable {
    /// Its name.
    package var container: String
    package var service: String
    /// `memory`, `pids`, `cpus`, `user` or `capabilities`.
    package var field: String
    /// As it has it; nil: nothing.
    package var from: String?
    /// As it would get it; nil: nothing.
    package var to: String?

    package init(container: String, service: String, field: String, from: String?, to: String?) {
        self.container = container
        self.service = service
        self.field = field
        self.from = from
        self.to = to
    }

    package static func < (a: PolicyDifference, b: PolicyDifference) -> Bool {
        (a.container, a.field) < (b.container, b.field)
    }

    /// `shop-web-1: memory 512 MiB -> 1 GiB`.
    package var description: String {
        "\(container): \(field) \(spoken(from)) -> \(spoken(to))"
    }

    private func spoken(_ value: String?) -> String {
        guard let value, !value.isEmpty else { return field == "capabilities" ? "none" : "unset" }
        guard field == "memory", let bytes = Int64(value) else { return value }
        return ByteCount(bytes).description
    }
}

extension AdmittedStack {
    /// What `container` has otherwise than policy gives its service now, sorted; nil when it is not
    /// of this version, so that nothing can be said.
    ///
    /// By what was filled in when it was created, not by what somebody changed since.
    package func differences(of container: ObservedContainer) -> [PolicyDifference]? {
        guard let name = container.slot?.service, let asked = stack.services[name],
            let admitted = effective[name],
            SpecHash.matches(container.labels[Labels.spec] ?? "", asked, in: stack)
        else { return nil }
        var found: [PolicyDifference] = []
        func compare(_ field: String, _ from: String?, _ to: String?) {
            guard from != to else { return }
            found.append(
                PolicyDifference(
                    container: container.name,
                    service: name,
                    field: field,
                    from: from,
                    to: to
                )
            )
        }
        if let label = container.labels[Labels.filled] {
            let had = Rendering.values(filled: label)
            let gets = Rendering.values(filled: Rendering.filled(admitted.service, asked: asked))
            for field in Set(had.keys).union(gets.keys) { compare(field, had[field], gets[field]) }
        }
        if let details = container.details {
            if let user = details.user, user != admitted.service.user ?? "" {
                // Only where policy has a hand in it.
                if asked.user != admitted.service.user {
                    compare("user", user, admitted.service.user)
                }
            }
            if let has = details.capabilities {
                compare(
                    "capabilities",
                    has.sorted().joined(separator: ", "),
                    admitted.capAdd.sorted().joined(separator: ", ")
                )
            }
        }
        return found.sorted()
    }
}
