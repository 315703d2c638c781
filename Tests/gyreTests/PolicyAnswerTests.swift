import Admission
import Foundation
import Model
import Reconciliation
import Testing

@testable import gyre

/// The verdicts of `gyre policy check` on folders of the disk.
@Suite struct PolicyAnswerTests {
    @Test func aHarmlessFileIsAllowedWithWhatPolicyFillsIn() async throws {
        let answer = try await check(["compose.yaml": "services: {web: {image: httpd}}"])
        #expect(answer.verdict == .mutate)
        #expect(answer.mutations.contains { $0.path.hasPrefix("services.web") })
        let json = try JSON(parsing: Output.json(answer).utf8)
        #expect(json["verdict"] == "mutate")
        #expect(json["findings"] == [])
    }

    @Test func aDenialNamesRuleAndPlace() async throws {
        let file = "services:\n  web:\n    image: httpd\n    privileged: true\n"
        let answer = try await check(["compose.yaml": file])
        #expect(answer.verdict == .deny)
        let finding = try #require(answer.findings.first { $0.rule == "privileged" })
        #expect(finding.class == "privilege")
        #expect((finding.path, finding.line) == ("compose.yaml", 4))
        #expect(finding.field == "services.web.privileged")
        #expect(finding.fix?.isEmpty == false)
    }

    @Test(arguments: ["services: [", "", "services: {web: {image: httpd, bogus: 1}}"])
    func whatCannotBeLoadedIsDenied(text: String) async throws {
        let answer = try await check(["compose.yaml": text])
        #expect(answer.verdict == .deny)
        #expect(answer.findings.first?.class == "malformed")
    }

    @Test(arguments: [
        ("git-tree", "services: {web: {image: httpd, configs: [c]}}\nconfigs: {c: {file: a/b/c}}"),
        ("git-tree", "include: [a/b/compose.yaml]"),
        ("remote-source", "include: ['ext::sh -c true']"),
    ])
    func whatLiesInAnotherRepositoryIsDenied(class: String, text: String) async throws {
        let answer = try await check([
            "compose.yaml": text + "\n", "a/b/c": "checked out by hand",
            "a/b/compose.yaml": "services: {web: {image: httpd}}",
            ".gitmodules": "[submodule \"b\"]\n\tpath = a/b\n\turl = ../other.git\n",
        ])
        #expect(answer.verdict == .deny)
        #expect(answer.findings.contains { $0.class == `class` })
    }

    @Test func aFolderWithoutAComposeFileIsDenied() async throws {
        let answer = try await check(["other": "x"])
        #expect(answer.verdict == .deny)
        #expect(answer.findings.allSatisfy { $0.path == "compose.yaml" && $0.line == 1 })
    }

    @Test func numbersAreNumbers() async throws {
        var tenant = TenantPolicy()
        for (cpus, number) in [(2_000_000_000, JSON.int(2)), (500_000_000, .double(0.5))] {
            tenant.grants.standardCPUs = Int64(cpus)
            let answer = try await check(
                ["compose.yaml": "services: {web: {image: httpd}}"],
                under: tenant
            )
            let changes = try JSON(parsing: Array(JSONEncoder().encode(answer)))["mutations"]
            let filled = changes?.arrayValue?.first { change in
                change["path"]?.stringValue?.hasSuffix("limits.cpus") == true
            }
            #expect(filled?["to"] == number)
        }
    }

    /// What no loader comes to an end with is denied, at the file that it began with.
    @Test func whatKillsItsLoaderIsDeniedAtItsFile() async throws {
        struct Dying: StackLoading {
            var version: String { "1" }

            func load(
                _ request: LoadRequest,
                key: ContentKey,
                within limits: LoadingLimits
            ) async throws -> StackReading { throw GivenUp("it crashed", fix: "report it") }

            func tenantFile(
                _ bytes: [UInt8],
                at path: String,
                of project: String,
                within limits: LoadingLimits
            ) async throws -> TenantFile { throw GivenUp("it crashed", fix: "report it") }
        }
        let answer = try await inFolder(["docker-compose.yml": "services: {}\n"]) { folder in
            let id = try StackID(project: "shop", stack: "shop")
            let policy = Policy(TenantPolicy())
            return try await PolicyAnswer(of: folder, id, under: policy, loading: Dying())
        }
        #expect(answer.verdict == .deny)
        let finding = try #require(answer.findings.first)
        #expect(finding.class == "resource-exhaustion" && finding.fix == "report it")
        #expect(finding.path == "docker-compose.yml" && finding.line == 1 && finding.column == 1)
    }

