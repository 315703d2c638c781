import Testing

/// Images of registries that ask who somebody is, and images that can't be had.
@Suite(.onTestbed, .timeLimit(.minutes(15)))
struct ImageTests {
    /// A team of a project that may use the registry's images below the stage's name.
    private func team(
        _ stage: Stage,
        _ registry: PrivateRegistry,
        passwordFile: String? = nil
    ) async throws -> Team {
        let team = try await Team(named: "team", in: stage.folder)
        try stage.configure(
            stage.project(
                stage.name,
                team,
                grants: registry.grants(stage.name),
                registries: registry.entry(passwordFile: passwordFile)
            )
        )
        return team
    }

    /// The name of a stage's image by the digest that the node has it under.
    private func ownDigest(
        of image: String,
        _ registry: PrivateRegistry,
        _ stage: Stage
    ) async throws -> String {
        let format = "{{join .RepoDigests \" \"}}"
        let digests = try await stage.engine.docker("image", "inspect", "-f", format, image)
        return try #require(
            digests.split(whereSeparator: \.isWhitespace).map(String.init)
                .first { $0.hasPrefix("\(registry.host)/\(stage.name)/web@") },
            "\(digests)"
        )
    }

    @Test func `a private registry's image runs, and nothing tells the password`() async throws {
        try await Stage.run("private") { stage in
            let registry = try await PrivateRegistry(on: stage.testbed)
            let team = try await team(stage, registry)
            let image = try await registry.publish("web:1.0", as: "\(stage.name)/web:1.0")
            _ = try await stage.deploy(Compose.image(image), to: team)
            let first = try await stage.container("web-1")

            // The tag moves, and neither a repair, nor a pull of what the node has lost, nor
            // another replica follows it.
            try await registry.publish("web:2.0", as: "\(stage.name)/web:1.0")
            try await stage.gyre.stop()
            try await stage.engine.docker("rm", "-f", first.name)
            let own = try await ownDigest(of: image, registry, stage)
            try await stage.engine.docker("image", "rm", own)
            try await stage.gyre.start()
            try await stage.gyre.until("it is there again") { _ in
                try await stage.containers().contains(where: \.isRunning)
            }
            #expect(try await stage.container("web-1").image == first.image)
            let two = try await team.push(Compose.image(image, "    deploy: {replicas: 2}"))
            try await stage.gyre.ready(at: two)
            #expect(try await stage.containers().map(\.image) == [first.image, first.image])

            // Another spec of the same tag does.
            let next = try await team.push(Compose.image(image, "    environment: {A: b}"))
            try await stage.gyre.ready(at: next)
            #expect(try await stage.container("web-1").image != first.image)

            for command in ["status", "history", "plan"] {
                let text = try await stage.gyre.json(command)
                #expect(!text.contains(registry.password), "\(command)")
            }
            await stage.gyre.end()
            let found = try await Program.run(
                ["grep", "-rlF", registry.password, stage.gyre.log, stage.gyre.state]
            )
            #expect(found.out.isEmpty, "the password is written down")
        }
    }

    @Test func `a wrong password changes nothing, and the right one is read`() async throws {
        try await Stage.run("password") { stage in
            let registry = try await PrivateRegistry(on: stage.testbed)
            let file = "\(stage.folder)/password"
            try Files.write("wrong\n", to: file, 0o600)
            let team = try await team(stage, registry, passwordFile: file)
            _ = try await stage.deploy(Compose.web("1.0"), to: team)
            let before = try await stage.container("web-1")

            let image = try await registry.publish("web:2.0", as: "\(stage.name)/web:2.0")
            let next = try await team.push(Compose.image(image))
            let problem = try await stage.gyre.problem("image")
            #expect(problem.message.contains("\(registry.host) refuses \(registry.user)"))
            #expect(problem.message.contains("projects.\(stage.name).registries[0]"))
            #expect(problem.remedy.contains(file))
            #expect(!problem.message.contains("wrong"))
            try await stage.remains([before.id])

            try Files.write(registry.password, to: file)
            try await stage.gyre.run("sync")
            try await stage.gyre.ready(at: next)

            // Without the file, what runs is repaired all the same.
            try await Program.check(["rm", file])
            try await stage.engine.docker("rm", "-f", try await stage.container("web-1").name)
            try await stage.gyre.until("it is there again") { _ in
                try await stage.containers().contains(where: \.isRunning)
            }
            try await team.push(Compose.image(image, "    environment: {A: b}"))
            let gone = try await stage.gyre.problem("image")
            #expect(gone.message.contains("can't be had"))
            #expect(gone.message.contains(file))
        }
    }

    @Test func `with the registry down what runs is repaired and scaled`() async throws {
        try await Testbed.own { testbed in
            try await Stage.run("down", on: testbed) { stage in
                let registry = try await PrivateRegistry(on: testbed)
                let team = try await team(stage, registry)
                let image = try await registry.publish("web:1.0", as: "\(stage.name)/web:1.0")
                _ = try await stage.deploy(Compose.image(image), to: team)
                let two = try await registry.publish("web:2.0", as: "\(stage.name)/web:2.0")
                try await testbed.command("stop", "registry")

                let before = try await stage.container("web-1")
                try await stage.remains([before.id])
                try await stage.engine.docker("kill", before.name)
                try await stage.gyre.until("it is started again") { _ in
                    try await stage.container("web-1").isRunning
                }
                // All of the stack goes, and comes back without the registry.
                try await stage.gyre.stop()
                try await stage.engine.removeAll(labelled: stage.label)
                try await stage.gyre.start()
                let scaled = try await team.push(Compose.image(image, "    deploy: {replicas: 2}"))
                try await stage.gyre.ready(at: scaled)
                #expect(try await stage.containers().count == 2)

                let next = try await team.push(Compose.image(two))
                let problem = try await stage.gyre.problem("image")
                #expect(problem.message.contains("\(registry.host) does not answer"))
                // Repair goes on while the head waits.
                try await stage.engine.docker("kill", try await stage.container("web-2").name)
                try await stage.gyre.until("it is started again") { _ in
                    try await stage.container("web-2").isRunning
                }
                #expect(try await stage.containers().count == 2)

                try await testbed.command("start", "registry")
                try await stage.gyre.ready(at: next)
                #expect(try await stage.containers().count == 1)
            }
        }
    }

    @Test func `while a registry is silent what runs is repaired, and what is newer deployed`()
        async throws
    {
        try await Testbed.own { testbed in
            try await Stage.run("mute", on: testbed) { stage in
                let registry = try await PrivateRegistry(on: testbed)
                let team = try await Team(named: "team", in: stage.folder)
                try stage.configure(
                    stage.project(
                        stage.name,
                        team,
                        grants: registry.grants(stage.name),
                        registries: registry.entry()
                    ),
                    // No deadline ends the silence.
                    timeouts: "{engine: 1h}"
                )
                let image = try await registry.publish("web:2.0", as: "\(stage.name)/web:2.0")
                let good = try await stage.deploy(Compose.web("1.0"), to: team)

                try await testbed.command("freeze", "registry")
                let next = try await team.push(Compose.image(image))
                let problem = try await stage.gyre.problem("waiting")
                #expect(problem.message.contains("\(registry.host) was asked for \(image)"))
                for action in ["kill", "rm"] {
                    let name = try await stage.container("web-1").name
                    try await stage.engine.docker(action, action == "rm" ? "-f" : "-s9", name)
                    try await stage.gyre.until("it serves again after \(action)") { status in
                        let stack = try status.stack()
                        let container = try await stage.engine.container(name)
                        return stack.has("waiting") && stack.target == good
                            && stack.service("web")?.running == 1 && container?.isRunning == true
                    }
                }
                let newer = try await team.push(Compose.web("1.0", "    environment: {A: b}"))
                try await stage.gyre.ready(at: newer)

                try await team.push(Compose.image(image))
                _ = try await stage.gyre.problem("waiting")
                try await testbed.command("thaw", "registry")
                try await stage.gyre.ready(at: try await team.head())
                #expect(try await team.head() != next)
            }
        }
    }

    @Test func `an image that is not there, or for others, is waited for`() async throws {
        try await Stage.run("absent") { stage in
            let registry = try await PrivateRegistry(on: stage.testbed)
            let team = try await team(stage, registry)
            let name = "\(stage.name)/web"
            let image = try await registry.publish("web:1.0", as: "\(name):1.0")
            _ = try await stage.deploy(Compose.image(image), to: team)
            let before = try await stage.container("web-1")

            try await registry.publish("web:2.0", as: "\(name):2.0")
            try await registry.unpublish("\(name):2.0")
            let next = try await team.push(Compose.image("\(registry.host)/\(name):2.0"))
            let absent = try await stage.gyre.problem("image")
            #expect(absent.message.contains("has no \(registry.host)/\(name):2.0"))
            #expect(absent.remedy.contains("gyre sync \(stage.name)"))
            try await stage.remains([before.id])

            try await registry.publish("web:2.0", as: "\(name):2.0", "--arch", "s390x")
            try await stage.gyre.run("sync")
            try await stage.gyre.until("it says whom the image is for") {
                try $0.stack().problem("image")?.message.contains("linux/s390x") == true
            }
            try await stage.remains([before.id])

            try await registry.publish("web:2.0", as: "\(name):2.0")
            try await stage.gyre.run("sync")
            try await stage.gyre.ready(at: next)

            let strange = "\(registry.stranger)/\(name):2.0"
            try await team.push(Compose.image(strange))
            let untrusted = try await stage.gyre.problem("image")
            #expect(untrusted.message.contains("does not trust \(registry.stranger)"))
            #expect(
                untrusted.remedy.contains("/etc/docker/certs.d/\(registry.stranger)/ca.crt")
            )
        }
    }

    @Test func `an open registry's image for others is pulled and refused`() async throws {
        try await Stage.run("foreign") { stage in
            let team = try await stage.team()
            _ = try await stage.deploy(Compose.web("1.0"), to: team)
            let before = try await stage.container("web-1")
            let name = "foreign-\(stage.name)"
            try await stage.testbed.command(
                "publish",
                "web:2.0",
                "library/\(name):1",
                "--arch",
                "s390x"
            )
            try await team.push(Compose.image("\(name):1"))
            let problem = try await stage.gyre.problem("image")
            #expect(problem.message.contains("it is made for linux/s390x"))
            try await stage.remains([before.id])
            try await stage.testbed.command("publish", "web:2.0", "library/\(name):1")
            try await stage.gyre.run("sync")
            try await stage.gyre.ready(at: try await team.head())
        }
    }

    @Test func `an image that another project pulled is none of one's own`() async throws {
        try await Stage.run("twoteams") { stage in
            let registry = try await PrivateRegistry(on: stage.testbed)
            let image = try await registry.publish("web:1.0", as: "\(stage.name)/web:1.0")
            let ours = try await Team(named: "ours", in: stage.folder)
            let theirs = try await Team(named: "theirs", in: stage.folder)
            let grants = registry.grants(stage.name)
            func configure(_ registries: String) throws {
                try stage.configure(
                    stage.project(
                        stage.name,
                        ours,
                        grants: grants,
                        registries: registry.entry()
                    ) + "\n"
                        + stage.project(
                            "b-\(stage.name)",
                            theirs,
                            grants: grants,
                            registries: registries
                        )
                )
            }
            try configure("[]")
            let first = try await ours.push(Compose.image(image))
            try await stage.gyre.start()
            try await stage.gyre.ready(at: first, stage.name)

            try await theirs.push(Compose.image(image))
            let problem = try await stage.gyre.problem("image", "b-\(stage.name)")
            #expect(problem.message.contains("asks for credentials, and the project has none"))
            // Nor by the digest that the node has, under this name among others.
            let own = try await ownDigest(of: image, registry, stage)
            try await theirs.push(Compose.image(own))
            try await stage.gyre.run("sync")
            try await stage.gyre.until("the digest is seen") { _ in
                try await stage.gyre.problem("image", "b-\(stage.name)").message.contains(
                    "manifests/sha256:"
                )
            }
            #expect(try await stage.containers().count == 1)

            try configure(registry.entry())
            await stage.gyre.reload()
            try await theirs.push(Compose.image(image))
            try await stage.gyre.until("both run") { _ in
                try await stage.containers().filter(\.isRunning).count == 2
            }
        }
    }
}
