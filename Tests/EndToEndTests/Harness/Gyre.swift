import Foundation
import Testing
import Transport

/// The program under test: a controller that is started, killed and started again, and the
/// commands that people give it.
actor Gyre {
    nonisolated let folder: String
    nonisolated let configuration: String
    nonisolated let log: String
    private let client: HTTPClient
    private var process: pid_t?

    /// Works in `folder`, which holds gyre.yaml, the state and the log.
    init(in folder: String, log name: String = "gyre.log") throws {
        self.folder = folder
        configuration = "\(folder)/gyre.yaml"
        log = "\(folder)/\(name)"
        client = try HTTPClient(connections: 2)
    }

    nonisolated var state: String { "\(folder)/state" }
    private nonisolated var socket: String { "\(folder)/gyre.sock" }

    /// Starts `gyre serve`, by another command where one is given, and returns at once.
    func serve(
        _ environment: [String: String] = [:],
        under tracer: [String] = [],
        with options: String...
    ) throws {
        precondition(process == nil, "it runs already")
        let gyre = [Environment.gyre, "serve", "--config", configuration, "--log-level", "debug"]
        process = try Program.start(
            tracer + gyre + options,
            environment: environment,
            log: log
        )
    }

    /// Starts `gyre serve` and waits until it answers.
    func start(_ environment: [String: String] = [:], under tracer: [String] = []) async throws {
        try serve(environment, under: tracer)
        try await until("it answers") { _ in true }
    }

    /// Asks it to end and waits for that; gives its exit status.
    @discardableResult
    func stop() async throws -> Int32 {
        guard let process else { return 0 }
        kill(process, SIGTERM)
        guard let status = try await Program.end(of: process) else {
            await end()
            throw NotInTime(description: "gyre did not end within \(patience)\n\(tail)")
        }
        self.process = nil
        return status
    }

    /// SIGKILL, and away with it.
    func end() async {
        guard let process else { return }
        kill(process, SIGKILL)
        _ = try? await Program.end(of: process)
        self.process = nil
    }

    /// The most memory that it has held at once, in bytes.
    func peakMemory() throws -> Int {
        let lines = Files.text(of: "/proc/\(process ?? 0)/status").split(separator: "\n")
        let words = lines.first { $0.hasPrefix("VmHWM:") }?.split(whereSeparator: \.isWhitespace)
        guard let words, words.count == 3, let kibibytes = Int(words[1]) else {
            throw Program.Failure(description: "it doesn't run")
        }
        return kibibytes << 10
    }

    /// Sends SIGHUP: read gyre.yaml anew.
    func reload() { send(SIGHUP) }

    func send(_ signal: Int32) {
        if let process { kill(process, signal) }
    }

    /// Waits for the controller to end by itself, and gives its exit status.
    func ended() async throws -> Int32? {
        guard let process else { return nil }
        let status = try await Program.end(of: process)
        if status != nil { self.process = nil }
        return status
    }

    /// Runs a command of the program.
    @discardableResult
    nonisolated func run(_ arguments: String...) async throws -> Program.Output {
        try await Program.run(
            [Environment.gyre] + arguments + ["--config", configuration]
        )
    }

    /// What `gyre status --json` says.
    nonisolated func status() async throws -> Status {
        try JSONDecoder().decode(Status.self, from: Data(try await json("status").utf8))
    }

    /// The steps that `gyre plan --json` lists.
    nonisolated func plan() async throws -> [PlanList.Plan.Step] {
        let list = try JSONDecoder().decode(PlanList.self, from: Data(try await json("plan").utf8))
        return list.plans.flatMap(\.steps)
    }

    /// The words that `gyre history --json` has for what became of runs, newest first.
    nonisolated func results() async throws -> [String] {
        struct Runs: Decodable {
            struct Run: Decodable { var result: String }
            var runs: [Run]
        }
        let runs = try JSONDecoder().decode(Runs.self, from: Data(try await json("history").utf8))
        return runs.runs.map(\.result)
    }

    /// The output of a command with `--json`, which must succeed.
    nonisolated func json(_ command: String) async throws -> String {
        let output = try await run(command, "--json")
        // With 5 it says what did not answer, beside what did.
        guard output.isSuccess || output.status == 5 && !output.out.contains("\"error\"") else {
            throw Program.Failure(description: "gyre \(command): \(output.out)\(output.err)")
        }
        return output.out
    }

    /// Waits until what `gyre status --json` says is as it should be.
    ///
    /// The socket is asked first, again and again, and the command once that says so: what counts
    /// is what people and programs outside get to see, and each of its runs costs as much as many
    /// questions.
    nonisolated func until(
        _ what: String,
        _ condition: (Status) async throws -> Bool
    ) async throws {
        try await eventually(what, tail: { self.tail }) {
            guard try await condition(try await self.glance()) else { return false }
            return try await condition(try await self.status())
        }
    }

    /// Waits until the only stack, or the named one, runs a commit.
    nonisolated func ready(
        at commit: String,
        _ stack: String? = nil
    ) async throws {
        try await until("\(stack ?? "the stack") is ready at \(commit)") {
            try $0.stack(stack).isReady(at: commit)
        }
    }

    /// Waits until the only stack, or the named one, has a problem.
    nonisolated func problem(
        _ kind: String,
        _ stack: String? = nil
    ) async throws -> Status.Problem {
        var found: Status.Problem?
        try await until("\(stack ?? "the stack") is \(kind)") {
            found = try $0.stack(stack).problem(kind)
            return found != nil
        }
        return try #require(found)
    }

    /// The status over the socket, to see whether the command is worth running.
    private nonisolated func glance() async throws -> Status {
        let response = try await client.send(
            HTTPRequest("GET", "http://gyre/v1/status", socketPath: socket)
        )
        return try JSONDecoder().decode(Status.self, from: Data(response.body))
    }

    /// Waits for a line of the log, written after its first `offset` bytes, that holds both texts.
    ///
    /// - Returns: Whether it came before `condition` held.
    @discardableResult
    nonisolated func logs(
        _ text: String,
        and other: String = "",
        after offset: Int,
        unless condition: @Sendable (String) -> Bool = { _ in false }
    ) async throws -> Bool {
        var found = false
        try await eventually(
            "the log says \(text) \(other)",
            pause: .milliseconds(2),
            tail: { self.tail }
        ) {
            let lines = Files.text(of: log, from: offset).split(separator: "\n")
            found = lines.contains { $0.contains(text) && (other.isEmpty || $0.contains(other)) }
            return found || lines.contains { condition(String($0)) }
        }
        return found
    }

    /// The end of the log, for a message.
    nonisolated var tail: String {
        let lines = Files.text(of: log).split(separator: "\n")
        let plans = lines.filter { !$0.contains("nothing to do") }
        return plans.suffix(40).joined(separator: "\n")
    }
}
