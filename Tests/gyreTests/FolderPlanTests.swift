import Admission
import Foundation
import Model
import OperatorFile
import Reconciliation
import TestSupport
import Testing

@testable import gyre

/// What a folder would bring, offline.
@Suite struct FolderPlanTests {
    private static let first = """
        services:
          web: {image: "httpd:2.4", volumes: ["data:/data"], mem_limit: 64m, pids_limit: 9}
          old: {image: "redis:7", mem_limit: 64m, pids_limit: 9}
          still: {image: "redis:7", mem_limit: 64m, pids_limit: 9}
        volumes: {data: {}, more: {}}
        """
    private static let second = """
        services:
          web: {image: "httpd:2.5", scale: 2, mem_limit: 64m, pids_limit: 9}
          new: {image: "redis:7", environment: {A: b}}
          still: {image: "redis:7", mem_limit: 64m, pids_limit: 9}
        """

    private func judge(_ compose: String) async throws -> PolicyAnswer {
        let folder = NSTemporaryDirectory() + "folder-plan-" + UUID().uuidString
        try FileManager.default.createDirectory(
            atPath: folder,
            withIntermediateDirectories: true
        )
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try compose.write(toFile: folder + "/compose.yaml", atomically: true, encoding: .utf8)
        return try await PolicyAnswer(
            of: folder,
            StackID(project: "shop", stack: "web"),
            under: Policy(TenantPolicy()),
            loading: LoadingHere()
        )
    }

    private func plan(_ compose: String, from before: String? = nil) async throws -> FolderPlan {
        var admitted: AdmittedStack?
        if let before { admitted = try await judge(before).admitted }
        let id = try StackID(project: "shop", stack: "web")
        return FolderPlan(try await judge(compose), of: id, from: admitted)
    }

    @Test func whatAFolderBringsIsTold() async throws {
        let plan = try await plan(Self.first)
        expectSnapshot(plan.text(Style(isColoured: false)), named: "folder-plan")
        let changes = try #require(plan.changes)
        #expect(changes.allSatisfy { $0.act == .create })
    }

    @Test func whatChangesIsTold() async throws {
        let plan = try await plan(Self.second, from: Self.first)
        expectSnapshot(plan.text(Style(isColoured: false)), named: "folder-plan-from")
        let json = try JSON(parsing: Output.json(plan).utf8)
        #expect(json["verdict"] == "mutate")
        let changes = try #require(json["changes"]?.arrayValue)
        let web = changes.first { $0["name"] == "shop_web-web-1" }
        #expect(web?["act"] == "recreate" && web?["previousImage"] == "httpd:2.4")
        let volume = changes.first { $0["name"] == "shop_web_data" }
        #expect(volume == nil || volume?["act"] == "keep", "a file removes no volume")
    }

    @Test func theSameFolderChangesNothing() async throws {
        let plan = try await plan(Self.first, from: Self.first)
        #expect(plan.changes?.allSatisfy { $0.act == .keep } == true)
    }

    @Test func whatIsDeniedIsNotPlanned() async throws {
        let plan = try await plan("services: {web: {image: httpd, privileged: true}}")
        #expect(plan.verdict == .deny && plan.changes == nil)
        #expect(plan.text(Style(isColoured: false)).contains("nothing can be planned"))
        #expect(plan.findings.contains { $0.rule == "privileged" && $0.line == 1 })
    }
}
