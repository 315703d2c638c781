import Foundation
import Glibc
import Synchronization
import Testing
import Transport

/// A real Traefik in front of a stack, fed by Gyre.
@Suite(.onTestbed, .withTraefik, .timeLimit(.minutes(15)))
struct IngressTests {
    private static func compose(_ version: String, _ order: String) -> String {
        """
        services:
          web:
            image: web:1.0
            environment: {VERSION: "\(version)"}
            stop_grace_period: 1s
            healthcheck:
              test: [CMD, wget, -q, -O, /dev/null, "http://127.0.0.1:8080/healthz"]
              interval: 1s
            deploy:
              replicas: 2
              update_config: {order: \(order), parallelism: 1, failure_action: rollback}
            x-gyre: {ingress: {host: shop.test, port: 8080}}
        """
    }

    @Test func `no request fails while versions take over behind Traefik`() async throws {
        try await Stage.run("ingress") { stage in
            let team = try await Team(named: "team", in: stage.folder)
            let proxy = Proxy(in: stage)
            try stage.configure(
                stage.project(stage.name, team, grants: "{hosts: [shop.test]}"),
                ingress: proxy.entry
            )
            _ = try await stage.deploy(IngressTests.compose("1", "start-first"), to: team)
            let process = try proxy.start(asking: .gyre)
            defer { proxy.stop(process) }
            let load = Load(proxy.url)
            try await eventually("Traefik leads to it", tail: { proxy.log }) {
                try await load.ask() == "1"
            }
            try await load.during {
                // Whatever is replaced how, and a version that fails, and no controller at all.
                for (version, order) in [("2", "start-first"), ("3", "stop-first")] {
                    let next = try await team.push(IngressTests.compose(version, order))
                    try await stage.gyre.ready(at: next)
                    try await eventually("\(version) answers") { try await load.ask() == version }
                }
                let bad = IngressTests.compose("4", "start-first") + "\n    command: [\"false\"]"
                try await team.push(bad)
                _ = try await stage.gyre.problem("held")
                try await stage.gyre.until("the bad one is gone") { status in
                    let stack = try status.stack()
                    return try await stage.containers().count == 2 && stack.run == nil
                }
                try await stage.gyre.stop()
                try await Task.sleep(for: .seconds(2))
                try await stage.gyre.start()
                let last = try await team.push(IngressTests.compose("5", "start-first"))
                try await stage.gyre.ready(at: last)
                try await eventually("5 answers") { try await load.ask() == "5" }
            }
            let seen = load.seen
            #expect(seen.failures == [])
            #expect(seen.bodies == ["1", "2", "3", "5"], "the bad one never")
            #expect(seen.count > 500, "\(seen.count)")
        }
    }
}

/// A bounded number of requests, one after the other on each of four ways.
private final class Load: Sendable {
    struct Seen {
        var count = 0
        var bodies: Set<String> = []
        var failures: [String] = []
    }

    private let url: String
    private let client: HTTPClient?
    private let contents = Mutex(Seen())

    init(_ url: String) {
        self.url = url
        client = try? HTTPClient(connections: 8)
    }

    var seen: Seen { contents.withLock { $0 } }

    /// What answers; throws where nothing does as it should.
    func ask() async throws -> String {
        let request = HTTPRequest("GET", url, headers: [.init("Host", "shop.test")])
        guard let response = try await client?.send(request), response.status == 200 else {
            throw Program.Failure(description: "no answer, or none that is good")
        }
        return String(decoding: response.body, as: UTF8.self).trimmingCharacters(in: .newlines)
    }

    /// Asks all the time while `body` goes on.
    func during(_ body: () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 { group.addTask { await self.keepAsking() } }
            defer { group.cancelAll() }
            try await body()
        }
    }

    private func keepAsking() async {
        for _ in 0..<20_000 where !Task.isCancelled {
            let answer = await Result { try await ask() }
            if Task.isCancelled { return }
            contents.withLock { seen in
                seen.count += 1
                switch answer {
                case .success(let body): seen.bodies.insert(body)
                case .failure(let error):
                    if seen.failures.count < 20 { seen.failures.append("\(error)") }
                }
            }
            try? await Task.sleep(for: .milliseconds(20))
        }
    }
}

extension Result where Failure == any Error {
    fileprivate init(_ body: () async throws -> Success) async {
        do {
            self = .success(try await body())
        } catch {
            self = .failure(error)
        }
    }
}
