internal import CGit2
internal import Model
internal import Synchronization
internal import Transport

/// One conversation with a repository: what it may bring, who may end it, and why it ended.
///
/// libgit2's callbacks reach it through a pointer, so whoever starts a call keeps it alive
/// until the call returns.
final class Transfer: Sendable {
    /// Bytes of a listing for each ref that is allowed: the id and a long name.
    private static let bytesOfRef = 300
    /// What a server may say besides the pack, such as its progress.
    private static let chatter: Int64 = 64 << 20
    /// Characters that are kept of what a server says to people.
    private static let remarkLimit = 1000

    let link: Link
    private struct State {
        var failure: GitError?
        var listed: Int64 = 0
        var received: Int64 = 0
        /// What became of the branch that was pushed; nil for well.
        var rejection: String?
        /// What the server had to say on the way, bounded.
        var remarks = ""
    }

    private let state = Mutex(State())

    init(_ link: Link) { self.link = link }

    /// The next conversation with the same repository, to which nothing of this one counts.
    var renewed: Transfer {
        Transfer(Link(link.url, link.access, link.rules, link.patience.stop))
    }

    /// Why the conversation ended, in better words than libgit2's.
    var failure: GitError? { state.withLock { $0.failure } }

    /// Why the server took no push, in its words.
    var rejection: String? { state.withLock { $0.rejection }.map(Transfer.printable) }

    /// The last lines that the server said to people, as a hook of its does.
    var remarks: [String] {
        let lines = state.withLock { $0.remarks }.split(whereSeparator: \.isNewline)
        return Array(lines.map { Transfer.printable(String($0)) }.filter { !$0.isEmpty }.suffix(3))
    }

    /// What others wrote, short and without anything that a terminal would act on.
    private static func printable(_ text: String) -> String {
        let plain = text.unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7F }
        var line = String(String.UnicodeScalarView(plain)).prefix(200)
        while line.last == " " { line.removeLast() }
        return String(line.drop { $0 == " " })
    }

    /// Callbacks whose payload is this transfer.
    var callbacks: git_remote_callbacks {
        var callbacks = git_remote_callbacks()
        git_remote_init_callbacks(&callbacks, UInt32(GIT_REMOTE_CALLBACKS_VERSION))
        callbacks.payload = Unmanaged.passUnretained(self).toOpaque()
        if !link.url.isLocal { callbacks.transport = Conversation.makeTransport }
        callbacks.transfer_progress = { progress, payload in
            guard let progress, let payload else { return 0 }
            let transfer = Unmanaged<Transfer>.fromOpaque(payload).takeUnretainedValue()
            return transfer.catching { () throws(GitError) in
                try transfer.check(progress.pointee)
            }
        }
        callbacks.push_update_reference = { _, status, payload in
            guard let payload, let status else { return 0 }
            let transfer = Unmanaged<Transfer>.fromOpaque(payload).takeUnretainedValue()
            transfer.state.withLock { $0.rejection = String(cString: status) }
            return 0
        }
        callbacks.sideband_progress = { text, length, payload in
            guard let text, let payload, length > 0 else { return 0 }
            let transfer = Unmanaged<Transfer>.fromOpaque(payload).takeUnretainedValue()
            let bytes = UnsafeRawBufferPointer(start: text, count: Int(length))
            transfer.heard(String(decoding: bytes, as: UTF8.self))
            return 0
        }
        return callbacks
    }

    private func heard(_ text: String) {
        state.withLock { state in
            state.remarks = String((state.remarks + text).suffix(Transfer.remarkLimit))
        }
    }

    /// Runs `body` for libgit2: zero, or the number that makes it stop, with the reason kept here.
    func catching(_ body: () throws(GitError) -> Void) -> Int32 {
        do throws(GitError) {
            try body()
            return 0
        } catch {
            state.withLock { $0.failure = $0.failure ?? error }
            git_error_set_str(Int32(GIT_ERROR_NET.rawValue), error.message)
            return GIT_EUSER.rawValue
        }
    }

    /// Counts what came over the wire.
    func count(_ bytes: Int, isListing: Bool) throws(GitError) {
        let limits = link.rules.limits
        let (listed, received) = state.withLock { state in
            if isListing { state.listed += Int64(bytes) }
            state.received += Int64(bytes)
            return (state.listed, state.received)
        }
        if isListing, listed > Int64(limits.refs) * Int64(Transfer.bytesOfRef) {
            throw tooLarge("it lists more than \(limits.refs) refs (git.limits.refs)")
        }
        if received - listed > limits.pack.bytes + Transfer.chatter { throw packTooLarge }
    }

    /// Refuses a list of more refs than are allowed.
    func check(refs count: Int) throws(GitError) {
        let limit = link.rules.limits.refs
        guard count > limit else { return }
        throw tooLarge("it has \(count) refs, more than \(limit) (git.limits.refs)")
    }

    private func check(_ progress: git_indexer_progress) throws(GitError) {
        let limits = link.rules.limits
        if link.patience.stop.isSet {
            throw GitError(.failed, operation: "fetch", message: "it was asked to stop")
        }
        // Unpacking deltas brings no byte, so no wire would notice the time.
        if ContinuousClock.now >= link.patience.end {
            throw GitError(
                .timeout,
                operation: "fetch from \(link.url)",
                message: "unpacking took longer than it may in all (git.limits.time)"
            )
        }
        if Int64(progress.received_bytes) > limits.pack.bytes { throw packTooLarge }
        if Int(progress.total_objects) > limits.objects {
            throw tooLarge(
                "it brings \(progress.total_objects) objects, more than \(limits.objects) "
                    + "(git.limits.objects)"
            )
        }
    }

    private var packTooLarge: GitError {
        tooLarge("it brings more than \(link.rules.limits.pack) (git.limits.pack)")
    }

    private func tooLarge(_ message: String) -> GitError {
        GitError(.tooLarge, operation: "fetch from \(link.url)", message: message)
    }
}
