import ComposeFile
import Model
import Testing

/// Files made to exhaust whoever reads them.
@Suite(.timeLimit(.minutes(10))) struct HostileTests {
    private func codes(_ sample: Sample) -> Set<String> {
        do {
            _ = try sample.load()
            return []
        } catch {
            return Set(error.diagnostics.filter { $0.severity == .error }.map(\.code))
        }
    }

    @Test func environmentBomb() {
        var text = "A0=\(String(repeating: "x", count: 100))\n"
        for level in 1...40 { text += "A\(level)=$A\(level - 1)$A\(level - 1)\n" }
        #expect(codes(Sample("services: {}", [".env": text])) == ["interpolation-too-large"])
    }

    @Test func manyLargeValuesAreBoundedTogether() {
        var text = "A=\(String(repeating: "x", count: 500_000))\n"
        for index in 0..<1000 { text += "B\(index)=$A\n" }
        #expect(codes(Sample("services: {}", [".env": text])) == ["interpolation-too-large"])
    }

    @Test func valuesOfOneFileAreBoundedTogether() {
        let labels = (0..<100).map { "l\($0): $A" }.joined(separator: ", ")
        let sample = Sample(
            service: "labels: {\(labels)}",
            [".env": "A=\(String(repeating: "x", count: 500_000))"]
        )
        #expect(codes(sample) == ["interpolation-too-large"])
    }

    @Test func nestedDefaults() {
        let open = String(repeating: "${A:-", count: 50_000)
        let text = open + String(repeating: "}", count: 50_000)
        #expect(codes(Sample(service: "labels: {v: \"\(text)\"}")) == ["interpolation-too-large"])
        #expect(codes(Sample(service: "labels: {v: \"\(open)\"}")) == ["invalid-interpolation"])
    }

    @Test func manyVariablesOnOneLine() throws {
        let text = String(repeating: "${A:-x}", count: 100_000)
        let service = try Sample(service: "labels: {v: \"\(text)\"}").service()
        #expect(service.labels["v"]?.utf8.count == 100_000)
    }

    @Test func manyUnsetVariables() throws {
        let text = (0..<50_000).map { "$A\($0)" }.joined()
        let stack = try Sample(service: "labels: {v: \"\(text)\"}").load()
        #expect(stack.warnings.count == 100)
    }

    @Test(arguments: [#"[""]"#, #"[":"]"#, #"["::"]"#, #"["="]"#, #"["/"]"#, #"["@"]"#])
    func listsOfNothing(_ list: String) throws {
        for attribute in Self.lists {
            // Refused or taken: what counts is that it ends.
            _ = codes(Sample(service: "\(attribute): \(list)"))
        }
    }

    private static let lists = [
        "annotations", "cap_add", "configs", "depends_on", "device_cgroup_rules", "devices", "dns",
        "dns_opt", "dns_search", "env_file", "environment", "expose", "external_links",
        "extra_hosts", "group_add", "label_file", "labels", "links", "networks", "ports",
        "secrets", "security_opt", "storage_opt", "sysctls", "tmpfs", "ulimits", "volumes",
        "volumes_from",
    ]

    @Test func aLongChainOfMountsTakenOver() throws {
        let last = 5000
        let links = (0..<last).map { "  s\($0): {image: i, volumes_from: [s\($0 + 1)]}\n" }.joined()
        let end = "  s\(last): {image: i, volumes: [\"vol:/v\"]}\nvolumes: {vol: {}}\n"
        let stack = try Sample("services:\n\(links)\(end)").load()
        #expect(stack.services["s0"]?.volumes.map(\.target) == ["/v"])
    }

    @Test func manyMountsTakenOver() {
        let mounts = (0..<500).map { "\"vol:/v\($0)\"" }.joined(separator: ", ")
        let takers = (0..<500).map { "  s\($0): {image: i, volumes_from: [a]}\n" }.joined()
        let sample = Sample(
            "services:\n  a: {image: i, volumes: [\(mounts)]}\n\(takers)volumes: {vol: {}}\n"
        )
        #expect(codes(sample) == ["model-too-large"])
    }

    @Test func aNameBesideEndlessReplicas() throws {
        let compose = """
            services:
              a: {image: i, container_name: app-b-12}
              b: {image: i, deploy: {replicas: 9000000000000}}
              c: {image: i, container_name: app-c}
            """
        #expect(codes(Sample(compose)) == ["conflicting-values"])
        #expect(codes(Sample(compose.replacing("app-b-12", with: "app-b-0"))).isEmpty)
    }

    @Test func aNameOfSeveralByTheCompanion() {
        let sample = Sample(
            service: "container_name: app-one",
            ["rancher-compose.yml": "version: \"2\"\nservices: {s: {scale: 3}}"]
        )
        #expect(codes(sample) == ["conflicting-values"])
    }

    @Test func environmentFilesAreBounded() {
        let text = String(repeating: "#", count: (1 << 20) + 1)
        #expect(codes(Sample("services: {}", [".env": text])) == ["env-file-too-large"])
    }

    @Test func aliasBombAndNesting() {
        var text = "x-0: &a0 [x, x, x, x, x, x, x, x, x]\n"
        for level in 1...12 {
            let aliases = Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", ")
            text += "x-\(level): &a\(level) [\(aliases)]\n"
        }
        #expect(codes(Sample(text + "services: {}")) == ["yaml-alias-budget"])
        let deep = String(repeating: "[", count: 100_000)
        #expect(codes(Sample("services: {}\nx-deep: \(deep)")) == ["yaml-too-deep"])
    }

    @Test func hugePortRanges() {
        #expect(codes(Sample(service: "ports: [\"1-65535\"]")) == ["too-many-ports"])
        let expose = Array(repeating: "1-65535", count: 10_000).joined(separator: ", ")
        #expect(codes(Sample(service: "expose: [\(expose)]")) == [])
        let uneven = Array(repeating: "\"1-65535:1-65534\"", count: 10_000).joined(separator: ", ")
        #expect(codes(Sample(service: "ports: [\(uneven)]")) == ["invalid-port"])
    }

    @Test func hugeNumbers() {
        #expect(codes(Sample(service: "scale: 99999999999999999999")) == ["invalid-number"])
        #expect(codes(Sample(service: "scale: 9999999999999999999")) == ["invalid-number"])
        #expect(codes(Sample(service: "cpus: 1e300")) == ["invalid-number"])
        #expect(codes(Sample(service: "mem_limit: 999999999999999999p")) == ["invalid-size"])
        #expect(codes(Sample(service: "stop_grace_period: 99999999999w")) == ["invalid-duration"])
        let digits = String(repeating: "9", count: 100_000)
        #expect(codes(Sample(service: "stop_grace_period: \(digits)s")) == ["invalid-duration"])
        #expect(codes(Sample(service: "mem_limit: \(digits)p")) == ["invalid-size"])
    }

    @Test func findingsAreBounded() throws {
        let services = (0..<5000).map { "  s\($0): {foo: 1}\n" }.joined()
        do {
            _ = try Sample("services:\n\(services)").load()
            Issue.record("accepted")
        } catch {
            #expect(error.diagnostics.count == 200)
        }
    }

    @Test func longChainsOfDependencies() throws {
        var text = "services:\n  s0: {image: i, depends_on: [s4999]}\n"
        for index in 1..<5000 { text += "  s\(index): {image: i, depends_on: [s\(index - 1)]}\n" }
        #expect(codes(Sample(text)) == ["dependency-cycle"])
        let open = text.replacing("{image: i, depends_on: [s4999]}", with: "{image: i}")
        #expect(codes(Sample(open)) == [])
    }
}
