import Admission
import Model
import Testing

/// What the gate says of bodies that a Swarm is sent.
@Suite struct GateSwarmTests {
    private typealias Fixture = GateSwarmFixture

    private func refusal(
        update: Bool = false,
        rules: SwarmRules? = SwarmRules(),
        tenant: TenantPolicy = Astro.tenant,
        _ edit: (inout JSON) -> Void = { _ in }
    ) -> GateCheck? {
        let request = update ? Fixture.update(edit) : Fixture.create(edit)
        return GateFixture.refusal(of: request, by: Fixture.gate(tenant, rules))
    }

    @Test func letsTheFullBodyPass() {
        #expect(refusal() == nil)
        #expect(refusal(update: true) == nil)
        #expect(refusal(rules: nil) == .call)
    }

    /// Set over what Docker Compose left in an image that it built.
    @Test(arguments: ["version", "project", "service", "x"])
    func letsEmptyLabelsOfComposePass(key: String) {
        func labelled(_ value: JSON) -> GateCheck? {
            let key = "com.docker.compose.\(key)"
            let path = ["TaskTemplate", "ContainerSpec", "Labels", key]
            return refusal { $0.set(path[...], to: value) }
        }
        #expect(labelled("") == nil)
        #expect(labelled("2") == .label)
    }

    /// Which task it is, tasks may be told.
    @Test func letsPlainPlaceholdersPass() {
        let found = refusal {
            let variable = JSON.string("A={{.Node.Hostname}}:{{ .Task.Slot }}")
            $0.set("TaskTemplate", "ContainerSpec", "Env", to: [variable])
            $0.set("TaskTemplate", "ContainerSpec", "Hostname", to: "web-{{.Task.Slot}}")
        }
        #expect(found == nil)
    }

    /// Up to the root of a node, once the node has expanded it.
    private static let climbing = #"/global/astro/{{"\x2e\x2e"}}/{{"\x2e\x2e"}}"#

    /// Whatever a container may not have, its task may not have either.
    private static let container: [(String, JSON?, GateCheck)] = [
        ("CapabilityDrop", nil, .capability), ("CapabilityDrop", [], .capability),
        ("CapabilityAdd", ["SYS_ADMIN"], .capability), ("CapabilityAdd", ["ALL"], .capability),
        ("Privileges", nil, .privilege), ("Privileges", ["NoNewPrivileges": false], .privilege),
        ("Privileges", ["NoNewPrivileges": true, "Seccomp": ["Mode": "unconfined"]], .body),
        ("Privileges", ["SELinuxContext": ["Disable": true]], .body),
        ("Image", "nginx:latest", .image), ("Image", nil, .image),
        ("User", "0:0", .identity), ("User", nil, .identity), ("Groups", ["0"], .identity),
        ("Mounts", [["Type": "bind", "Source": "/", "Target": "/host"]], .bind),
        (
            "Mounts", [["Type": "bind", "Source": "/global/astro/www", "Target": "/proc/x"]],
            .target
        ),
        ("Mounts", [["Type": "npipe", "Source": "x", "Target": "/x"]], .bind),
        ("Mounts", [["Type": "bind", "Source": "/global/astro/www", "Target": "/x"]], .bind),
        ("Mounts", [["Type": "bind", "Source": .string(climbing), "Target": "/x"]], .bind),
        (
            "Mounts",
            [["Type": "volume", "Source": "astro_data", "Target": "/{{\"proc\"}}/x"]],
            .bind
        ),
        ("Env", ["A={{define \"a\"}}{{end}}"], .body), ("Env", ["A={{.Env}}"], .body),
        ("Env", ["A={{"], .body), ("Env", ["A={{{{.Task.Slot}}}}"], .body),
        ("Hostname", "{{env \"PATH\"}}", .name), ("Hosts", ["192.0.2.7 {{.Node.ID}}"], .name),
        ("Mounts", [["Type": "cluster", "Source": "x", "Target": "/x"]], .bind),
        ("Mounts", [["Type": "volume", "Source": "bio_data", "Target": "/x"]], .bind),
        (
            "Mounts",
            [
                [
                    "Type": "volume", "Source": "astro_data", "Target": "/x",
                    "VolumeOptions": ["DriverConfig": ["Options": ["device": "/"]]],
                ]
            ], .body
        ),
        ("Mounts", [["Type": "tmpfs", "Target": "/x", "TmpfsOptions": ["SizeBytes": "1"]]], .body),
        (
            "Mounts",
            [["Type": "tmpfs", "Target": "/x", "TmpfsOptions": ["SizeBytes": 1_000_000_000]]],
            .limit
        ),
        ("Sysctls", ["kernel.msgmax": "1"], .kernel),
        ("Ulimits", [["Name": "rtprio", "Soft": 0, "Hard": 99]], .limit),
        ("Hosts", ["192.0.2.7"], .name), ("DNSConfig", ["Nameservers": ["x"]], .name),
        ("Dir", "/proc/self", .target), ("Hostname", "a b", .name),
        ("StopSignal", "9; x", .body), ("Isolation", "default", .body),
        ("OomScoreAdj", -1000, .body), ("image", "x", .body), ("Labels", [:], .label),
        (
            "Configs",
            [
                [
                    "ConfigID": .string(Fixture.config), "ConfigName": "astro_x",
                    "File": ["Name": "/x"],
                ]
            ],
            .content
        ),
        (
            "Configs",
            [["ConfigID": "c", "ConfigName": Fixture.configName, "File": ["Name": "/x"]]],
            .ownership
        ),
        (
            "Configs",
            [
                [
                    "ConfigID": .string(Fixture.config), "ConfigName": Fixture.configName,
                    "File": ["Name": "/proc/x"],
                ]
            ], .target
        ),
        (
            "Secrets",
            [
                [
                    "SecretID": .string(Fixture.config), "SecretName": Fixture.configName,
                    "File": ["Name": "/x"],
                ]
            ],
            .content
        ),
    ]

