package import DockerEngine
package import GitSource
package import Model
package import Reconciliation
package import Store

extension EngineError: ClassifiedError, EngineSideError {
    package var kind: StepFailure.Kind { isTransient ? .transient : .permanent }
    package var reason: String { message }

    package var remedy: String? {
        switch code {
        case .outOfDisk: ImageTrouble.roomRemedy
        case .noAddress:
            "give networks.pool in gyre.yaml addresses that nothing else on the node has, or "
                + "remove networks that nobody needs"
        default: nil
        }
    }
    package var isAnswer: Bool { !isUnanswered }
    package var blamesRequest: Bool { code == .badRequest }
    package var want: Want? {
        switch code {
        case .outOfDisk: .room
        case .noSuchImage: .image
        case .noDriver: .driver
        case .portInUse: .port
        case .notFound: .object
        default: nil
        }
    }

    /// Whether nobody answered at all.
    var isUnanswered: Bool { code == .unreachable || code == .timeout }
}

extension GitError: ClassifiedError {
    package var kind: StepFailure.Kind { isTransient ? .transient : .permanent }
    package var isAnswer: Bool { !isUnanswered }
    package var isRefusal: Bool { [.unsigned, .signatureRefused].contains(code) }

    /// Whether the repository was never got at, or not to its end.
    var isUnanswered: Bool {
        switch code {
        case .pushForbidden, .pushRejected, .branchMoved, .commitMissing, .unsupported,
            .emptyRepository, .branchMissing, .tagMissing, .invalidBranch, .notACommit,
            .invalidTree, .unsigned, .signatureRefused, .cannotSign:
            false
        default: true
        }
    }
}

extension StoreError: ClassifiedError {
    package var kind: StepFailure.Kind { isTransient ? .transient : .permanent }
}
