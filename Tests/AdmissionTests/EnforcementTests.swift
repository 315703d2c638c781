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
                $0.set("HostConfig", "Binds", to: [.string("\(path):/x:ro")])
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
