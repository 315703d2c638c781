import Glibc
import Testing

/// `gyre volumes export` on a real engine.
@Suite(.onEngine, .timeLimit(.minutes(15)))
struct VolumeExportTests {
    private static let mounting =
        Compose.web("1.0", Compose.line("volumes: ['data:/data']")) + "\nvolumes: {data: {}}\n"

    /// All that a tar archive may have to tell, and more than lies ready on the way.
    private static let filling = """
        cd /volume && mkdir -p d/e 'd/ü b' empty && echo kept >a && ln a d/hard && ln -s a link
        ln -s /nowhere d/dangling && mkfifo d/pipe && : >d/none && chmod 640 a && chown 41000:5000 a
        chmod 1777 empty && chown -h 7:8 link && echo '#!/bin/sh' >d/run && chmod 4755 d/run
        dd if=/dev/urandom of=d/e/big bs=1M count=24 2>/dev/null && touch -t 200102030405 d/e a
        echo long >"d/$(printf '%0200d' 1)"
        """

    /// Whether two folders have the same, with all that an archive keeps.
    private func same(_ one: String, _ other: String) async throws -> String {
        let files = "find . -not -type d -printf '%P %y %m %U %G %l %T@ %s\\n' | sort"
        let folders = "find . -type d -printf '%P %m %U %G %T@\\n' | sort"
        let script = """
            diff <(cd \(one) && \(files)) <(cd \(other) && \(files))
            diff <(cd \(one) && \(folders)) <(cd \(other) && \(folders))
            diff -r --no-dereference -x pipe -x dangling -x link \(one) \(other)
            test \(one)/a -ef \(one)/d/hard || echo "no hard link"
            """
        let output = try await Program.run(["bash", "-c", script])
        return output.out + output.err
    }

    private func unpacked(_ archive: String, in folder: String) async throws -> String {
        try await Program.check(["mkdir", folder])
        try await Program.check(["tar", "-xpf", archive, "--numeric-owner", "-C", folder])
        return folder
    }

    /// What is left on the engine of exports.
    ///
    /// Listed alone: whoever inspects a container waits for the engine to have read it through.
    private func helpers(_ stage: Stage) async throws -> [String] {
        let filters = [
            "--filter", "label=\(stage.label)", "--filter", "label=io.gyre.content=export",
        ]
        let command = ["docker", "-H", stage.engine.address, "ps", "-a", "--format", "{{.Status}}"]
        return try await Program.check(command + filters).split(separator: "\n").map(String.init)
    }

    private func fill(_ volume: String, _ stage: Stage) async throws {
        let mount = "\(volume):/volume"
        try await stage.engine.docker(
            "run",
            "--rm",
            "-v",
            mount,
            "busybox:1.35",
            "sh",
            "-c",
            Self.filling
        )
    }

