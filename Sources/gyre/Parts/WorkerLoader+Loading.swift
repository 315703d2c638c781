internal import Reconciliation
internal import Workers

/// Workers, as reconciling needs them.
extension WorkerLoader: StackLoading {
    package var version: String { Program.version }
}
