internal import Glibc
internal import Model

/// The file `content.key` of the state directory: what digests of secrets are made with.
///
/// Losing it costs no container: those that run keep their secrets, and get a changed one when
/// they are made anew for another reason.
enum ContentKeyFile {
    private static let count = 32

    /// nil when there is none.
    static func read(in directory: String) throws -> ContentKey? {
        let path = "\(directory)/content.key"
        guard try FileBytes.kind(of: path) != nil else { return nil }
        let bytes = try FileBytes.read(path, limit: count)
        guard bytes.count == count else {
            throw Failure(
                .failed,
                "\(path) is not a key of \(count) bytes",
                remedy: "put it back from a backup, or remove it: changed secrets then wait for "
                    + "the next change of their services"
            )
        }
        return ContentKey(bytes)
    }

    /// Makes one where there is none; whole or not at all.
    static func readOrMake(in directory: String) throws -> ContentKey {
        if let key = try read(in: directory) { return key }
        var source = SystemRandomNumberGenerator()
        let bytes = (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &source) }
        let path = "\(directory)/content.key"
        let draft = path + ".new"
        unlink(draft)
        let file = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw failure("make", draft) }
        defer { close(file) }
        guard Glibc.write(file, bytes, bytes.count) == bytes.count, fsync(file) == 0,
            rename(draft, path) == 0
        else { throw failure("write", path) }
        return ContentKey(bytes)
    }

    private static func failure(_ what: String, _ path: String) -> Failure {
        Failure(
            .failed,
            "can't \(what) \(path): \(String(cString: strerror(errno)))",
            remedy: "make room, or write another place under state: in gyre.yaml"
        )
    }
}
