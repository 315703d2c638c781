internal import CGit2
internal import Synchronization
internal import Transport

/// What ends a running fetch early: somebody who asks, or too many bytes.
///
/// libgit2's callbacks reach it through a pointer, so whoever starts a call keeps it alive
/// until the call returns.
final class Transfer: Sendable {
    let stop: StopFlag
    let limit: Int64
    private let exceeded = Atomic<Bool>(false)

    init(stop: StopFlag, limit: Int64) {
        self.stop = stop
        self.limit = limit
    }

    /// Whether the fetch was ended because it brought more than `limit`.
    var isTooLarge: Bool { exceeded.load(ordering: .acquiring) }

    /// Callbacks whose payload is this transfer.
    var callbacks: git_remote_callbacks {
        var callbacks = git_remote_callbacks()
        git_remote_init_callbacks(&callbacks, UInt32(GIT_REMOTE_CALLBACKS_VERSION))
        callbacks.payload = Unmanaged.passUnretained(self).toOpaque()
        callbacks.transfer_progress = { progress, payload in
            guard let progress, let payload else { return 0 }
            let transfer = Unmanaged<Transfer>.fromOpaque(payload).takeUnretainedValue()
            return transfer.mayGoOn(after: progress.pointee) ? 0 : GIT_EUSER.rawValue
        }
        return callbacks
    }

    private func mayGoOn(after progress: git_indexer_progress) -> Bool {
        if Int64(progress.received_bytes) > limit { exceeded.store(true, ordering: .releasing) }
        return !isTooLarge && !stop.isSet
    }
}
