import Admission
import Foundation
import Model
import Testing

/// Every field that the Engine API knows in a body that makes something: unknown to the gate and so
/// refused, or judged by it, or listed as harmless with a reason.
@Suite struct EngineAPITests {
    private static let unknown = "the gate doesn't know this key"

    /// What `Tests/Fixtures/policy/engine-api-judged.txt` says of a field.
    private enum Judged {
        case refuses(JSON)
        case closed
        case lets(JSON)
    }

    private static func judged() throws -> [String: Judged] {
        var type: Substring = ""
        var judged: [String: Judged] = [:]
        for line in try EngineAPI.lines("engine-api-judged.txt") {
            let parts = line.components(separatedBy: " | ")
            let words = parts[0].split(separator: " ", maxSplits: 2)
            if words[0] == "==" {
                type = words[1]
                continue
            }
            let value = words.count > 2 ? try JSON(parsing: Array(words[2].utf8)) : nil
            let found: Judged? =
                switch words[1] {
                case "closed": .closed
                case "refuses": value.map { .refuses($0) }
                case "lets" where parts.count == 2: value.map { .lets($0) }
                default: nil
                }
            let verdict: Judged = try #require(found, "\(line)")
            let old = judged.updateValue(verdict, forKey: "\(type).\(words[0])")
            #expect(old == nil, "\(type).\(words[0]) stands there twice")
        }
        return judged
    }

    @Test func noFieldIsForgotten() throws {
        let api = try EngineAPI()
        let judged = try Self.judged()
        var used: Set<String> = []
        var count = 0
        for body in api.bodies {
            for path in api.paths(of: body) {
                if let key = expectVerdict(on: path, judged) { used.insert(key) }
                count += 1
            }
        }
        #expect(count > 400, "\(count) fields")
        #expect(Set(judged.keys).subtracting(used).isEmpty, "these are no fields that it knows")
    }

    /// What comes with a later version is refused before anybody has looked at it, in whatever
    /// profile.
    @Test func whatIsNewIsRefused() throws {
        let api = try EngineAPI()
        for body in api.bodies {
            let holders = api.paths(of: body).filter { $0.last?.kind.type != nil }
            for path in [[]] + holders {
                let request = Self.edited(Self.request(body, path)) { $0.add("New", at: path[...]) }
                let refusal = Self.refusal(of: request, by: Self.lenient)
                #expect(refusal?.message == Self.unknown, "\(path.map(\.name)) of \(body)")
            }
        }
    }

    /// What the gate's tests have in bodies is spelled as the API does.
    @Test func theFixturesAreOfTheAPI() throws {
        let api = try EngineAPI()
        for body in api.bodies {
            let request = Self.request(body, [])
            #expect(Self.refusal(of: request) == nil, "\(body) passes as it is")
            #expect(api.strangers(in: try Self.json(request), of: body).isEmpty)
        }
    }

    /// Sees that a field is unknown, closed, judged or harmless; gives the entry that says so.
    private func expectVerdict(on path: EngineAPI.Path, _ judged: [String: Judged]) -> String? {
        guard let field = path.last, let body = path.first?.type else { return nil }
        let what = "\(path.map(\.name).joined(separator: ".")) of \(body)"
        let request = Self.request(body, path)
        func refusal(_ value: JSON) -> GateRefusal? {
            Self.refusal(of: Self.edited(request) { $0.set(path[...], to: value) })
        }
        let found = refusal(field.kind.value)
        // Of an object with free keys it may know some keys and not the one that is tried.
        if found?.message == Self.unknown, found?.field.hasSuffix(".x") == false { return nil }
        let closed = path.last { field in
            if case .closed = judged[field.key] { true } else { false }
        }
        if let closed {
            #expect(found != nil, "\(what) is closed")
            return closed.key
        }
        guard field.kind.type == nil else { return nil }
        switch judged[field.key] {
        case .refuses(let value):
            let found = refusal(value)
            #expect(found != nil && found?.message != Self.unknown, "\(what) is judged")
        case .lets(let value): #expect(refusal(value) == nil, "\(what) is harmless")
        default: Issue.record("the gate knows \(what), and nobody says what it says of it")
        }
        return field.key
    }
}

