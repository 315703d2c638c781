internal import CGit2
internal import Model

/// libgit2's smart transport over a ``Wire`` of ours.
///
/// libgit2 makes one when it connects and frees it with the remote; all calls come on the thread
/// that uses the remote. Errors go into the ``Transfer``, because libgit2 only carries a number.
final class Conversation {
    private let transfer: Transfer
    private let wire: any Wire
    private var request: GitRequest?
    private var stream: UnsafeMutablePointer<gyre_git_stream>?
    private var subtransport: UnsafeMutablePointer<gyre_git_subtransport>?

    private init(_ transfer: Transfer) throws(GitError) {
        self.transfer = transfer
        let link = transfer.link
        try link.checkScheme()
        wire = link.url.scheme == .ssh ? SSHWire(link) : try HTTPWire(link)
    }

    /// Makes libgit2's transport; the payload is the callbacks', a ``Transfer``.
    static let makeTransport: git_transport_cb = { out, owner, payload in
        guard let payload else { return GIT_EUSER.rawValue }
        let transfer = Unmanaged<Transfer>.fromOpaque(payload).takeUnretainedValue()
        var definition = git_smart_subtransport_definition()
        definition.callback = makeSubtransport
        // ssh is one long conversation, http a new one for each request.
        definition.rpc = transfer.link.url.scheme == .ssh ? 0 : 1
        definition.param = payload
        return git_transport_smart(out, owner, &definition)
    }

    private static let makeSubtransport: git_smart_subtransport_cb = { out, _, payload in
        guard let out, let payload else { return GIT_EUSER.rawValue }
        let transfer = Unmanaged<Transfer>.fromOpaque(payload).takeUnretainedValue()
        return transfer.catching { () throws(GitError) in
            let conversation = try Conversation(transfer)
            out.pointee = conversation.open()
        }
    }

    /// What libgit2 holds; it keeps this object alive until it frees it.
    private func open() -> UnsafeMutablePointer<git_smart_subtransport> {
        let pointer = UnsafeMutablePointer<gyre_git_subtransport>.allocate(capacity: 1)
        pointer.initialize(to: gyre_git_subtransport())
        pointer.pointee.object = Unmanaged.passRetained(self).toOpaque()
        pointer.pointee.base.action = { out, subtransport, _, service in
            guard let out, let conversation = Conversation.of(subtransport) else {
                return GIT_EUSER.rawValue
            }
            return conversation.transfer.catching { () throws(GitError) in
                out.pointee = try conversation.act(service)
            }
        }
        pointer.pointee.base.close = { subtransport in
            Conversation.of(subtransport)?.wire.end()
            return 0
        }
        pointer.pointee.base.free = { subtransport in Conversation.free(subtransport) }
        subtransport = pointer
        return UnsafeMutableRawPointer(pointer).assumingMemoryBound(
            to: git_smart_subtransport.self
        )
    }

    private static func of(
        _ base: UnsafeMutablePointer<git_smart_subtransport>?
    ) -> Conversation? {
        guard let base else { return nil }
        // `base` is the first member of what `open` allocated.
        let pointer = UnsafeMutableRawPointer(base).assumingMemoryBound(
            to: gyre_git_subtransport.self
        )
        return pointer.pointee.object.map {
            Unmanaged<Conversation>.fromOpaque($0).takeUnretainedValue()
        }
    }

    private static func free(_ base: UnsafeMutablePointer<git_smart_subtransport>?) {
        guard let conversation = of(base), let pointer = conversation.subtransport else { return }
        conversation.wire.end()
        conversation.subtransport = nil
        Unmanaged.passUnretained(conversation).release()
        pointer.deallocate()
    }

    /// The stream of the next request; over ssh the same for the whole conversation, as libgit2
    /// expects.
    private func act(
        _ service: git_smart_service_t
    ) throws(GitError) -> UnsafeMutablePointer<git_smart_subtransport_stream>? {
        guard let request = GitRequest(service) else { return nil }
        self.request = request
        try wire.begin(request)
        let current = stream ?? newStream()
        stream = current
        return UnsafeMutableRawPointer(current).assumingMemoryBound(
            to: git_smart_subtransport_stream.self
        )
    }

    private func newStream() -> UnsafeMutablePointer<gyre_git_stream> {
        let pointer = UnsafeMutablePointer<gyre_git_stream>.allocate(capacity: 1)
        pointer.initialize(to: gyre_git_stream())
        pointer.pointee.object = Unmanaged.passRetained(self).toOpaque()
        if let subtransport {
            pointer.pointee.base.subtransport = UnsafeMutableRawPointer(subtransport)
                .assumingMemoryBound(to: git_smart_subtransport.self)
        }
        pointer.pointee.base.read = { stream, buffer, size, count in
            guard let conversation = Conversation.of(stream), let count else {
                return GIT_EUSER.rawValue
            }
            return conversation.transfer.catching { () throws(GitError) in
                count.pointee = try conversation.read(
                    UnsafeMutableRawBufferPointer(start: buffer, count: size)
                )
            }
        }
        pointer.pointee.base.write = { stream, bytes, count in
            guard let conversation = Conversation.of(stream) else { return GIT_EUSER.rawValue }
            return conversation.transfer.catching { () throws(GitError) in
                try conversation.wire.write(UnsafeRawBufferPointer(start: bytes, count: count))
            }
        }
        pointer.pointee.base.free = { stream in Conversation.free(stream) }
        return pointer
    }

    private static func of(
        _ base: UnsafeMutablePointer<git_smart_subtransport_stream>?
    ) -> Conversation? {
        guard let base else { return nil }
        // `base` is the first member of what `newStream` allocated.
        let pointer = UnsafeMutableRawPointer(base).assumingMemoryBound(to: gyre_git_stream.self)
        return pointer.pointee.object.map {
            Unmanaged<Conversation>.fromOpaque($0).takeUnretainedValue()
        }
    }

    private static func free(_ base: UnsafeMutablePointer<git_smart_subtransport_stream>?) {
        guard let conversation = of(base), let pointer = conversation.stream else { return }
        conversation.stream = nil
        Unmanaged.passUnretained(conversation).release()
        pointer.deallocate()
    }

    private func read(_ buffer: UnsafeMutableRawBufferPointer) throws(GitError) -> Int {
        let count = try wire.read(into: buffer)
        try transfer.count(count, isListing: request?.isListing ?? false)
        return count
    }
}
