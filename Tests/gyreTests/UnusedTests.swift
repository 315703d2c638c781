import Model
import Testing

@testable import gyre

/// What no service uses is never made, and is judged as if one did.
@Suite struct UnusedTests {
    @Test(arguments: [
        ("networks: {item: {external: true, name: bio_web_default}}", "own-name"),
        ("networks: {item: {driver: macvlan}}", "network-driver"),
        ("networks: {item: {labels: {com.docker.compose.project: x}}}", "label-reserved"),
        ("volumes: {item: {external: true, name: bio_db_data}}", "own-name"),
        ("volumes: {item: {driver: rexray}}", "volume-driver"),
        ("volumes: {item: {driver_opts: {type: none, o: bind, device: /}}}", "volume-driver"),
        ("secrets: {item: {environment: WORD}}", "variable-content"),
        ("secrets: {item: {external: true, name: bio_x}}", "own-name"),
        ("configs: {item: {external: true, name: bio_x}}", "own-name"),
        ("configs: {item: {file: ../../x}}", "file-outside"),
        ("secrets: {item: {file: /etc/shadow}}", "content-of-node"),
    ])
    func isDenied(text: String, rule: String) async throws {
        let part = text.prefix { $0 != ":" }
        let use = part == "volumes" ? "['item:/n']" : "[item]"
        let unused = try await PolicyAnswer.ofSample([
            "compose.yaml": "services: {web: {image: httpd}}\n\(text)\n", ".env": "WORD=x\n",
        ])
        #expect(unused.verdict == .deny)
        #expect(unused.findings.contains { $0.rule == rule && $0.severity == "error" })
        let used = try await PolicyAnswer.ofSample([
            "compose.yaml": "services: {web: {image: httpd, \(part): \(use)}}\n\(text)\n",
            ".env": "WORD=x\n",
        ])
        #expect(used.verdict == .deny)
        #expect(used.findings.contains { $0.rule == rule && $0.severity == "error" })
        // What only a profile takes in is used.
        let dormant = try await PolicyAnswer.ofSample([
            "compose.yaml": "services: {web: {image: httpd}, "
                + "x: {image: httpd, profiles: [x], \(part): \(use)}}\n\(text)\n",
            ".env": "WORD=x\n",
        ])
        #expect(dormant.verdict == .deny)
        #expect(dormant.findings.contains { $0.rule == rule && $0.severity == "error" })
    }

    @Test func whatIsInOrderIsNotTold() async throws {
        let answer = try await PolicyAnswer.ofSample([
            "compose.yaml": "services: {web: {image: httpd}}\nvolumes: {v: }\nnetworks: {n: }\n"
        ])
        #expect(answer.verdict == .mutate && answer.findings.isEmpty)
    }
}
