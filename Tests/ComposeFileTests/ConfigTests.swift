import ComposeFile
import Model
import Testing

/// Configs and secrets of services.
@Suite struct ConfigTests {
    private func stack(_ service: String, _ top: String, _ files: [String: String]) throws -> Stack
    {
        let text = "services:\n  s:\n    image: i\n    \(service)\n\(top)"
        return try Sample(text, files).load()
    }

    private func mounts(
        _ service: String,
        _ top: String,
        _ files: [String: String] = [:]
    ) throws -> [Mount] {
        try #require(try stack(service, top, files).services["s"]).volumes
    }

    private func content(_ mount: Mount?) -> Content? {
        if case .content(let content)? = mount?.source { content } else { nil }
    }

    /// Where a service sees them, by the forms of the specification.
    @Test(arguments: [
        ("configs: [c]", "/c", Content.Attributes()),
        ("configs: [{source: c, target: /etc/c.conf}]", "/etc/c.conf", .init()),
        ("configs: [{source: c, target: etc/c}]", "/etc/c", .init()),
        ("secrets: [c]", "/run/secrets/c", .init()),
        ("secrets: [{source: c, target: other}]", "/run/secrets/other", .init()),
        ("secrets: [{source: c, target: /abs/p}]", "/abs/p", .init()),
        (
            "secrets: [{source: c, uid: \"1000\", gid: \"50\", mode: 0400}]", "/run/secrets/c",
            .init(user: 1000, group: 50, mode: 0o400)
        ),
        ("configs: [{source: c, mode: \"0440\"}]", "/c", .init(mode: 0o440)),
    ])
    func places(service: String, target: String, attributes: Content.Attributes) throws {
        let top = "configs: {c: {file: ./c.txt}}\nsecrets: {c: {file: ./c.txt}}"
        let mount = try #require(try mounts(service, top, ["c.txt": "x"]).first)
        let isReadOnly = mount.readOnly
        #expect(mount.target == target && isReadOnly)
        #expect(content(mount)?.attributes == attributes)
    }

    @Test func whatTheyHoldIsAFileATextOrAVariable() throws {
        let top = """
            configs:
              a: {file: ./a.txt}
              b: {content: "port $PORT"}
              c: {environment: TOKEN}
            secrets: {d: {environment: TOKEN}}
            """
        let files = ["a.txt": "x", ".env": "PORT=80\nTOKEN=hush\n"]
        let stack = try stack("configs: [a, b, c]\n    secrets: [d]", top, files)
        #expect(stack.texts["config a"] == nil)
        #expect(stack.texts["config b"]?.text == "port 80")
        #expect(stack.texts["config c"]?.text == "hush")
        #expect(stack.texts["secret d"]?.text == "hush")
        #expect(!"\(stack)".contains("hush") && !String(reflecting: stack).contains("hush"))
    }

    /// A secret's digest says nothing to those who don't have the key.
    @Test func digestsOfSecretsHaveAKey() throws {
        let text = "services: {s: {image: i, secrets: [d]}}\nsecrets: {d: {file: ./d}}"
        let files = ["d": "1234"]
        let sample = Sample(text, files)
        let one = content(try sample.load(key: ContentKey([1])).services["s"]?.volumes.first)
        let two = content(try sample.load(key: ContentKey([2])).services["s"]?.volumes.first)
        let again = content(try sample.load(key: ContentKey([1])).services["s"]?.volumes.first)
        #expect(one?.isSecret == true && one?.digest == again?.digest)
        #expect(one?.digest != two?.digest)
        let plain = try ContentArchive(file: Array("1234".utf8), .init(), isSecret: true).digest
        #expect(one?.digest != plain && two?.digest != plain)
    }

    @Test(arguments: [
        ("configs: [c]", "configs: {c: {file: ./none}}", "5:21 error unreadable-content"),
        ("configs: [c]", "configs: {c: {file: /etc/passwd}}", "5:21 error content-of-node"),
        ("secrets: [c]", "secrets: {c: {environment: NONE}}", "5:28 error required-variable"),
        ("secrets: [c]", "secrets: {c: {external: true}}", "5:25 warning needs-swarm"),
        (
            "secrets: [{source: c, uid: me}]", "secrets: {c: {file: ./f}}",
            "4:32 error invalid-value"
        ),
        (
            "secrets: [{source: c, mode: 04755}]", "secrets: {c: {file: ./f}}",
            "4:33 error invalid-value"
        ),
        (
            "configs: [c]", "configs: {c: {file: ./f, template_driver: golang}}",
            "5:26 error not-supported"
        ),
        ("configs: [c]", "configs: {c: {content: x}}", ""),
    ])
    func findings(service: String, top: String, expected: String) {
        let text = "services:\n  s:\n    image: i\n    \(service)\n\(top)"
        #expect(Sample(text, ["f": "1"]).findings().joined(separator: "|") == expected)
    }
}
