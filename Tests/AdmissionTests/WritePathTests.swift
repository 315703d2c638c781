import Admission
import Model
import Planning
import Testing

/// What no container may be created with gets in by no other call either.
///
/// Each sample on each way to write: the place where a tool checked the one and forgot the other is
/// where tenants got out elsewhere.
@Suite struct WritePathTests {
    /// Keys of a container's `HostConfig` with values that the tenant is not granted.
    private static let samples: [(key: String, value: JSON)] = [
        ("Privileged", true), ("Binds", ["/etc:/x"]), ("Binds", ["/run/docker.sock:/s"]),
        ("Mounts", [["Type": "bind", "Source": "/", "Target": "/x"]]),
        ("CapAdd", ["SYS_ADMIN"]), ("CapAdd", ["ALL"]), ("PidMode", "host"), ("IpcMode", "host"),
        ("NetworkMode", "host"), ("UTSMode", "host"), ("UsernsMode", "host"),
        ("CgroupnsMode", "host"),
        (
            "Devices",
            [["PathOnHost": "/dev/sda", "PathInContainer": "/a", "CgroupPermissions": "r"]]
        ),
        ("DeviceRequests", [["Driver": "nvidia", "Count": -1]]),
        ("DeviceCgroupRules", ["a *:* rwm"]), ("Sysctls", ["kernel.core_pattern": "|/x"]),
        ("SecurityOpt", ["seccomp=unconfined"]), ("Runtime", "other"), ("CgroupParent", "/"),
        ("StorageOpt", ["size": "1G"]), ("OomKillDisable", true), ("OomScoreAdj", -1000),
        ("Memory", 1_125_899_906_842_624), ("PidsLimit", 100_000_000),
        ("PortBindings", ["80/tcp": [["HostIp": "", "HostPort": "22"]]]),
        ("LogConfig", ["Type": "syslog", "Config": [:]]), ("MaskedPaths", []),
        ("VolumesFrom", ["bio_db_1"]), ("PublishAllPorts", true),
    ]

    /// A call that passes, and the objects of its body that a sample can be put into.
    private struct Way {
        var request: EngineRequest
        var gate = GateFixture.gate
        var places: [[String]] = [[]]

        /// The call with the sample at each of the places; as its body where it has no such.
        func spoiled(_ key: String, _ value: JSON) -> [(place: String, EngineRequest)] {
            places.map { place in
                let old = request.body.flatMap { try? JSON(parsing: $0) }
                var body = old ?? [:]
                body.set((place + [key])[...], to: value)
                var request = request
                request.body = Array(body.text.utf8)
                return ((["body"] + place).joined(separator: "."), request)
            }
        }
    }

    /// Every action has its ways here, or this doesn't compile.
    private static func ways(of action: EngineRequest.Action) -> [Way] {
        switch action {
        case .pullImage: [Way(request: GateFixture.pull("nginx", "1.27-alpine"))]
        // Never a stack's: no body makes it pass, and other gates judge them.
        case .removeImage, .createRecord, .updateRecord, .removeRecord: []
        case .createNetwork, .connectNetwork, .disconnectNetwork, .removeNetwork, .createVolume,
            .removeVolume:
            waysBeside(action)
        case .createContainer:
            [Way(request: GateFixture.create { _ in }, places: [["HostConfig"], []])]
        case .updateContainer: [Way(request: GateFixture.update(), places: [[], ["HostConfig"]])]
        case .startContainer: [bare(action, "/start")]
        case .unpauseContainer: [bare(action, "/unpause")]
        case .stopContainer: [bare(action, "/stop")]
        case .restartContainer: [bare(action, "/restart")]
        case .killContainer: [bare(action, "/kill")]
        case .renameContainer: [bare(action, "/rename", query: ["name": "astro-web-1"])]
        case .removeContainer: [bare(action, "", "DELETE")]
        case .importEmptyImage: [content(.emptyImage)]
        case .createCarrier: [content(GateContentTests.carrier(), [[], ["HostConfig"]])]
        case .createExport:
            [
                Way(
                    request: GateExportTests.export(),
                    gate: GateExportTests.gate(),
                    places: [[], ["HostConfig"]]
                )
            ]
        case .shipContent: [content(GateContentTests.ship())]
        case .removeContent: [content(removal(of: GateContentTests.volume(GateContentTests.file)))]
        case .createService: [swarm(GateSwarmFixture.create(), placesOfService)]
        case .updateService: [swarm(GateSwarmFixture.update(), placesOfService)]
        case .createConfig: [swarm(GateSwarmFixture.createConfig())]
        case .createSecret: [swarm(GateSwarmFixture.createSecret())]
        case .removeService: [removed(action, "services")]
        case .removeConfig: [removed(action, "configs")]
        case .removeSecret: [removed(action, "secrets")]
        }
    }

