import Admission
import Foundation
import Model
import OperatorFile
import Reconciliation
import Testing

@testable import gyre

/// Files of a tenant with the grants of `Tests/Fixtures/policy/astro.yaml`.
@Suite struct TenantFileTests {
    static let head = "image: nginx:1.27, mem_limit: 256m, pids_limit: 9"

    /// Each with the class of one finding at least.
    @Test(arguments: [
        ("label-ownership", "services: {web: {\(head), labels: {controller.example.org/a: b}}}"),
        ("label-ownership", service(secrets: "{a: {file: f, labels: {com.docker.stack.x: b}}}")),
        ("env-leak", service(secrets: "{a: {environment: TOKEN}}")),
        ("external-ref", service(secrets: "{a: {file: f, name: bio_a}}")),
        ("injection", service(secrets: "{-a: {file: f}}")),
        ("network", profiled("networks: [n]", "networks: {n: {driver: macvlan}}")),
        (
            "external-ref",
            profiled("networks: [n]", "networks: {n: {external: true, name: bio_web_default}}")
        ),
        ("port", profiled("ports: ['30000-30064:80-144']", "")),
        ("remote-source", "services: {web: {extends: {file: 'git@github.com:x/y', service: a}}}"),
        ("malformed", "services: {web: {\(head), extends: {service: nobody}}}"),
        ("file-escape", "services: {web: {\(head), env_file: .git/config}}"),
        ("file-escape", "services: {web: {\(head), extends: {file: .git/x.yaml, service: a}}}"),
        ("logging", "services: {web: {\(head), logging: {options: {max-size: 100g}}}}"),
        ("git-tree", configured("file: p")), ("git-tree", service(secrets: "{a: {file: p}}")),
        ("git-tree", "services: {web: {\(head), env_file: p}}"),
        ("git-tree", "services: {web: {\(head), volumes: ['./p:/p:ro']}}"),
        ("git-tree", "services: {web: {\(head), extends: {file: p, service: a}}}"),
        ("injection", configured("file: f, name: 'astro_;id'")),
        ("injection", service(secrets: "{a: {file: f, name: 'astro_a b'}}")),
        ("malformed", "services: {web: {\(head), command: !!python/object/apply:os.system [id]}}"),
        ("malformed", "services: {web: {\(head), labels: {a: !env HOME}}}"),
        ("malformed", "services: {web: {\(head), healthcheck: {tests: [CMD, a]}}}"),
        ("malformed", "services: {web: {\(head), deploy: {foo: 1}}}"),
        ("file-escape", "services: {web: {\(head), env_file: ~/.bashrc}}"),
        ("file-escape", "services: {web: {\(head), extends: {file: ~/x, service: a}}}"),
        ("file-escape", configured("file: .GIT/config")),
        ("network", addressed("gateway: 10.1.1.1")),
        ("network", addressed("aux_addresses: {h: 10.1.1.1}")),
        ("bind-option", bound("cached")), ("bind-option", bound("noexec")),
        ("bind-option", bound("ro,rprivate")), ("bind-option", bound("rw,nocopy")),
        ("bind-option", bound("bogus")), ("bind-option", bound("consistency: cached")),
        ("bind-option", bound("bind: {propagation: rprivate}")),
        ("bind-option", bound("bind: {recursive: enabled}")),
        ("namespace", "services: {web: {\(head), cgroup: private}}"),
        ("sysctl", "services: {web: {\(head), sysctls: {net.ipv4.tcp_fin_timeout: \"1\\n2\"}}}"),
        ("limits", "services: {web: {\(head), stop_grace_period: 61m}}"),
        ("label-routing", routed("Host(`astro.example.org`, `bio.example.org`)")),
    ])
    func isDenied(class: String, file: String) async throws {
        let answer = try await check(["compose.yaml": file])
        #expect(answer.verdict == .deny)
        #expect(answer.findings.contains { $0.class == `class` }, "\(answer.findings)")
    }

