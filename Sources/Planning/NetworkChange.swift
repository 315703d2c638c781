internal import Admission
package import Model

/// A commit that wants a network otherwise than it was made.
///
/// The engine can't change a network, and two of one name can't stand side by side: making it
/// anew would take all its containers down at once, before anything new has been proven. So it is
/// refused, and the way that law 6 allows is told: another key, which is another network.
package struct NetworkChange: Error, Hashable, Sendable, CustomStringConvertible {
    /// One finding for each network, with its place in the file.
    package let findings: [Diagnostic]

    package var description: String { findings.map(\.description).joined(separator: "\n") }

    /// nil when the networks that are there are as `desired` wants them.
    package init?(toward desired: Desired, from observation: Observation, owned: Set<String>) {
        let stack = desired.admitted.stack
        var findings: [Diagnostic] = []
        for (key, network) in stack.networks.sorted(by: { $0.key < $1.key })
        where !network.isExternal {
            let ours = observation.networks.filter {
                $0.name == network.name && owned.contains($0.id)
            }
            guard let made = ours.sortedByName.first,
                let change = NetworkChange.change(of: made, toward: network)
            else { continue }
            let path = FieldPath("networks", key)
            let place = change.attribute.map { path / $0 } ?? path
            findings.append(
                Diagnostic(
                    code: "network-changed",
                    "network \(key) was made with \(change.made), which can't be changed",
                    at: stack.places.location(of: place),
                    field: place,
                    fix: "give it another key, such as \(key)2, here and in its services; the old "
                        + "network goes when nothing uses it any more"
                )
            )
        }
        guard !findings.isEmpty else { return nil }
        self.findings = findings
    }

    private static func change(
        of made: ObservedNetwork,
        toward network: Stack.Network
    ) -> (attribute: String?, made: String)? {
        if let isInternal = made.isInternal, isInternal != network.isInternal {
            return ("internal", "internal: \(isInternal)")
        }
        guard made.labels[Labels.spec] != spec(of: network) else { return nil }
        return (nil, "another driver or other options and addresses")
    }

    /// Version and hash of what a network is made from besides its name, its labels and
    /// `internal`; nil of one of which nothing else is said.
    ///
    /// An engine's listing doesn't tell all of it, so it stands in a label.
    static func spec(of network: Stack.Network) -> String? {
        var plain = Stack.Network(name: network.name)
        plain.isInternal = network.isInternal
        plain.labels = network.labels
        var asked = network
        if asked.driver == "bridge" { asked.driver = nil }
        guard asked != plain else { return nil }
        asked.name = ""
        asked.labels = [:]
        asked.isInternal = false
        return "1:" + SHA256Hex.of(asked.body.text)
    }
}
