internal import Model

/// One thing that policy looks at: what it is called, why it exists, and the question it asks.
package final class Rule: Sendable {
    /// What a rule can say.
    package enum Verdict: String, Sendable {
        case deny, mutate, warn
    }

    /// What a rule is about; several rules share a topic, and what the loader refuses has one too.
    package enum Topic: String, Sendable, CaseIterable {
        case privilege, capability, namespace, device, image, port, network, limits, injection
        case build, hook, logging, sysctl, placement, secret, malformed
        case securityOption = "security-opt"
        case bindPath = "bind-path"
        case bindOption = "bind-option"
        case bindIdentity = "bind-identity"
        case volumeDriver = "volume-driver"
        case mountTarget = "mount-target"
        case externalReference = "external-ref"
        case labelOwnership = "label-ownership"
        case labelRouting = "label-routing"
        case resourceExhaustion = "resource-exhaustion"
        case nameCollision = "name-collision"
        case fileEscape = "file-escape"
        case gitTree = "git-tree"
        case remoteSource = "remote-source"
        case environmentLeak = "env-leak"
        case hostExecution = "host-exec"
        case parserDifferential = "parser-differential"
    }

    /// Stable; never given to another rule.
    package let id: String
    package let topic: Topic
    package let verdict: Verdict
    /// Why it exists, as one sentence without a full stop.
    package let reason: String
    /// How to satisfy it, unless a finding knows better.
    package let fix: String
    let judge: Judge

    init(
        _ id: String,
        _ topic: Topic,
        _ verdict: Verdict = .deny,
        because reason: String,
        fix: String,
        _ judge: Judge
    ) {
        self.id = id
        self.topic = topic
        self.verdict = verdict
        self.reason = reason
        self.fix = fix
        self.judge = judge
    }

    /// The question, by what it is asked of.
    enum Judge: Sendable {
        case stack(@Sendable (StackReview) -> [Finding])
        case service(@Sendable (ServiceReview) -> [Finding])
        case fill(@Sendable (ServiceReview) -> Fill?)
    }

    /// A finding as people read it, with the place where the field was written.
    func diagnostic(
        _ finding: Finding,
        in stack: Stack,
        _ hold: Enforcement.Hold = .enforced
    ) -> Diagnostic {
        let written = finding.fields.first(where: stack.places.wrote) ?? finding.fields[0]
        return Diagnostic(
            verdict == .warn || hold != .enforced ? .warning : .error,
            code: id,
            "\(finding.message): \(reason)\(hold.remark)",
            at: stack.places.location(of: written),
            field: stack.places.name(of: finding.fields[0]),
            fix: finding.fix ?? fix
        )
    }
}

extension Enforcement.Hold {
    /// Why a denial is only told.
    fileprivate var remark: String {
        switch self {
        case .enforced, .off: ""
        case .audited: " (only told: the rule is in audit mode)"
        case .excepted(let exception):
            " (allowed until \(exception.expires.date) by \(Text.shown(exception.owner)): "
                + "\(Text.shown(exception.reason)))"
        }
    }
}

/// What a rule objects to.
struct Finding: Hashable, Sendable {
    /// The field that it is about; after it, other spellings of the field in a compose file.
    let fields: [FieldPath]
    /// What is so, without a full stop; the rule's reason follows it.
    let message: String
    let fix: String?

    init(_ message: String, at field: FieldPath, or others: FieldPath..., fix: String? = nil) {
        self.fields = [field] + others
        // A message may quote what a tenant wrote.
        self.message = Text.shown(message)
        self.fix = fix
    }
}

/// A value that a rule fills in.
struct Fill: Sendable {
    let field: FieldPath
    let from: String?
    let to: String
    let reason: String
    let apply: @Sendable (inout Service) -> Void
}

/// What a rule about a whole stack sees.
struct StackReview {
    let stack: Stack
    /// Its services, by name: their parts are read where they are, as a copy of a service costs
    /// more than most rules.
    let services: [ServiceReview]
    let tenant: TenantPolicy
    /// Those of each thing that bears some.
    let labelled: [[WrittenLabel]]
    let names: NamesInUse

