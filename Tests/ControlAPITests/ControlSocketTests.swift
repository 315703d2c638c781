import ControlAPI
import Glibc
import Testing

/// What stands at the path of a socket, and what may be taken away.
@Suite struct ControlSocketTests {
    @Test func nothingIsThere() throws {
        let folder = try temporaryFolder()
        defer { rmdir(folder) }
        let socket = ControlSocket(folder + "/none")
        #expect(socket.state() == .absent)
        try socket.clear()
    }

    @Test func onlyItsOwnerMayUseIt() async throws {
        try await serving(try StubControl()) { client, socket in
            _ = try await client.version()
            var status = stat()
            #expect(stat(socket.path, &status) == 0)
            #expect(status.st_mode & 0o777 == 0o600)
        }
    }

    @Test func oneThatAnswersIsNotTakenAway() async throws {
        try await serving(try StubControl()) { client, socket in
            #expect(throws: ControlFailure.self) { try socket.clear() }
            let second = ControlServer(try StubControl(), on: socket, logger: quiet)
            await #expect(throws: ControlFailure.self) { try await second.run() }
            #expect(try await client.version().process == 7)
        }
    }

    @Test func aStaleOneIs() throws {
        let folder = try temporaryFolder()
        let path = folder + "/stale"
        defer {
            unlink(path)
            rmdir(folder)
        }
        try bindAndLeave(path)
        let socket = ControlSocket(path)
        #expect(socket.state() == .stale)
        try socket.clear()
        #expect(socket.state() == .absent)
    }

    @Test func anotherFileIsNotTakenAway() throws {
        let folder = try temporaryFolder()
        let path = folder + "/file"
        defer {
            unlink(path)
            rmdir(folder)
        }
        close(open(path, O_CREAT | O_WRONLY, 0o600))
        #expect(throws: ControlFailure.self) { try ControlSocket(path).clear() }
        #expect(access(path, F_OK) == 0)
    }

    @Test func aPathThatIsTooLongIsSaidToBe() {
        let socket = ControlSocket("/tmp/" + String(repeating: "x", count: 200))
        guard case .unusable(let reason) = socket.state() else {
            Issue.record("it was taken")
            return
        }
        #expect(reason.contains("longer than the 107 bytes"))
    }

    private func bindAndLeave(_ path: String) throws {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, size) }
        }
        try #require(result == 0)
    }
}
