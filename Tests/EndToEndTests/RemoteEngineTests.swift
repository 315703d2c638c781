import Testing

/// An engine of another machine, over TLS and over ssh: real ones, beyond a cable of their own.
@Suite(.onTestbed, .timeLimit(.minutes(15)))
struct RemoteEngineTests {
    /// How an engine is reached, as gyre.yaml says it, and what is wrong with that.
    private struct Way: Sendable {
        var name: String
        var engine: String
        var words = ""
    }

    private func tcp(
        _ settings: [String: String],
        ca: String = "CA",
        certificate: String = "CERT"
    ) -> String {
        func value(_ name: String) -> String { settings["GYRE_TEST_ENGINE_\(name)"] ?? "" }
        let identity = value(certificate)
        return """
            \(value("TCP"))
            engine_access:
              ca: \(value(ca))
              client_certificate: {certificate_file: \(identity).crt, key_file: \(identity).key}
            """
    }

    private func ssh(
        _ settings: [String: String],
        key: String = "KEY",
        known: String? = nil,
        socket: String = ""
    ) -> String {
        func value(_ name: String) -> String { settings["GYRE_TEST_ENGINE_\(name)"] ?? "" }
        return """
            \(value("SSH"))\(socket)
            engine_access: {key_file: \(value(key)), known_hosts: \(known ?? value("KNOWN_HOSTS"))}
            """
    }

    /// What is known of the host while its key is another one by now.
    private func anotherKey(_ settings: [String: String]) -> String {
        func text(_ name: String, _ end: String = "") -> [Substring] {
            Files.text(of: (settings["GYRE_TEST_ENGINE_\(name)"] ?? "") + end)
                .split(separator: " ", maxSplits: 2)
        }
        let (known, stranger) = (text("KNOWN_HOSTS"), text("KEY_STRANGER", ".pub"))
        return "\(known[0]) \(stranger[0]) \(stranger[1])\n"
    }

    private func wrong(_ settings: [String: String], _ stage: Stage) throws -> [Way] {
        let (empty, other) = ("\(stage.folder)/known", "\(stage.folder)/known-otherwise")
        try Files.write("", to: empty)
        try Files.write(anotherKey(settings), to: other)
        return [
            Way(
                name: "another authority",
                engine: tcp(settings, ca: "CA_UNKNOWN"),
                words: "name the authority that signed the engine's certificate as \"ca\""
            ),
            Way(
                name: "an expired certificate",
                engine: tcp(settings, certificate: "CERT_EXPIRED"),
                words: "doesn't accept our certificate"
            ),
            Way(
                name: "a stranger's certificate",
                engine: tcp(settings, certificate: "CERT_STRANGER"),
                words: "doesn't accept our certificate"
            ),
            Way(
                name: "a host that nobody knows",
                engine: ssh(settings, known: empty),
                words: "if its owner confirms that fingerprint, accept it: ssh-keyscan"
            ),
            Way(
                name: "a host that has had another key",
                engine: ssh(settings, known: other),
                words: "but \(other) has another: somebody may be in between; if its owner "
                    + "confirms the new fingerprint: ssh-keygen -f \(other) -R"
            ),
            Way(
                name: "a stranger's key",
                engine: ssh(settings, key: "KEY_STRANGER"),
                words: "the server doesn't accept the key"
            ),
            Way(
                name: "a key that others may read",
                engine: ssh(settings, key: "KNOWN_HOSTS"),
                words: "others may read the key; chmod 600"
            ),
            Way(
                name: "a socket that is not there",
                engine: ssh(settings, socket: ".not"),
                words: "nobody answers at the socket"
            ),
        ]
    }

    @Test(arguments: ["tcp", "ssh"])
    func `an engine of another machine is kept like one of this`(_ scheme: String) async throws {
        try await Testbed.own { testbed in
            let settings = try await testbed.start("remote")
            try await Stage.run("remote", on: testbed) { stage in
                let team = try await Team(named: "team", in: stage.folder)
                let engine = scheme == "tcp" ? tcp(settings) : ssh(settings)
                try stage.configure(stage.project(stage.name, team), engine: engine)
                let first = try await stage.deploy(Compose.web("1.0"), to: team)
                let before = try await stage.container("web-1")

                // Seen by an event that came over the wire.
                try await stage.engine.docker("kill", before.name)
                try await stage.gyre.until("it is started again") { _ in
                    try await stage.container("web-1").isRunning
                }

                // Cut off, it is unknown, and nothing is lost by it.
                try await testbed.fault("unplug")
                try await stage.gyre.until("the engine is said not to answer") {
                    try $0.engineProblem != nil && $0.stack().state == "unknown"
                }
                let next = try await team.push(Compose.web("2.0"))
                try await testbed.fault("plug")
                try await stage.gyre.ready(at: next)
                let after = try await stage.container("web-1")
                #expect(after.isRunning && after.id != before.id && first != next)

                try await stage.gyre.stop()
                #expect(stage.sshClients(below: testbed.directory).isEmpty)
            }
        }
    }

    @Test func `an engine that can't be reached is told with what to do`() async throws {
        try await Testbed.own { testbed in
            let settings = try await testbed.start("remote")
            try await Stage.run("unreached", on: testbed) { stage in
                let team = try await Team(named: "team", in: stage.folder)
                try await team.push(Compose.web("1.0"))
                for way in try wrong(settings, stage) {
                    try stage.configure(stage.project(stage.name, team), engine: way.engine)
                    let output = try await stage.gyre.run("apply")
                    #expect(!output.isSuccess, "\(way.name)")
                    let text = output.out + output.err
                    #expect(text.contains(way.words), "\(way.name): \(text)")
                }
                #expect(try await stage.containers().isEmpty)

                // The commands that are printed for a key that has changed do what they say.
                let other = "\(stage.folder)/known-otherwise"
                let engine = ssh(settings, known: other)
                try stage.configure(stage.project(stage.name, team), engine: engine)
                let told = try await stage.gyre.run("apply")
                let start = try #require((told.out + told.err).firstRange(of: "ssh-keygen -f"))
                let fix = (told.out + told.err)[start.lowerBound...].prefix { $0 != "\n" }
                try await Program.check(["sh", "-c", String(fix)])
                let output = try await stage.gyre.run("apply")
                #expect(output.isSuccess, "\(fix): \(output.out)\(output.err)")
                #expect(try await stage.container("web-1").isRunning)
            }
        }
    }

    @Test func `an engine whose own certificate has expired is told, and taken with a new one`()
        async throws
    {
        try await Testbed.own { testbed in
            let settings = try await testbed.start("remote")
            try await Stage.run("expired", on: testbed) { stage in
                let team = try await Team(named: "team", in: stage.folder)
                let project = stage.project(stage.name, team)
                try stage.configure(project, engine: tcp(settings))
                let first = try await stage.deploy(Compose.web("1.0"), to: team)
                let before = try await stage.container("web-1")

                try await testbed.command("expire-certificate")
                try await stage.gyre.until("it is told with what to do") {
                    $0.engineProblem?.contains(
                        "certificate has expired; give the engine a new one"
                    ) == true
                }
                // Nothing of it is known, so nothing is done, whatever is pushed.
                let next = try await team.push(Compose.web("2.0"))
                try await stage.gyre.until("the stack is unknown") {
                    try $0.stack().state == "unknown"
                }
                #expect(try await stage.container("web-1").id == before.id)

                try await testbed.command("renew-certificate")
                try await stage.gyre.ready(at: next)
                let after = try await stage.container("web-1")
                #expect(after.isRunning && after.id != before.id && first != next)
                try await stage.gyre.stop()
            }
        }
    }
}