    @Test(arguments: [
        "services: {web: {\(head), memswap_limit: 0}}",
        "services: {web: {\(head), mem_swappiness: 0}}",
        "services: {web: {\(head), use_api_socket: false}}",
        "services: {web: {\(head), logging: {options: {tag: '{{.Name}}', max-size: 10m}}}}",
        service(secrets: "{a: {file: f, name: astro_b}}"),
        addressed("gateway: 172.28.1.1, aux_addresses: {h: 172.28.1.9}"),
        "services: {web: {\(head), command: !!seq [!!str a], labels: {a: !!int 1}}}",
        profiled("networks: [n]", "networks: {n: {}}"),
        "services: {web: {\(head), ipc: none, stop_grace_period: 1h}}",
        "services: {web: {\(head), security_opt: ['no-new-privileges:True']}}",
        "services: {web: {\(head), security_opt: ['no-new-privileges=1']}}",
        "services: {web: {\(head), tmpfs: ['/t:size=1m,nr_inodes=10k']}}",
        routed("Host(`astro.example.org`, `www.astro.example.org`)"),
        bound("ro"), bound("rw"), bound("read_only: true"), bound("bind: {}"),
    ])
    func isAllowed(file: String) async throws {
        let answer = try await check(["compose.yaml": file])
        #expect(answer.verdict == .allow, "\(answer.findings.map(\.message))")
    }

    @Test func servicesThatProfilesLeaveOutCount() async throws {
        let many = (0..<50).map { "  s\($0): {\(Self.head), profiles: [x]}" }
        let file = "services:\n  web: {\(Self.head)}\n\(many.joined(separator: "\n"))\n"
        let answer = try await check(["compose.yaml": file])
        #expect(answer.findings.map(\.rule) == ["service-count"])
    }

    /// Before variables and aliases are expanded, and after.
    @Test(arguments: [false, true])
    func inputIsBounded(isExpanded: Bool) async throws {
        let text = String(repeating: "x", count: isExpanded ? 60_000 : 600_000)
        let values = (0..<20).map { "      V\($0): \(isExpanded ? "$A" : "y")" }
        let file = """
            x-a: "\(isExpanded ? "" : text)"
            include: [other.yaml]
            services:
              web:
                image: nginx:1.27
                environment:
            \(values.joined(separator: "\n"))
            """
        let answer = try await check([
            "compose.yaml": file, ".env": "A=\(isExpanded ? text : "")\n",
            "other.yaml": "x-b: \"\(isExpanded ? "" : text)\"\nservices: {b: {image: redis}}\n",
        ])
        #expect(answer.findings.map(\.rule) == ["input-size"])
        #expect(answer.findings.first?.class == "resource-exhaustion")
    }

    /// A file that reviewers take for the stack must be the one that is read.
    @Test(arguments: [
        ("COMPOSE_FILE=clean.yaml", true),
        ("COMPOSE_FILE=compose.yaml", false),
        ("COMPOSE_FILE=", false),
        ("COMPOSE_FILE=c", true),
        ("COMPOSE_FILE=compose.yaml\nCOMPOSE_PATH_SEPARATOR=o", true),
        ("COMPOSE_FILE=compose.yaml:compose.override.yaml", false),
        ("COMPOSE_FILE=compose.yaml:clean.yaml", true),
    ])
    func theComposeFileIsTheOneThatIsRead(variables: String, isDenied: Bool) async throws {
        let file = "services: {web: {\(Self.head)}}"
        let answer = try await check([
            "compose.yaml": file, "clean.yaml": file, "c": file, "mp": file, "se.yaml": file,
            "compose.override.yaml": file, ".env": "\(variables)\n",
        ])
        #expect(answer.findings.map(\.rule) == (isDenied ? ["entry-file"] : []))
    }

    /// Nor another of the names that Compose would look for by itself.
    @Test func theFirstComposeFileIsTheOneThatIsRead() async throws {
        let file = "services: {web: {\(Self.head)}}"
        let answer = try await check([
            "compose.yaml": file, "docker-compose.yml": file,
            ".env": "COMPOSE_FILE=docker-compose.yml\n",
        ])
        #expect(answer.findings.map(\.rule) == ["entry-file"])
    }

