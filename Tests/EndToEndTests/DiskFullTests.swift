import Testing

/// No room left for the journal or the mirrors: told, waited out, and nothing lost.
@Suite(.onEngine, .timeLimit(.minutes(15)))
struct DiskFullTests {
    /// Mounts ext4 on a loop device, or where a machine has none, as in many a container, a file
    /// system in memory; gives which.
    private func mountSmall(_ place: String, image: String) async throws -> String {
        let script = "truncate -s 6M $0 && mkfs.ext4 -q $0 && mount -o loop $0 $1"
        let loop = try await Program.run(["sh", "-c", script, image, place])
        if loop.isSuccess { return "ext4" }
        try await Program.check(["mount", "-t", "tmpfs", "-o", "size=4m", "gyre-test", place])
        return "tmpfs, as there is no ext4 to be had: \(loop.err)"
    }

    /// A small file system for the state, unmounted whatever comes.
    private func withSmallState(
        _ stage: Stage,
        _ body: (String) async throws -> Void
    ) async throws {
        let place = "\(stage.folder)/small"
        try Files.makeFolder(place)
        print("disk full: on \(try await mountSmall(place, image: "\(stage.folder)/disk"))")
        do {
            try await body(place)
        } catch {
            await stage.gyre.end()
            _ = try? await Program.check(["umount", "-l", place])
            throw error
        }
        await stage.gyre.end()
        try await Program.check(["umount", "-l", place])
    }

    @Test func `a full disk stops change, and change goes on with room again`() async throws {
        try await Stage.run("full") { stage in
            try await withSmallState(stage) { place in
                let team = try await Team(named: "team", in: stage.folder)
                try stage.configure(stage.project(stage.name, team), state: "\(place)/state")
                _ = try await stage.deploy(Compose.web("1.0"), to: team)
                let before = try await stage.container("web-1")

                _ = try await Program.run(
                    ["dd", "if=/dev/zero", "of=\(place)/ballast", "bs=4k", "status=none"]
                )
                let next = try await team.push(Compose.web("2.0"))
                try await stage.gyre.until("it says that the disk is full") { status in
                    let texts =
                        status.repositories.compactMap(\.problem)
                        + status.stacks.flatMap(\.problems).map(\.message)
                    return texts.contains { text in
                        ["space", "full"].contains { text.lowercased().contains($0) }
                    }
                }
                try await stage.remains([before.id])

                // A repair needs no new decision on the disk.
                try await stage.engine.docker("kill", before.name)
                try await stage.gyre.until("it is started again") { _ in
                    try await stage.container("web-1").isRunning
                }

                // A new container does: nothing is made that the journal can't know of.
                try await stage.engine.docker("rm", "-f", before.name)
                try await stage.gyre.until("it says that nothing can be written") {
                    try $0.stack().problems.contains { $0.message.contains("journal") }
                }
                #expect(try await stage.containers().isEmpty)

                try await Program.check(["rm", "\(place)/ballast"])
                try await stage.gyre.ready(at: next)
                #expect(try await stage.containers().count == 1)
                #expect(try await stage.gyre.status().frozen == nil)
                try await stage.gyre.stop()
                try await stage.gyre.start()
                try await stage.gyre.ready(at: next)
                #expect(try await stage.gyre.status().frozen == nil, "the journal is sound")

                // What was done while nothing could be written was written later.
                let proof = try await stage.gyre.run("audit", "verify")
                #expect(proof.isSuccess, "\(proof)")
                let log = try await stage.gyre.run("audit", "list", "--kind", "applied")
                let starts = log.out.split(separator: "\n").filter {
                    $0.contains("done: start \(before.name)")
                }
                #expect(starts.count >= 3, "first, after the kill, and the new one: \(log.out)")
            }
        }
    }
}
