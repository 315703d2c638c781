import OperatorFile
import Foundation
import Model
import Testing

@Suite struct SettingsTests {
    @Test func fillsInDefaults() throws {
        let settings = try settings("projects: {}")
        #expect(settings == Settings())
        #expect(settings.engine == .unix(path: "/var/run/docker.sock"))
        #expect(settings.socket == "/var/lib/gyre/gyre.sock")
        #expect(settings.polling == .seconds(60))
    }

    @Test func anIngressIsWhereSomebodyAsks() throws {
        let short = try settings("projects: {}\ningress: {port: 8700}").ingress
        #expect(short?.address == "127.0.0.1" && short?.port == 8700)
        #expect(short?.drain == .seconds(10))
        let whole = "projects: {}\ningress: {address: 10.0.0.1, port: 80, drain: 1m}"
        var ingress = Settings.Ingress(port: 80)
        ingress.address = "10.0.0.1"
        ingress.drain = .seconds(60)
        #expect(try settings(whole).ingress == ingress)
        for wrong in ["{}", "{port: 0}", "{port: 65536}", "{port: 80, address: \"a b\"}"] {
            #expect(throws: Rejection.self) { try settings("projects: {}\ningress: \(wrong)") }
        }
    }

    private static let wholeFile = """
        x-memory: &memory {default: 256m, maximum: 1GiB}
        controller: east
        state: state
        engine: unix:///run/docker.sock
        polling: 1m30s
        defaults:
          stability: 20s
          after_healthy: 1s
          backoff: {first: 500ms, longest: 1h}
          parallelism: 2
          timeouts: {engine: 1s, pull: 2s, connect: 3s, progress: 4s}
          loading: {memory: 64m, time: 3s}
        projects:
          shop:
            repositories:
              - {url: ../git/shop, branch: 1.0, folder: ./deploy/, polling: 5s}
              - {url: "file:///srv/git/a%20b", stack: search}
            grants:
              mounts:
                - {path: /data/a, access: read-write, shared: false}
                - {path: /data/b}
              registries: [registry.example.org:5000/shop]
              identities: {uids: 40000-49999, gids: [7, 5-6]}
              ports: ["30000-32767", 8080]
              capabilities: [cap_chown, SETUID]
              shared_capabilities: []
              memory: *memory
              pids: {maximum: 1000}
              replicas: 3
              services: 4
        """

