/// Who demanded something, as the kernel says.
package struct Person: Hashable, Codable, Sendable, CustomStringConvertible {
    /// As the system's data base of users has it.
    package var name: String
    /// nil where nobody's process stood on the other side.
    package var uid: UInt32?

    package init(_ name: String, uid: UInt32? = nil) {
        self.name = name
        self.uid = uid
    }

    package var description: String { name }
}
