import Foundation
import GitSource
import Model
import Testing

/// Servers that never end, or never begin, cost what the operator allows and no more.
@Suite(.serialized, .timeLimit(.minutes(10))) struct HostileTests {
    private let fixture: Fixture

    init() throws { fixture = try Fixture() }

    /// Rules whose every deadline is far, so that only the one that a test is about can pass.
    private func rules() -> GitRules {
        var rules = GitRules()
        rules.schemes = [.http, .https, .ssh]
        rules.connectTimeout = .seconds(3600)
        rules.progressTimeout = .seconds(3600)
        rules.limits.time = .seconds(3600)
        rules.limits.refs = 1000
        return rules
    }

    private func expect(
        _ code: GitError.Code,
        _ words: String,
        _ scheme: String,
        _ behave: @escaping @Sendable (Int32) -> Void,
        under change: (inout GitRules) -> Void = { _ in }
    ) async throws {
        var rules = rules()
        change(&rules)
        let server = try HostileServer(behave)
        let url = try RepositoryURL(parsing: "\(scheme)://127.0.0.1:\(server.port)/app")
        do {
            _ = try await fixture.mirrors(rules).head(of: "main", at: url)
            Issue.record("no error")
        } catch let error as GitError {
            #expect(error.code == code, "\(error)")
            #expect(words.isEmpty || error.message.contains(words), "\(error)")
        }
        withExtendedLifetime(server) {}
    }

    /// What is there already can be read while a server keeps a conversation waiting.
    @Test func aSlowServerKeepsNobodyFromTheMirror() async throws {
        let (arrivals, arrival) = AsyncStream.makeStream(of: Void.self)
        let server = try HostileServer { connection in
            arrival.yield()
            HostileServer.waitForEnd(connection)
        }
        let url = try RepositoryURL(parsing: "http://127.0.0.1:\(server.port)/app")
        var rules = rules()
        rules.progressTimeout = .seconds(600)
        rules.limits.time = .seconds(600)
        let source = fixture.mirrors(rules)
        let head = Task { try await source.head(of: "main", at: url) }
        for await _ in arrivals { break }
        #expect(try await source.lastFetched(branch: "main", at: url) == nil)
        await expectError(.commitMissing) {
            try await source.commit(String(repeating: "a", count: 40), at: url)
        }
        head.cancel()
        await #expect(throws: CancellationError.self) { try await head.value }
        withExtendedLifetime(server) {}
    }

    /// 328 kB of pack whose one delta builds on 320 MiB of zeros; git itself takes it.
    @Test func whatUnpacksToTooMuchIsRefusedBeforeItIsThere() async throws {
        let streams = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Testbed/servers").path
        let file = fixture.root + "/pack"
        let script = """
            import sys; sys.dont_write_bytecode = True; sys.path.insert(0, '\(streams)')
            import streams; open('\(file)', 'wb').write(b''.join(streams.delta_bomb('', b'')))
            """
        try run(["python3", "-c", script])
        let pack = [UInt8](try Data(contentsOf: URL(filePath: file)))
        let ref = String(repeating: "1", count: 40) + " refs/heads/main\0agent=test\n"
        let listing =
            "001e# service=git-upload-pack\n0000"
            + "00" + String(ref.utf8.count + 4, radix: 16) + ref + "0000"
        let server = try HostileServer { connection in
            guard HostileServer.request(connection).hasPrefix("POST") else {
                _ = HostileServer.send(HostileServer.advertisement + listing, to: connection)
                return
            }
            let head = "HTTP/1.1 200 OK\r\nContent-Type: application/x-git-upload-pack-result\r\n"
            guard HostileServer.send(head + "\r\n", to: connection) else { return }
            _ = HostileServer.send(pack, to: connection)
        }
        var rules = rules()
        rules.progressTimeout = .seconds(600)
        rules.limits.time = .seconds(600)
        let url = try RepositoryURL(parsing: "http://127.0.0.1:\(server.port)/app")
        let before = try peakMemory()
        do {
            _ = try await fixture.mirrors(rules).head(of: "main", at: url)
            Issue.record("no error")
        } catch let error as GitError {
            #expect(error.code == .tooLarge && error.message.contains("256 MiB"), "\(error)")
        }
        #expect(try peakMemory() - before < 200 << 20)
        withExtendedLifetime(server) {}
    }

    /// The most that this process ever held, in bytes.
    private func peakMemory() throws -> Int {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        let words = line?.split(whereSeparator: \.isWhitespace) ?? []
        return (try #require(words.count == 3 ? Int(words[1]) : nil)) << 10
    }

    @Test func silenceAfterAccept() async throws {
        try await expect(.timeout, "timeouts.progress", "http", HostileServer.waitForEnd) {
            $0.progressTimeout = .milliseconds(600)
        }
        let late = "no connection with TLS within 600 ms (defaults.timeouts.connect)"
        try await expect(.timeout, late, "https", HostileServer.waitForEnd) {
            $0.connectTimeout = .milliseconds(600)
        }
        try await expect(.protocolError, "speaks no TLS", "https") { connection in
            _ = HostileServer.send("HTTP/1.1 400 Bad Request\r\n\r\n", to: connection)
            HostileServer.drain(connection)
        }
    }

    @Test func whatHoldsNoAuthoritiesIsToldSo() async throws {
        for path in ["/nonexistent/ca.pem", #filePath] {
            let words = "\(path); \"ca\" has to be a readable file of certificates in PEM"
            try await expect(.untrustedCertificate, words, "https", HostileServer.waitForEnd) {
                $0.authorities = path
            }
        }
    }

    private static let hasSSH = FileManager.default.isExecutableFile(atPath: "/usr/bin/ssh")

    @Test(.enabled(if: hasSSH)) func aServerOfSSHThatComesToNoSession() async throws {
        // Time enough for the client to come as far as the server lets it.
        func expect(_ words: String, _ behave: @escaping @Sendable (Int32) -> Void) async throws {
            let late = "\(words) in time (defaults.timeouts.connect)"
            try await self.expect(.timeout, late, "ssh", behave) {
                $0.connectTimeout = .seconds(15)
            }
        }
        async let silence: Void = expect(
            "accepts the connection, but says nothing of ssh",
            HostileServer.waitForEnd
        )
        async let drip: Void = expect("says nothing of ssh") { connection in
            guard HostileServer.send("SSH-2.0-", to: connection) else { return }
            while HostileServer.send("z", to: connection) { usleep(100_000) }
        }
        async let greeting: Void = expect("comes to no agreement with us") { connection in
            _ = HostileServer.send("SSH-2.0-Endless\r\n", to: connection)
            HostileServer.waitForEnd(connection)
        }
        async let packets: Void = expect("comes to no agreement with us") { connection in
            // Packets that mean nothing: RFC 4253, 6 and 11.2.
            let ignored: [UInt8] = [0, 0, 0, 12, 5, 2, 0, 0, 0, 1, 0x7A, 0, 0, 0, 0, 0]
            guard HostileServer.send("SSH-2.0-Endless\r\n", to: connection) else { return }
            while HostileServer.send(ignored, to: connection) { usleep(20_000) }
        }
        _ = try await (silence, drip, greeting, packets)
    }

    @Test(.enabled(if: hasSSH)) func whatIsNoServerOfSSHIsToldSo() async throws {
        let none = "no ssh server answers there"
        try await expect(.protocolError, none, "ssh") { connection in
            while HostileServer.send(
                "So many words before the greeting, and so long.\r\n",
                to: connection
            ) {}
        }
        try await expect(.protocolError, none, "ssh") { connection in
            while HostileServer.send("and no end of the line ", to: connection) {}
        }
        // An alert of TLS (RFC 8446, 6), as servers answer what isn't TLS.
        try await expect(.protocolError, none, "ssh") { connection in
            HostileServer.drain(connection)
            _ = HostileServer.send([0x15, 3, 1, 0, 2, 2, 0x46], to: connection)
        }
        let page = "no ssh server answers there, but \"HTTP/1.1 404 Not Found\""
        try await expect(.protocolError, page, "ssh") { connection in
            HostileServer.drain(connection)
            _ = HostileServer.send("HTTP/1.1 404 Not Found\r\n\r\nnot found\r\n", to: connection)
        }
        try await expect(.protocolError, page, "ssh") { connection in
            _ = HostileServer.send("HTTP/1.1 404 Not Found\r\n\r\n", to: connection)
            HostileServer.waitForEnd(connection)
        } under: {
            $0.connectTimeout = .seconds(15)
        }
        try await expect(.protocolError, "goes on with something else", "ssh") { connection in
            guard HostileServer.send("SSH-2.0-Broken\r\n", to: connection) else { return }
            while HostileServer.send("garbage and garbage ", to: connection) {}
        }
        try await expect(.protocolError, "nothing both sides speak", "ssh") { connection in
            _ = HostileServer.send("SSH-1.5-Old\r\n", to: connection)
            HostileServer.waitForEnd(connection)
        }
        // As OpenSSH's server says of itself.
        try await expect(.hostUnreachable, "the server hung up", "ssh") { connection in
            HostileServer.drain(connection)
            _ = HostileServer.send("Exceeded MaxStartups\r\n", to: connection)
        }
    }

    @Test func aByteNowAndThen() async throws {
        try await expect(.timeout, "git.limits.time", "http") { connection in
            HostileServer.drain(connection)
            // A packet of 65,520 bytes is begun.
            let start = HostileServer.advertisement + "fff0"
            guard HostileServer.send(start, to: connection) else { return }
            while HostileServer.send("x", to: connection) { usleep(100_000) }
        } under: {
            $0.limits.time = .seconds(2)
        }
    }

    @Test func garbage() async throws {
        try await expect(.protocolError, "", "http") { connection in
            HostileServer.drain(connection)
            _ = HostileServer.send(
                HostileServer.advertisement + "this is no packet line",
                to: connection
            )
        }
        try await expect(.protocolError, "", "http") { connection in
            HostileServer.drain(connection)
            _ = HostileServer.send("\u{1}\u{2} hello\r\n\r\n", to: connection)
        }
        try await expect(.protocolError, "none of a git server", "http") { connection in
            HostileServer.drain(connection)
            _ = HostileServer.send(
                "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
                to: connection
            )
        }
    }

    @Test func endlessRefs() async throws {
        try await expect(.tooLarge, "git.limits.refs", "http") { connection in
            HostileServer.drain(connection)
            let start = "001e# service=git-upload-pack\n0000"
            guard HostileServer.send(HostileServer.advertisement + start, to: connection) else {
                return
            }
            let line = "0000000000000000000000000000000000000001 refs/heads/a-very-long-name\n"
            let packet = String(line.utf8.count + 4, radix: 16)
            let whole = String(repeating: "0", count: 4 - packet.count) + packet + line
            while HostileServer.send(whole, to: connection) {}
        }
    }

    @Test func endlessHeaders() async throws {
        try await expect(.tooLarge, "", "http") { connection in
            HostileServer.drain(connection)
            guard HostileServer.send("HTTP/1.1 200 OK\r\n", to: connection) else { return }
            while HostileServer.send("X-Again: and again\r\n", to: connection) {}
        }
    }

    @Test func hangsUp() async throws {
        try await expect(.hostUnreachable, "", "http") { _ in }
        try await expect(.hostUnreachable, "", "https") { _ in }
    }

    /// A server that is silent holds only its own share of the threads.
    @Test func aSilentHostHoldsUpNoOther() async throws {
        let server = try HostileServer(HostileServer.waitForEnd)
        let app = try fixture.repository()
        let id = try app.commit("one")
        var patient = rules()
        patient.progressTimeout = .seconds(3600)
        patient.limits.time = .seconds(3600)
        patient.connectionsPerHost = 2
        let source = fixture.mirrors(patient)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<8 {
                let url = try RepositoryURL(parsing: "http://127.0.0.1:\(server.port)/\(index)")
                group.addTask {
                    _ = try? await source.head(of: "main", at: url)
                }
            }
            try await Task.sleep(for: .milliseconds(300))
            // The pool has four threads; eight silent conversations would hold them all.
            let local = try app.url
            #expect(try await source.lastFetched(branch: "main", at: local) == nil)
            group.cancelAll()
        }
        #expect(try await fixture.source.head(of: "main", at: app.url).id == id)
    }
}
