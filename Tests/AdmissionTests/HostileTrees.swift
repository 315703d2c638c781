import Admission
import Foundation
import Model

/// Trees of a repository that bring a tenant what no line of a service does, by the row of the
/// table of attributes to which they belong.
enum HostileTrees {
    /// One of them.
    struct Tree: Sendable {
        let row: String
        let topics: Set<Rule.Topic>
        let entries: [String: Snapshot.Entry]
    }

    private static let web = "services:\n  web:\n    image: nginx\n"

    static let all: [Tree] =
        bombs + crowds + encodings + names + variables + links + labelFiles

    private static func tree(
        _ row: String,
        _ topics: Set<Rule.Topic>,
        _ text: String,
        _ others: [String: Snapshot.Entry] = [:]
    ) -> Tree {
        Tree(row: row, topics: topics, entries: ["compose.yaml": file(text)].merging(others) { $1 })
    }

    private static func file(_ text: String) -> Snapshot.Entry {
        Snapshot.Entry(fileOf: Array(text.utf8))
    }

    /// Small files that become large ones.
    private static let bombs: [Tree] =
        [(10, 10), (16, 4), (30, 2)].flatMap { depth, breadth in
            ["x-bomb", "services:\n  web:\n    image: nginx\n    x-bomb"].map { key in
                let levels = (1...depth).map { level -> String in
                    let aliases = Array(repeating: "*a\(level - 1)", count: breadth)
                    return "  a\(level): &a\(level) [\(aliases.joined(separator: ", "))]\n"
                }
                let bomb = "x-levels:\n  a0: &a0 [lol]\n\(levels.joined())"
                let end = key.hasPrefix("x") ? "\(key): *a\(depth)\n\(web)" : "\(key): *a\(depth)\n"
                return tree("nested aliases", [.resourceExhaustion], bomb + end)
            }
        }
        + [(10, 7), (2, 24)].flatMap { breadth, depth in
            let lines = (1...depth).map { level in
                "A\(level)=" + String(repeating: "${A\(level - 1)}", count: breadth) + "\n"
            }
            let text = "A0=0123456789\n" + lines.joined()
            let using = web + "    environment: {A: '${A\(depth)}'}\n"
            return [
                tree(
                    "nested variables in .env",
                    [.resourceExhaustion],
                    using,
                    [".env": file(text)]
                ),
                tree(
                    "nested variables in .env",
                    [.resourceExhaustion],
                    web + "    env_file: app.env\n",
                    ["app.env": file(text)]
                ),
                tree(
                    "nested variables in .env",
                    [.resourceExhaustion],
                    "include: [{path: a/b.yaml, env_file: a/v.env}]\n" + web,
                    ["a/b.yaml": file("x-a: '${A\(depth)}'\n"), "a/v.env": file(text)]
                ),
            ]
        }

    /// More than there may be.
    private static let crowds: [Tree] = {
        let services = (0...50).map { "  s\($0): {image: nginx}\n" }.joined()
        let ports = (0...64).map { "'\(30000 + $0):80'" }.joined(separator: ", ")
        let deep = String(repeating: "[", count: 70) + String(repeating: "]", count: 70)
        let loop = web + "include: [b.yaml]\n"
        let row = "huge repo, file, pack"
        return [
            tree(row, [.resourceExhaustion], "services:\n" + services),
            tree(
                row,
                [.resourceExhaustion],
                "include: [b.yaml]\n" + web,
                ["b.yaml": file("services:\n" + services)]
            ),
            tree(row, [.resourceExhaustion], "x-a: \(deep)\n" + web),
            tree(
                row,
                [.resourceExhaustion],
                web + "x-a: \(String(repeating: "y", count: 1 << 20))"
            ),
            tree(
                row,
                [.resourceExhaustion],
                web + "    env_file: big.env\n",
                ["big.env": file("A=" + String(repeating: "y", count: 1 << 20))]
            ),
            tree(row, [.resourceExhaustion], web, ["compose.yaml": .omitted(byteCount: 1 << 40)]),
            tree("ports", [.port], web + "    ports: [\(ports)]\n"),
            tree("ports", [.port], web + "    ports: ['30000-32767:30000-32767']\n"),
            tree(
                "include, extends (local)",
                [.resourceExhaustion],
                loop,
                ["b.yaml": file("include: [compose.yaml]\n")]
            ),
            tree(
                "include, extends (local)",
                [.resourceExhaustion],
                "services: {a: {extends: b, image: nginx}, b: {extends: a}}\n"
            ),
            tree(
                "deploy: replicas, global, reservations",
                [.limits],
                "services:\n"
                    + (0..<2).map { "  s\($0): {image: nginx, deploy: {replicas: 30}}\n" }.joined()
            ),
        ]
    }()

    /// What one reader takes for another text than the next does.
    private static let encodings: [Tree] = {
        let row = "UTF-16, BOM, CRLF, JSON"
        let hostile = web + "    privileged: true\n"
        let wide: [(String.Encoding, Rule.Topic)] = [
            (.utf16, .parserDifferential), (.utf32, .parserDifferential),
            // Without a mark that says so, these are zeros.
            (.utf16LittleEndian, .malformed), (.utf16BigEndian, .malformed),
        ]
        let encoded = wide.map { encoding, topic in
            Tree(
                row: row,
                topics: [topic],
                entries: ["compose.yaml": .file(Array(hostile.data(using: encoding) ?? Data()))]
            )
        }
        let malformed = [
            "services: {web: {image: nginx}, web: {image: nginx, privileged: true}}\n",
            web + "    image: nginx\n", web + "    labels: {a: !!python/name:os.system x}\n",
            web + "    labels: {a: !ruby/object x}\n", web + "    labels: {a: \"x\0y\"}\n",
            "services: [web]\n", "services:\n  web:\n\timage: nginx\n", "--- {\n", "%YAML 9\n---\n",
        ]
        return encoded
            + malformed.map {
                tree("duplicate keys, unknown keys, language tags, NUL", [.malformed], $0)
            }
    }()