    /// A link may lead to a file of the folder, and nowhere else.
    @Test func linksLeadNowhereOutside() async throws {
        let inside = try await check(["real.yaml": "services: {web: {image: httpd}}"]) { folder in
            try FileManager.default.createSymbolicLink(
                atPath: folder + "/compose.yaml",
                withDestinationPath: "real.yaml"
            )
        }
        #expect(inside.verdict == .mutate)
        let outside = try await check(["x": ""]) { folder in
            try FileManager.default.createSymbolicLink(
                atPath: folder + "/compose.yaml",
                withDestinationPath: "/etc/hostname"
            )
        }
        #expect(outside.verdict == .deny)
    }

    /// Whichever project will have it, and beside what can't be loaded.
    @Test(arguments: [("", "denied by any policy"), ("imgae: x", "can't be loaded")])
    func whatNoPolicyAllowsIsInvalid(line: String, summary: String) async throws {
        let file = "services:\n  web:\n    image: a:1\n    volumes: [/a/../b:/c]\n    \(line)\n"
        try await inFolder(["compose.yaml": file]) { folder in
            let checked = try #require(
                try await ValidateCommand.check(folder, loading: LoadingHere()).first
            )
            #expect(!checked.isValid && checked.summary == summary)
            #expect(checked.findings.map(\.rule).contains("bind-form"))
        }
    }

    /// What runs a stack decides how its files are read.
    @Test func aSwarmsFilesAreReadAsForASwarm() async throws {
        let file = "services:\n  web:\n    image: a:1\n    container_name: shop\n"
        try await inFolder(["compose.yaml": file]) { folder in
            func rules(_ isForSwarm: Bool) async throws -> [[String]] {
                let id = try StackID(project: "shop", stack: "shop")
                let judged = try await PolicyAnswer(
                    of: folder,
                    id,
                    under: Policy(TenantPolicy()),
                    loading: LoadingHere(),
                    isForSwarm: isForSwarm
                )
                let checked = try await ValidateCommand.check(
                    folder,
                    loading: LoadingHere(),
                    isForSwarm: isForSwarm
                )
                return [judged.findings.map(\.rule), checked.flatMap { $0.findings.map(\.rule) }]
            }
            let (engine, swarm) = (try await rules(false), try await rules(true))
            #expect(engine.allSatisfy { !$0.contains("not-for-swarm") })
            #expect(swarm.allSatisfy { $0.contains("not-for-swarm") })
        }
    }

    @Test func aMissingFolderIsWrongUsage() async throws {
        let id = try StackID(project: "shop", stack: "shop")
        await #expect(throws: Failure.self) {
            try await PolicyAnswer(
                of: "/nowhere/at/all",
                id,
                under: Policy(TenantPolicy()),
                loading: LoadingHere()
            )
        }
    }

    /// As a code host reads it: paths from the repository's root, rules by their place in a list.
    @Test func aLogForCodeHostsNamesRulesAndPlaces() async throws {
        let file = "services:\n  web:\n    image: httpd\n    privileged: true\n"
        let denied = try await check(["compose.yaml": file])
        let log = SARIF(denied, in: "./deploy dir/").json
        #expect(log["version"] == "2.1.0")
        let run = try #require(log["runs"]?.arrayValue?.first)
        let found = try #require(run["results"]?.arrayValue)
        #expect(found.count == denied.findings.count)
        let result = try #require(found.first { $0["ruleId"] == "privileged" })
        #expect(result["level"] == "error")
        #expect(place(result)?["artifactLocation"]?["uri"] == "deploy%20dir/compose.yaml")
        #expect(place(result)?["region"] == ["startLine": 4, "startColumn": 17])
        let rules = try #require(run["tool"]?["driver"]?["rules"]?.arrayValue)
        for result in found {
            let index = try #require(result["ruleIndex"]?.intValue)
            #expect(rules[Int(index)]["id"] == result["ruleId"])
        }

        let filled = try await check(["compose.yaml": "services: {web: {image: httpd}}"])
        let notes = results(filled, in: ".")
        #expect(notes.count == filled.mutations.count && !notes.isEmpty)
        #expect(notes.allSatisfy { $0["level"] == "note" })
        let files = notes.map { place($0)?["artifactLocation"]?["uri"] }
        #expect(files.allSatisfy { $0 == "compose.yaml" })
    }

    /// Code hosts take URLs alone, and teams don't have Gyre's pages beside their files.
    @Test func findingsHaveLinks() async throws {
        let file = "services:\n  web:\n    image: httpd\n    imgae: x\n    privileged: true\n"
        var answer = try await check(["compose.yaml": file])
        let silent = try JSON(parsing: Array(JSONEncoder().encode(answer)))
        #expect(silent["docs"]?["privileged"] == "Docs/Policy.md#privileged")
        let pages = "see Docs/Diagnostics.md#unknown-attribute\n    Docs/Policy.md#privileged\n"
        #expect(answer.text(.plain).contains(pages))
        let bare = SARIF(answer, in: ".").json["runs"]?.arrayValue?.first
        #expect(
            bare?["tool"]?["driver"]?["rules"]?.arrayValue?.allSatisfy { $0["helpUri"] == nil }
                == true
        )
        answer.docs = DocumentLinks(folder: "https://example.org/docs/")
        let json = try JSON(parsing: Array(JSONEncoder().encode(answer)))
        #expect(json["docs"]?["privileged"] == "https://example.org/docs/Policy.md#privileged")
        #expect(
            json["docs"]?["unknown-attribute"]
                == "https://example.org/docs/Diagnostics.md#unknown-attribute"
        )
        #expect(answer.text(.plain).contains(" https://example.org/docs/Policy.md#privileged\n"))
        let run = SARIF(answer, in: ".").json["runs"]?.arrayValue?.first
        let rules = run?["tool"]?["driver"]?["rules"]?.arrayValue ?? []
        #expect(
            rules.count == 2
                && rules.allSatisfy { $0["helpUri"] == json["docs"]?[$0["id"]?.stringValue ?? ""] }
        )
    }

    @Test(arguments: [
        ("/srv/x/", "file:///srv/x/compose.yaml"), ("/", "file:///compose.yaml"),
        ("a/./b", "a/./b/compose.yaml"), ("./", "compose.yaml"), ("ä", "%C3%A4/compose.yaml"),
        ("a/..", "compose.yaml"), ("../a", "../a/compose.yaml"),
    ])
    func pathsAreReferences(folder: String, uri: String) async throws {
        let answer = try await check(["compose.yaml": "services: ["])
        let found = place(results(answer, in: folder).first)?["artifactLocation"]?["uri"]
        #expect(found == .string(uri))
    }

    /// A code host refuses what is of no file.
    @Test func whatHasNoPlaceIsAtTheFileThatAllBeginsWith() async throws {
        let empty = try await check([:])
        #expect(empty.verdict == .deny && empty.findings.allSatisfy { $0.path == "compose.yaml" })
        for (folder, uri) in [("a", "a/compose.yaml"), (".", "compose.yaml")] {
            let found = results(empty, in: folder)
            #expect(!found.isEmpty)
            for result in found {
                let place = place(result)
                #expect(place?["artifactLocation"]?["uri"] == .string(uri))
                #expect(place?["region"]?["startLine"] == 1)
            }
        }
    }

    private func results(_ answer: PolicyAnswer, in folder: String) -> [JSON] {
        let runs = SARIF(answer, in: folder).json["runs"]?.arrayValue
        return runs?.first?["results"]?.arrayValue ?? []
    }

    private func place(_ result: JSON?) -> JSON? {
        result?["locations"]?.arrayValue?.first?["physicalLocation"]
    }

    private func check(
        _ files: [String: String],
        under tenant: TenantPolicy = TenantPolicy(),
        _ prepare: (String) throws -> Void = { _ in }
    ) async throws -> PolicyAnswer {
        try await inFolder(files) { folder in
            try prepare(folder)
            let id = try StackID(project: "shop", stack: "shop")
            return try await PolicyAnswer(
                of: folder,
                id,
                under: Policy(tenant),
                loading: LoadingHere()
            )
        }
    }

    private func inFolder<T>(
        _ files: [String: String],
        _ body: (String) async throws -> T
    ) async throws -> T {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for (name, text) in files {
            let file = folder.appending(path: name)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(),
                withIntermediateDirectories: true
            )
            try text.write(to: file, atomically: true, encoding: .utf8)
        }
        return try await body(folder.path())
    }
}
