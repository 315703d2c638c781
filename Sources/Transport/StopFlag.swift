internal import Synchronization

/// Asks a running call to stop.
///
/// A C call can't be cancelled from outside; its progress callbacks read this flag and return an
/// error of their own.
package final class StopFlag: Sendable {
    private let flag = Atomic<Bool>(false)

    package init() {}

    /// Whether somebody asked.
    package var isSet: Bool { flag.load(ordering: .acquiring) }

    /// Asks; there is no way back.
    package func set() { flag.store(true, ordering: .releasing) }
}
