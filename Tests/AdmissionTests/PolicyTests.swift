import Admission
import Model
import Testing

/// What policy makes of a stack as a whole.
@Suite struct PolicyTests {
    @Test func fillsInLimitsAsMutations() throws {
        let admitted = try Astro.policy.admit(Astro.stack { $0.resources = .init() })
        #expect(
            admitted.mutations.map(\.field.description) == [
                "services.web.deploy.resources.limits.memory",
                "services.web.deploy.resources.limits.pids",
            ]
        )
        #expect(admitted.mutations.map(\.to) == ["536870912", "512"])
        #expect(admitted.mutations.map(\.rule) == ["memory-default", "pids-default"])
        let resources = admitted.effective["web"]?.service.resources
        #expect(resources?.memory == .mebibytes(512))
        #expect(resources?.pids == 512)
        // The stack as loaded stays what the files say, because spec hashes cover it.
        #expect(admitted.stack.services["web"]?.resources == Service.Resources())
    }

    @Test func countsZeroAsAbsent() throws {
        let admitted = try Astro.policy.admit(
            Astro.stack { $0.resources = .init(memory: ByteCount(0), pids: 0) }
        )
        #expect(admitted.mutations.map(\.from) == ["0", "0"])
        #expect(admitted.effective["web"]?.service.resources.pids == 512)
    }

    @Test func fillsInAsMuchMemoryAsIsReserved() throws {
        let admitted = try Astro.policy.admit(
            Astro.stack { $0.resources = .init(reservedMemory: .gibibytes(2)) }
        )
        #expect(admitted.effective["web"]?.service.resources.memory == .gibibytes(2))
    }

    @Test func fillsInTheOneGrantedGroup() throws {
        let admitted = try Astro.policy.admit(
            Astro.stack {
                $0.user = "41000"
                $0.volumes = [Astro.bind("/global/astro/run")]
            }
        )
        #expect(admitted.effective["web"]?.service.user == "41000:5000")
        #expect(
            admitted.mutations.map(\.description) == [
                "services.web.user: 41000 -> 41000:5000, the one granted group is filled in "
                    + "[identity-group]"
            ]
        )
    }

    @Test func fillsInNoGroupWhereTwoAreGranted() {
        var tenant = Astro.tenant
        tenant.grants.gids = [5000...5001]
        let stack = Astro.stack {
            $0.user = "41000"
            $0.volumes = [Astro.bind("/global/astro/run")]
        }
        #expect(Astro.denials(of: stack, by: Policy(tenant)) == ["identity"])
    }

    @Test func grantsNobodyToBeRootBesideASharedFileSystem() {
        var tenant = Astro.tenant
        tenant.grants.uids = [0...65535]
        let stack = { (user: String) in
            Astro.stack {
                $0.user = user
                $0.volumes = [Astro.bind("/global/astro")]
            }
        }
        #expect(Astro.denials(of: stack("0:5000"), by: Policy(tenant)) == ["identity"])
        #expect(Astro.denials(of: stack("1:5000"), by: Policy(tenant)).isEmpty)
    }

    @Test func admitsWhatItFilledInAgainUnchanged() throws {
        var stack = Astro.stack {
            $0.user = "41000"
            $0.volumes = [Astro.bind("/global/astro/run")]
            $0.resources = .init()
        }
        let first = try Astro.policy.admit(stack)
        stack.services = first.effective.mapValues(\.service)
        let second = try Astro.policy.admit(stack)
        #expect(second.mutations.isEmpty)
        #expect(second.effective == first.effective)
    }

    @Test func gathersAllFindingsOfAllServices() {
        var stack = Astro.stack { $0.privileges.privileged = true }
        var other = Service(image: "quay.io/x/y")
        other.privileges.namespaces["pid"] = "host"
        other.capAdd = ["NET_ADMIN"]
        stack.services["other"] = other
        #expect(
            Astro.denials(of: stack) == [
                "privileged", "image-granted", "namespace", "capability-granted",
            ]
        )
    }

    @Test func pointsAtThePlaceAndSaysHowToMendIt() throws {
        var stack = Astro.stack { $0.resources.memory = .gibibytes(9) }
        let place = SourceLocation(file: "compose.yaml", line: 4, column: 16)
        stack.places.record(place, at: FieldPath("services", "web", "mem_limit"))
        let rejection = #expect(throws: Rejection.self) { try Astro.policy.admit(stack) }
        let finding = try #require(rejection?.diagnostics.first)
        #expect(finding.location == place)
        #expect(finding.field?.description == "services.web.deploy.resources.limits.memory")
        #expect(
            finding.description == """
                compose.yaml:4:16: error: a memory limit of 9 GiB is not between 0 and 8 GiB: \
                the memory of a node is shared [memory-maximum]
                  fix: ask for at most 8 GiB
                """
        )
    }

    @Test func warnsOfSecretsWithoutShowingThem() throws {
        let admitted = try Astro.policy.admit(
            Astro.stack {
                $0.environment = [
                    "POSTGRES_PASSWORD": "hunter2", "API_TOKEN": "hunter2", "DB_PASSWORD": "",
                    "POSTGRES_PASSWORD_FILE": "/run/secrets/p", "ALLOW_EMPTY_PASSWORD": "yes",
                    "MODE": "hunter2", "SECRET": nil,
                ]
            }
        )
        #expect(
            admitted.warnings.map(\.code) == Array(repeating: "secret-in-environment", count: 2)
        )
        #expect(!admitted.warnings.description.contains("hunter2"))
    }

    @Test(arguments: [
        ("DB_PWD", "x", true), ("DATABASE_URL", "postgres://u:pw@db/x", true),
        ("REDIS_URL", "redis://:pw@db", true), ("API_TOKEN", "123456", true),
        ("DATABASE_URL", "postgres://db/x", false), ("URL", "http://u@h/a:b@c", false),
        ("MAX_TOKENS", "4096", false), ("PUBLIC_KEY", "ssh-ed25519 AAAA", false),
        ("PASSWORD_MIN_LENGTH", "12", false), ("TOKEN_EXPIRY", "24h", false),
        ("PWD", "/srv", false), ("TOKEN_TTL", "hunter2", true), ("URL", "http://u:@h", false),
    ])
    func tellsSecretsFromSettings(name: String, value: String, isSecret: Bool) throws {
        let admitted = try Astro.policy.admit(Astro.stack { $0.environment = [name: value] })
        #expect(admitted.warnings.isEmpty != isSecret)
    }

    @Test func escapesWhatItQuotes() throws {
        let stack = Astro.stack { $0.volumes = [Astro.bind("/x/\u{202E}y\u{9B}31m")] }
        let rejection = #expect(throws: Rejection.self) { try Astro.policy.admit(stack) }
        let message = try #require(rejection?.diagnostics.first).message
        #expect(message.hasPrefix("/x/\\u{202e}y\\u{9b}31m is not granted"))
    }

    /// Taking over another service's mounts is mounting, in any number of steps.
    @Test func followsMountsThatAreTakenOver() {
        var stack = Astro.stack {
            $0.user = "41000:5000"
            $0.volumes = [Astro.bind("/global/astro")]
        }
        for (name, source) in [("relay", "web"), ("shell", "relay"), ("loop", "loop")] {
            var service = Astro.stack.services["web"] ?? Service(image: "nginx:1")
            service.user = "0:0"
            service.volumesFrom = [Service.VolumesFrom(service: source)]
            stack.services[name] = service
        }
        let rejection = #expect(throws: Rejection.self) { try Astro.policy.admit(stack) }
        #expect(
            rejection?.diagnostics.map { "\($0.code) \($0.field?.description ?? "")" } == [
                "identity services.relay.user", "identity services.shell.user",
            ]
        )
    }

    @Test func admitsTuningWithinTheGrant() {
        let denials = Astro.denials {
            $0.sysctls = ["net.ipv4.tcp_keepalive_time": "60"]
            $0.ulimits = [
                "nofile": .init(soft: 1, hard: 1_048_576), "memlock": .init(soft: -1, hard: -1),
            ]
            $0.hostEntries = [.init(name: "db", address: "10.0.0.7")]
            $0.logging = .init(driver: "local", options: ["max-size": "20m"])
            $0.groups = ["nginx", "0"]
            $0.sharedMemory = .mebibytes(256)
            $0.killScore = 500
            $0.resources.memoryAndSwap = 512 << 20
            $0.placement = ["node.labels.tier==web"]
        }
        #expect(denials.isEmpty)
    }

    @Test func keepsTheLoadersWarnings() throws {
        var stack = Astro.stack
        stack.warnings = [Diagnostic(.warning, code: "unset-variable", "X is not set")]
        #expect(try Astro.policy.admit(stack).warnings == stack.warnings)
    }

    @Test func showsHardeningApartFromMutations() throws {
        let admitted = try Astro.policy.admit(Astro.stack { $0.capDrop = ["ALL"] })
        #expect(
            admitted.hardening == [
                "all services: no-new-privileges:true", "service web: capabilities none",
            ]
        )
        #expect(admitted.effective["web"]?.securityOptions == ["no-new-privileges:true"])
    }

    @Test func digestDependsOnEveryParameter() {
        let edits: [(inout Grants) -> Void] = [
            { $0.mounts[0].readOnly.toggle() }, { $0.mounts[0].isShared.toggle() },
            { $0.mounts[0].path += "x" }, { $0.registries.append("x") },
            { $0.uids = [1...2] }, { $0.gids = [1...2] }, { $0.ports = [1...2] },
            { $0.capabilities.insert("X") }, { $0.sharedCapabilities.insert("X") },
            { $0.memory.standard += 1 }, { $0.memory.maximum += 1 }, { $0.pids.standard += 1 },
            { $0.pids.maximum += 1 }, { $0.maximumReplicas += 1 }, { $0.maximumServices += 1 },
            { $0.maximumPorts += 1 }, { $0.names = ["x-"] }, { $0.hosts = ["x.org"] },
            { $0.routes = "x" }, { $0.networkDrivers = [] }, { $0.subnets = ["10.0.0.0/8"] },
            { $0.logDrivers = [] }, { $0.sysctls = [] }, { $0.openFiles += 1 },
            { $0.publicPorts = [1...2] }, { $0.allocatedPorts = [1...2] },
            { $0.quota.containers = 1 }, { $0.quota.pids = 1 },
            { $0.quota.memory = ByteCount(1) }, { $0.quota.nanoCPUs = 1 },
            { $0.quota.volumes = 1 }, { $0.quota.replicas = 1 }, { $0.quota.ports = 1 },
            { $0.quota.networks = 1 },
            { $0.shared = ["bio_other"] }, { $0.maximumInput += 1 }, { $0.reservedLabels = ["x."] },
            { $0.imageTags = .digest }, { $0.maximumLogs += 1 }, { $0.standardCPUs = 1 },
            { $0.maximumCPUs = 1 }, { $0.siteHosts = ["x.org"] },
        ]
        var bounded = Astro.tenant
        bounded.quotas.ports = 1
        var stricter = Astro.tenant
        stricter.enforced = ["quota"]
        var adopted = Astro.tenant
        adopted.adopted = ["old": "old"]
        let digests =
            edits.map { edit in
                var tenant = Astro.tenant
                edit(&tenant.grants)
                return Policy(tenant).digest
            } + [bounded, stricter, adopted].map { Policy($0).digest }
        #expect(Set(digests + [Astro.policy.digest]).count == edits.count + 4)
        #expect(Policy(Astro.tenant).digest == Astro.policy.digest)
        // A parameter that is added to the grants belongs into the digest, and into this list.
        #expect(Mirror(reflecting: Astro.grants).children.count == 31)
        #expect(Mirror(reflecting: Astro.grants.quota).children.count == 8)
        #expect(Mirror(reflecting: Astro.tenant).children.count == 10)
    }
}