    @Test(arguments: container.indices)
    func refusesOfTheTask(index: Int) {
        let (key, value, check) = Self.container[index]
        let found = refusal { $0.set("TaskTemplate", "ContainerSpec", key, to: value) }
        #expect(found == check, "\(key) \(value?.text ?? "missing")")
    }

    /// It is bounded by what it runs at once and in all.
    @Test func aJobHasNoMoreTasksThanGranted() {
        func refusal(_ atOnce: Int64, _ all: Int64) -> GateCheck? {
            self.refusal { body in
                body.set("UpdateConfig", to: nil)
                let counts: JSON = ["MaxConcurrent": .int(atOnce), "TotalCompletions": .int(all)]
                body.set("Mode", to: ["ReplicatedJob": counts])
            }
        }
        #expect(refusal(2, 2) == nil)
        #expect(refusal(21, 2) == .limit && refusal(2, 21) == .limit && refusal(-1, 1) == .limit)
    }

    private static let around: [([String], JSON?, GateCheck)] = [
        (["Name"], "bio_web", .name), (["Name"], "astro", .name),
        (["Labels", Labels.controller], "x", .label), (["Labels", Labels.claim], "x", .claim),
        (["Labels", Labels.Swarm.namespace], "bio", .label),
        (["Labels", Labels.sent], nil, .label),
        (["RollbackConfig"], [:], .body), (["Mode", "GlobalJob"], [:], .body),
        (["UpdateConfig", "FailureAction"], "rollback", .body),
        (["UpdateConfig", "MaxFailureRatio"], 2, .limit),
        (["UpdateConfig", "MaxFailureRatio"], "0.2", .body),
        (["UpdateConfig", "FailureAction"], nil, .body),
        (["UpdateConfig", "Order"], "any", .body), (["EndpointSpec", "Mode"], "x", .port),
        (["EndpointSpec", "Ports"], [["TargetPort": 80, "PublishedPort": 22]], .port),
        (["EndpointSpec", "Ports"], [["TargetPort": 80]], .port),
        (["TaskTemplate", "Runtime"], "plugin", .body),
        (["TaskTemplate", "PluginSpec"], [:], .body),
        (["TaskTemplate", "Networks"], [["Target": "host"]], .network),
        (
            ["TaskTemplate", "Networks"],
            [["Target": .string(Fixture.network), "Aliases": ["{{.Task.Name}}"]]], .name
        ),
        (["Labels", "traefik.http.routers.astro.priority"], "1", .label),
        (["Labels", "traefik.http.routers.astro.tls.x]"], "1", .label),
        (["TaskTemplate", "Networks"], [["Target": "x1111111111111111111111111"]], .network),
        (["TaskTemplate", "Resources", "Limits"], [:], .limit),
        (["TaskTemplate", "Resources", "Limits", "Pids"], 0, .limit),
        (["TaskTemplate", "Resources", "Limits", "MemoryBytes"], 8_589_934_593, .limit),
        (["TaskTemplate", "Resources", "Reservations", "GenericResources"], [], .body),
        (["TaskTemplate", "LogDriver", "Name"], "syslog", .driver),
        (["TaskTemplate", "RestartPolicy", "Condition"], "x", .body),
        (["TaskTemplate", "Placement", "Platforms"], [], .body),
        (["TaskTemplate", "Placement", "Constraints"], ["node.role==manager"], .body),
        (["TaskTemplate", "Placement", "Constraints"], ["node.labels.a==b", "node.id==x"], .body),
        (["TaskTemplate", "Placement", "Constraints"], ["engine.labels.a==b"], .body),
        (["TaskTemplate", "Placement", "Constraints"], ["node.labels."], .body),
        (
            ["TaskTemplate", "Placement", "Preferences"],
            [["Spread": ["SpreadDescriptor": "node.labels.a\nb"]]], .body
        ),
        (["TaskTemplate", "Resources", "Reservations", "NanoCPUs"], 2, .limit),
        (["Mode"], ["Global": [:]], .limit), (["Mode"], [:], .body), (["Mode"], nil, .body),
        (["Mode", "Global"], [:], .body), (["Mode", "Replicated", "Replicas"], 21, .limit),
        (["Mode"], ["GlobalJob": [:]], .limit), (["Mode"], ["ReplicatedJob": ["x": 1]], .body),
        (["Mode", "Replicated", "Replicas"], -1, .limit),
        (["UpdateConfig", "Delay"], -1, .limit),
    ]

