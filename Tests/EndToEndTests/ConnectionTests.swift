import Foundation
import Testing

/// Nothing is fetched and nothing is run because a file says so: the real program judges every case
/// of the corpus where each packet is counted and each program that starts is written down.
@Suite(.onEngine, .timeLimit(.minutes(15)))
struct ConnectionTests {
    private let counted: String
    private let policy: String

    init() {
        let testbed = URL(filePath: Environment.all["GYRE_TESTBED"] ?? "")
        counted = testbed.deletingLastPathComponent().appending(path: "counted").path
        policy =
            URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../Fixtures/policy").standardizedFileURL.path
    }

    /// What the program said, and how often it used the network.
    private func run(_ command: [String]) async throws -> (said: Substring, count: Int?) {
        let out = try await Program.check([counted] + command)
        let lines = out.split(separator: "\n")
        return (lines.dropLast().joined(separator: "\n")[...], lines.last.flatMap { Int($0) })
    }

    /// A count of nothing proves nothing unless something would be counted.
    @Test(arguments: [
        "socket.create_connection(('192.0.2.9', 443), timeout=1)",
        "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('192.0.2.9', 53))",
        "socket.create_connection(('127.0.0.1', 1), timeout=1)",
    ])
    func `what speaks with anybody is counted`(_ call: String) async throws {
        let (_, count) = try await run(["python3", "-c", "import socket\n\(call)"])
        #expect(try #require(count) > 0)
    }

    /// As above: of a child, of a thread's child, and in the place of a program.
    @Test(arguments: [
        "subprocess.run(['/bin/true'])", "os.execv('/bin/true', ['true'])",
        "t = threading.Thread(target=lambda: os.system('/bin/true')); t.start(); t.join()",
        "os.fork() or os.execv('/bin/true', ['true']); os.wait()",
    ])
    func `what is started is written down`(_ call: String) async throws {
        let folder = try Files.temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let executions = try await Executions(in: folder)
        let code = "import os, subprocess, threading\n\(call)"
        try await Program.check(executions.tracer + ["python3", "-c", code])
        #expect(executions.all.contains { $0.program.hasSuffix("/true") }, "\(executions.all)")
    }

    @Test func `judging the corpus makes no connection and starts no program`() async throws {
        let named = Environment.all["GYRE_POLICY_CORPUS"].map { [$0] } ?? []
        let copies = try Files.temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: copies) }
        let executions = try await Executions(in: copies)
        for (index, cases) in ([policy + "/cases", policy + "/corpus"] + named).enumerated() {
            let folder = "\(copies)/\(index)"
            try await copy(cases, to: folder)
            let find = ["find", folder, "-mindepth", "1", "-maxdepth", "1", "-type", "d", "-exec"]
            let judge = [
                Environment.gyre, "policy", "check", "--config", policy + "/astro.yaml",
                "--project", "astro", "{}", ";",
            ]
            let (said, count) = try await run(executions.tracer + find + judge)
            #expect(count == 0, "\(folder)")
            let verdicts = said.split(separator: "\n").count { $0.hasPrefix("verdict: ") }
            #expect(verdicts == Files.names(in: folder).count, "\(folder)")
            let workers = executions.all.count { $0.arguments.dropFirst().first == "worker" }
            #expect(workers > verdicts / 2, "files are loaded in workers")
            // The first is the one that calls the program for each case.
            #expect(executions.besides(gyre: "policy", "check").dropFirst().isEmpty)
        }
    }

    /// The cases, with the links that the repository only tells of.
    private func copy(_ cases: String, to folder: String) async throws {
        struct Case: Decodable { var links: [String: String]? }
        try await Program.check(["cp", "-r", cases, folder])
        let files = FileManager.default
        for name in Files.names(in: folder) {
            let about = Data(Files.text(of: "\(folder)/\(name)/case.json").utf8)
            guard !about.isEmpty else { continue }
            for (path, target) in try JSONDecoder().decode(Case.self, from: about).links ?? [:] {
                let link = "\(folder)/\(name)/\(path)"
                try? files.removeItem(atPath: link)
                try files.createSymbolicLink(atPath: link, withDestinationPath: target)
            }
        }
    }
}
