import Admission
import Foundation
import Model
import Reconciliation
import Testing

@testable import gyre

/// Every finding of `gyre policy check` stands in a file of the tree, says what to write, and is of
/// the class of what is wrong.
@Suite struct FoundPlaceTests {
    private struct Case: CustomTestStringConvertible {
        var name: String
        /// `class path:line:column` of a finding that has to be there.
        var found: String
        var files: [String: String]
        var links: [String: String] = [:]
        var testDescription: String { name }
    }

    private static let web = "services: {web: {image: httpd}}\n"

    private static let cases: [Case] =
        [
            Case(
                name: "a project directory outside",
                found: "file-escape compose.yaml:1:45",
                files: [
                    "compose.yaml": "include: [{path: c.yaml, project_directory: ../../x}]\n",
                    "c.yaml": web,
                ]
            ),
            Case(
                name: "a project directory that a link leads outside",
                found: "file-escape compose.yaml:1:45",
                files: [
                    "compose.yaml": "include: [{path: c.yaml, project_directory: out}]\n",
                    "c.yaml": web,
                ],
                links: ["out": "../.."]
            ),
            Case(
                name: "a file outside that .env names",
                found: "file-escape .env:2:1",
                files: ["compose.yaml": web, ".env": "A=1\nCOMPOSE_FILE=../a.yaml\n"]
            ),
            Case(
                name: "a missing file that .env names",
                found: "malformed .env:1:1",
                files: ["compose.yaml": web, ".env": "COMPOSE_FILE=a.yaml\n"]
            ),
            Case(
                name: "a missing file of variables",
                found: "malformed compose.yaml:1:42",
                files: ["compose.yaml": "services: {web: {image: httpd, env_file: none}}\n"]
            ),
            Case(
                name: "a config's missing file",
                found: "malformed compose.yaml:2:21",
                files: [
                    "compose.yaml": "services: {web: {image: httpd, configs: [c]}}\n"
                        + "configs: {c: {file: none}}\n"
                ]
            ),
            Case(
                name: "a config's file outside",
                found: "file-escape compose.yaml:2:21",
                files: [
                    "compose.yaml": "services: {web: {image: httpd, configs: [c]}}\n"
                        + "configs: {c: {file: ../x}}\n"
                ]
            ),
            Case(
                name: "a config's file of git",
                found: "file-escape compose.yaml:2:21",
                files: [
                    "compose.yaml": "services: {web: {image: httpd, configs: [c]}}\n"
                        + "configs: {c: {file: .git/config}}\n"
                ]
            ),
        ] + malformed

    private static let malformed: [Case] = [
        "networks: [n]", "volumes: ['data:/v']", "configs: [c]", "secrets: [s]", "depends_on: [d]",
        "ports: 80", "privileged: perhaps", "cap_add: CHOWN",
    ].map { text in
        Case(
            name: text,
            found: "malformed compose.yaml:1:",
            files: ["compose.yaml": "services: {web: {image: httpd, \(text)}}\n"]
        )
    }

    @Test(arguments: cases)
    private func findingsHavePlaceFixAndClass(sample: Case) async throws {
        let answer = try await PolicyAnswer.ofSample(sample.files, sample.links)
        #expect(answer.verdict == .deny)
        let errors = answer.findings.filter { $0.severity == "error" }
        let told = errors.map {
            "\($0.class) \($0.path ?? "-"):\($0.line ?? 0):\($0.column ?? 0)"
        }
        #expect(told.contains { $0.hasPrefix(sample.found) }, "\(told)")
        for finding in errors {
            #expect(finding.fix?.isEmpty == false, "\(finding.rule)")
            let path = try #require(finding.path)
            #expect(sample.files[path] != nil || sample.links[path] != nil, "\(path)")
        }
    }

    /// What the stack doesn't declare may be another project's.
    @Test(arguments: [
        "networks: [bio_default]", "volumes: ['bio_data:/v']", "volumes_from: [bio]",
        "links: [bio]",
    ])
    func whatIsDeclaredNowhereIsOfBothKinds(text: String) async throws {
        let answer = try await PolicyAnswer.ofSample([
            "compose.yaml": "services: {web: {image: httpd, \(text)}}\n"
        ])
        let classes = Set(answer.findings.filter { $0.severity == "error" }.map(\.class))
        #expect(classes == ["malformed", "external-ref"])
    }
}

extension PolicyAnswer {
    /// Of a folder with these files and links, for a project that was granted nothing.
    static func ofSample(
        _ files: [String: String],
        _ links: [String: String] = [:]
    ) async throws -> PolicyAnswer {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for (name, text) in files {
            let file = folder.appending(path: name)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(),
                withIntermediateDirectories: true
            )
            try text.write(to: file, atomically: true, encoding: .utf8)
        }
        for (name, target) in links {
            try FileManager.default.createSymbolicLink(
                atPath: folder.appending(path: name).path(),
                withDestinationPath: target
            )
        }
        return try await PolicyAnswer(
            of: folder.path(),
            StackID(project: "shop", stack: "shop"),
            under: Policy(TenantPolicy()),
            loading: LoadingHere()
        )
    }
}
