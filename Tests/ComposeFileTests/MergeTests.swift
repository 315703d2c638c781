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
        "dns: [1.1.1.1]", "logging: {driver: none}", "build: {}", "secrets: [x]",
        "deploy: {update_config: {order: start-first}}", "healthcheck: {start_interval: 1s}",
        "volumes: [{type: volume, target: /a, volume: {nocopy: true}}]",
        "networks: {default: {priority: 3}}", "ports: [{target: 80, app_protocol: http}]",
        "post_start: [{command: x}]", "platform: linux/amd64", "stdin_open: true",
    ])
    func whatIsNotRenderedIsRefused(body: String) {
        let findings = Sample(service: body).findings()
        #expect(findings.contains { $0.hasSuffix("error not-supported") }, "\(findings)")
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
