/// What the engine said to a call that changes something.
package struct EngineReply: Hashable, Sendable {
    /// What became of the call.
    package enum Effect: String, Sendable {
        case done
        /// The object was in that state already, such as a container that runs and is started.
        case alreadySo
        /// The object to remove was not there any more.
        case alreadyGone
    }

    package var effect: Effect
    /// Engine id (a volume's name) of what was created.
    package var id: String?
    package var warnings: [String]

    package init(_ effect: Effect, id: String? = nil, warnings: [String] = []) {
        self.effect = effect
        self.id = id
        self.warnings = warnings
    }
}
