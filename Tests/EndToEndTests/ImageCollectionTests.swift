import Testing

/// Images that Gyre pulled go when nothing needs them; what others brought or named stays.
@Suite(.onTestbed, .timeLimit(.minutes(20)))
struct ImageCollectionTests {
    /// Puts an image that is nowhere else into the registry that the engine pulls from.
    private func publish(_ name: String, from base: String, on stage: Stage) async throws {
        let engine = stage.engine
        let made = try await engine.docker("create", "--label", stage.mark, base)
        let container = made.filter { !$0.isWhitespace }
        let pushed = "127.0.0.1:5000/library/\(name)"
        try await engine.docker("commit", "-c", "LABEL unique=\(name)", container, pushed)
        try await engine.docker("push", pushed)
        try await engine.docker("rm", container)
        try await engine.docker("rmi", pushed)
    }

    private func has(_ image: String, _ stage: Stage) async throws -> Bool {
        let found = try await Program.run(
            ["docker", "-H", stage.engine.address, "image", "inspect", image]
        )
        return found.status == 0
    }

    @Test func `an image that nothing is made of goes, and others' stay`() async throws {
        try await Stage.run("collect") { stage in
            let (one, two, mine) = (
                "\(stage.name)-one:1", "\(stage.name)-two:1", "\(stage.name)-mine:1"
            )
            try await stage.engine.docker("pull", "web:1.0")
            for image in [one, two, mine] {
                try await publish(image, from: "web:1.0", on: stage)
            }
            try await stage.engine.docker("pull", mine)
            let team = try await Team(named: "team", in: stage.folder)
            try stage.configure(stage.project(stage.name, team), unusedImages: "4s")
            _ = try await stage.deploy(Compose.image(one), to: team)
            #expect(try await has(one, stage))

            // The second version needs another; the first one's image goes by itself.
            let next = try await team.push(Compose.image(two))
            try await stage.gyre.ready(at: next)
            try await stage.gyre.until("the image of the version before is gone") { _ in
                try await !has(one, stage)
            }
            let told = try await stage.gyre.run("audit", "list", "--kind", "collected").out
            #expect(told.contains(one))

            // What somebody pulled, and what Gyre found there, is not Gyre's to remove.
            let third = try await team.push(Compose.image(mine))
            try await stage.gyre.ready(at: third)
            try await stage.gyre.until("the image of the second version is gone") { _ in
                try await !has(two, stage)
            }
            let last = try await team.push(Compose.image(one))
            try await stage.gyre.ready(at: last)
            // It came back by the digest of its pin, and has no tag but this one.
            let id = try await stage.container("web-1").image
            try await stage.engine.docker("tag", id, "\(stage.name)-kept:1")
            let end = try await team.push(Compose.web("1.0"))
            try await stage.gyre.ready(at: end)
            try await remains("their images stay", for: .seconds(8), tail: { stage.gyre.tail }) {
                let stays = try await has(mine, stage)
                return try await has("\(stage.name)-kept:1", stage) && stays
            }
            for image in [mine, id] { try await stage.engine.docker("rmi", "-f", image) }
        }
    }
}