    /// Networks and volumes.
    private static func waysBeside(_ action: EngineRequest.Action) -> [Way] {
        let network = GateFixture.network
        switch action {
        case .createNetwork:
            return [Way(request: GateFixture.createNetwork(), places: [[], ["Options"]])]
        case .connectNetwork:
            return [Way(request: GateFixture.connect(), places: [[], ["EndpointConfig"]])]
        case .disconnectNetwork:
            let request = EngineRequest(
                action,
                "POST",
                "/networks/\(network)/disconnect",
                body: ["Container": .string(GateFixture.container), "Force": true],
                target: GateFixture.container
            )
            return [Way(request: request)]
        case .removeNetwork:
            let path = "/networks/\(network)"
            return [Way(request: GateFixture.of(action, "DELETE", path, target: network))]
        case .createVolume:
            return [Way(request: GateFixture.createVolume(), places: [[], ["DriverOpts"]])]
        case .removeVolume:
            let name = "astro_data"
            let request = GateFixture.of(action, "DELETE", "/volumes/\(name)", target: name)
            return [Way(request: request, gate: GateFixture.gate(Astro.tenant, confirmed: [name]))]
        default: return []
        }
    }

    private static func bare(
        _ action: EngineRequest.Action,
        _ call: String,
        _ method: String = "POST",
        query: [String: String] = [:]
    ) -> Way {
        let id = GateFixture.container
        let path = "/containers/\(id)\(call)"
        return Way(request: GateFixture.of(action, method, path, query, target: id))
    }

    private static func content(_ request: EngineRequest, _ places: [[String]] = [[]]) -> Way {
        Way(request: request, gate: GateContentTests.gate(), places: places)
    }

    private static func removal(of volume: ContentVolume) -> EngineRequest {
        let name = volume.name
        return GateFixture.of(.removeContent, "DELETE", "/volumes/\(name)", target: name)
    }

    private static func swarm(_ request: EngineRequest, _ places: [[String]] = [[]]) -> Way {
        Way(request: request, gate: GateSwarmFixture.gate(), places: places)
    }

    private static func removed(_ action: EngineRequest.Action, _ collection: String) -> Way {
        let id = GateSwarmFixture.config
        return swarm(GateFixture.of(action, "DELETE", "/\(collection)/\(id)", target: id))
    }

    private static let placesOfService = [
        [], ["TaskTemplate"], ["TaskTemplate", "ContainerSpec"], ["TaskTemplate", "Resources"],
        ["TaskTemplate", "ContainerSpec", "Privileges"], ["EndpointSpec"], ["Mode"],
    ]

    /// Else a refusal below would say nothing.
    @Test(arguments: EngineRequest.Action.allCases)
    func theCallItselfPasses(action: EngineRequest.Action) {
        let ways = Self.ways(of: action)
        let others: Set<EngineRequest.Action> = [
            .removeImage, .createRecord, .updateRecord, .removeRecord,
        ]
        #expect(ways.isEmpty == others.contains(action))
        let body: JSON = ["Privileged": true]
        let request = EngineRequest(action, "POST", "/containers/create", body: body)
        #expect(GateFixture.refusal(of: request) != nil)
        for way in ways {
            #expect(GateFixture.refusal(of: way.request, by: way.gate) == nil)
        }
    }

    @Test(arguments: samples.indices)
    func everyWayToWriteRefuses(index: Int) {
        let sample = Self.samples[index]
        for action in EngineRequest.Action.allCases {
            for way in Self.ways(of: action) {
                for (place, request) in way.spoiled(sample.key, sample.value) {
                    let refusal = GateFixture.refusal(of: request, by: way.gate)
                    #expect(refusal != nil, "\(sample.key) by \(action) at \(place)")
                }
            }
        }
    }

    @Test func thereAreTwenty() { #expect(Set(Self.samples.map(\.key)).count >= 20) }
}
