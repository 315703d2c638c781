import Testing

/// A tenant with its own repository tries to reach what is not its own: none of it works.
///
/// The engine is the test's own, so that whatever is made there would be seen.
@Suite(.onTestbed, .timeLimit(.minutes(30)))
struct EscapeTests {
    @Test func `none of the ways out is one`() async throws {
        try await Scene.run("escape") { scene in
            let escapes = Escape.all(scene.canaries)
            #expect(escapes.count >= 20)
            let before = try await scene.made()
            for escape in escapes {
                try await scene.refuses(escape)
                #expect(try await scene.made() == before, "\(escape.name) made something")
                #expect(try await scene.page() == scene.sound, "\(escape.name) took its place")
            }
            try await scene.tellsNothing()
            // The journal, the mirror and all else that is kept knows nothing either.
            // Killed: a signal that a traced process ignores and reads elsewhere never gets there.
            await scene.stage.gyre.end()
            #expect(scene.executions.all.count > escapes.count, "each is loaded in a worker")
            #expect(scene.executions.besides(gyre: "serve").isEmpty, "no program was started")
            for text in scene.canaries.texts {
                let found = try await Program.run(["grep", "-rlF", text, scene.stage.gyre.state])
                #expect(found.out.isEmpty, "\(text) is in \(found.out)")
            }
        }
    }

    /// What is no denial, but must bring nothing: the variable is not there for a tenant's file.
    @Test func `a variable of the controller is unset in a container`() async throws {
        try await Scene.run("unset") { scene in
            let name = scene.canaries.variable
            let line = "environment: [\(name), 'COPY=<${\(name)}>']"
            let compose = scene.compose("web:2.0", [line])
            let commit = try await scene.team.push(["compose.yaml": compose])
            try await scene.stage.gyre.ready(at: commit, scene.stage.name)
            let web = try await scene.stage.container("web-1")
            #expect(web.variable("COPY") == "<>" && web.variable(name) == nil)
            try await scene.tellsNothing()
        }
    }

    /// Attacks that no file shows: the image brings them.
    static let images: [(name: String, changes: [String], words: String)] = [
        ("volume", ["VOLUME /proc/sys"], "reserved place"),
        ("label", ["LABEL io.gyre.shared=other"], "label that is Gyre's"),
        ("respelled", ["VOLUME /data//../proc"], "reserved place"),
        ("router", ["LABEL traefik.http.routers.bio.rule=Host(`bio`)"], "routes requests"),
        ("namespace", ["LABEL com.docker.stack.namespace=bio"], "label that is reserved"),
        ("directory", ["WORKDIR /proc/self/fd/8"], "start at a reserved place"),
        ("check", ["HEALTHCHECK --interval=1ms CMD true"], "more often than once a second"),
    ]

    @Test func `an image can't ask for what a file may not`() async throws {
        try await Scene.run("image", withRegistry: true) { scene in
            let before = try await scene.made()
            for image in EscapeTests.images {
                let reference = try await scene.publish(image.changes, tag: image.name)
                let bad = try await scene.team.push(["compose.yaml": scene.compose(reference)])
                try await scene.stage.gyre.until("\(image.name) is refused") { status in
                    let stack = try status.stack(scene.stage.name)
                    return stack.head?.id == bad
                        && stack.problems.contains { $0.message.contains(image.words) }
                }
                try await scene.stage.gyre.until("the sound version serves") { _ in
                    try await scene.page() == scene.sound
                }
                let after = try await scene.made()
                #expect(after.containers == before.containers, "\(image.name)")
                #expect(after.networks == before.networks && after.volumes == before.volumes)
            }
        }
    }

    /// Whom an image runs as, and with which rights, is not its own to say; read back from the
    /// kernel.
    @Test func `an image of root's runs as who was granted`() async throws {
        try await Scene.run("user", withRegistry: true) { scene in
            let reference = try await scene.publish(["USER 0:0", "LABEL io.gyre.project=other"])
            let other = ["  alone:", "    image: \(reference)", "    stop_grace_period: 2s"]
            let compose = scene.compose(reference) + "\n" + other.joined(separator: "\n")
            let commit = try await scene.team.push(["compose.yaml": compose])
            try await scene.stage.gyre.ready(at: commit, scene.stage.name)
            let beside = try await scene.process("web-1")
            #expect(beside["Uid"] == "41000 41000 41000 41000")
            #expect(beside["Gid"] == "5000 5000 5000 5000")
            #expect(beside["CapEff"] == "0000000000000000")
            #expect(beside["NoNewPrivs"] == "1")
            let label = try await scene.stage.container("web-1").labels["io.gyre.project"]
            #expect(label == scene.stage.name, "Gyre's own label stands above the image's")
            let web = try await scene.stage.container("web-1").name
            await #expect(throws: (any Error).self, "it is root's alone") {
                try await scene.stage.engine.docker("exec", web, "cat", "/data/of-root")
            }

            // Where nothing is shared root may stay root, with no more rights than were granted:
            // CHOWN, DAC_OVERRIDE, FOWNER, KILL, SETGID, SETUID, NET_BIND_SERVICE.
            let alone = try await scene.process("alone-1")
            #expect(alone["Uid"] == "0 0 0 0")
            #expect(alone["CapBnd"] == "00000000000004eb" && alone["CapEff"] == alone["CapBnd"])
            #expect(alone["NoNewPrivs"] == "1")
        }
    }

    /// A process opens the files of another, as the user that it is itself.
    @Test func `who sees processes beside a shared file system is held to its users`() async throws
    {
        try await Scene.run("sees") { scene in
            func compose(_ user: String) -> String {
                let side = [
                    "  side:", "    image: busybox:1.35", "    stop_grace_period: 1s",
                    "    command: [sh, -c, 'trap exit TERM; while sleep 1; do :; done']",
                    "    pid: service:web",
                ]
                let lines = user.isEmpty ? side : side + ["    user: '\(user)'"]
                return scene.compose("web:1.0") + "\n" + lines.joined(separator: "\n") + "\n"
            }
            let commit = try await scene.team.push(["compose.yaml": compose("41000:5000")])
            try await scene.stage.gyre.ready(at: commit, scene.stage.name)
            let process = try await scene.process("side-1")
            #expect(process["CapEff"] == "0000000000000000")
            let side = try await scene.stage.container("side-1").name
            let data = "/proc/1/root/data"
            let seen = try await scene.stage.engine.docker("exec", side, "ls", data)
            #expect(seen.contains("of-root"))
            await #expect(throws: (any Error).self, "it is root's alone") {
                try await scene.stage.engine.docker("exec", side, "cat", "\(data)/of-root")
            }
            for user in ["", "0:0", "39999:5000"] {
                let head = try await scene.team.push(["compose.yaml": compose(user)])
                try await scene.stage.gyre.until("\(user) is refused") { status in
                    let stack = try status.stack(scene.stage.name)
                    return stack.head?.id == head
                        && stack.problems.contains {
                            $0.kind == "denied"
                                && $0.diagnostics.contains { $0.code == "namespace" }
                        }
                }
            }
        }
    }
}
