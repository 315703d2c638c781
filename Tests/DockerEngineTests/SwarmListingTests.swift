import DockerEngine
import Model
import Testing

/// What a look at a Swarm asks its manager, and in which order.
@Suite(.timeLimit(.minutes(10)))
struct SwarmListingTests {
    /// Without a leader an engine says that a Swarm has no networks, which must not be believed.
    @Test func networksAreAskedForBetweenListsThatNeedALeader() async throws {
        let fake = try FakeEngine { _ in .status(200, "[]") }
        let seen = try await fake.engine.observeSwarm(controller: "c")
        #expect(seen.networks.isEmpty && seen.swarm?.services.isEmpty == true)
        let lists = fake.calls.filter { $0.contains("filters=") }.compactMap { call in
            call.split(separator: "/").last?.prefix { $0 != "?" }
        }
        #expect(lists.prefix(2) == ["services", "networks"])
        #expect(Set(lists.dropFirst(2)) == ["configs", "secrets"])
    }

    @Test(arguments: ["services", "configs", "secrets"])
    func aListThatFailsIsNoEmptySwarm(list: String) async throws {
        let fake = try FakeEngine { call in
            call.hasSuffix("/\(list)")
                ? .status(500, #"{"message":"The swarm does not have a leader."}"#)
                : .status(200, "[]")
        }
        let error = await failure { try await fake.engine.observeSwarm(controller: "c") }
        #expect(error?.message.contains("does not have a leader") == true)
    }

    /// Of a service that is gone the Swarm knows no name, only tasks that are ending.
    @Test func tasksOfAServiceThatIsGoneAreFound() async throws {
        func task(_ id: String, of service: String, _ state: String) -> String {
            #"{"ID": "\#(id)", "ServiceID": "\#(service)", "DesiredState": "remove", "#
                + #""Status": {"State": "\#(state)"}}"#
        }
        let all = [
            task("a", of: "s", "running"), task("b", of: "s", "shutdown"),
            task("c", of: "t", "running"),
        ]
        let fake = try FakeEngine { _ in .status(200, "[\(all.joined(separator: ","))]") }
        let tasks = try await fake.engine.tasks(ofStack: "c")
        #expect(tasks.map(\.id) == ["a", "b", "c"] && tasks.map(\.service) == ["s", "s", "t"])
        #expect(tasks.map(\.isOver) == [false, true, false])
        #expect(tasks.allSatisfy { !$0.isWanted })
        let asked = try #require(fake.calls.last)
        #expect(
            asked.contains("/tasks?filters=") && asked.contains("com.docker.stack.namespace"),
            "\(asked)"
        )
    }

    /// By what anybody but a manager that finds a leader refuses.
    @Test func aManagerSaysWhichSwarmItIsIn() async throws {
        let manager = try FakeEngine { call in
            call == "GET /swarm" ? .status(200, #"{"ID":"s","JoinTokens":{}}"#) : .status(404, "{}")
        }
        #expect(try await manager.engine.swarmID() == "s")
        let worker = try FakeEngine { _ in
            .status(503, #"{"message":"This node is not a swarm manager."}"#)
        }
        let error = await failure { try await worker.engine.swarmID() }
        #expect(error?.message.contains("not a swarm manager") == true)
    }

    @Test func nodesAreToldByTheirHosts() async throws {
        let fake = try FakeEngine { _ in
            .status(200, #"[{"ID": "n", "Description": {"Hostname": "one"}}, {"ID": "m"}]"#)
        }
        #expect(try await fake.engine.hosts() == ["n": "one", "m": "m"])
    }

    /// Each update of a job begins it anew: what came of it before says nothing of that.
    @Test(arguments: [(1, ["new"]), (0, ["old"]), (2, [])])
    func onlyTheLastRunOfAJobIsTold(iteration: Int, told: [String]) async throws {
        func index(_ number: Int) -> String { number > 0 ? #"{"Index": \#(number)}"# : "{}" }
        func task(_ id: String, _ number: Int) -> String {
            #"{"ID": "\#(id)", "ServiceID": "s", "NodeID": "n", "DesiredState": "complete", "#
                + #""JobIteration": \#(index(number)), "Status": {"State": "complete"}}"#
        }
        let service =
            #"{"ID": "s", "Version": {"Index": 9}, "Spec": {"Name": "s"}, "#
            + #""JobStatus": {"JobIteration": \#(index(iteration))}}"#
        let tasks = "\(task("old", 0)), \(task("new", 1))"
        let fake = try FakeEngine { call in
            let answer =
                switch call.split(separator: "/").last {
                case "services": service
                case "tasks": tasks
                default: ""
                }
            return .status(200, "[\(answer)]")
        }
        let seen = try #require(try await fake.engine.service("s"))
        #expect(seen.tasks.map(\.id) == told)
        #expect(seen.tasks.allSatisfy { $0.node == "n" && $0.isComplete })
        let listed = try await fake.engine.observeSwarm(controller: "c").swarm?.services
        #expect(listed?.first?.tasks.map(\.id) == told)
    }

    /// A node's record is written anew when it goes and when it comes: its tasks went along.
    @Test(arguments: [
        ("2026-11-22T10:00:01Z", "ready", true), ("2026-11-22T09:59:59.5Z", "ready", false),
        ("2026-11-22T09:00:00Z", "down", true),
    ])
    func aTaskIsToldWhoseNodeChanged(updated: String, state: String, isChanged: Bool) async throws {
        let fake = try FakeEngine { call in
            let answer =
                switch call.split(separator: "/").last {
                case "services": #"[{"ID": "s", "Version": {"Index": 1}, "Spec": {"Name": "s"}}]"#
                case "tasks":
                    #"""
                    [{"ID": "t", "ServiceID": "s", "NodeID": "n", "DesiredState": "shutdown",
                      "CreatedAt": "2026-11-22T10:00:00Z", "Status": {"State": "failed",
                      "ContainerStatus": {"ExitCode": 137}}}]
                    """#
                case "nodes":
                    #"[{"ID": "n", "UpdatedAt": "\#(updated)", "Status": {"State": "\#(state)"}}]"#
                default: "{}"
                }
            return .status(200, answer)
        }
        let task = try #require(try await fake.engine.service("s")?.tasks.first)
        #expect(task.nodeChanged == isChanged && task.mayBeItsNodes == isChanged)
    }
}
