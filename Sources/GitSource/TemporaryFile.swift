internal import Glibc

/// A file that only we can read, and that goes with this object.
final class TemporaryFile {
    let path: String

    init(_ bytes: [UInt8], in folder: String, _ operation: String) throws(GitError) {
        var template = Array("\(folder)/signature-XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        guard descriptor >= 0 else { throw TemporaryFile.failure(operation) }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        defer { close(descriptor) }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else {
                let failure = TemporaryFile.failure(operation)
                unlink(path)
                throw failure
            }
            rest = rest.dropFirst(count)
        }
    }

    deinit { unlink(path) }

    private static func failure(_ operation: String) -> GitError {
        let number = errno
        return GitError(
            number == ENOSPC ? .outOfDisk : .failed,
            operation: operation,
            message: "the signature can't be laid down: \(String(cString: strerror(number)))"
        )
    }
}
