internal import Model

/// What a Swarm calls its services and networks, which are names of hosts there.
///
/// Source: swarmkit's `validateAnnotations`.
extension SwarmLimits {
    func checkNames() {
        for key in stack.services.keys.sorted() {
            check("\(stack.composeProjectName)_\(key)", at: FieldPath("services", key))
        }
        for (key, network) in stack.networks.sorted(by: { $0.key < $1.key })
        where !network.isExternal && ["", "overlay"].contains(network.driver ?? "") {
            check(network.name, at: FieldPath("networks", key))
        }
    }

    private func check(_ name: String, at path: FieldPath) {
        let bytes = Array(name.utf8)
        let isSpelled =
            bytes.allSatisfy {
                $0.isLetterOrDigit || [UInt8(ascii: "-"), UInt8(ascii: "_")].contains($0)
            }
            && bytes.first?.isLetterOrDigit == true && bytes.last?.isLetterOrDigit == true
        if !isSpelled {
            refuse(
                "would be \(name), and what a Swarm has is called with letters, digits, - and _ "
                    + "alone, and ends with a letter or digit",
                at: path,
                "call it otherwise"
            )
        } else if bytes.count > SwarmLimits.longestName {
            refuse(
                "would be \(name), of \(bytes.count) characters, and what a Swarm has is called "
                    + "with no more than \(SwarmLimits.longestName)",
                at: path,
                "call it, or the stack, with fewer"
            )
        }
    }

    private static let longestName = 63
}

extension UInt8 {
    fileprivate var isLetterOrDigit: Bool {
        (0x30...0x39).contains(self) || (0x41...0x5A).contains(self)
            || (0x61...0x7A).contains(self)
    }
}
