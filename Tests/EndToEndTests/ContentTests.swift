import Testing
import Transport

/// Files of the repository that services mount, on a real engine.
@Suite(.onEngine, .timeLimit(.minutes(15)))
struct ContentTests {
    /// A server of a file and a folder, and a service that mounts neither.
    private static func compose(_ port: Int) -> String {
        """
        services:
          web:
            image: httpd:2.4
            stop_grace_period: 2s
            ports: ["\(port):80"]
            volumes:
              - ./index.html:/var/www/html/index.html:ro
              - ./site:/var/www/html/site:ro
          shared:
            image: web:1.0
            stop_grace_period: 2s
            volumes: ["./site:/site:ro"]
          other:
            image: web:1.0
            stop_grace_period: 2s
        """
    }

    private static func files(_ port: Int, page: String, more: String = "1") -> [String: String] {
        [
            "compose.yaml": compose(port), "index.html": page, "site/more.txt": more,
            "site/deep/er/x.txt": "deeper", "README.md": page,
        ]
    }

    private func page(_ stage: Stage, _ port: Int, _ path: String) async throws -> String {
        let client = try HTTPClient(connections: 1)
        let url = "http://\(stage.testbed.host):\(port)\(path)"
        return String(decoding: try await client.send(HTTPRequest("GET", url)).body, as: UTF8.self)
    }

    private func volumes(_ stage: Stage) async throws -> [String] {
        try await stage.engine.volumes(labelled: stage.label).map(\.name).sorted()
    }

    @Test func `files are served, and a change remakes who mounts them`() async throws {
        try await Stage.run("files") { stage in
            let port = 30_417
            let team = try await stage.team(grants: "{ports: [\(port)]}")
            let first = try await team.push(ContentTests.files(port, page: "one"))
            try await stage.gyre.start()
            try await stage.gyre.ready(at: first)
            #expect(try await page(stage, port, "/") == "one")
            #expect(try await page(stage, port, "/site/more.txt") == "1")
            #expect(try await page(stage, port, "/site/deep/er/x.txt") == "deeper")
            #expect(
                try await stage.containers().map(\.service).sorted() == ["other", "shared", "web"]
            )
            #expect(try await volumes(stage).count == 2)
            #expect(try await stage.gyre.plan().isEmpty)
            let web = try await stage.container("web-1").id
            let (shared, other) = try await (
                stage.container("shared-1").id, stage.container("other-1").id
            )

            let second = try await team.push(ContentTests.files(port, page: "two"))
            try await stage.gyre.ready(at: second)
            #expect(try await page(stage, port, "/") == "two")
            #expect(try await stage.container("web-1").id != web)
            #expect(
                try await stage.container("shared-1").id == shared,
                "it mounts the folder alone"
            )
            #expect(try await stage.container("other-1").id == other)
            #expect(try await volumes(stage).count == 2, "the old one is gone")

            let third = try await team.push(ContentTests.files(port, page: "two", more: "3"))
            try await stage.gyre.ready(at: third)
            #expect(try await page(stage, port, "/site/more.txt") == "3")
            #expect(try await stage.container("shared-1").id != shared)
            #expect(try await stage.container("other-1").id == other)

