import Admission
import Model
import Testing

/// Profiles that are chosen by where a container runs and by what it publishes.
@Suite struct ChoiceTests {
    private static let lab = NodePlace("lab-1", labels: ["tier": "lab", "rack": "7"])
    private static let hall = NodePlace("hall-1", labels: ["tier": "hall"])
    private static let swarm = NodePlace("main", cluster: .swarm)
    private static let places = [lab, hall, swarm]

    private func tenant(
        _ profile: TenantPolicy.Profile = .privileged,
        when condition: ProfileChoice.Condition,
        change: (inout TenantPolicy) -> Void = { _ in }
    ) -> TenantPolicy {
        var tenant = Astro.tenant
        tenant.choices = [ProfileChoice(profile, when: condition)]
        change(&tenant)
        return tenant
    }

    /// Whether both checks let a privileged container pass; they have to agree.
    private func passes(_ tenant: TenantPolicy, ports: [PortMapping] = []) -> Bool {
        let stack = Astro.stack {
            $0.privileges.privileged = true
            $0.ports = ports
        }
        let isAdmitted = Astro.denials(of: stack, by: Policy(tenant)).isEmpty
        let bindings = ports.compactMap(\.published).map { port -> (String, JSON) in
            ("\(port)/tcp", [["HostIp": "", "HostPort": .string("\(port)")]])
        }
        let request = GateFixture.create {
            $0.set("HostConfig", "Privileged", to: true)
            $0.set(
                "HostConfig",
                "PortBindings",
                to: .object(Dictionary(uniqueKeysWithValues: bindings))
            )
        }
        // What a service may publish is not in question here.
        var open = tenant
        open.audited = ["port-granted"]
        let isPassed = GateFixture.refusal(of: request, by: GateFixture.gate(open)) == nil
        let isKnown = ports.allSatisfy { $0.published != nil }
        #expect(!isKnown || isAdmitted == isPassed, "\(tenant.choices) \(ports)")
        return isAdmitted
    }

