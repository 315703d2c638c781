import Foundation
import Transport

/// The engine as it is, asked past Gyre.
struct Engine: Sendable {
    /// `unix:///…`.
    let address: String
    private let client: HTTPClient

    init(address: String) throws {
        self.address = address
        client = try HTTPClient(connections: 4)
    }

    /// All containers with a label, running or not, sorted by name.
    func containers(labelled label: String) async throws -> [Container] {
        struct Listed: Decodable { var id: String }
        let listed: [Listed] = try await get(
            "/containers/json?all=1&filters=" + Engine.filter("label", label)
        )
        var found: [Container] = []
        for entry in listed {
            if let container = try await container(entry.id) { found.append(container) }
        }
        return found.sorted { $0.name < $1.name }
    }

    /// One container by name or id; nil when there is none.
    func container(_ name: String) async throws -> Container? {
        let response = try await ask("GET", "/containers/\(name)/json")
        if response.status == 404 { return nil }
        return try Engine.decode(response)
    }

    func networks(labelled label: String) async throws -> [Network] {
        try await get("/networks?filters=" + Engine.filter("label", label))
    }

    func volumes(labelled label: String) async throws -> [Volume] {
        struct Listed: Decodable { var volumes: [Volume]? }
        let listed: Listed = try await get("/volumes?filters=" + Engine.filter("label", label))
        return listed.volumes ?? []
    }

    /// Runs the docker client, as a person at the machine would.
    @discardableResult
    func docker(_ arguments: String...) async throws -> String {
        try await Program.check(["docker", "-H", address] + arguments)
    }

    /// Takes away everything with a label; for the end of a test.
    func removeAll(labelled label: String) async throws {
        struct Listed: Decodable { var id: String }
        let listed: [Listed] = try await get(
            "/containers/json?all=1&filters=" + Engine.filter("label", label)
        )
        for entry in listed { _ = try await ask("DELETE", "/containers/\(entry.id)?force=1&v=1") }
        for network in try await networks(labelled: label) {
            _ = try await ask("DELETE", "/networks/\(network.id)")
        }
        for volume in try await volumes(labelled: label) {
            _ = try await ask("DELETE", "/volumes/\(volume.name)?force=1")
        }
    }

    private func get<T: Decodable>(_ path: String) async throws -> T {
        try Engine.decode(try await ask("GET", path))
    }

    private func ask(_ method: String, _ path: String) async throws -> HTTPResponse {
        try await client.send(
            HTTPRequest(
                method,
                "http://engine" + path,
                socketPath: String(address.dropFirst("unix://".count)),
                totalTimeout: .seconds(60)
            )
        )
    }

    private static func decode<T: Decodable>(_ response: HTTPResponse) throws -> T {
        guard response.status == 200 else {
            throw Program.Failure(
                description: "the engine answered with \(response.status): "
                    + String(decoding: response.body, as: UTF8.self)
            )
        }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .custom { path in
            path.last.map { Key($0) } ?? Key(stringValue: "") ?? path[0]
        }
        return try decoder.decode(T.self, from: Data(response.body))
    }

    private static func filter(_ key: String, _ value: String) -> String {
        let text = "{\"\(key)\":[\"\(value)\"]}"
        return text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    }
}

/// A container as the engine's inspect shows it, its names with a small first letter.
struct Container: Decodable, Sendable {
    struct State: Decodable, Sendable {
        struct Health: Decodable, Sendable { var status: String }

        var status: String
        var exitCode: Int
        var startedAt: String
        var health: Health?
    }

    struct Config: Decodable, Sendable {
        var labels: [String: String]
        var env: [String]?
    }

    struct HostConfig: Decodable, Sendable { var memory: Int64 }

    struct NetworkSettings: Decodable, Sendable {
        struct Endpoint: Decodable, Sendable { var aliases: [String]? }

        var networks: [String: Endpoint]
    }

    private enum CodingKeys: String, CodingKey {
        case id
        case slashedName = "name"
        case image
        case state
        case config
        case hostConfig
        case networkSettings
    }

    var id: String
    private var slashedName: String
    /// The id of the image.
    var image: String
    var state: State
    private var config: Config
    private var hostConfig: HostConfig
    private var networkSettings: NetworkSettings

    var name: String { String(slashedName.drop { $0 == "/" }) }
    var labels: [String: String] { config.labels }
    var networks: [String: NetworkSettings.Endpoint] { networkSettings.networks }
    var memory: Int64 { hostConfig.memory }
    var isRunning: Bool { state.status == "running" }
    var service: String { labels["io.gyre.service"] ?? "" }

    func variable(_ key: String) -> String? {
        config.env?.first { $0.hasPrefix("\(key)=") }.map { String($0.dropFirst(key.count + 1)) }
    }
}

struct Network: Decodable, Sendable {
    var id: String
    var name: String
}

struct Volume: Decodable, Sendable {
    var name: String
    var labels: [String: String]?

    /// What tells this volume from one of the same name made later.
    var claim: String { labels?["io.gyre.claim"] ?? "" }
}

/// A key of the engine's with a small first letter.
private struct Key: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }

    init(_ key: any CodingKey) {
        stringValue = key.stringValue.prefix(1).lowercased() + key.stringValue.dropFirst()
    }

    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}
