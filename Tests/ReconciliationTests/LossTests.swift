import Model
import Planning
import Synchronization
import TestSupport
import Testing

@testable import Reconciliation

/// What is lost while a version takes over, told by the engine's events before anybody looks.
@Suite("Losses in a rollout", .timeLimit(.minutes(10)))
struct LossTests {
    /// A stack that is good in its first version, and whose second one is pushed.
    private func replaced(
        _ compose: (String) -> String,
        _ images: [String],
        by behaviours: [String: SimulatedNode.Behaviour]
    ) async throws -> (SimulatedTeam, Controller) {
        let local = images.flatMap { ["\($0):1.0", "\($0):2.0"] }
        let team = try SimulatedTeam(compose("1.0"), local: local)
        let controller = try await team.controller()
        #expect(try await team.settle(controller).state == .ready)
        team.engine.change { node in
            for (image, behaviour) in behaviours {
                node.behaviours[SimulatedNode.pin("\(image):2.0").imageID] = behaviour
            }
        }
        team.tellEvents(to: controller)
        team.repository.push(compose("2.0"))
        await controller.survey()
        return (team, controller)
    }

    @Test("what dies just after it was healthy is a verdict")
    func healthyOnce() async throws {
        let compose = { (version: String) in
            """
            services:
              web: {image: 'web:\(version)', healthcheck: {test: [CMD, 'true']}}
              api:
                image: 'api:\(version)'
                depends_on: {web: {condition: service_healthy}}

            """
        }
        let (team, controller) = try await replaced(
            compose,
            ["web", "api"],
            by: ["web": .fades(after: .seconds(4))]
        )
        let status = try await team.settle(controller)
        #expect(status.problems.map(\.kind) == [.held], "\(status)")
        #expect(team.running("web", "1.0") == 1 && team.running("api", "1.0") == 1)
        #expect(team.starts(of: "web:2.0") == 1, "one try")
    }

    @Test("one that flaps keeps nothing else from being judged")
    func flapping() async throws {
        let compose = { (version: String) in
            """
            services:
              db: {image: 'db:\(version)', healthcheck: {test: [CMD, 'true']}}
              app: {image: 'app:\(version)', restart: always, depends_on: [db]}

            """
        }
        let (team, controller) = try await replaced(
            compose,
            ["db", "app"],
            by: ["db": .dawdles, "app": .fades(after: .seconds(30))]
        )
        let status = try await team.settle(controller)
        #expect(status.problems.map(\.kind) == [.held], "\(status)")
        #expect(team.running("db", "1.0") == 1 && team.running("app", "1.0") == 1)
    }

    @Test("what turns ill after it was judged ends the rollout")
    func ill() async throws {
        let compose = { (version: String) in
            """
            services:
              web:
                image: 'web:\(version)'
                healthcheck: {test: [CMD, 'true']}
                deploy: {replicas: 4}

            """
        }
        let (team, controller) = try await replaced(compose, ["web"], by: [:])
        /// How many of the new version were started.
        let most = Mutex(0)
        let tell = team.engine.state.withLock(\.onSlept)
        let new = SimulatedNode.pin("web:2.0").imageID
        team.engine.state.withLock { state in
            state.onSlept = { [engine = team.engine] in
                engine.change { node in
                    let time = node.time
                    for (id, container) in node.containers where container.seen.imageID == new {
                        guard container.seen.slot?.number == 1,
                            time.since(container.seen.created) > .seconds(12)
                        else { continue }
                        node.containers[id]?.behaviour = .sickens
                    }
                    let count = node.containers.values.count {
                        $0.seen.imageID == new && $0.seen.state != .created
                    }
                    most.withLock { $0 = max($0, count) }
                }
                await tell?()
            }
        }
        let status = try await team.settle(controller)
        #expect(status.problems.map(\.kind) == [.held], "\(status)")
        #expect(most.withLock { $0 } <= 2, "the rest was not replaced")
        #expect(team.running("web", "1.0") == 4)
    }
}

extension SimulatedTeam {
    fileprivate func running(_ service: String, _ version: String) -> Int {
        let image = SimulatedNode.pin("\(service):\(version)").imageID
        return engine.node.containers.values.count { $0.isRunning && $0.seen.imageID == image }
    }

    /// How many containers of an image the history knows to have been started.
    fileprivate func starts(of image: String) -> Int {
        let name = image.split(separator: ":")[0]
        let versions = history.runs.filter { $0.commit?.id.hasPrefix("2") == true }
        return versions.flatMap(\.steps).count {
            $0.result == "done" && $0.text.hasPrefix("start") && $0.text.contains("-\(name)-")
        }
    }

    /// Tells a controller what happens to containers, as the engine's events would: before those
    /// who slept meanwhile look.
    fileprivate func tellEvents(to controller: Controller) {
        let known = Mutex<[String: Sign]>([:])
        engine.state.withLock { state in
            state.onSlept = { [engine] in
                let signs = engine.node.containers.mapValues { Sign($0.seen) }
                let before = known.withLock { known in
                    defer { known = signs }
                    return known
                }
                for (id, sign) in signs.sorted(by: { $0.key < $1.key }) {
                    guard let old = before[id] else { continue }
                    for action in sign.actions(since: old) {
                        let event = EngineEvent(
                            kind: "container",
                            action: action,
                            containerID: id
                        )
                        await controller.noticed(event, on: NodeName.main)
                    }
                }
            }
        }
    }
}

/// What events tell of a container.
private struct Sign: Hashable {
    var state: ObservedContainer.State
    var health: ObservedContainer.Health?
    var started: Instant?

    init(_ container: ObservedContainer) {
        state = container.state
        health = container.health
        started = container.details?.started
    }

    func actions(since old: Sign) -> [String] {
        var actions: [String] = []
        let isRestarted = old.started != nil && started != old.started
        if old.state == .running, state != .running || isRestarted { actions.append("die") }
        if health == .unhealthy, old.health != .unhealthy {
            actions.append("health_status: unhealthy")
        }
        return actions
    }
}
