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
        for (key, network) in stack.networks.sorted(by: { $0.key < $1.key }) {
            let ours = observation.networks.filter {
                $0.name == network.name && owned.contains($0.id)
            }
            guard let made = ours.sortedByName.compactMap(\.isInternal).first,
                made != network.isInternal
            else { continue }
            let path = FieldPath("networks", key)
            findings.append(
                Diagnostic(
                    code: "network-changed",
                    "network \(key) was made with internal: \(made), which can't be changed",
                    at: stack.places.location(of: path / "internal"),
                    field: path / "internal",
                    fix: "give it another key, such as \(key)2, here and in its services; the old "
                        + "network goes when nothing uses it any more"
                )
            )
        }
        guard !findings.isEmpty else { return nil }
        self.findings = findings
    }
}
