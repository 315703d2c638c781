/// A text that no log, plan or message shows by accident.
package struct ConcealedText: Hashable, Codable, Sendable {
    package let text: String

    package init(_ text: String) { self.text = text }
}

extension ConcealedText: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "•••" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
