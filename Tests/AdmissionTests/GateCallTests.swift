import Admission
import Model
import Testing

/// What the gate says of calls other than the creation of a container.
@Suite struct GateCallTests {
    private static let id = GateFixture.container
    private static let base = "/containers/" + GateFixture.container

    private static let passing: [EngineRequest] = [
        GateFixture.of(.startContainer, "POST", base + "/start", target: id),
        GateFixture.of(.unpauseContainer, "POST", base + "/unpause", target: id),
        GateFixture.of(.stopContainer, "POST", base + "/stop", target: id),
        GateFixture.of(.stopContainer, "POST", base + "/stop", ["t": "30"], target: id),
        GateFixture.of(.restartContainer, "POST", base + "/restart", target: id),
        GateFixture.of(.restartContainer, "POST", base + "/restart", ["t": "30"], target: id),
        GateFixture.of(.killContainer, "POST", base + "/kill", target: id),
        GateFixture.of(.killContainer, "POST", base + "/kill", ["signal": "SIGHUP"], target: id),
        GateFixture.of(
            .renameContainer,
            "POST",
            base + "/rename",
            ["name": "astro-web-1"],
            target: id
        ),
        GateFixture.of(.removeContainer, "DELETE", base, target: id),
        GateFixture.of(.removeContainer, "DELETE", base, ["force": "true"], target: id),
        GateFixture.of(
            .removeNetwork,
            "DELETE",
            "/networks/" + GateFixture.network,
            target: GateFixture.network
        ),
        EngineRequest(
            .disconnectNetwork,
            "POST",
            "/networks/\(GateFixture.network)/disconnect",
            body: ["Container": .string(id), "Force": true],
            target: id
        ),
        GateFixture.connect(), GateFixture.update(), GateFixture.createNetwork(),
        GateFixture.createVolume(), GateFixture.pull("nginx", "1.27-alpine"),
        GateFixture.pull("docker.io/library/nginx", "latest"),
        GateFixture.pull("ghcr.io/astro-lab/x", "sha256:" + String(repeating: "a", count: 64)),
        GateFixture.update {
            $0 = ["RestartPolicy": ["Name": "no"]]
        },
    ]

    @Test(arguments: passing.indices)
    func letsPass(index: Int) {
        #expect(GateFixture.refusal(of: Self.passing[index]) == nil)
    }

    /// A profile without the rule, or an exception that ended, may have let it ask for more than
    /// an hour; what runs can be stopped all the same.
    @Test(arguments: [("3601", true), ("1000000", true), ("1000001", false), ("-1", false)])
    func stopsWhatAskedForLong(seconds: String, passes: Bool) {
        let stop = GateFixture.of(
            .stopContainer,
            "POST",
            Self.base + "/stop",
            ["t": seconds],
            target: Self.id
        )
        #expect(GateFixture.refusal(of: stop) == (passes ? nil : .limit))
    }

    /// Law 3: every call that changes something, aimed at what the journal doesn't own.
    @Test(arguments: passing.indices)
    func refusesForeignTargets(index: Int) {
        let original = Self.passing[index]
        guard original.target != nil else { return }
        let others = [
            GateFixture.foreign, String(Self.id.prefix(12)), "astro-web-1", "astro_data", "", ".",
        ]
        for other in others {
            var request = original
            request.target = other
            #expect(GateFixture.refusal(of: request) == .ownership, "target \(other)")
            request.path = original.path.replacing(original.target ?? "", with: other)
            request.body = original.body.map { body in
                let text = String(decoding: body, as: UTF8.self)
                return Array(text.replacing(Self.id, with: other).utf8)
            }
            #expect(GateFixture.refusal(of: request) != nil, "path and target \(other)")
        }
        var request = original
        request.target = nil
        #expect(GateFixture.refusal(of: request) == .ownership)
    }

    @Test(arguments: passing.indices)
    func refusesOtherMethodsPathsAndParameters(index: Int) {
        let original = Self.passing[index]
        let edits: [@Sendable (inout EngineRequest) -> Void] = [
            { $0.method = "GET" }, { $0.method = "PUT" }, { $0.method = "post" },
            { $0.path += "/" }, { $0.path += "?force=1" }, { $0.path += "/exec" },
            { $0.path = "/v1.41" + $0.path }, { $0.path = "//" + $0.path.dropFirst() },
            { $0.path = "/containers/../networks/prune" }, { $0.path = "" },
            { $0.path = $0.path.replacing("/", with: "%2f") }, { $0.path = "/containers/prune" },
            { $0.path = $0.path.uppercased() }, { $0.path += "#x" }, { $0.path += "\u{301}" },
            { $0.query.append(.init("v", "1")) }, { $0.query.append(.init("link", "1")) },
            { $0.query.append(.init("fromSrc", "http://x")) }, { $0.query.append(.init("", "")) },
            { $0.query += $0.query + [.init("x", "")] },
        ]
        for (number, edit) in edits.enumerated() {
            var request = original
            edit(&request)
            #expect(GateFixture.refusal(of: request) != nil, "edit \(number)")
        }
    }

    /// An action's name on another action's call.
    @Test func refusesEveryActionOnTheCallsOfOthers() {
        for original in Self.passing {
            for action in EngineRequest.Action.allCases
            where action != original.action {
                var request = original
                request.action = action
                #expect(GateFixture.refusal(of: request) != nil, "\(action) \(original.path)")
            }
        }
    }