    @Test(
        arguments: [
            (.init(node: "lab-1"), [lab]), (.init(labels: ["tier": "lab"]), [lab]),
            (.init(labels: ["tier": "lab", "rack": "8"]), []),
            (.init(node: "hall-1", labels: ["tier": "lab"]), []),
            (.init(cluster: .nodes), [lab, hall]), (.init(cluster: .swarm), [swarm]),
        ] as [(NodePlace.Condition, [NodePlace])]
    )
    func aChoiceHoldsWhereItsNodesAre(condition: NodePlace.Condition, fitting: [NodePlace]) {
        let lax = tenant(when: .init(place: condition))
        let strict = tenant(.restricted, when: .init(place: condition)) { $0.profile = .privileged }
        for place in Self.places {
            #expect(passes(lax.on([place])) == fitting.contains(place))
            #expect(passes(strict.on([place])) != fitting.contains(place))
        }
        // Where nobody knows yet it is the strictest, either way.
        for somewhere in [lax, lax.on(Self.places), strict] { #expect(!passes(somewhere)) }
        #expect(passes(strict.on(Self.places)) == fitting.isEmpty)
        guard !fitting.isEmpty else { return }
        #expect(passes(lax.on(fitting)) && !passes(strict.on(fitting)))
    }

    /// What is said of all nodes, or of none, doesn't have to be asked.
    @Test func onlyWhatDiffersIsAsked() {
        let tenant = tenant(when: .init(service: "web", place: .init(cluster: .nodes)))
        #expect(tenant.on([Self.lab, Self.hall]).choices[0].condition == .init(service: "web"))
        #expect(tenant.on([Self.swarm]).choices.isEmpty)
        #expect(tenant.on(Self.places) == tenant)
        #expect(Policy(tenant.on([Self.lab])).digest != Policy(tenant.on([Self.swarm])).digest)
    }

    @Test func aLaterChoiceHoldsToo() {
        var tenant = tenant(when: .init(place: .init(node: "lab-1")))
        tenant.choices.append(ProfileChoice(.privileged, when: .init(service: "web")))
        #expect(passes(tenant))
        tenant.choices[1].profile = .baseline
        #expect(!passes(tenant) && passes(tenant.on([Self.lab])))
    }

    @Test(
        arguments: [
            ([30080], true), ([30090], false), ([30080, 30090], false), ([30080, 30081], true),
            ([], false),
        ] as [([UInt16], Bool)]
    )
    func eachPortIsJudgedAlone(ports: [UInt16], fits: Bool) {
        let ports = ports.map { PortMapping(published: $0, target: $0) }
        #expect(passes(tenant(when: .init(ports: [30080...30089])), ports: ports) == fits)
        let strict = tenant(.restricted, when: .init(ports: [30080...30089])) {
            $0.profile = .privileged
        }
        let touches = ports.contains { ($0.published ?? 0) < 30090 }
        #expect(passes(strict, ports: ports) != touches)
    }

    @Test(
        arguments: [
            ([], [.internal]), ([30080], [.site]), ([30443], [.public]),
            ([30080, 30443], [.public]),
        ] as [([UInt16], [ProfileChoice.Audience])]
    )
    func anAudienceIsWhoReachesTheContainer(
        ports: [UInt16],
        audiences: [ProfileChoice.Audience]
    ) {
        let ports = ports.map { PortMapping(published: $0, target: $0) }
        for audience in ProfileChoice.Audience.allCases {
            let tenant = tenant(when: .init(audience: audience)) {
                $0.grants.publicPorts = [30443...30443]
            }
            #expect(passes(tenant, ports: ports) == audiences.contains(audience))
        }
    }

    /// Gyre's own, which no body tells of, and one that reads labels.
    @Test(arguments: [true, false], ["in.astro.example.org", "astro.example.org"])
    func anIngressPublishes(isOurs: Bool, host: String) {
        let rule: [String: String] =
            isOurs ? [:] : ["traefik.http.routers.astro.rule": "Host(`\(host)`)"]
        let stack = Astro.stack {
            $0.privileges.privileged = true
            $0.labels = rule
            $0.ingress = isOurs ? .init(host: host, port: 80) : nil
        }
        let request = GateFixture.create { body in
            body.set("HostConfig", "Privileged", to: true)
            body.set("HostConfig", "PortBindings", to: nil)
            for (key, value) in rule { body.set("Labels", key, to: .string(value)) }
        }
        let audience: ProfileChoice.Audience = host.hasPrefix("in.") ? .site : .public
        let conditions: [(ProfileChoice.Condition, Bool)] =
            ProfileChoice.Audience.allCases.map { (.init(audience: $0), $0 == audience) }
            + [(.init(publishes: true), true), (.init(publishes: false), false)]
        for (condition, fits) in conditions {
            let tenant = tenant(when: condition) { $0.grants.siteHosts = ["in.astro.example.org"] }
            #expect(Astro.denials(of: stack, by: Policy(tenant)).isEmpty == fits, "\(condition)")
            let gate = GateFixture.gate(tenant, ingress: isOurs ? ["web": host] : [:])
            #expect((GateFixture.refusal(of: request, by: gate) == nil) == fits, "\(condition)")
        }
    }

    /// A port that Gyre is to choose may come to be one of these, or not.
    @Test(
        arguments: [
            (nil, .init(ports: [31000...31999]), true), (nil, .init(ports: [31000...31500]), false),
            ("31000-31010", .init(ports: [31000...31500]), true),
            (nil, .init(ports: [32000...32000]), false),
            (nil, .init(audience: .public), false), (nil, .init(audience: .site), false),
            ("31000-31010", .init(audience: .site), true),
            ("31900-31910", .init(audience: .public), true),
        ] as [(String?, ProfileChoice.Condition, Bool)]
    )
    func whatIsOpenIsTakenForTheStrictest(
        range: String?,
        condition: ProfileChoice.Condition,
        fits: Bool
    ) {
        var port = PortMapping(target: 80)
        port.candidates = range
        let tenant = tenant(when: condition) {
            $0.grants.allocatedPorts = [31000...31999]
            $0.grants.publicPorts = [31900...31999]
        }
        #expect(passes(tenant, ports: [port]) == fits)
    }
}
