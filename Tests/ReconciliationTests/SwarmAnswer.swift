import Model
import Reconciliation

/// How a manager says no.
struct SwarmAnswer: ClassifiedError, CustomStringConvertible {
    var description: String
    /// Whether the same request would be answered so again.
    var isFinal: Bool
    var want: Want?

    init(_ words: String, isFinal: Bool = true) {
        description = "rpc error: code = \(words)"
        self.isFinal = isFinal
    }

    var kind: StepFailure.Kind { isFinal ? .permanent : .transient }
    var blamesRequest: Bool { isFinal }
}
