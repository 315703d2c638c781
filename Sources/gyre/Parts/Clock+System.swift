internal import DockerEngine
internal import Glibc
internal import Model
internal import Reconciliation

extension Reconciliation.Clock {
    /// The system's.
    static let system = Reconciliation.Clock(
        now: { DockerEngine.systemTime },
        uptime: {
            var time = timespec()
            clock_gettime(CLOCK_MONOTONIC, &time)
            return Nanoseconds(Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
        },
        sleep: { try await Task.sleep(for: $0.duration) }
    )
}