    @Test func readsAWholeFile() throws {
        let settings = try settings(
            Self.wholeFile
        )
        #expect(settings.controller == "east")
        #expect(settings.stateDirectory == "/etc/gyre/state")
        #expect(settings.socket == "/etc/gyre/state/gyre.sock")
        #expect(settings.engine == .unix(path: "/run/docker.sock"))
        #expect(settings.defaults.backoffFirst == .milliseconds(500))
        #expect(settings.defaults.backoffLongest == .seconds(3600))
        #expect(settings.defaults.timeouts.progress == .seconds(4))
        #expect(settings.defaults.loading.memory == .mebibytes(64))
        #expect(settings.defaults.loading.time == .seconds(3))
        let shop = try #require(settings.projects["shop"])
        #expect(
            shop.repositories == [
                Settings.Repository(
                    url: try RepositoryURL(parsing: "/etc/gyre/../git/shop"),
                    reference: .branch("1.0"),
                    folder: "deploy",
                    polling: .seconds(5)
                ),
                Settings.Repository(
                    url: try RepositoryURL(parsing: "/srv/git/a b"),
                    stack: "search",
                    polling: .seconds(90)
                ),
            ]
        )
        #expect(
            shop.policy.grants
                == Grants(
                    mounts: [
                        MountGrant(path: "/data/a", isShared: false),
                        MountGrant(path: "/data/b", readOnly: true),
                    ],
                    registries: ["registry.example.org:5000/shop"],
                    uids: [40000...49999],
                    gids: [5...6, 7...7],
                    ports: [8080...8080, 30000...32767],
                    capabilities: ["CHOWN", "SETUID"],
                    sharedCapabilities: [],
                    memory: .init(standard: 256 << 20, maximum: 1 << 30),
                    pids: .init(standard: 512, maximum: 1000),
                    maximumReplicas: 3,
                    maximumServices: 4
                )
        )
        let data = try JSONEncoder().encode(settings)
        #expect(try JSONDecoder().decode(Settings.self, from: data) == settings)
    }

    @Test func saysAllErrorsAtOnceWithTheirPlaces() {
        let text = """
            controler: gyre
            polling: soon
            engine: http://127.0.0.1:2375
            projects:
              shop_a:
                repositories: []
              shop:
                repositories:
                  - {branch: main}
                  - {url: "https://ada:hunter2@example.org/a"}
                  - {url: /a, branch: "a b", folder: ../x, stack: X}
                profile: restrictd
                grants:
                  mounts:
                    - {path: data}
                    - {path: /data/../etc, access: rw, shared: maybe}
                  registries: [https://example.org, busybox]
                  ports: [0, 70000, 5-3, x]
                  capabilities: [CHOWNED, ALL]
                  memory: {default: 512q}
                  replicas: 0
                  identities: 5
              empty:
            """
        #expect(
            places(text) == """
                1:1 unknown-key
                2:10 invalid-value
                3:9 invalid-value
                5:3 invalid-name
                9:9 missing-key
                10:15 invalid-value
                11:27 invalid-value
                11:42 invalid-value
                11:55 invalid-value
                12:14 invalid-value
                15:18 invalid-value
                16:18 invalid-value
                16:40 invalid-value
                16:52 invalid-value
                17:20 invalid-value
                17:41 invalid-value
                18:15 invalid-value
                18:18 invalid-value
                18:25 invalid-value
                18:30 invalid-value
                19:22 invalid-value
                19:31 invalid-value
                20:25 invalid-value
                21:17 invalid-value
                22:19 wrong-type
                23:9 wrong-type
                """
        )
    }

    @Test(arguments: [
        ("controler: a", "the file has no key \"controler\"; did you mean \"controller\"?"),
        ("polling: soon", "\"soon\" is no duration such as 90s or 1m30s"),
        ("polling:", "\"polling\" needs a value (duration)"),
        ("defaults: []", "\"defaults\" needs a mapping, not a list"),
        ("x: 1", "the file has no key \"x\""),
    ])
    func saysWhatIsWrong(_ line: String, _ message: String) {
        let text = findings("projects: {}\n" + line)
        #expect(text.contains("error: \(message) ["), "\(text)")
    }

    @Test(arguments: [
        ("polling:", "write one duration, such as 90s, after the colon"),
        ("polling: [1s]", "write one duration, such as 90s, after the colon"),
        ("state: {a: b}", "write one path, such as /srv/data, after the colon"),
        ("defaults: []", "write keys and values below it; there are after_healthy, backoff"),
        ("registries: r.example.org", "write a list, as [a, b], or each entry on a line of its"),
        ("registries: [{username: a}]", "add it; it takes: host"),
        ("x: 1", "remove it, or write one of controller, defaults, engine"),
    ])
    func saysWhatToWrite(_ line: String, _ fix: String) {
        let text = findings("projects: {}\n" + line)
        #expect(text.contains("  fix: \(fix)"), "\(text)")
        #expect(findings("projects: []").contains("write names of your choice below it"))
    }

    @Test func neverRepeatsAPassword() {
        let text = findings(
            "projects: {a: {repositories: [{url: 'https://ada:hunter2@example.org/a'}]}}"
        )
        #expect(text.contains("\"credentials\""))
        #expect(!text.contains("hunter2"))
    }

    @Test func findsWhatNoSingleValueShows() {
        let text = """
            state: /srv/gyre
            defaults: {backoff: {first: 10s, longest: 5s}}
            projects:
              shop:
                repositories:
                  - {url: /srv/git/a, folder: ., stack: web}
                  - {url: "file:///srv/git/a/", stack: web}
                  - {url: /srv/git/a, branch: dev}
                grants:
                  mounts:
                    - {path: /}
                    - {path: /run}
                    - {path: /srv}
                    - {path: /srv/gyre/mirrors}
                    - {path: /data}
                    - {path: /data}
                  memory: {default: 16g}
                  pids: {default: 10, maximum: 9}
            """
        #expect(
            places(text) == """
                2:21 wrong-order
                7:9 duplicate-repository
                7:44 duplicate-name
                11:18 unsafe-mount
                12:18 unsafe-mount
                13:18 unsafe-mount
                14:18 unsafe-mount
                16:18 duplicate-mount
                17:15 wrong-order
                18:13 wrong-order
                """
        )
    }

    @Test func warnsWithoutRefusing() throws {
        let settings = try settings(
            """
            projects:
              shop:
                repositories: [{url: /srv/git/a}]
                grants:
                  mounts: [{path: /etc/ssl}, {path: /data}, {path: /data/a}]
                  identities: {uids: 0-10}
            """
        )
        #expect(
            settings.warnings.map(\.code) == ["system-mount", "covered-mount", "root-identity"]
        )
        #expect(settings.projects["shop"]?.policy.grants.mounts.count == 3)
    }

    @Test(arguments: ["", "# nothing\n", "[]", "text", "a: 1\n---\nb: 2\n", "projects: [", "{}"])
    func refusesWhatIsNoConfiguration(_ text: String) {
        #expect(!findings(text).isEmpty)
    }
}

private func settings(_ text: String) throws(Rejection) -> Settings {
    try Settings(parsing: Array(text.utf8), directory: "/etc/gyre")
}

/// The errors and warnings that refuse `text`.
private func findings(_ text: String) -> String { rejection(text)?.description ?? "" }

/// The places and codes of what refuses `text`.
private func places(_ text: String) -> String {
    let lines = rejection(text)?.diagnostics.compactMap { finding in
        finding.location.map { "\($0.line):\($0.column) \(finding.code)" }
    }
    return lines?.joined(separator: "\n") ?? ""
}

private func rejection(_ text: String) -> Rejection? {
    do {
        _ = try settings(text)
        return nil
    } catch {
        return error
    }
}