    init(_ stack: Stack, _ services: [ServiceReview], under tenant: TenantPolicy) {
        self.stack = stack
        self.services = services
        self.tenant = tenant
        labelled = WrittenLabel.all(of: stack, services)
        names = NamesInUse(of: stack, services)
    }

    var labels: FlattenSequence<[[WrittenLabel]]> { labelled.joined() }
}

/// What is found out once for all services of a stack, and when it is asked.
final class Surroundings {
    private let stack: Stack
    private let tenant: TenantPolicy

    init(of stack: Stack, _ tenant: TenantPolicy) {
        self.stack = stack
        self.tenant = tenant
    }

    /// Services that people outside can reach.
    private(set) lazy var reached = stack.publicServices(tenant.grants)

    /// Keys of networks of other projects.
    private(set) lazy var foreignNetworks = Set(
        stack.networks.keys.filter { key in
            stack.isGuest(on: key)
                && tenant.isOfOthers(network: stack.networks[key]?.name ?? key, stack.id)
        }
    )
}

/// What a rule about one service sees.
///
/// One object for all of them: a service has so many parts that copies would cost more than rules.
final class ServiceReview {
    let name: String
    let path: FieldPath
    var service: Service
    var stack: Stack
    let enforcement: Enforcement
    /// Whether it mounts a file system that others use.
    let mountsShared: Bool
    /// Whether it does, or sees the processes of a service that does, so that only some users and
    /// capabilities belong to it.
    let usesShared: Bool
    /// What the grants say of its image.
    let image: ImageVerdict
    /// What they say of each of its mounts; nil of one that is no bind.
    let binds: [BindVerdict?]
    /// How its log is kept.
    let logging: Service.Logging
    let joins: [JoinedNamespace: String]
    let facts: ContainerFacts
    let surroundings: Surroundings
    private let profile: TenantPolicy.Profile

    /// Finds out once what several rules ask for, of what none of them fills in.
    init(
        _ name: String,
        _ service: Service,
        in stack: Stack,
        under enforcement: Enforcement,
        _ surroundings: Surroundings? = nil
    ) {
        self.name = name
        path = FieldPath("services", name)
        self.service = service
        self.stack = stack
        self.enforcement = enforcement
        let grants = enforcement.tenant.grants
        let joins = service.joins
        let mountsShared = grants.usesShared(service, in: stack)
        self.joins = joins
        self.mountsShared = mountsShared
        usesShared = mountsShared || grants.seesShared(through: joins[.pid], in: stack)
        image = grants.judge(image: service.image)
        binds = service.volumes.map { mount in
            guard case .bind(let path) = mount.source else { return nil }
            return grants.judge(bind: path, readOnly: mount.readOnly)
        }
        logging = grants.kept(service.logging)
        facts = ContainerFacts(service, named: name)
        self.surroundings = surroundings ?? Surroundings(of: stack, enforcement.tenant)
        profile = enforcement.profile(of: facts)
    }

    var grants: Grants { enforcement.tenant.grants }
    var tenant: TenantPolicy { enforcement.tenant }
    /// What its limits are called in mutations and findings.
    var limits: FieldPath { path / "deploy" / "resources" / "limits" }
    /// What its containers may have at most: where the rule is only told, what this file adds
    /// besides and nothing else.
    var capabilities: Set<String> {
        let granted = grants.capabilities(withShared: usesShared)
        return switch hold(Rule.capabilityGranted.id) {
        case .enforced: granted
        case .audited, .excepted: granted.union(service.capAdd.compactMap(Capability.named))
        case .off: Capability.known.union([Capability.all])
        }
    }

    /// What decides which rules hold for it, where exceptions name no services but `named`.
    func standing(among named: Set<String>) -> Enforcement.Standing {
        Enforcement.Standing(profile: profile, service: named.contains(name) ? name : nil)
    }

    /// How the rule `id` holds for it.
    func hold(_ id: String) -> Enforcement.Hold {
        enforcement.hold(id, of: profile, service: name)
    }

    func enforces(_ id: String) -> Bool { hold(id) == .enforced }
}
