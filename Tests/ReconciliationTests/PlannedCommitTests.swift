import Model
import Planning
import Reconciliation
import Synchronization
import TestSupport
import Testing

/// What was judged and planned is what is carried out, whatever becomes of the branch meanwhile.
@Suite("The planned commit", .timeLimit(.minutes(10)))
struct PlannedCommitTests {
    private static func compose(_ version: String) -> String {
        "services: {web: {image: 'web:\(version)'}, db: {image: 'db:\(version)'}}\n"
    }

    private func team() throws -> SimulatedTeam {
        let images = ["web:1.0", "db:1.0", "web:2.0", "db:2.0"]
        return try SimulatedTeam(Self.compose("1.0"), images: images)
    }

    private func pinned(_ version: String) -> Set<String> {
        Set(["web:\(version)", "db:\(version)"].map { SimulatedNode.pin($0).imageID })
    }

    private func images(_ team: SimulatedTeam) -> Set<String> {
        Set(team.engine.node.containers.values.map(\.seen.imageID))
    }

    /// Does something when the first call of a run was carried out.
    private func atFirstCall(_ team: SimulatedTeam, _ act: @escaping @Sendable () -> Void) {
        let isFirst = Mutex(true)
        team.engine.state.withLock { state in
            state.onSent = { _ in
                let isNow = isFirst.withLock { first in
                    defer { first = false }
                    return first
                }
                if isNow { act() }
            }
        }
    }

    @Test("A branch that moves after the plan was made changes none of its steps")
    func aBranchThatMoves() async throws {
        let team = try team()
        let controller = try await team.controller()
        let first = try await controller.plan(team.shop)
        #expect(first.plan?.isEmpty == false)
        atFirstCall(team) { [repository = team.repository] in repository.push(Self.compose("2.0")) }
        #expect(try await team.settle(controller).state == .ready)
        let commits = team.repository.state.withLock(\.commits)
        try #require(commits.count == 2)
        #expect(images(team) == pinned("1.0"))
        #expect(team.repository.good == commits[0])

        // Only a new look at the branch brings the other, judged and decided for itself.
        await controller.survey()
        #expect(try await team.settle(controller).state == .ready)
        #expect(images(team) == pinned("2.0"))
        let judged = team.audit.entries.filter { $0.kind == .judged }
        let ids = judged.map { $0.facts["commit"]?["id"]?.stringValue }
        #expect(ids == commits.map(\.id))
        let decided = team.audit.entries.filter { $0.kind == .decided }
        #expect(decided.map { $0.facts["commit"]?.stringValue } == commits.map(\.id))
    }

    /// No git does that, since a commit's name is the digest of what it holds; `GateContentTests`
    /// has the same of the files that are shipped.
    @Test("Other bytes under the name of the planned commit change none of its steps")
    func aMirrorThatLies() async throws {
        let team = try team()
        let controller = try await team.controller()
        atFirstCall(team) { [repository = team.repository] in
            repository.state.withLock { state in
                let other = Snapshot.Entry.file(Array(Self.compose("2.0").utf8))
                for id in state.files.keys { state.files[id] = ["compose.yaml": other] }
            }
        }
        #expect(try await team.settle(controller).state == .ready)
        #expect(images(team) == pinned("1.0"))
    }
}
