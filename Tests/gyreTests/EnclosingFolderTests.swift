import Admission
import Foundation
import Model
import Reconciliation
import Testing

@testable import gyre

/// Folders of a repository that are asked about alone, judged as its `.gyre.yaml` has them.
@Suite struct EnclosingFolderTests {
    private static let files = [
        ".gyre.yaml": """
        stacks:
          web:
            folder: apps/web
            environment: prod
            environments: {prod: {files: [compose.yaml, compose.prod.yaml]}}
          one: {folder: both}
          two: {folder: both}
        """,
        "apps/web/compose.yaml": "services:\n  web:\n    image: httpd\n",
        "apps/web/compose.prod.yaml": "services:\n  web:\n    privileged: true\n",
        "apps/other/compose.yaml": "services: {web: {image: httpd}}\n",
        "both/compose.yaml": "services: {web: {image: httpd}}\n",
    ]

    @Test func theFileAboveSaysWhatIsRead() async throws {
        let answer = try await check("apps/web")
        let finding = try #require(answer.findings.first { $0.rule == "privileged" })
        // As it is seen from the folder that was named.
        #expect((finding.path, finding.line) == ("compose.prod.yaml", 3))
        #expect(answer.text(.plain).contains("compose.prod.yaml:3:17: error"))
        #expect(answer.text(.plain).contains("    privileged: true"))
        #expect(try await check("apps/web", "web").verdict == .deny)
        // Outside of a repository nobody knows where to stop looking.
        #expect(try await check("apps/web", marker: "git").verdict == .mutate)
    }

    /// A link is where it leads to, not where it stands.
    @Test func aLinkBelongsToTheRepositoryThatItLeadsTo() async throws {
        let answer = try await check("link")
        #expect(answer.findings.contains { $0.rule == "privileged" })
    }

    @Test func aFolderThatIsNoStackIsRefused() async throws {
        for (folder, words) in [("apps/other", "no stack"), ("both", "several stacks")] {
            let answer = try await check(folder)
            #expect(answer.findings.map(\.rule) == ["unknown-stack"])
            #expect(answer.findings.first?.message.contains(words) == true)
            let way = folder == "both" ? "../" : "../../"
            #expect(answer.findings.first?.path == way + ".gyre.yaml")
        }
        #expect(try await check("both", "two").verdict == .mutate)
        await #expect(throws: Failure.self) { try await check("apps/web", "two") }
    }

    /// `marker` is what a repository is known by.
    private func check(
        _ folder: String,
        _ stack: String? = nil,
        marker: String = ".git"
    ) async throws -> PolicyAnswer {
        let root = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: root) }
        for (path, text) in Self.files.merging(["\(marker)/HEAD": ""], uniquingKeysWith: { $1 }) {
            let file = root.appending(path: path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(),
                withIntermediateDirectories: true
            )
            try text.write(to: file, atomically: true, encoding: .utf8)
        }
        try FileManager.default.createSymbolicLink(
            atPath: root.appending(path: "link").path(),
            withDestinationPath: "apps/web"
        )
        var judgement = FolderJudgement(
            TenantPolicy(),
            of: try StackID(project: "shop", stack: stack ?? "shop"),
            loading: LoadingLimits(),
            asksAgent: false,
            isForSwarm: false,
            docs: nil
        )
        judgement.isStackNamed = stack != nil
        return try await PolicyAnswer(
            of: root.appending(path: folder).path(),
            judgement,
            loading: LoadingHere()
        )
    }
}