            let back = try await team.revert()
            try await stage.gyre.ready(at: back)
            #expect(try await page(stage, port, "/site/more.txt") == "1")
            #expect(try await stage.gyre.plan().isEmpty)
        }
    }

    @Test func `nobody can write them, not even root`() async throws {
        try await Stage.run("written") { stage in
            let team = try await stage.team()
            let compose = Compose.web(
                "1.0",
                Compose.line("volumes: [\"./d:/d:ro\", \"./f:/f:ro\"]")
            )
            let commit = try await team.push(["compose.yaml": compose, "d/x": "x", "f": "f"])
            try await stage.gyre.start()
            try await stage.gyre.ready(at: commit)
            let name = try await stage.container("web-1").name
            let out = try await stage.engine.docker("exec", "-u", "0", name, "cat", "/f", "/d/x")
            #expect(out == "fx")
            for path in ["/f", "/d/x", "/d/new"] {
                await #expect(throws: (any Error).self) {
                    try await stage.engine.docker(
                        "exec",
                        "-u",
                        "0",
                        name,
                        "sh",
                        "-c",
                        "echo no > \(path)"
                    )
                }
            }
        }
    }

    static let refused: [(name: String, mount: String, kind: String, code: String)] = [
        ("writable", "./d:/d", "invalid", "bind-of-repository-writable"),
        ("missing", "./none:/d:ro", "invalid", "bind-of-repository-file"),
        ("climbing", "../../d:/d:ro", "denied", "bind-form"),
        ("large", "./large:/d:ro", "invalid", "lfs-pointer"),
    ]

    @Test(arguments: refused.map(\.name))
    func `what can't be mounted is refused with its place`(_ name: String) async throws {
        let refused = try #require(ContentTests.refused.first { $0.name == name })
        try await Stage.run(name) { stage in
            let team = try await stage.team()
            _ = try await stage.deploy(Compose.web("1.0"), to: team)
            let compose = Compose.web("1.0", Compose.line("volumes: [\"\(refused.mount)\"]"))
            let pointer = """
                version https://git-lfs.github.com/spec/v1
                oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393
                size 12345

                """
            _ = try await team.push(["compose.yaml": compose, "d/x": "x", "large": pointer])
            let problem = try await stage.gyre.problem(refused.kind)
            let finding = problem.diagnostics.first { $0.code == refused.code }
            #expect(finding?.location?.line == 5, "\(problem)")
        }
    }

    /// Another team that knows the name of a content, and the path it has on the node.
    @Test func `another tenant gets at none of it`() async throws {
        try await Stage.run("theirs") { stage in
            let (ours, theirs) = try await (
                Team(named: "ours", in: stage.folder), Team(named: "theirs", in: stage.folder)
            )
            let (mine, other) = (stage.name, "o\(stage.name)")
            try stage.configure(
                [stage.project(mine, ours), stage.project(other, theirs)].joined(separator: "\n")
            )
            let compose = Compose.web("1.0", Compose.line("volumes: [\"./f:/f:ro\"]"))
            let commit = try await ours.push(["compose.yaml": compose, "f": "secret of ours"])
            try await theirs.push(Compose.web("1.0"))
            try await stage.gyre.start()
            try await stage.gyre.ready(at: commit, mine)
            let volume = try #require(try await volumes(stage).first)
            let path = try await stage.engine.docker(
                "volume",
                "inspect",
                "-f",
                "{{.Mountpoint}}",
                volume
            ).prefix { !$0.isWhitespace }
            for mount in ["\(path)/content:/f:ro", "\(path):/f:ro"] {
                try await theirs.push(
                    Compose.web("1.0", Compose.line("volumes: [\"\(mount)\"]")),
                    "Bind \(mount)"
                )
                let head = try await theirs.head()
                try await stage.gyre.until("\(mount) is denied") {
                    let stack = try $0.stack(other)
                    return stack.head?.id == head && stack.has("denied")
                }
            }
            try await theirs.push(
                Compose.web("1.0", Compose.line("volumes: [\"vol:/f:ro\"]"))
                    + "\nvolumes: {vol: {name: \"\(volume)\"}}"
            )
            let head = try await theirs.head()
            try await stage.gyre.until("\(volume) is denied") {
                let stack = try $0.stack(other)
                return stack.head?.id == head && stack.has("denied")
            }
        }
    }

    /// The engine forgets a content while nothing runs of it; Gyre ships it again.
    @Test func `a content that is lost is shipped again`() async throws {
        try await Stage.run("lost") { stage in
            let team = try await stage.team()
            let compose = Compose.web("1.0", Compose.line("volumes: [\"./f:/f:ro\"]"))
            let commit = try await team.push(["compose.yaml": compose, "f": "here"])
            try await stage.gyre.start()
            try await stage.gyre.ready(at: commit)
            try await stage.gyre.stop()
            let name = try await stage.container("web-1").name
            let volume = try #require(try await volumes(stage).first)
            try await stage.engine.docker("rm", "-f", name)
            try await stage.engine.docker("volume", "rm", volume)
            try await stage.gyre.start()
            try await stage.gyre.ready(at: commit)
            #expect(try await stage.engine.docker("exec", name, "cat", "/f") == "here")
        }
    }

    /// It goes with its stack, where data stays.
    @Test func `contents go with their stack`() async throws {
        try await Stage.run("gone") { stage in
            let team = try await stage.team()
            let mounts = "volumes: [\"./f:/f:ro\", \"data:/data\"]"
            let compose = Compose.web("1.0", Compose.line(mounts)) + "\nvolumes: {data: {}}"
            let commit = try await team.push(["compose.yaml": compose, "f": "x"])
            try await stage.gyre.start()
            try await stage.gyre.ready(at: commit)
            try await team.push(["README.md": "no more"], "Away\n\nGyre-Remove: \(stage.name)")
            try await eventually("only the data is left", tail: { stage.gyre.tail }) {
                let left = try await volumes(stage)
                return try await stage.containers().isEmpty && left == ["\(stage.name)_data"]
            }
        }
    }
}
