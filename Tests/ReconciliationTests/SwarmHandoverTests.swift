import Model
import Reconciliation
import Synchronization
import TestSupport
import Testing

/// What one service of a Swarm has and another is to have, with what may come between.
@Suite("From one service of a Swarm to another", .timeLimit(.minutes(10)))
struct SwarmHandoverTests {
    private let swarm = SwarmEngine()

    /// A stack of one service that writes a volume, and one that only serves.
    private func compose(_ name: String, db: String = "1", web: String = "1") -> String {
        """
        services:
          \(name): {image: "db:\(db)", volumes: ["data:/data"]}
          web: {image: "web:\(web)", deploy: {update_config: {failure_action: pause}}}
        volumes: {data: {}}
        """
    }

    /// A controller of a stack that is good.
    private func good(_ compose: String) async throws -> (SimulatedTeam, Controller) {
        let team = try SimulatedTeam(compose)
        let controller = try await team.controller(
            on: swarm,
            project: "repositories: [{url: /srv/shop}], profile: baseline, "
                + "grants: {ports: 8000-8999}"
        )
        let status = try await team.settle(controller)
        #expect(status.state == .ready, "\(status.problems)")
        swarm.state.withLock { ($0.sent, $0.looksToEnd) = ([], 5) }
        return (team, controller)
    }

    private func push(
        _ compose: String,
        _ team: SimulatedTeam,
        _ controller: Controller
    ) async throws -> StackStatus {
        team.repository.push(compose)
        await controller.survey()
        return try await team.settle(controller)
    }

    private func expectOneWriter() {
        #expect(swarm.state.withLock { $0.madeBeside }.isEmpty, "law 6: one writer always")
    }

    private var names: [String] { swarm.services.map(\.name) }
    private var ports: [String: Int64] {
        swarm.services.reduce(into: [:]) { ports, service in
            let published = service.spec["EndpointSpec"]?["Ports"]?.arrayValue?.first
            ports[service.name] = published?["PublishedPort"]?.intValue
        }
    }

    @Test("of a service with another name, the old one ends before the new one is made")
    func renamed() async throws {
        let (team, controller) = try await good(compose("db"))
        let old = try #require(swarm.services.first)
        #expect(try await push(compose("database"), team, controller).state == .ready)
        #expect(swarm.sent == ["removeService \(old.id)", "createService shop_database"])
        expectOneWriter()
    }

    @Test("a run that ended between the two is gone on with, when the last tasks have ended")
    func cutShort() async throws {
        let (team, controller) = try await good(compose("db"))
        swarm.remove("shop_db")
        #expect(try await push(compose("database"), team, controller).state == .ready)
        #expect(swarm.sent == ["createService shop_database"])
        expectOneWriter()
    }

    @Test("what comes to write what another wrote waits for that one's tasks, too")
    func updatedAfterwards() async throws {
        let (team, controller) = try await good(compose("db"))
        swarm.remove("shop_db")
        let web = """
            services: {web: {image: "web:1", volumes: ["data:/data"]}}
            volumes: {data: {}}
            """
        #expect(try await push(web, team, controller).state == .ready)
        #expect(swarm.sent == ["updateService shop_web"])
        expectOneWriter()
    }

    /// It is refused for good, doesn't come up, or has a port that others have.
    @Test("a new name that comes to nothing is held, the old one made again", arguments: 0...2)
    func heldAfterwards(why: Int) async throws {
        let (team, controller) = try await good(compose("db"))
        swarm.state.withLock { state in
            switch why {
            case 0:
                let words = "InvalidArgument desc = invalid cpu value 0.0001"
                state.refusals["shop_database"] = SwarmAnswer(words)
            case 1: state.needs = ["db:2": "nobody"]
            default: state.takenPorts = [8080]
            }
        }
        var bad = compose("database", db: "2")
        if why == 2 {
            bad = bad.replacing("image: \"db:2\"", with: "image: \"db:2\", ports: ['8080:80']")
        }
        let status = try await push(bad, team, controller)
        #expect(status.problems.map(\.kind) == [.held], "\(status.problems) \(swarm.sent)")
        #expect(names == ["shop_db", "shop_web"])
        expectOneWriter()
        let sent = swarm.sent
        _ = try await team.settle(controller)
        #expect(swarm.sent == sent, "it is not tried again by itself")
    }

    @Test("where a pause leaves the new one, the old one is not made beside it")
    func paused() async throws {
        let (team, controller) = try await good(compose("db"))
        swarm.state.withLock { $0.needs = ["web:2": "nobody"] }
        let status = try await push(compose("database", web: "2"), team, controller)
        #expect(status.problems.map(\.kind) == [.held], "\(status.problems)")
        #expect(names == ["shop_database", "shop_web"], "\(swarm.sent)")
        #expect(!swarm.sent.contains("createService shop_db"))
        expectOneWriter()
        // Released with what it lacked, it is good.
        swarm.state.withLock { $0.needs = [:] }
        #expect(try await push(compose("database", web: "3"), team, controller).state == .ready)
    }

    /// A service before another, as a proxy is put before a web server.
    @Test("a port that a bad version gave to another service comes back")
    func portComesBack() async throws {
        let (team, controller) = try await good("services: {web: {image: web, ports: ['8080:80']}}")
        swarm.state.withLock { $0.needs = ["proxy:2": "nobody"] }
        let proxy = "proxy: {image: 'proxy:2', ports: ['8080:80'], depends_on: [web]}"
        let status = try await push("services: {web: {image: web}, \(proxy)}", team, controller)
        #expect(status.problems.map(\.kind) == [.held], "\(status.problems)")
        #expect(names == ["shop_web"] && ports == ["shop_web": 8080], "\(swarm.sent)")
    }

    @Test("a service with a port gets another name")
    func renamedWithAPort() async throws {
        func compose(_ name: String) -> String {
            "services: {\(name): {image: web, ports: ['8080:80']}}"
        }
        let (team, controller) = try await good(compose("web"))
        #expect(try await push(compose("site"), team, controller).state == .ready)
        #expect(ports == ["shop_site": 8080])
    }

    @Test("a port goes from a service to the one that it depends on")
    func portToADependency() async throws {
        func compose(web: String, api: String) -> String {
            """
            services:
              api: {image: api\(api)}
              web: {image: web, depends_on: [api]\(web)}
            """
        }
        let port = ", ports: ['8080:80']"
        let (team, controller) = try await good(compose(web: port, api: ""))
        let status = try await push(compose(web: "", api: port), team, controller)
        #expect(status.state == .ready, "\(status.problems)")
        #expect(swarm.sent == ["updateService shop_web", "updateService shop_api"])
        #expect(ports == ["shop_api": 8080])
    }
}