extension EngineAPITests {
    /// A call that passes, and has what holds the field at the end of `path`.
    private static func request(_ body: String, _ path: EngineAPI.Path) -> EngineRequest {
        let holders = Set(path.map(\.type) + path.compactMap(\.kind.type))
        switch body {
        case "NetworkConnectRequest": return GateFixture.connect()
        case "ContainerUpdateRequest": return GateFixture.update()
        case "NetworkCreateRequest":
            return GateFixture.createNetwork {
                $0.set("IPAM", to: ["Config": [["Subnet": "172.28.1.0/24"]]])
            }
        case "VolumeCreateRequest": return GateFixture.createVolume()
        case "ConfigSpec": return GateSwarmFixture.createConfig()
        case "SecretSpec": return GateSwarmFixture.createSecret()
        case "ServiceSpec": return GateSwarmFixture.create { editService(&$0, holders) }
        default:
            return GateFixture.create { body in
                body.set("HostConfig", "Ulimits", to: [ulimit])
                guard let mount = mount(among: holders) else { return }
                body.set("HostConfig", "Mounts", to: [mount])
            }
        }
    }

    private static func editService(_ body: inout JSON, _ holders: Set<String>) {
        let secret: JSON = [
            "SecretID": .string(GateSwarmFixture.config),
            "SecretName": .string(GateSwarmFixture.secret.swarmName(in: Astro.id)),
            "File": ["Name": "/run/secrets/site", "UID": "0", "GID": "0", "Mode": 292],
        ]
        let container = ["TaskTemplate", "ContainerSpec"]
        body.set((container + ["Secrets"])[...], to: [secret])
        body.set((container + ["Ulimits"])[...], to: [ulimit])
        if let mount = mount(among: holders) {
            body.set((container + ["Mounts"])[...], to: [mount])
        }
        // A service has one of its modes.
        for mode in ["ReplicatedJob", "ServiceMode"] where holders.contains(mode) {
            guard !holders.contains("ReplicatedService") else { continue }
            body.set("Mode", to: [:])
        }
    }

    /// What the operator's own containers have, of which the least is asked.
    private static let lenient = makeLenient()

    private static func makeLenient() -> TenantPolicy {
        var tenant = Astro.tenant
        tenant.profile = .privileged
        return tenant
    }

    private static let gates = [
        TenantPolicy.Profile.restricted: GateFixture.gate(Astro.tenant),
        .privileged: GateFixture.gate(lenient),
    ]
    private static let swarmGates = [
        TenantPolicy.Profile.restricted: GateSwarmFixture.gate(Astro.tenant),
        .privileged: GateSwarmFixture.gate(lenient),
    ]

    private static let ulimit: JSON = ["Name": "nofile", "Soft": 1024, "Hard": 1024]

    /// One of the kind whose options are looked at.
    private static func mount(among holders: Set<String>) -> JSON? {
        if holders.contains("VolumeOptions") {
            return ["Type": "volume", "Source": "astro_data", "Target": "/x"]
        }
        return holders.contains("TmpfsOptions") ? ["Type": "tmpfs", "Target": "/x"] : nil
    }

    private static func edited(
        _ request: EngineRequest,
        _ edit: (inout JSON) -> Void
    ) -> EngineRequest {
        var request = request
        guard var body = try? json(request) else { return request }
        edit(&body)
        request.body = Array(body.text.utf8)
        return request
    }

    private static func json(_ request: EngineRequest) throws -> JSON {
        try JSON(parsing: request.body ?? [])
    }

    private static func refusal(
        of request: EngineRequest,
        by tenant: TenantPolicy = Astro.tenant
    ) -> GateRefusal? {
        let isOfSwarm = ["/services", "/configs", "/secrets"].contains(
            where: request.path.hasPrefix
        )
        let gate = (isOfSwarm ? swarmGates : gates)[tenant.profile]
        do {
            _ = try gate?.check(request)
            return nil
        } catch {
            return error
        }
    }
}
