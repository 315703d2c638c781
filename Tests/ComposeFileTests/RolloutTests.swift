import ComposeFile
import Model
import Testing

/// How a file says that a new version takes over.
@Suite struct RolloutTests {
    @Test func everyWordOfIt() throws {
        let service = try Sample(
            service: """
                deploy:
                  update_config: {parallelism: 2, delay: 10s, failure_action: continue,
                    monitor: 1m, max_failure_ratio: 0.3, order: start-first}
                  rollback_config: {parallelism: 0, delay: 5s, monitor: 2s, order: stop-first}
                """
        ).service()
        var update = Service.Rollout()
        update.parallelism = 2
        update.delay = .seconds(10)
        update.failureAction = .continue
        update.monitor = .seconds(60)
        update.maximumFailureRatio = 0.3
        update.order = .startFirst
        #expect(service.rollout == update)
        var rollback = Service.Rollout()
        rollback.parallelism = 0
        rollback.delay = .seconds(5)
        rollback.monitor = .seconds(2)
        #expect(service.rollback == rollback)
    }

    /// Docker's defaults where something is said, Gyre's own where nothing is.
    @Test func whatIsLeftOut() throws {
        let said = try Sample(service: "deploy: {update_config: {delay: 1s}}").service()
        #expect(said.rollout?.failureAction == .pause && said.rollout?.parallelism == 1)
        #expect(said.rollback == nil)
        for body in ["deploy: {update_config: {}}", "deploy: {replicas: 2}", "tty: false"] {
            #expect(try Sample(service: body).service().rollout == nil)
        }
        #expect(Service.Rollout.unsaid.failureAction == .rollback)
    }

    /// What two containers can't have at once, and the place that says so.
    @Test(arguments: [
        ("ports: [\"80\"]", "services.s.ports"), ("volumes: [/a:/a]", "services.s.volumes[0]"),
        ("volumes: [\"/a:/a:ro\", /b:/b]", "services.s.volumes[1]"),
        ("networks: {n: {ipv4_address: 10.1.2.3}}", "services.s.networks.n.ipv4_address"),
        ("mac_address: 02:42:ac:11:00:02", "services.s.mac_address"),
        ("container_name: own", "services.s.container_name"),
        ("devices: [/dev/a]", "services.s.devices"), ("gpus: all", "services.s.gpus"),
        ("network_mode: host", "services.s.network_mode"), ("pid: host", "services.s.pid"),
        ("privileged: true", "services.s.privileged"), ("network_mode: none", nil),
        ("volumes: [/anonymous, \"/a:/a:ro\"]", nil), ("tmpfs: [/run]", nil),
        ("networks: {n: {aliases: [a]}}", nil), ("expose: [\"80\"]", nil),
    ])
    func whatIsShared(body: String, field: String?) throws {
        var sample = Sample(service: body)
        sample.files["compose.yaml"]?.append("networks: {n: {}}\n")
        let obstacle = try sample.load().obstacle(toStartingFirst: "s")
        #expect(obstacle?.field.description == field)
    }

    @Test func anotherLivesInItsNamespace() throws {
        let stack = try Sample(
            """
            services:
              s: {image: i}
              t: {image: i, network_mode: "service:s"}
            """
        ).load()
        let fields = ["s", "t"].map { stack.obstacle(toStartingFirst: $0)?.field.description }
        #expect(fields == ["services.t.network_mode", "services.t.network_mode"])
    }
}
