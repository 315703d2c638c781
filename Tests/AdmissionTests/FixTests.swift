import Admission
import ComposeFile
import Model
import TestSupport
import Testing

/// What findings say to write ends them: nobody is sent from one denial into another.
@Suite struct FixTests {
    @Test(arguments: RoutingLabels.denied.indices)
    func aLabelOfTheIngressIsMended(index: Int) throws {
        let (key, value) = RoutingLabels.denied[index]
        let rule = ("traefik.http.routers.astro.rule", "Host(`astro.example.org`)")
        let base = key.lowercased() == rule.0 ? [:] : [rule.0: rule.1]
        func findings(_ labels: [String: String]) -> [Diagnostic] {
            let stack = Astro.stack { $0.labels = labels }
            do { return try Astro.policy.admit(stack).warnings } catch { return error.diagnostics }
        }
        let before = findings(base.merging([key: value]) { $1 })
        let found = before.filter { $0.code == "label-routing" }
        // A router that is called otherwise has no rule beside it either.
        let own = found.first { !$0.message.hasPrefix("no rule stands") }
        let finding = try #require(own ?? found.first)
        let mended = try #require(label(key, value, by: finding.fix ?? ""), "\(finding)")
        let after = findings(base.merging([mended].compactMap(\.pair)) { $1 })
        #expect(after.isEmpty, "\(key): \(value): \(finding.fix ?? ""): \(after)")
    }

    private struct Mended {
        /// nil: the label is gone.
        var pair: (String, String)?
    }

    private func label(_ key: String, _ value: String, by fix: String) -> Mended? {
        func word(after beginning: String) -> String? {
            guard fix.hasPrefix(beginning) else { return nil }
            return String(fix.dropFirst(beginning.count).prefix { $0 != "," })
                .filter { $0 != "\"" }
        }
        if fix.hasPrefix("remove it") { return Mended() }
        if let name = word(after: "call it ") {
            var parts = key.split(separator: ".").map(String.init)
            guard parts.count > 3 else { return nil }
            parts[3] = name
            return Mended(pair: (parts.joined(separator: "."), value))
        }
        return word(after: "write ").map { Mended(pair: (key, $0)) }
    }

    /// Compose files of which each has one line that is denied, and the finding that has to go.
    private static let files: [(line: String, top: String, code: String)] = [
        ("secrets: [s]", "secrets:\n  s:\n    environment: X", "required-variable"),
        ("secrets: [s]", "secrets:\n  s:\n    environment: SET", "variable-content"),
        ("configs: [s]", "configs:\n  s:\n    environment: X", "required-variable"),
        ("configs: [s]", "configs:\n  s:\n    environment: SET", "variable-content"),
        ("secrets: [s]", "secrets:\n  s:\n    external: true", "needs-swarm"),
        ("configs: [s]", "configs:\n  s:\n    external: true", "needs-swarm"),
        ("secrets: [s]", "secrets:\n  s:\n    driver: x", "not-supported"),
        ("sysctls:\n      kernel.panic: '1'", "", "sysctl"),
        ("logging:\n      driver: syslog", "", "log-driver"),
        ("logging:\n      options:\n        max-buffer-size: 64m", "", "log-driver"),
        ("stop_grace_period: 2h", "", "stop-grace-period"),
        ("networks: [n]", "networks:\n  n:\n    driver: macvlan", "network-driver"),
        (
            "networks: [n]", "networks:\n  n:\n    ipam:\n      config: [{subnet: 10.0.0.0/24}]",
            "subnet"
        ),
        ("mac_address: 02:42:ac:11:65:43", "", "endpoint"), ("runtime: kata", "", "runtime"),
        ("cgroup_parent: /x", "", "cgroup-parent"), ("privileged: true", "", "privileged"),
        ("pid: host", "", "namespace"), ("annotations:\n      a: b", "", "annotation"),
    ]

    @Test(arguments: files.indices)
    func aFileIsMended(index: Int) throws {
        let (line, top, code) = Self.files[index]
        let text = "services:\n  web:\n    image: nginx:1\n    \(line)\n\(top)\n"
        let before = findings(of: text)
        let finding = try #require(before.first { $0.code == code }, "\(before)")
        let mended = try #require(text.mended(by: finding), "\(finding)")
        let after = findings(of: mended)
        #expect(after.allSatisfy { $0.code != code }, "\(mended): \(after)")
        #expect(!after.contains { $0.severity == .error }, "\(mended): \(after)")
    }

    private func findings(of text: String) -> [Diagnostic] {
        var entries: [String: Snapshot.Entry] = [
            "s.txt": .file(Array("x".utf8)), ".env": .file(Array("SET=1\n".utf8)),
        ]
        entries["compose.yaml"] = .file(Array(text.utf8))
        let commit = Commit(
            id: String(repeating: "0", count: 40),
            author: "",
            seconds: 0,
            message: ""
        )
        let snapshot = Snapshot(commit: commit, entries: entries)
        do {
            let reading = try StackReading(of: snapshot, at: "", id: Astro.id)
            return try Astro.policy.admit(reading).warnings
        } catch {
            return error.diagnostics
        }
    }
}

extension String {
    /// With what a finding's fix says done, as far as a machine can: the line at its place removed
    /// with what is below it, or written anew.
    fileprivate func mended(by finding: Diagnostic) -> String? {
        guard let fix = finding.fix, let place = finding.location else { return nil }
        var lines = split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        func indent(_ line: String) -> Int { line.prefix { $0 == " " }.count }
        var index = place.line - 1
        // "remove ipam" of a place below it.
        if let name = fix.split(whereSeparator: { " ,;".contains($0) }).dropFirst().first,
            fix.hasPrefix("remove "), name != "it",
            let above = lines[...index].lastIndex(where: {
                $0.drop { $0 == " " }.hasPrefix("\(name):")
            })
        {
            index = above
        }
        let own = indent(lines[index])
        let end = lines[(index + 1)...].firstIndex { indent($0) <= own } ?? lines.endIndex
        var instead: [String] = []
        if fix.contains("write file:, ") {
            instead = [String(repeating: " ", count: own) + "file: ./s.txt"]
        } else if !fix.hasPrefix("remove") {
            return nil
        }
        // A mapping that is left without anything is an empty one.
        if instead.isEmpty, index > 0, lines[index - 1].hasSuffix(":"),
            indent(lines[index - 1]) < own,
            end == lines.endIndex || indent(lines[end]) < own
        {
            lines[index - 1] += " {}"
        }
        lines.replaceSubrange(index..<end, with: instead)
        return lines.joined(separator: "\n")
    }
}
