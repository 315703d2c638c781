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

    /// Written over in place by one call: a new file for each head, or one renamed to the old one's
    /// place, takes a disk longer than the entry that it is of.
    func write(_ head: ChainHead) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return }
        let bytes = Array("\(head)\n".utf8)
        _ = pwrite(descriptor, bytes, bytes.count, 0)
        close(descriptor)
    }

    /// nil where there is none, or no head in it.
    func read() -> ChainHead? {
        var text = line()
        // Another process may be at it: what is the same twice is whole.
        for _ in 0..<10 {
            let again = line()
            if again == text { break }
            text = again
        }
        return text.flatMap { ChainHead(parsing: $0) }
    }

    /// The first line; a longer head that was there once may have left its end below.
    private func line() -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 128)
        let count = Glibc.read(descriptor, &bytes, bytes.count)
        guard count > 0, let end = bytes[..<count].firstIndex(of: 0x0A) else { return nil }
        return String(decoding: bytes[..<end], as: UTF8.self)
    }
}
