import ComposeFile
import Foundation
import Model
import Testing

/// What words of Rancher mean here.
@Suite struct RancherTests {
    private func sample(_ settings: String, service: String = "user: \"1\"") -> Sample {
        Sample(service: service, ["rancher-compose.yml": "services:\n  s:\n    \(settings)"])
    }

    @Test func settingsGoOverTheComposeFile() throws {
        var sample = sample(
            "scale: 3\n    stop_grace_period: 90s\n    init: true\n    milli_cpu_reservation: 250",
            service: "scale: 2\nstop_grace_period: 1s"
        )
        var service = try sample.service()
        #expect(service.replicas == 3)
        #expect(service.stopGracePeriod == .seconds(90))
        #expect(service.initProcess == true)
        #expect(service.resources.reservedNanoCPUs == 250_000_000)
        #expect(sample.findings() == [])
        sample = self.sample("upgrade_strategy: {start_first: false}\n    drain_timeout_ms: 0")
        service = try sample.service()
        #expect(sample.findings() == [])
    }

    @Test func healthChecksKeepTheirTimes() throws {
        let check = """
            health_check: {port: 80, interval: 2000, response_timeout: 1500, \
            unhealthy_threshold: 4, initializing_timeout: 60000, strategy: none}
            """
        let sample = sample(check, service: "healthcheck: {test: [CMD, /ok], timeout: 9s}")
        let health = try #require(try sample.service().healthcheck)
        #expect(health.test == ["CMD", "/ok"])
        #expect(health.interval == .seconds(2))
        #expect(health.timeout == .seconds(9))
        #expect(health.retries == 4)
        #expect(health.startPeriod == .seconds(60))
        #expect(sample.findings() == [])
    }

    @Test func healthChecksWithoutACommandProposeOne() throws {
        var sample = sample(
            "health_check: {port: 8080, request_line: GET \"/up\" \"HTTP/1.0\", interval: 2000}"
        )
        #expect(sample.findings() == ["app/rancher-compose.yml:3:5 warning rancher-not-honoured"])
        var fix = try sample.finding().fix
        #expect(
            fix == "write such as healthcheck: "
                + "{test: [CMD, curl, -f, \"http://localhost:8080/up\"], interval: 2s}"
        )
        #expect(try sample.service().healthcheck == nil)
        sample = self.sample("health_check: {port: 5432}")
        fix = try sample.finding().fix
        #expect(fix == "write such as healthcheck: {test: [CMD, nc, -z, localhost, \"5432\"]}")
    }

    @Test func tasksRunOnce() throws {
        let sample = Sample(service: "labels: {io.rancher.container.start_once: 'true'}")
        #expect(try sample.service().restart == .no)
        #expect(sample.findings() == [])
        let other = Sample(service: "labels: {io.rancher.container.start_once: 'false'}")
        #expect(try other.service().restart == nil)
    }

    @Test func oneANode() throws {
        let sample = Sample(service: "scale: 3\nlabels: [io.rancher.scheduler.global=true]")
        #expect(try sample.service().replicas == 1)
        #expect(sample.findings() == [])
    }

    @Test func hostsByTheirLabels() throws {
        let label = "io.rancher.scheduler.affinity:host_label"
        let body =
            "deploy: {placement: {constraints: [node.labels.a == b]}}\nlabels:\n"
            + "  \(label): tier=web, disk = ssd\n  \(label)_ne: zone=x"
        let sample = Sample(service: body)
        let wanted = [
            "node.labels.a == b", "node.labels.tier == web", "node.labels.disk == ssd",
            "node.labels.zone != x",
        ]
        #expect(try sample.service().placement == wanted)
        #expect(sample.findings() == [])
        let list = FieldPath("services", "s", "deploy") / "placement" / "constraints"
        let places = try sample.load().places
        #expect(places.location(of: list[3])?.description == "app/compose.yaml:7:52")
        let wrong = Sample(service: "labels:\n  \(label): web")
        #expect(wrong.findings() == ["5:49 error invalid-value"])
        let soft = Sample(service: "labels:\n  \(label)_soft: a=b")
        #expect(soft.findings() == ["5:7 warning rancher-not-honoured"])
    }

    @Test func asManySidekicks() throws {
        let text = """
            services:
              s: {image: i, scale: 2, labels: {io.rancher.sidekicks: "a, b"}}
              a: {image: i}
              b: {image: i, scale: 7}
            """
        let stack = try Sample(text).load()
        #expect(stack.services.mapValues(\.replicas) == ["s": 2, "a": 2, "b": 2])
        #expect(
            Sample(text.replacing("a, b", with: "a, bb")).findings()
                == ["2:58 error undefined-reference"]
        )
        let twice = text + "\n  t: {image: i, labels: {io.rancher.sidekicks: a}}"
        #expect(Sample(twice).findings() == ["5:48 error conflicting-values"])
    }

    /// Each row that isn't honoured warns at its place, with its fix.
    @Test func wordsThatMeanNothing() throws {
        let parts = RancherTable.parts
        for row in parts[0].rows where row.instead != nil {
            let text = "services: {}\n\(row.word): {a: b}"
            try check(Sample("services: {}", ["rancher-compose.yml": text]), row, "2:1")
        }
        for row in parts[1].rows where row.instead != nil {
            let path = row.word.split(separator: ".")
            let text = path.count == 1 ? "\(row.word): [{a: b}]" : "\(path[0]): {\(path[1]): 5}"
            let place = path.count == 1 ? "3:5" : "3:\(7 + path[0].count + 1)"
            let check = "healthcheck: {test: [CMD, /ok]}"
            try self.check(sample(mended(text), service: check), row, place)
        }
        for row in parts[2].rows {
            let name = row.word.replacing("*", with: "x")
            let sample = Sample(service: "labels:\n  \(name): s2")
            guard row.instead != nil else { continue }
            #expect(sample.findings() == ["5:7 warning rancher-not-honoured"], "\(row.word)")
            #expect(try sample.finding().fix == row.instead, "\(row.word)")
        }
    }

    /// Words that aren't numbers.
    private func mended(_ text: String) -> String {
        text.replacing("start_first: 5", with: "start_first: true")
            .replacing("strategy: 5", with: "strategy: recreate")
            .replacing("config: 5", with: "config: {quorum: 1}")
    }

    private func check(_ sample: Sample, _ row: RancherTable.Row, _ place: String) throws {
        let found = sample.findings()
        #expect(
            found == ["app/rancher-compose.yml:\(place) warning rancher-not-honoured"],
            "\(row.word)"
        )
        #expect(try sample.finding().fix == row.instead, "\(row.word)")
    }
}

/// `Docs/Rancher.md` says what the code does.
@Suite struct RancherPageTests {
    private static let page = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../Docs/Rancher.md").standardizedFileURL

    @Test func theTablesAreMadeFromTheCode() throws {
        let page = try String(contentsOf: Self.page, encoding: .utf8)
        if ProcessInfo.processInfo.environment["UPDATE_SNAPSHOTS"] == "1" {
            let end = page.range(of: "## rancher-compose.yml")?.lowerBound ?? page.endIndex
            let updated = page[..<end] + RancherTable.markdown + "\n"
            try String(updated).write(to: Self.page, atomically: true, encoding: .utf8)
        }
        #expect(page.hasSuffix(RancherTable.markdown + "\n"))
    }
}
