import Admission
import Model
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

    /// Each call that the gate knows, with the sample wherever its body has members, and as a body
    /// where it has none.
    private static func calls(_ key: String, _ value: JSON) -> [(name: String, EngineRequest)] {
        let id = GateFixture.container
        let base = "/containers/\(id)"
        let body: JSON = .object([key: value])
        let bare: [(EngineRequest.Action, String, String, String)] = [
            (.startContainer, "POST", base + "/start", id),
            (.unpauseContainer, "POST", base + "/unpause", id),
            (.stopContainer, "POST", base + "/stop", id),
            (.restartContainer, "POST", base + "/restart", id),
            (.killContainer, "POST", base + "/kill", id),
            (.removeContainer, "DELETE", base, id),
            (.removeNetwork, "DELETE", "/networks/\(GateFixture.network)", GateFixture.network),
        ]
        return [
            ("create", GateFixture.create { $0.set("HostConfig", key, to: value) }),
            ("create, outside HostConfig", GateFixture.create { $0.set("X" + key, to: value) }),
            ("update", GateFixture.update { $0.set(key, to: value) }),
            ("update, in HostConfig", GateFixture.update { $0.set("HostConfig", to: body) }),
            ("connect", GateFixture.connect { $0.set(key, to: value) }),
            ("connect, endpoint", GateFixture.connect { $0.set("EndpointConfig", key, to: value) }),
            ("network", GateFixture.createNetwork { $0.set(key, to: value) }),
            ("network, options", GateFixture.createNetwork { $0.set("Options", to: body) }),
            ("volume", GateFixture.createVolume { $0.set(key, to: value) }),
            ("volume, options", GateFixture.createVolume { $0.set("DriverOpts", to: body) }),
        ]
            + bare.map { action, method, path, target in
                (path, EngineRequest(action, method, path, body: body, target: target))
            }
    }

    @Test(arguments: samples.indices)
    func everyWayToWriteRefuses(index: Int) {
        let sample = Self.samples[index]
        for (name, request) in Self.calls(sample.key, sample.value) {
            #expect(GateFixture.refusal(of: request) != nil, "\(sample.key) by \(name)")
        }
    }

    @Test func thereAreTwenty() { #expect(Set(Self.samples.map(\.key)).count >= 20) }
}
