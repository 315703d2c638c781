/// A replica's place in a service, filled by one container at a time.
package struct Slot: Hashable, Codable, Sendable, Comparable, CustomStringConvertible {
    package let service: String
    /// From 1.
    package let number: Int

    package init(service: String, number: Int) {
        self.service = service
        self.number = number
    }

    package var description: String { "\(service)/\(number)" }

    package static func < (a: Slot, b: Slot) -> Bool {
        (a.service, a.number) < (b.service, b.number)
    }
}
