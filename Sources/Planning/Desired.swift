package import Admission
package import Model

/// What should run for a stack: what policy admitted, and the image of each service where it
/// is known already.
package struct Desired: Hashable, Sendable {
    package let admitted: AdmittedStack
    package let commit: String
    /// By service; a service without one has its image pulled first.
    package let pins: [String: ImagePin]
    /// By service: version and hash, as in ``Labels/spec``.
    package let specs: [String: String]
    /// Ports of the node that Gyre chose, because the files name none; no part of a spec.
    package var chosen: [ReservedPort.Place: UInt16] = [:]
    /// By name of a network on the engine: the subnet that Gyre chose, because the files name none;
    /// no part of a spec either.
    package var subnets: [String: String] = [:]

    package init(admitted: AdmittedStack, commit: String, pins: [String: ImagePin]) {
        self.admitted = admitted
        self.commit = commit
        self.pins = pins
        self.specs = SpecHash.all(of: admitted.stack)
    }

    package var id: StackID { admitted.stack.id }

    /// Over the spec hashes and pins of all services and their numbers of replicas; the key of
    /// a hold, together with the stack.
    package var version: Version { Version(commit: commit, digest: digest(of: pins)) }

    /// The digest of ``version`` without images, which is the same before they are pulled.
    package var unpinned: String { digest(of: [:]) }

    private func digest(of pins: [String: ImagePin]) -> String {
        let services = specs.map { name, spec in
            let replicas = admitted.stack.services[name]?.replicas ?? 0
            let service = admitted.stack.services[name]
            let secrets = service.flatMap { SecretMark(of: $0, in: admitted.stack) }
            let mark = secrets.map { " " + $0.label } ?? ""
            return "\(name) \(spec) \(pins[name]?.pinned ?? "-") \(replicas)\(mark)"
        }
        return SHA256Hex.of(services.sorted().joined(separator: "\n"))
    }

    /// Whether every service's image is known, so that ``version`` is final.
    package var isResolved: Bool { specs.keys.allSatisfy { pins[$0] != nil } }

    /// Service names so that each comes after all that it depends on; by name where free.
    package var order: [String] { admitted.stack.serviceOrder }

    /// Whether the containers of a service may end of their own accord.
    package func isTask(_ name: String) -> Bool { admitted.stack.isTask(name) }
}

extension Stack {
    /// Service names so that each comes after all that it depends on; by name where free.
    var serviceOrder: [String] {
        var ordered: [String] = []
        var seen: Set<String> = []
        func visit(_ name: String) {
            guard seen.insert(name).inserted, let service = services[name] else { return }
            for dependency in service.dependsOn.keys.sorted() { visit(dependency) }
            ordered.append(name)
        }
        for name in services.keys.sorted() { visit(name) }
        return ordered
    }
}
