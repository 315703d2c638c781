/// A port of the node that a container has, or is to have.
package struct ReservedPort: Hashable, Codable, Sendable, Comparable {
    /// What of the container it leads to.
    package var place: Place
    package var number: UInt16
    /// Whether Gyre chose it; else the file names it.
    package var isChosen: Bool

    package init(_ place: Place, _ number: UInt16, isChosen: Bool = false) {
        self.place = place
        self.number = number
        self.isChosen = isChosen
    }

    /// A port of one container as its file publishes it: what a choice belongs to.
    package struct Place: Hashable, Codable, Sendable, Comparable, CustomStringConvertible {
        package var service: String
        /// Of the container's slot.
        package var slot: Int
        /// Of the container.
        package var target: UInt16
        package var `protocol`: String
        /// Address of the node as written; nil is every one.
        package var address: String?

        package init(
            service: String,
            slot: Int,
            target: UInt16,
            protocol: String = "tcp",
            address: String? = nil
        ) {
            self.service = service
            self.slot = slot
            self.target = target
            self.protocol = `protocol`
            self.address = address
        }

        /// `web/1 80/tcp`.
        package var description: String { "\(service)/\(slot) \(target)/\(`protocol`)" }

        package static func < (a: Place, b: Place) -> Bool {
            (a.service, a.slot, a.target, a.protocol, a.address ?? "")
                < (b.service, b.slot, b.target, b.protocol, b.address ?? "")
        }
    }

    package static func < (a: ReservedPort, b: ReservedPort) -> Bool {
        a.place == b.place ? a.number < b.number : a.place < b.place
    }

    /// Whether no two processes of a node can have both.
    package func overlaps(_ other: ReservedPort) -> Bool { bound.overlaps(other.bound) }

    /// What is taken of the node.
    package var bound: BoundPort {
        BoundPort(place.address, number, place.protocol)
    }
}

/// A port of the node at an address, whoever listens there.
package struct BoundPort: Hashable, Codable, Sendable {
    /// nil is every address.
    package var address: String?
    package var number: UInt16
    package var `protocol`: String
    /// Engine id of the container that has it; empty where none is meant.
    package var container: String

    package init(
        _ address: String?,
        _ number: UInt16,
        _ protocol: String = "tcp",
        container: String = ""
    ) {
        self.address = address
        self.number = number
        self.protocol = `protocol`
        self.container = container
    }

    /// Whether no two processes of a node can have both.
    package func overlaps(_ other: BoundPort) -> Bool {
        number == other.number && `protocol` == other.protocol
            && ListeningAddress(address).overlaps(ListeningAddress(other.address))
    }
}
