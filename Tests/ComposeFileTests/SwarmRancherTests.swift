import ComposeFile
import Model
import Testing

/// Labels of Rancher that place services, in files that are loaded to be run on a Swarm.
@Suite struct SwarmRancherTests {
    private func reading(_ labels: String, deploy: String = "{}") throws -> StackReading {
        let text = """
            services:
              web:
                image: web:1
                deploy: \(deploy)
                volumes: [data:/data]
                labels: {\(labels)}
              log: {image: log:1}
            volumes: {data: {}}
            """
        let snapshot = Snapshot(
            commit: Commit(id: "c", author: "", seconds: 0, message: ""),
            entries: ["compose.yaml": .file(Array(text.utf8))],
            executables: []
        )
        return try StackReading(
            of: snapshot,
            at: "",
            id: try StackID(project: "a", stack: "a"),
            isForSwarm: true
        )
    }

    /// What a host must bear is a constraint beside those that are written, and binds a volume.
    @Test func hostsByTheirLabels() throws {
        let label = "io.rancher.scheduler.affinity:host_label"
        let reading = try reading(
            "\(label): 'tier=web, disk=ssd', \(label)_ne: zone=x",
            deploy: "{placement: {constraints: [node.role == worker]}}"
        )
        #expect(reading.errors.isEmpty && reading.stack.warnings.isEmpty, "\(reading)")
        let wanted = [
            "node.role == worker", "node.labels.tier == web", "node.labels.disk == ssd",
            "node.labels.zone != x",
        ]
        #expect(reading.stack.services["web"]?.placement == wanted)
    }

    @Test(arguments: [
        ("io.rancher.scheduler.global: 'true'", "{}", true),
        ("io.rancher.scheduler.global: 'true'", "{replicas: 2}", true),
        ("io.rancher.scheduler.global: 'false'", "{}", false),
        ("io.rancher.scheduler.global: 'true'", "{mode: global}", false),
        ("io.rancher.sidekicks: log", "{}", true), ("io.rancher.sidekicks: nobody", "{}", true),
        ("io.rancher.sidekicks: ''", "{}", false),
    ])
    func whatCountsByNodesIsRefused(labels: String, deploy: String, isRefused: Bool) throws {
        let reading = try reading(labels, deploy: deploy)
        let found = reading.errors.map { "\($0.code) \($0.location?.line ?? 0)" }
        #expect(found == (isRefused ? ["not-for-swarm 6"] : []), "\(reading.errors)")
        #expect(reading.errors.allSatisfy { $0.fix != nil })
    }

    /// Beside a number, that says all the same that a task is on each node.
    @Test func aTaskOnEachNodeHasNoNumber() throws {
        let global = "io.rancher.scheduler.global: 'true'"
        let reading = try reading(global, deploy: "{mode: global, replicas: 2}")
        #expect(reading.errors.map(\.location?.line) == [4])
    }
}
