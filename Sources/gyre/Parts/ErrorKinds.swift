package import DockerEngine
package import GitSource
package import Model
internal import Reconciliation
package import Store

extension EngineError: ClassifiedError, EngineSideError {
    /// Whether trying the same again can help without anybody's changing a file.
    package var kind: StepFailure.Kind {
        switch code {
        case .noSuchImage, .portInUse, .badRequest, .conflict, .unsupported, .tooLarge: .permanent
        case .unreachable, .timeout, .notFound, .noAddress, .unauthorized, .registry, .outOfDisk,
            .protocolError, .server, .client:
            .transient
        }
    }

    /// Whether nobody answered at all.
    var isUnanswered: Bool { code == .unreachable || code == .timeout }
}

extension GitError: ClassifiedError {
    package var kind: StepFailure.Kind { isTransient ? .transient : .permanent }
}

extension StoreError: ClassifiedError {
    package var kind: StepFailure.Kind { isTransient ? .transient : .permanent }
}