    @Test func `an archive has all that is in a volume, of a stack that is gone too`() async throws
    {
        try await Stage.run("export") { stage in
            let team = try await stage.team()
            let first = try await team.push(["go/compose.yaml": Self.mounting])
            try await stage.gyre.start()
            try await stage.gyre.ready(at: first, "go")
            let (id, volume) = ("\(stage.name)/go", "\(stage.name)_go_data")
            try await fill(volume, stage)
            let before = try await stage.containers()

            let running = "\(stage.folder)/running.tar"
            let done = try await stage.gyre.run("volumes", "export", id, volume, "-o", running)
            #expect(done.isSuccess && done.out.contains("exported 24."), "\(done)")
            let source = "\(stage.folder)/volume.tar"
            let copy = "tar -cf - -C /volume . >\(source)"
            try await Program.check([
                "sh", "-c",
                "docker -H \(stage.engine.address) run --rm -v \(volume):/volume:ro busybox:1.35 "
                    + copy,
            ])
            let expected = try await unpacked(source, in: "\(stage.folder)/expected")
            let found = try await unpacked(running, in: "\(stage.folder)/found")
            #expect(try await same(expected, found) == "")
            // Nothing of it is left, and nobody was touched.
            #expect(try await stage.containers().map(\.id) == before.map(\.id))

            try await team.push(["README": "-"], "Remove go\n\nGyre-Remove: go")
            try await stage.gyre.until("the stack is gone") { status in
                let left = try await stage.containers()
                return left.isEmpty && !status.stacks.contains { $0.stack.stack == "go" }
            }
            let offer = try await stage.gyre.run("volumes", "rm", id, volume)
            let said = try #require(
                offer.out.split(separator: "\n").first { $0.contains("volumes export") }
            )
            let words = try #require(said.split(separator: ": gyre ").last)
            let offered = "\(Environment.gyre) \(words) --config \(stage.gyre.configuration)"
            try await Program.check(["env", "-C", stage.folder, "sh", "-c", offered])
            let gone = "\(stage.folder)/\(volume).tar"
            let after = try await unpacked(gone, in: "\(stage.folder)/after")
            #expect(try await same(expected, after) == "")
            // To a pipe, and without a controller that runs.
            try await stage.gyre.stop()
            let pipe =
                "\(Environment.gyre) volumes export \(id) \(volume) --config "
                + "\(stage.gyre.configuration) | tar -xO ./a"
            #expect(try await Program.check(["sh", "-c", pipe]) == "kept\n")
            #expect(try await helpers(stage).isEmpty)
            let audit = try await stage.gyre.run("audit", "list", "--kind", "acted")
            #expect(audit.out.contains("volumes export"), "\(audit)")
        }
    }

    @Test func `what can't be written or read leaves no file`() async throws {
        try await Stage.run("noexport") { stage in
            let team = try await stage.team()
            _ = try await stage.deploy(Self.mounting, to: team)
            let (id, volume) = (stage.name, "\(stage.name)_data")
            func refused(_ words: String, _ arguments: String...) async throws {
                let command = [Environment.gyre, "volumes", "export"] + arguments
                let output = try await Program.run(
                    command + ["--config", stage.gyre.configuration]
                )
                #expect(output.status != 0 && output.err.contains(words), "\(output)")
            }
            let file = "\(stage.folder)/a.tar"
            try await refused("has no volume none", id, "none", "-o", file)
            try await refused("no stack \(id)/none", "\(id)/none", volume, "-o", file)
            try await refused("No such file", id, volume, "-o", "\(stage.folder)/none/a.tar")
            try await refused("is no plain file", id, volume, "-o", "/dev/null", "--force")
            try await refused("is no plain file", id, volume, "-o", stage.folder)
            #expect(!Files.names(in: stage.folder).contains { $0.hasPrefix("a.tar") })
            try Files.write("mine", to: file)
            try await refused("is there already", id, volume, "-o", file)
            #expect(Files.text(of: file) == "mine")
            let output = try await stage.gyre.run(
                "volumes",
                "export",
                id,
                volume,
                "-o",
                file,
                "--force"
            )
            #expect(output.isSuccess, "\(output)")
            try await Program.check(["tar", "-tf", file])
            #expect(Files.names(in: stage.folder).filter { $0.hasPrefix("a.tar") } == ["a.tar"])
            // A disk without room: a file of /dev/full takes nothing.
            let full =
                "\(Environment.gyre) volumes export \(id) \(volume) --config "
                + "\(stage.gyre.configuration) >/dev/full"
            let none = try await Program.run(["sh", "-c", full])
            #expect(none.status == 1 && none.err.contains("No space left"), "\(none)")
            try await eventually("what it was read through is gone") {
                try await helpers(stage).isEmpty
            }
        }
    }

    @Test func `an export under way holds up nobody, and a killed controller's is cleared away`()
        async throws
    {
        try await Stage.run("halfexport") { stage in
            let team = try await stage.team()
            _ = try await stage.deploy(Self.mounting, to: team)
            let volume = "\(stage.name)_data"
            try await fill(volume, stage)
            // Who reads takes its time: more is in the volume than lies ready on the way.
            let (status, go) = ("\(stage.folder)/status", "\(stage.folder)/go")
            let script =
                "(\(Environment.gyre) volumes export \(stage.name) \(volume) --config "
                + "\(stage.gyre.configuration); echo $? >\(status)) | "
                + "(for i in $(seq 900); do test -e \(go) && break; sleep .1; done; cat) >/dev/null"
            let reader = try Program.start(
                ["sh", "-c", script],
                log: "\(stage.folder)/export.log"
            )
            try await eventually("it is read through a container of ours") {
                try await helpers(stage) == ["Created"]
            }
            let next = try await team.push(
                Self.mounting.replacing("web:1.0", with: "web:2.0"),
                "Second"
            )
            try await stage.gyre.ready(at: next)
            #expect(try await helpers(stage) == ["Created"])
            let refused = try await stage.gyre.run("volumes", "rm", stage.name, volume)
            #expect(refused.status == 1 && refused.err.contains("is mounted by"), "\(refused)")
            let plan = try await stage.gyre.plan()
            #expect(plan.isEmpty, "\(plan)")

            await stage.gyre.end()
            try await stage.gyre.start()
            try await stage.gyre.until("what it left is gone") { _ in
                try await helpers(stage).isEmpty
            }
            try Files.write("", to: go)
            _ = try await Program.end(of: reader)
            #expect(Files.text(of: status) == "1\n")
            let said = Files.text(of: "\(stage.folder)/export.log")
            #expect(said.contains("the archive breaks off after"), "\(said)")
        }
    }
}
