import Glibc
import Model
import Testing

@testable import gyre

/// Which files secrets are read from.
@Suite struct SecretFileTests {
    private func reading(_ mode: mode_t, _ owner: uid_t? = nil) throws -> String {
        var name = Array("/tmp/gyre-secret-XXXXXX".utf8CString)
        let file = mkstemp(&name)
        let path = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer {
            close(file)
            unlink(path)
        }
        #expect(write(file, "hunter2\n", 8) == 8)
        #expect(fchmod(file, mode) == 0)
        if let owner { #expect(fchown(file, owner, gid_t.max) == 0) }
        do {
            return try Secrets.read(.file(path))
        } catch {
            return "\(error)".replacing(path, with: "FILE")
        }
    }

    @Test(arguments: [mode_t(0o600), 0o400, 0o700])
    func onesThatNobodyElseMayReadAreRead(mode: mode_t) throws {
        #expect(try reading(mode) == "hunter2")
    }

    @Test(arguments: [mode_t(0o640), 0o604, 0o644, 0o660])
    func ownOnesThatOthersMayReadAreRefused(mode: mode_t) throws {
        let words = "can't read FILE: others may read it; chmod 600 FILE"
        #expect(try reading(mode) == words)
    }

    /// Their owner says who may read them; only root can make one here.
    @Test(.enabled(if: geteuid() == 0), arguments: [mode_t(0o640), 0o444])
    func thoseOfAnotherUserAreTaken(mode: mode_t) throws {
        #expect(try reading(mode, 65534) == "hunter2")
    }
}