    /// Names of services and things, of which names of containers, and commands, are made.
    private static let names: [Tree] = {
        let row = "service name `--privileged`"
        let names = [
            "--privileged", "a b", "a;id", "$$(id)", "../x", "a\\e[31m", "a\\nb",
            "<script>x</script>",
            "w\\u0435b", "\\u202ebew", "a\\u200bb", "", ".x", "-v", "a/b", "a'b", "a`id`",
            "\\uFF57eb",
        ]
        return names.flatMap { name in
            [
                tree(row, [.injection, .malformed], "services: {\"\(name)\": {image: nginx}}\n"),
                tree(row, [.injection, .malformed], web + "volumes: {\"\(name)\": {}}\n"),
                tree(row, [.injection, .malformed], web + "networks: {\"\(name)\": {}}\n"),
                tree(
                    row,
                    [.injection, .malformed],
                    web + "configs: {\"\(name)\": {content: x}}\n"
                ),
                tree(
                    row,
                    [.injection, .malformed],
                    "include: [b.yaml]\n" + web,
                    ["b.yaml": file("services: {\"\(name)\": {image: nginx}}\n")]
                ),
            ]
        }
    }()

    /// Variables that would have another project, or other files.
    private static let variables: [Tree] = {
        let row = ".env, COMPOSE_* in .env"
        let evil = file(web + "    privileged: true\n")
        let lines = [
            "COMPOSE_FILE=evil.yaml", "COMPOSE_FILE=compose.yaml:evil.yaml",
            "COMPOSE_FILE='evil.yaml'",
            "A=evil\nCOMPOSE_FILE=${A}.yaml", "export COMPOSE_FILE=evil.yaml",
            "COMPOSE_PROJECT_NAME=bio", "COMPOSE_PROJECT_NAME='bio'",
            "A=bio\nCOMPOSE_PROJECT_NAME=$A",
        ]
        return lines.map { line in
            tree(
                row,
                [.nameCollision, .privilege],
                web,
                [".env": file(line + "\n"), "evil.yaml": evil]
            )
        } + [
            tree(row, [.privilege], web + "    privileged: ${P}\n", [".env": file("P=true\n")]),
            tree(row, [.nameCollision], "name: ${P}\n" + web, [".env": file("P=bio\n")]),
        ]
    }()

    /// What git has besides files.
    private static let links: [Tree] = {
        let row = "links, submodules, LFS, filters, hooks"
        let mounted = web + "    configs: [c]\nconfigs: {c: {file: sub/x.conf}}\n"
        let pointer = """
            version https://git-lfs.github.com/spec/v1
            oid sha256:\(String(repeating: "a", count: 64))
            size 12

            """
        let escapes = ["/etc/passwd", "../../etc/passwd", "/proc/self/environ", "../x"]
        let readers = [
            ("l", web + "    configs: [c]\nconfigs: {c: {file: l}}\n"),
            ("l", web + "    secrets: [s]\nsecrets: {s: {file: l}}\n"),
            ("l", web + "    env_file: l\n"), ("l", web + "    label_file: [l]\n"),
            ("l", "include: [l]\n" + web), (".env", web), ("compose.yaml", ""),
            ("l", "services: {web: {extends: {file: l, service: x}}}\n"),
            ("l/b", "include: [l/b/c.yaml]\n" + web),
        ]
        let linked = escapes.flatMap { target in
            // From a folder within, the last one leads to a file of the tree.
            readers.filter { $0.0 != "l/b" || target != "../x" }.map { name, text in
                tree(row, [.fileEscape], text, [name: .link(target)])
            }
        }
        return linked + [
            tree(row, [.gitTree], mounted, ["sub": .submodule]),
            tree(row, [.gitTree], "include: [sub/b.yaml]\n" + web, ["sub": .submodule]),
            tree(row, [.gitTree], web + "    env_file: sub/a.env\n", ["sub": .submodule]),
            tree(row, [.gitTree], mounted, ["sub/x.conf": file(pointer)]),
            tree(row, [.gitTree], mounted, ["sub": .link("mod"), "mod": .submodule]),
            tree(row, [.gitTree, .malformed], "", ["compose.yaml": file(pointer)]),
            tree(row, [.fileEscape], web + "    configs: [c]\nconfigs: {c: {file: .git/config}}\n"),
        ]
    }()

    /// Labels that stand in another file.
    private static let labelFiles: [Tree] = [
        ("com.docker.compose.project=bio", Rule.Topic.labelOwnership),
        ("io.gyre.stack=bio", .labelOwnership), ("IO.gyre.stack='bio'", .labelOwnership),
        ("traefik.http.routers.astro.rule=Host(`bio.example.org`)", .labelRouting),
        ("TRAEFIK.http.routers.astro.rule='PathPrefix(`/`)'", .labelRouting),
        ("a=\u{202E}x", .injection), ("a=\"x\\ny\"", .injection),
    ].map { line, topic in
        tree(
            "env_file, label_file",
            [topic],
            web + "    label_file: l.env\n",
            ["l.env": file(line + "\n")]
        )
    }
}
