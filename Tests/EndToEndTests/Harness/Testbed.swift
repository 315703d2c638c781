import Foundation

/// A node with an engine and a registry of its own.
struct Testbed: Sendable {
    let directory: String
    let engine: Engine
    /// Name of its network namespace.
    let network: String
    /// Where its published ports are reached.
    let host: String

    /// The one that `Testbed/test` has brought up: shared, so never stopped or frozen.
    static func shared() throws -> Testbed { try Testbed(Environment.all) }

    private init(_ settings: [String: String]) throws {
        directory = settings["GYRE_TEST_DIR"] ?? ""
        engine = try Engine(address: settings["GYRE_TEST_ENGINE"] ?? "")
        network = settings["GYRE_TEST_NETNS"] ?? ""
        host = settings["GYRE_TEST_HOST"] ?? "127.0.0.1"
    }

    /// Brings one up for `body` alone, and takes it down whatever comes.
    static func own<T: Sendable>(
        _ options: [String] = [],
        _ body: (Testbed) async throws -> T
    ) async throws -> T {
        let directory = try Files.temporaryFolder()
        do {
            try await script(["up"] + options, directory)
            let settings = settings(Files.text(of: "\(directory)/env"))
            let result = try await body(Testbed(settings))
            try await script(["down"], directory)
            return result
        } catch {
            _ = try? await script(["down"], directory)
            throw error
        }
    }

    /// Does something to the engine: `freeze`, `thaw`, `kill-engine`, `start-engine`,
    /// `restart-engine`.
    func fault(_ command: String) async throws { try await self.command(command) }

    /// Any command of the testbed's script; gives what it says.
    @discardableResult
    func command(_ arguments: String...) async throws -> String { try await command(arguments) }

    @discardableResult
    func command(_ arguments: [String]) async throws -> String {
        try await Testbed.script(arguments, directory)
    }

    /// Starts a program that holds a TCP port of the node, outside any container.
    func occupy(port: Int, log: String) throws -> pid_t {
        let code = """
            import socket, time
            s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            s.bind(('0.0.0.0', \(port))); s.listen(); time.sleep(600)
            """
        let enter = ["nsenter", "--net=/run/netns/\(network)", "--no-fork"]
        return try Program.start(enter + ["python3", "-c", code], log: log)
    }

    /// Starts a server, if it doesn't run yet, and gives the settings that tell where it is.
    func start(_ server: String) async throws -> [String: String] {
        try await Testbed.settings(command("start", server))
    }

    private static func settings(_ text: String) -> [String: String] {
        text.split(separator: "\n").reduce(into: [:]) { result, line in
            let parts = line.split(separator: "=", maxSplits: 1).map(String.init)
            result[parts[0]] = parts.count > 1 ? parts[1] : ""
        }
    }

    @discardableResult
    private static func script(
        _ arguments: [String],
        _ directory: String
    ) async throws -> String {
        let path = Environment.all["GYRE_TESTBED"] ?? "Testbed/testbed"
        return try await Program.check(
            [path] + arguments + ["--dir", directory]
        )
    }
}
