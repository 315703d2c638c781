internal import Glibc
internal import Model

/// A small file beside the audit log that has its newest head, so that a tail which is cut off is
/// missed.
///
/// Written after the log, and without waiting for the disk: it may be behind it after a loss of
/// power, never before it.
struct HeadNote: Sendable {
    private let path: String

    init(in directory: String) { path = directory + "/audit.head" }

    func write(_ head: ChainHead) {
        let draft = path + ".new"
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return }
        let bytes = Array("\(head)\n".utf8)
        let count = Glibc.write(descriptor, bytes, bytes.count)
        close(descriptor)
        // One that is cut short is worse than an old one.
        if count == bytes.count { rename(draft, path) }
    }

    /// nil where there is none, or no head in it.
    func read() -> ChainHead? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 128)
        let count = Glibc.read(descriptor, &bytes, bytes.count)
        guard count > 0 else { return nil }
        let text = String(decoding: bytes.prefix(count), as: UTF8.self)
        return text.hasSuffix("\n") ? ChainHead(parsing: text.dropLast()) : nil
    }
}
