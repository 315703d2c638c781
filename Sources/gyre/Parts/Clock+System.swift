internal import DockerEngine
internal import Model
internal import Reconciliation

extension Reconciliation.Clock {
    /// The system's.
    static let system = Reconciliation.Clock(
        now: { DockerEngine.systemTime },
        sleep: { try await Task.sleep(for: $0.duration) }
    )
}
