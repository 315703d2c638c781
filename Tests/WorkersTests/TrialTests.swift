import ComposeFile
import Foundation
import Model
import Testing

@testable import Workers

/// Rules that trap or find no end, which ends a worker and nobody else.
@Suite struct TrialTests {
    private static let files = ["compose.yaml": "services: {web: {image: httpd}}"]

    private static func request(trial: TenantPolicy?) throws -> LoadRequest {
        let plain = try LoadRequest(files)
        return LoadRequest(plain.snapshot, at: "", id: plain.id, trial: trial)
    }

    @Test func aWorkerJudgesWhatItLoaded() throws {
        let tenant = TenantPolicy(profile: .baseline)
        var judged: [(services: [String], tenant: TenantPolicy)] = []
        let result = LoaderWorker.read(try Self.request(trial: tenant)) { reading, tenant in
            judged.append((reading.stack.services.keys.sorted(), tenant))
        }
        #expect(judged.map(\.services) == [["web"]] && judged.first?.tenant == tenant)
        // What the rules say is no part of the answer.
        let plain = LoaderWorker.read(try Self.request(trial: nil)) { _, _ in
            Issue.record("nobody asked for it")
        }
        #expect(try result.get() == plain.get())
        #expect(try LoaderWorker.read(try Self.request(trial: tenant)).get() == plain.get())
    }

    /// Then there is no answer, and the commit is held as one that its loader did not survive:
    /// see `WorkerLoaderTests.aTrapInAWorkerIsTheFiles` and the suite `LoadingTests`.
    @Test func aTrapInTheRulesEndsTheWorkerBeforeItAnswers() async {
        let result = await #expect(
            processExitsWith: .failure,
            observing: [\.standardOutputContent]
        ) {
            let request = try TrialTests.request(trial: TenantPolicy())
            _ = LoaderWorker.read(request) { _, _ in fatalError("a rule traps") }
            print("an answer")
        }
        let text = String(decoding: result?.standardOutputContent ?? [], as: UTF8.self)
        #expect(!text.contains("an answer"))
    }
}
