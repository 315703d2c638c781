import ComposeFile
import Model
import Testing

/// Files over files: where a finding points, and what `!reset` and `!override` leave.
@Suite struct MergeTests {
    private func service(_ base: String, _ over: String) throws -> JSON {
        let sample = Sample(service: base, ["compose.override.yaml": "services:\n  s: {\(over)}"])
        return try sample.config()["services"]?["s"] ?? .null
    }

    @Test func laterFilesGoOverEarlierOnes() throws {
        let merged = try service("environment: [A=1, B=1]\nuser: a", "environment: {A: 2}, user: b")
        #expect(merged["environment"] == ["A": "2", "B": "1"])
        #expect(merged["user"] == "b")
    }

    @Test func resetsAndOverrides() throws {
        #expect(try service("ports: [80]\nuser: a", "ports: !reset null")["ports"] == nil)
        #expect(try service("cap_add: [A]", "cap_add: !override [B]")["cap_add"] == ["B"])
        #expect(try service("cap_add: [A]", "cap_add: [B]")["cap_add"] == ["A", "B"])
    }

    @Test func findingsPointIntoTheFileThatWroteThem() {
        let sample = Sample(
            service: "extends: {file: base.yaml, service: b}",
            [
                "base.yaml": "services:\n  b:\n    imag: x\n",
                "compose.override.yaml": "services:\n  s: {restart: maybe}\n",
            ]
        )
        #expect(
            sample.findings() == [
                "app/base.yaml:3:5 error unknown-attribute",
                "app/compose.override.yaml:2:16 error invalid-restart",
            ]
        )
    }

    @Test func includedFilesHaveTheirOwnVariables() throws {
        let sample = Sample(
            "include: [sub/compose.yaml]\nservices: {}",
            [
                "sub/compose.yaml": "services: {b: {image: \"i:$TAG\", labels: {n: $N}}}",
                "sub/.env": "TAG=1\nN=inner", ".env": "N=outer",
            ]
        )
        let service = try sample.load().services["b"]
        #expect(service?.image == "i:1")
        #expect(service?.labels["n"] == "outer")
    }

    @Test func profilesOfTheFolder() throws {
        let text = "services: {a: {image: i}, b: {image: i, profiles: [dev]}}"
        #expect(try Sample(text).load().services.keys.sorted() == ["a"])
        let on = Sample(text, [".env": "COMPOSE_PROFILES=dev"])
        #expect(try on.load().services.keys.sorted() == ["a", "b"])
    }

    /// Nothing that the renderer doesn't know may be dropped.
    @Test(arguments: [
        "build: {}", "credential_spec: {file: x}",
        "deploy: {resources: {reservations: {generic_resources: "
            + "[{discrete_resource_spec: {kind: g, value: 1}}]}}}",
        "volumes: [{type: image, source: i, target: /x, image: {subpath: a}}]",
        "use_api_socket: true", "isolation: process", "external_links: [x]",
        "post_start: [{command: x}]", "pre_stop: [{command: x}]",
    ])
    func whatIsNotRenderedIsRefused(body: String) {
        let findings = Sample(service: body).findings()
        #expect(findings.contains { $0.hasSuffix("error not-supported") }, "\(findings)")
    }

    /// What has a meaning on a Swarm alone is taken, and whoever wrote it is told.
    @Test(arguments: [
        "deploy: {rollback_config: {failure_action: pause}}", "attach: false",
        "deploy: {restart_policy: {condition: any, delay: 5s}}",
        "ports: [{target: 80, app_protocol: http}]", "cpu_count: 2", "cpu_percent: 50",
        "deploy: {placement: {preferences: [{spread: node.labels.a}]}}",
        "deploy: {labels: {a: b}}", "develop: {watch: [{path: a, action: sync, target: /b}]}",
    ])
    func whatChangesNothingIsTold(body: String) {
        #expect(Sample(service: body).findings().allSatisfy { $0.hasSuffix("warning no-effect") })
        #expect(Sample(service: body).findings().count == 1)
    }

    @Test func whatTunesAServiceIsRead() throws {
        let sample = Sample(
            """
            services:
              a:
                image: i
                dns: 1.1.1.1
                ulimits: {nofile: {soft: 5, hard: 9}, nproc: 7}
                extra_hosts: ["h:10.0.0.1"]
                logging: {driver: local, options: {max-size: 5m}}
                memswap_limit: 1g
                deploy: {mode: replicated, restart_policy: {condition: any}}
                networks: {n: {ipv4_address: 10.9.0.5}}
            networks: {n: {ipam: {config: [{subnet: 10.9.0.0/24}]}, driver_opts: {a: 1}}}
            """
        )
        let stack = try sample.load()
        let service = try #require(stack.services["a"])
        #expect(service.resolver.servers == ["1.1.1.1"])
        #expect(service.ulimits["nofile"] == .init(soft: 5, hard: 9))
        #expect(service.ulimits["nproc"] == .init(soft: 7, hard: 7))
        #expect(service.hostEntries == [.init(name: "h", address: "10.0.0.1")])
        #expect(service.logging == .init(driver: "local", options: ["max-size": "5m"]))
        #expect(service.resources.memoryAndSwap == 1 << 30)
        #expect(service.restart == .always)
        #expect(service.networks["n"]?.ipv4Address == "10.9.0.5")
        #expect(stack.networks["n"]?.subnets == ["10.9.0.0/24"])
        #expect(stack.networks["n"]?.options == ["a": "1"])
    }

    @Test func circlesEnd() {
        let extends = Sample("services: {a: {extends: b}, b: {extends: a}}")
        #expect(extends.findings().contains { $0.hasSuffix("extends-cycle") })
        let include = Sample("include: [compose.yaml]\nservices: {}")
        #expect(include.findings() == ["1:11 error include-cycle"])
    }

    @Test func repetitionIsBounded() {
        let labels = (0..<2000).map { "l\($0): x" }.joined(separator: ", ")
        var text = "services:\n  base: {image: i, labels: {\(labels)}}\n"
        for index in 0..<2000 { text += "  s\(index): {extends: base}\n" }
        #expect(Sample(text).findings().contains { $0.hasSuffix("model-too-large") })
    }
}
