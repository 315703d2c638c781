import Admission
import Foundation
import Model
import OperatorFile
import Reconciliation
import TestSupport
import Testing

@testable import gyre

/// Folders of stacks that were taken over, judged offline as a controller judges them.
@Suite struct AdoptedFolderTests {
    private static let operatorsFile = """
        projects:
          shop:
            repositories: [{url: "https://example.org/shop.git"}]
            adopt: {shop: {compose: oldshop}}
        """

    /// As it was brought up with `docker compose -p oldshop up`.
    private static let shop = """
        name: oldshop
        services:
          web: {image: "httpd:2.4", container_name: oldshop-web, networks: [front]}
        networks: {front: {name: oldshop_front}}
        """

    private static let web = """
        services: {web: {image: "httpd:2.4", networks: [theirs]}}
        networks: {theirs: {name: oldshop_front, external: true}}
        """

    /// By the operator's file, and by what is published of it.
    private func judgements(_ stack: String, in folder: String) throws -> [FolderJudgement] {
        let config = folder + "/gyre.yaml"
        try Self.operatorsFile.write(toFile: config, atomically: true, encoding: .utf8)
        let settings = try Settings(parsing: Array(Self.operatorsFile.utf8), directory: "/")
        let published = PublishedPolicy(
            "shop",
            in: settings,
            rules: Rule.version,
            at: Instant(milliseconds: 0)
        )
        let policy = folder + "/policy.json"
        try #require(published).json.text.write(toFile: policy, atomically: true, encoding: .utf8)
        return try [
            FolderJudgement(
                config: config,
                policy: nil,
                project: "shop",
                stack: stack,
                environment: nil
            ),
            FolderJudgement(
                config: nil,
                policy: policy,
                project: nil,
                stack: stack,
                environment: nil
            ),
        ]
    }

    private func answers(_ compose: String, _ stack: String) async throws -> [PolicyAnswer] {
        let folder = NSTemporaryDirectory() + "adopted-" + UUID().uuidString
        let tree = folder + "/deploy"
        try FileManager.default.createDirectory(
            atPath: tree,
            withIntermediateDirectories: true
        )
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try compose.write(toFile: tree + "/compose.yaml", atomically: true, encoding: .utf8)
        var answers: [PolicyAnswer] = []
        for judgement in try judgements(stack, in: folder) {
            answers.append(try await PolicyAnswer(of: tree, judgement, loading: LoadingHere()))
        }
        return answers
    }

    @Test(arguments: [(shop, "shop"), (web, "web")])
    func honestNamesPass(compose: String, stack: String) async throws {
        for answer in try await answers(compose, stack) {
            #expect(answer.verdict == .mutate, "\(answer.text(.plain))")
        }
    }

    /// The names are the one stack's own, and only what is made already is the others' to use.
    @Test(arguments: [
        shop.replacing("name: oldshop\n", with: ""), web.replacing("oldshop", with: "older"),
    ])
    func othersDoNot(compose: String) async throws {
        for answer in try await answers(compose, "web") {
            #expect(answer.verdict == .deny)
            #expect(answer.findings.contains { $0.rule == "own-name" }, "\(answer.text(.plain))")
        }
    }

    @Test func aPlanHasTheNamesThatItKeeps() async throws {
        let id = try StackID(parsing: "shop")
        for answer in try await answers(Self.shop, "shop") {
            let plan = FolderPlan(answer, of: id, from: nil)
            let names = plan.changes?.map(\.name) ?? []
            #expect(names.contains("oldshop_front") && names.contains("oldshop-web"), "\(names)")
        }
    }
}