    /// Aliases of aliases, in few bytes; what they stand for once is nobody's burden.
    @Test(arguments: [(3, false), (4, true), (5, true)])
    func aliasesAreBounded(levels: Int, isDenied: Bool) async throws {
        var file = "x-0: &a0 [a, a, a, a, a, a, a, a, a, a]\n"
        for level in 1..<levels {
            let ten = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
            file += "x-\(level): &a\(level) [\(ten)]\n"
        }
        let answer = try await check(["compose.yaml": file + "services: {web: {\(Self.head)}}\n"])
        #expect(answer.findings.map(\.rule) == (isDenied ? ["input-size"] : []))
    }

    /// What no commit holds is no file that is missing.
    @Test func linksIntoGitLeadOutside() async throws {
        let file = "services: {web: {\(Self.head), configs: [a]}}\nconfigs: {a: {file: link}}\n"
        for target in [".git/config", "./.GIT/HEAD"] {
            let answer = try await check(["compose.yaml": file], links: ["link": target])
            #expect(answer.findings.map(\.class) == ["file-escape"])
        }
    }

    @Test(arguments: ["path = mod", "path = mod/", "path=\"mod\"", "path = ./mod"])
    func submodulesAreTold(line: String) async throws {
        let answer = try await check([
            "compose.yaml": Self.configured("file: mod/f"),
            ".gitmodules": "[submodule \"m\"]\n\t\(line)\n\turl = https://example.org/x\n",
        ])
        #expect(answer.findings.map(\.class) == ["git-tree"])
    }

    private static func bound(_ options: String) -> String {
        let mount =
            options.contains(":")
            ? "{type: bind, source: /global/astro/d, target: /d, \(options)}"
            : "'/global/astro/d:/d:\(options)'"
        return "services: {web: {\(head), user: '41000:5000', volumes: [\(mount)]}}"
    }

    private static func routed(_ rule: String) -> String {
        "services: {web: {\(head), labels: {traefik.http.routers.astro.rule: '\(rule)'}}}"
    }

    private static func service(secrets: String) -> String {
        "services: {web: {\(head), secrets: [a]}}\nsecrets: \(secrets)\n"
            .replacing("[a]", with: secrets.contains("{-a") ? "[-a]" : "[a]")
    }

    private static func configured(_ config: String) -> String {
        "services: {web: {\(head), configs: [a]}}\nconfigs: {a: {\(config)}}\n"
    }

    private static func addressed(_ pool: String) -> String {
        "services: {web: {\(head), networks: [n]}}\n"
            + "networks: {n: {ipam: {config: [{subnet: 172.28.1.0/24, \(pool)}]}}}\n"
    }

    /// A service that a profile leaves out, beside one that runs.
    private static func profiled(_ attribute: String, _ top: String) -> String {
        "services: {web: {\(head)}, b: {\(head), profiles: [x], \(attribute)}}\n\(top)\n"
    }

    private func check(
        _ files: [String: String],
        links: [String: String] = [:]
    ) async throws -> PolicyAnswer {
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent()
        let fixture = root.appending(path: "Fixtures/policy/astro.yaml")
        let settings = try Settings(
            parsing: Array(Data(contentsOf: fixture)),
            directory: "/etc/gyre"
        )
        let project = try #require(settings.projects["astro"])
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for (name, text) in files.merging(
            [
                ".env": "TOKEN=x", "f": "x",
                "p": "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n",
            ],
            uniquingKeysWith: { a, _ in a }
        ) {
            let file = folder.appending(path: name)
            try text.write(to: file, atomically: true, encoding: .utf8)
        }
        for (name, target) in links {
            let link = folder.appending(path: name).path()
            try FileManager.default.createSymbolicLink(
                atPath: link,
                withDestinationPath: target
            )
        }
        return try await PolicyAnswer(
            of: folder.path(),
            StackID(project: "astro", stack: "astro"),
            under: Policy(project.policy),
            loading: LoadingHere()
        )
    }
}
