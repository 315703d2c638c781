import Model
import Reconciliation
import Synchronization
import TestSupport
import Testing

/// A task that failed before a version was begun is run once more by it, and judged by that.
@Suite("Tried anew", .timeLimit(.minutes(10)))
struct TriedAnewTests {
    private static let compose = """
        services:
          db: {image: 'db:1.0'}
          migrate: {image: 'tool:1.0', restart: 'no', depends_on: [db]}
          web:
            image: 'web:1.0'
            depends_on: {migrate: {condition: service_completed_successfully}}

        """

    /// A stack whose first version is held, since its task failed.
    private func held() async throws -> (SimulatedTeam, Controller) {
        let images = ["db:1.0", "db:2.0", "tool:1.0", "web:1.0"]
        let team = try SimulatedTeam(Self.compose, local: images)
        team.engine.change { $0.behaviours[SimulatedNode.pin("tool:1.0").imageID] = .exits(1) }
        let controller = try await team.controller()
        #expect(try await team.settle(controller).problems.map(\.kind) == [.held])
        #expect(team.runs == 1)
        return (team, controller)
    }

    @Test("a release runs it once")
    func released() async throws {
        let (team, controller) = try await held()
        for runs in 2...3 {
            #expect(try await controller.release(team.shop, by: "op") == 1)
            for _ in 0..<3 {
                #expect(try await team.settle(controller).problems.map(\.kind) == [.held])
                team.engine.change { $0.pass(seconds: 600) }
            }
            #expect(team.runs == runs)
        }
        team.mend()
        #expect(try await team.settle(controller).problems.map(\.kind) == [.held])
        #expect(team.runs == 3, "a held version stays held")
        #expect(try await controller.release(team.shop, by: "op") == 1)
        #expect(try await team.settle(controller).state == .ready)
        #expect(team.runs == 4)
        #expect(try await team.settle(controller).state == .ready)
        #expect(team.runs == 4)
    }

    @Test("so does a push that changes something else", arguments: [true, false])
    func pushed(isMended: Bool) async throws {
        let (team, controller) = try await held()
        if isMended { team.mend() }
        team.repository.push(Self.compose.replacing("db:1.0", with: "db:2.0"))
        await controller.survey()
        let status = try await team.settle(controller)
        #expect(isMended == (status.state == .ready), "\(status)")
        #expect(isMended != status.problems.map(\.kind).contains(.held), "\(status)")
        #expect(team.runs == 2)
    }

    @Test("a try that didn't come about is made up for, by another controller too")
    func interrupted() async throws {
        let (team, controller) = try await held()
        team.mend()
        team.repository.push(Self.compose.replacing("db:1.0", with: "db:2.0"))
        await controller.survey()
        team.engine.state.withLock { $0.refusals[.startContainer] = NoAnswer() }
        let status = try await team.settle(controller)
        #expect(!status.problems.map(\.kind).contains(.held), "\(status)")
        #expect(team.runs == 1 && !team.journal.state().begun.isEmpty)
        team.engine.state.withLock { $0.refusals = [:] }
        let second = try await team.controller()
        #expect(try await team.settle(second).state == .ready)
        #expect(team.runs == 2)
    }

    @Test("one that came about is judged, whoever looks")
    func killed() async throws {
        let (team, controller) = try await held()
        #expect(try await controller.release(team.shop, by: "op") == 1)
        team.engine.state.withLock { state in
            state.onSent = { [engine = team.engine] action in
                guard action == .startContainer else { return }
                engine.state.withLock { $0.failure = NoAnswer() }
            }
        }
        _ = try await team.settle(controller)
        team.engine.state.withLock { state in
            state.onSent = nil
            state.failure = nil
        }
        #expect(team.runs == 2)
        team.engine.change { $0.pass(seconds: 600) }
        let second = try await team.controller()
        #expect(try await team.settle(second).problems.map(\.kind) == [.held])
        #expect(team.runs == 2)
    }
}

extension SimulatedTeam {
    /// How often the task was started.
    fileprivate var runs: Int {
        history.runs.flatMap(\.steps).count {
            $0.text.hasPrefix("start shop-migrate-1") && $0.result == "done"
        }
    }

    /// From here on the task that is there ends well.
    fileprivate func mend() {
        engine.change { node in
            guard let id = node.id(named: "shop-migrate-1") else { return }
            node.containers[id]?.behaviour = .exits(0)
        }
    }
}