    @Test(arguments: passing.indices)
    func refusesABodyWhereNoneBelongsAndNoneWhereOneDoes(index: Int) {
        var request = Self.passing[index]
        request.body = request.body == nil ? Array("{}".utf8) : nil
        #expect(GateFixture.refusal(of: request) == .body)
        if request.body != nil {
            request.body = []
            #expect(GateFixture.refusal(of: request) == .body)
        }
    }

    @Test func removesAVolumeOnlyWhenItIsOwnedAndConfirmed() {
        let remove = { (name: String) in
            GateFixture.of(.removeVolume, "DELETE", "/volumes/" + name, target: name)
        }
        #expect(GateFixture.refusal(of: remove("astro_data")) == .volumeRemoval)
        let gate = GateFixture.gate(Astro.tenant, confirmed: ["astro_data", "bio_db_data"])
        #expect(GateFixture.refusal(of: remove("astro_data"), by: gate) == nil)
        #expect(GateFixture.refusal(of: remove("bio_db_data"), by: gate) == .ownership)
        var other = remove("astro_data")
        other.path = "/volumes/astro_more"
        #expect(GateFixture.refusal(of: other, by: gate) == .ownership)
        var forced = remove("astro_data")
        forced.query = [.init("force", "1")]
        #expect(GateFixture.refusal(of: forced, by: gate) == .call)
    }

    /// Values of networks, volumes, connections and updates, and what stops them.
    private static let refused: [(EngineRequest, GateCheck)] = [
        (GateFixture.createNetwork { $0.set("Name", to: "bio_web_default") }, .name),
        (GateFixture.createNetwork { $0.set("Name", to: "astro-x_default") }, .name),
        (GateFixture.createNetwork { $0.set("Driver", to: "macvlan") }, .driver),
        (GateFixture.createNetwork { $0.set("Driver", to: nil) }, .driver),
        (GateFixture.createNetwork { $0.set("CheckDuplicate", to: false) }, .body),
        (GateFixture.createNetwork { $0.set("Options", to: ["x": "y"]) }, .driver),
        (GateFixture.createNetwork { $0.set("IPAM", to: ["Options": [:]]) }, .body),
        (GateFixture.createNetwork { $0.set("Labels", to: nil) }, .label),
        (GateFixture.createNetwork { $0.set("Labels", Labels.claim, to: "x") }, .claim),
        (GateFixture.createNetwork { $0.set("Labels", Labels.slot, to: "1") }, .label),
        (GateFixture.createVolume { $0.set("Name", to: "bio_db_data") }, .name),
        (GateFixture.createVolume { $0.set("Driver", to: "vieux/sshfs") }, .driver),
        (GateFixture.createVolume { $0.set("DriverOpts", to: ["device": "/"]) }, .driver),
        (GateFixture.createVolume { $0.set("Labels", Labels.project, to: "bio") }, .label),
        (GateFixture.connect { $0.set("Container", to: .string(GateFixture.foreign)) }, .ownership),
        (GateFixture.connect { $0.set("EndpointConfig", "DriverOpts", "x", to: "y") }, .driver),
        (GateFixture.connect { $0.set("EndpointConfig", "NetworkID", to: "x") }, .body),
        (GateFixture.connect { $0.set("EndpointConfig", "Links", to: ["bio-db-1:x"]) }, .name),
        (GateFixture.update { $0.set("Memory", to: 0) }, .limit),
        (GateFixture.update { $0.set("Memory", to: nil) }, .limit),
        (GateFixture.update { $0.set("MemorySwap", to: -1) }, .limit),
        (GateFixture.update { $0.set("PidsLimit", to: -1) }, .limit),
        (GateFixture.update { $0.set("PidsLimit", to: 0) }, .limit),
        (GateFixture.update { $0.set("Devices", to: []) }, .body),
        (GateFixture.update { $0.set("OomKillDisable", to: true) }, .body),
        (GateFixture.pull("nginx:1", "2"), .image), (GateFixture.pull("quay.io/x/y", "1"), .image),
        (GateFixture.pull("nginx", ""), .image), (GateFixture.pull("deadbeef", "1@x"), .image),
        (
            GateFixture.pull("nginx@sha256:" + String(repeating: "a", count: 64), "1"), .image
        ), (GateFixture.pull("nginx", "1/../2"), .image),
    ]

    @Test(arguments: refused.indices)
    func refuses(index: Int) {
        let (request, check) = Self.refused[index]
        #expect(GateFixture.refusal(of: request) == check, "\(index) \(request.action)")
    }

    @Test func bringsNoProcessorsBeyondTheGrant() {
        var tenant = Astro.tenant
        tenant.grants.maximumCPUs = 2_000_000_000
        let cases: [(Int64, GateCheck?)] = [(2_000_000_000, nil), (2_000_000_001, .limit)]
        for (cpus, check) in cases {
            let request = GateFixture.update { $0.set("NanoCpus", to: .int(cpus)) }
            #expect(GateFixture.refusal(of: request, by: GateFixture.gate(tenant)) == check)
        }
    }

    @Test func connectsToNoNetworkOfOthers() {
        for network in ["bio_web_default", "host", "bridge", GateFixture.foreign, "astro-x_y"] {
            var request = GateFixture.connect()
            request.path = "/networks/\(network)/connect"
            #expect(GateFixture.refusal(of: request) == .network)
        }
    }

    @Test func saysWhatItRefusedWithoutQuotingIt() throws {
        let request = GateFixture.create { $0.set("Env", to: [["PASSWORD=hunter2"]]) }
        let refusal = #expect(throws: GateRefusal.self) { try GateFixture.gate.check(request) }
        #expect(
            refusal?.description
                == "the gate refused createContainer: body.Env[0]: this is not a string [gate-body]"
        )
    }
}
