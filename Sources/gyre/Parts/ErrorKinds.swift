package import DockerEngine
package import GitSource
package import Model
internal import Reconciliation
package import Store

extension EngineError: ClassifiedError, EngineSideError {
    package var kind: StepFailure.Kind { isTransient ? .transient : .permanent }
    package var reason: String { message }

    package var remedy: String? { code == .outOfDisk ? ImageTrouble.roomRemedy : nil }

    /// Whether nobody answered at all.
    var isUnanswered: Bool { code == .unreachable || code == .timeout }
}

extension GitError: ClassifiedError {
    package var kind: StepFailure.Kind { isTransient ? .transient : .permanent }
}

extension StoreError: ClassifiedError {
    package var kind: StepFailure.Kind { isTransient ? .transient : .permanent }
}
