import Admission
import Model
import Testing

/// Profiles, choices, audit mode and exceptions: what holds, and that both checks agree on it.
@Suite struct EnforcementTests {
    private static let now = Instant(milliseconds: 1_000_000)
    private static let privileged = Astro.stack { $0.privileges.privileged = true }

    @Test func aBaselineAsksForNoIdentity() {
        let stack = Astro.stack { $0.volumes = [Astro.bind("/global/astro")] }
        #expect(Astro.denials(of: stack) == ["identity"])
        #expect(Astro.denials(of: stack, by: policy { $0.profile = .baseline }).isEmpty)
        let foreign = Astro.stack { $0.volumes = [Astro.bind("/global/bio")] }
        #expect(
            Astro.denials(of: foreign, by: policy { $0.profile = .baseline }) == ["bind-granted"]
        )
    }

    @Test func aProjectCanHaveMoreRulesThanItsProfile() {
        let stack = Astro.stack { $0.volumes = [Astro.bind("/global/astro")] }
        let policy = policy {
            $0.profile = .baseline
            $0.enforced = ["identity"]
        }
        #expect(Astro.denials(of: stack, by: policy) == ["identity"])
        let request = GateFixture.create { $0.set("User", to: "root") }
        var tenant = Astro.tenant
        tenant.profile = .baseline
        #expect(GateFixture.refusal(of: request, by: GateFixture.gate(tenant)) == nil)
        tenant.enforced = ["identity"]
        #expect(GateFixture.refusal(of: request, by: GateFixture.gate(tenant)) == .identity)
    }

    @Test func thePrivilegedProfileKeepsTheBooks() {
        let policy = policy { $0.profile = .privileged }
        #expect(Astro.denials(of: Self.privileged, by: policy).isEmpty)
        let stack = Astro.stack { $0.labels = ["io.gyre.stack": "bio"] }
        #expect(Astro.denials(of: stack, by: policy) == ["label-reserved"])
    }

    @Test func aChoiceHoldsForTheContainersThatItFits() {
        var stack = Astro.stack { $0.privileges.privileged = true }
        let choices: [ProfileChoice.Condition] = [
            .init(service: "web"), .init(stack: "astro", image: "docker.io/library"),
            .init(publishes: false),
        ]
        for condition in choices {
            let policy = policy { $0.choices = [ProfileChoice(.privileged, when: condition)] }
            #expect(Astro.denials(of: stack, by: policy).isEmpty, "\(condition)")
        }
        for condition in [
            ProfileChoice.Condition(service: "other"), .init(stack: "other"),
            .init(mounts: "/global/astro"), .init(publishes: true), .init(image: "quay.io"),
        ] {
            let policy = policy { $0.choices = [ProfileChoice(.privileged, when: condition)] }
            #expect(Astro.denials(of: stack, by: policy) == ["privileged"], "\(condition)")
        }
        stack.services["web"]?.volumes = [Astro.bind("/global/astro/x")]
        let mounting = policy {
            $0.choices = [ProfileChoice(.baseline, when: .init(mounts: "/global/astro"))]
        }
        #expect(Astro.denials(of: stack, by: mounting) == ["privileged"])
    }

    /// One bind never brings the rules of another down; those of what is reached hold, the
    /// strictest of them.
    @Test(
        arguments: [
            (["/global/astro/x"], ["/global/astro"], true), (["/scratch/astro"], [], false),
            (["/global/astro/x", "/scratch/astro"], ["/global/astro"], false),
            (["/global/astro/x", "/scratch/astro"], ["/global/astro", "/scratch/astro"], true),
            (["/global/astro/x", "/global/astro"], ["/global/astro/x"], false), ([], ["/"], false),
        ] as [([String], [String], Bool)]
    )
    func aChoiceByMountsHoldsForAllThatIsBound(binds: [String], chosen: [String], fits: Bool) {
        let stack = Astro.stack {
            $0.privileges.privileged = true
            $0.volumes = binds.enumerated().map { Astro.bind($1, to: "/t\($0)") }
        }
        let lax = policy {
            $0.choices = chosen.map { ProfileChoice(.privileged, when: .init(mounts: $0)) }
        }
        #expect(Astro.denials(of: stack, by: lax).contains("privileged") != fits)
        let strict = policy {
            $0.profile = .privileged
            $0.choices = chosen.map { ProfileChoice(.restricted, when: .init(mounts: $0)) }
        }
        let reaches = chosen.contains { path in
            binds.contains { $0.hasPrefix(path) || path.hasPrefix($0) }
        }
        #expect(Astro.denials(of: stack, by: strict).contains("privileged") == reaches)
    }

    /// What breaks no rule is what it would be, whichever is only told.
    @Test(arguments: Rule.all.map(\.id))
    func anAuditedRuleChangesNothingElse(rule: String) throws {
        let stacks = [
            Astro.stack,
            Astro.stack {
                $0.resources = .init()
                $0.user = "41000"
                $0.volumes = [Astro.bind("/global/astro")]
            },
        ]
        for stack in stacks {
            let plain = try Astro.policy.admit(stack)
            let audited = try policy { $0.audited = [rule] }.admit(stack)
            #expect(audited.effective == plain.effective)
            #expect(audited.mutations == plain.mutations)
            #expect(audited.warnings.isEmpty)
        }
    }

    /// What is let pass by leave is what was asked for, and is told.
    @Test(
        arguments: [
            (["SYS_ADMIN"], [], ["NET_BIND_SERVICE", "SYS_ADMIN"]), (["ALL"], [], ["ALL"]),
            (["ALL"], ["ALL"], ["ALL"]), (["NET_RAW"], ["ALL"], ["NET_RAW"]),
        ] as [([String], [String], [String])]
    )
    func leaveIsForWhatWasAskedFor(add: [String], drop: [String], gets: [String]) throws {
        let stack = Astro.stack {
            $0.capAdd = add
            $0.capDrop = drop
        }
        let policy = policy {
            $0.audited = ["capability-granted"]
            $0.grants.capabilities = ["NET_BIND_SERVICE"]
        }
        let admitted = try policy.admit(stack)
        #expect(admitted.effective["web"]?.capAdd == gets)
        #expect(admitted.warnings.map(\.code) == ["capability-granted"])
        let request = GateFixture.create {
            $0.set("HostConfig", "CapAdd", to: .strings(gets))
        }
        var tenant = Astro.tenant
        tenant.audited = ["capability-granted"]
        #expect(GateFixture.refusal(of: request, by: GateFixture.gate(tenant)) == nil)
    }

    @Test func allButWhatIsDropped() throws {
        let stack = Astro.stack {
            $0.capAdd = ["ALL"]
            $0.capDrop = ["SYS_ADMIN"]
        }
        let admitted = try policy { $0.audited = ["capability-granted"] }.admit(stack)
        let gets = try #require(admitted.effective["web"]).capAdd
        #expect(gets.contains("SYS_TIME") && !gets.contains("SYS_ADMIN") && !gets.contains("ALL"))
    }

    /// A value that a container needs is no denial that could be only told.
    @Test func nothingLiftsWhatIsFilledIn() {
        #expect(
            Policy.unliftableIDs == [
                "bind-form", "identity-group", "memory-default", "pids-default", "cpu-default",
            ]
        )
    }

    /// Both checks hold rules about labels, checks and stopping alike.
    @Test(
        arguments: [
            ("label-routing", ["Labels", "traefik.http.routers.bio.rule"], "Host(`x.org`)"),
            ("label-reserved", ["Labels", "controller.example.org/x"], "x"),
            ("label-reserved", ["Labels", "com.docker.swarm.task"], "x"),
            ("healthcheck-interval", ["Healthcheck", "Interval"], 1),
            ("stop-grace-period", ["StopTimeout"], 3601),
            ("log-driver", ["HostConfig", "LogConfig"], nil),
            ("cpu-maximum", ["HostConfig", "NanoCpus"], 65_000_000_000),
        ] as [(String, [String], JSON?)]
    )
    func theGateOnlyLetsPassWhatIsOnlyTold(rule: String, path: [String], value: JSON?) {
        let request = GateFixture.create { $0.set(path[...], to: value) }
        var tenant = Denials.tenant(of: rule)
        #expect(GateFixture.refusal(of: request, by: GateFixture.gate(tenant)) != nil)
        tenant.audited = [rule]
        #expect(GateFixture.refusal(of: request, by: GateFixture.gate(tenant)) == nil)
    }

    @Test func anAuditedRuleOnlyTells() throws {
        let admitted = try policy { $0.audited = ["privileged"] }.admit(Self.privileged)
        #expect(admitted.warnings.map(\.code) == ["privileged"])
        #expect(admitted.warnings[0].message.hasSuffix("(only told: the rule is in audit mode)"))
    }

    @Test func anExceptionHoldsUntilItExpires() throws {
        let exception = PolicyException(
            rule: "privileged",
            stack: "astro",
            service: "web",
            owner: "ann",
            reason: "old driver",
            expires: Instant(milliseconds: 2_000_000)
        )
        var tenant = Astro.tenant
        tenant.exceptions = [exception]
        let admitted = try Policy(tenant, at: Self.now).admit(Self.privileged)
        #expect(
            admitted.warnings.first?.message.hasSuffix(
                "(allowed until 1970-01-01 by ann: old driver)"
            ) == true
        )
        for late in [nil, exception.expires, Instant(milliseconds: .max)] {
            let policy = Policy(tenant, at: late)
            #expect(Astro.denials(of: Self.privileged, by: policy) == ["privileged"])
        }
        #expect(Policy(tenant, at: Self.now).digest != Policy(tenant, at: exception.expires).digest)
        #expect(Policy(tenant).digest == Policy(Astro.tenant).digest)
    }

    @Test(arguments: [("astro", "db"), ("web", nil)])
    func anExceptionIsForNobodyElse(stack: String, service: String?) {
        var tenant = Astro.tenant
        tenant.exceptions = [
            PolicyException(
                rule: "privileged",
                stack: stack,
                service: service,
                owner: "ann",
                reason: "x",
                expires: Instant(milliseconds: .max)
            )
        ]
        #expect(
            Astro.denials(of: Self.privileged, by: Policy(tenant, at: Self.now)) == ["privileged"]
        )
    }

    /// The second check can't compare such a path, so the first can't let it pass.
    @Test(arguments: ["/global/astro/../bio", "/global/astro/../astro/x", "../x", "~/x", "/.."])
    func nothingLiftsTheFormOfABind(path: String) throws {
        let stack = Astro.stack { $0.volumes = [Astro.bind(path)] }
        var leaves = [TenantPolicy.Profile.restricted, .baseline, .privileged].map { profile in
            var tenant = Astro.tenant
            tenant.profile = profile
            return tenant
        }
        leaves.append(Astro.tenant)
        leaves[3].audited = ["bind-form"]
        leaves[3].exceptions = [
            PolicyException(
                rule: "bind-form",
                owner: "ann",
                reason: "x",
                expires: Instant(milliseconds: .max)
            )
        ]
        for tenant in leaves {
            let denials = Astro.denials(of: stack, by: Policy(tenant, at: Self.now))
            #expect(denials.contains("bind-form"))
            let mount: JSON = [
                "Type": "bind", "Source": .string(path), "Target": "/x", "ReadOnly": true,
            ]
            for (field, value) in [("Mounts", mount), ("Binds", .string("\(path):/x:ro"))] {
                let request = GateFixture.create { $0.set("HostConfig", field, to: [value]) }
                #expect(GateFixture.refusal(of: request, by: GateFixture.gate(tenant)) == .bind)
            }
        }
        #expect(Policy.unliftable(in: stack).map(\.code) == ["bind-form"])
        #expect(Policy.unliftable(in: Self.privileged).isEmpty)
    }

    /// A path that leads elsewhere once its `..` are gone is judged by where it leads.
    @Test func aResolvedPathIsNoMoreGranted() {
        for path in ["/global/bio", "/etc", "/global/astronomy"] {
            let request = GateFixture.create {
                $0.set("HostConfig", "Mounts", to: [GateFixture.bind(path, to: "/x")])
            }
            #expect(GateFixture.refusal(of: request) == .bind)
        }
    }

    /// What one check lets pass by the operator's leave, the other does too.
    @Test func theGateHoldsWhatPolicyHolds() throws {
        let request = GateFixture.create {
            $0.set("HostConfig", "Privileged", to: true)
            $0.set("HostConfig", "SecurityOpt", to: ["no-new-privileges:true", "seccomp=x"])
        }
        #expect(GateFixture.refusal(of: request) == .privilege)
        var tenant = Astro.tenant
        tenant.choices = [
            ProfileChoice(.privileged, when: .init(service: "web", mounts: "/global/astro"))
        ]
        #expect(GateFixture.refusal(of: request, by: GateFixture.gate(tenant)) == nil)
        tenant.choices = []
        tenant.audited = ["privileged", "security-option"]
        #expect(GateFixture.refusal(of: request, by: GateFixture.gate(tenant)) == nil)
    }

    private func policy(_ edit: (inout TenantPolicy) -> Void) -> Policy {
        var tenant = Astro.tenant
        edit(&tenant)
        return Policy(tenant)
    }
}