    @Test(arguments: around.indices)
    func refusesOfTheService(index: Int) {
        let (path, value, check) = Self.around[index]
        let found = refusal { $0.set(path[...], to: value) }
        #expect(found == check, "\(path) \(value?.text ?? "missing")")
    }

    /// All tasks together; what the stack's other services take is not in sight.
    @Test(arguments: [
        Quota(containers: 1), Quota(replicas: 1), Quota(memory: .mebibytes(511)),
        Quota(nanoCPUs: 1), Quota(pids: 255), Quota(ports: 1),
    ])
    func oneServiceStaysWithinTheQuota(quota: Quota) {
        var tenant = Astro.tenant
        tenant.grants.quota = quota
        #expect(refusal(tenant: tenant) == .limit)
        #expect(refusal(tenant: tenant) { $0.set("Mode", "Replicated", "Replicas", to: 1) } == nil)
        tenant.audited = ["quota"]
        #expect(refusal(tenant: tenant) == nil)
    }

    /// Where the profile asks for nothing, the operator's own services have what they want.
    @Test func anOperatorsOwnRunsWhereItWants() {
        var tenant = Astro.tenant
        tenant.profile = .privileged
        let edits: [([String], JSON)] = [
            (["TaskTemplate", "Placement", "Constraints"], ["node.role==manager"]),
            (["Mode"], ["Global": [:]]), (["Mode", "Replicated", "Replicas"], 1000),
            (["TaskTemplate", "Resources", "Reservations", "NanoCPUs"], 2),
        ]
        for (path, value) in edits {
            #expect(refusal(tenant: tenant) { $0.set(path[...], to: value) } == nil, "\(path)")
        }
    }

    @Test func withoutTheWordTheEnginesHaveToKeepPrivileges() {
        let rules = SwarmRules(keepsPrivileges: true)
        let found = refusal(rules: rules) {
            $0.set("TaskTemplate", "ContainerSpec", "Privileges", to: nil)
        }
        #expect(found == nil)
    }

    @Test func refusesWhatIsNotOursToChange() {
        let foreign = "f" + String(repeating: "1", count: 24)
        for (action, collection) in [
            (EngineRequest.Action.removeService, "services"), (.removeConfig, "configs"),
            (.removeSecret, "secrets"), (.removeNetwork, "networks"),
        ] {
            func call(_ id: String) -> GateCheck? {
                let request = GateFixture.of(action, "DELETE", "/\(collection)/\(id)", target: id)
                return GateFixture.refusal(of: request, by: Fixture.gate())
            }
            #expect(call(Fixture.service) == nil)
            #expect(call(foreign) == .ownership)
            #expect(call("web") == .ownership)
        }
        let blind = EngineRequest(
            .updateService,
            "POST",
            "/services/\(Fixture.service)/update",
            body: Fixture.body,
            target: Fixture.service
        )
        #expect(GateFixture.refusal(of: blind, by: Fixture.gate()) == .call)
    }

    @Test func aConfigHoldsWhatTheCommitHas() {
        func call(_ data: String, _ name: JSON = Fixture.configName) -> GateCheck? {
            GateFixture.refusal(of: Fixture.createConfig(data, name), by: Fixture.gate())
        }
        #expect(call("aGk=") == nil)
        #expect(call("aGo=") == .content)
        #expect(call("aGk") == .content)
        #expect(call("aGl=") == .content)
        #expect(call("aGk=", "astro_other") == .content)
        var secret = Fixture.createConfig()
        secret.action = .createSecret
        secret.path = "/secrets/create"
        #expect(GateFixture.refusal(of: secret, by: Fixture.gate()) == .content)
    }

    @Test func networksAreEncryptedWhereTheOperatorWantsThat() {
        func call(_ options: JSON, _ rules: SwarmRules = SwarmRules()) -> GateCheck? {
            let request = GateFixture.createNetwork {
                $0.set("Driver", to: "overlay")
                $0.set("Options", to: options)
            }
            return GateFixture.refusal(of: request, by: Fixture.gate(Astro.tenant, rules))
        }
        #expect(call(["encrypted": ""]) == nil)
        #expect(call([:]) == .network)
        #expect(call([:], SwarmRules(isEncrypted: false)) == nil)
        #expect(call(["encrypted": "", "com.docker.network.driver.mtu": "1"]) == .driver)
    }
}
