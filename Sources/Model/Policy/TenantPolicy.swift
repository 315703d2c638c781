/// What the operator lets one project use, and the policy it is judged by.
package struct TenantPolicy: Hashable, Codable, Sendable {
    /// Which set of rules applies.
    package enum Profile: String, Codable, Sendable, CaseIterable {
        /// For tenants who share machines.
        case restricted
        /// For teams of the house: nothing leaves its container, but nobody counts.
        case baseline
        /// For the operator's own stacks: only what keeps stacks apart.
        case privileged
    }

    /// Holds for each container that no choice fits.
    package var profile: Profile
    /// The first that fits a container decides its profile.
    package var choices: [ProfileChoice] = []
    /// Ids of rules that hold besides those of the profile, whichever a container has.
    package var enforced: Set<String> = []
    /// Ids of rules whose denials are only told.
    package var audited: Set<String> = []
    package var exceptions: [PolicyException] = []
    package var grants: Grants
    /// The most that all stacks of the project may take together, whatever their profiles.
    package var quotas = Quota()
    /// What other projects are called, and what stacks of theirs were taken over under, where names
    /// of this one's could begin like it.
    package var neighbours: Set<String> = []
    /// Names of the project's other stacks, where they are known.
    package var siblings: Set<String> = []
    /// What Compose calls stacks of the project that are taken over under that name, by stack: what
    /// begins with it is that stack's own.
    package var adopted: [String: String] = [:]

    package init(profile: Profile = .restricted, grants: Grants = Grants()) {
        self.profile = profile
        self.grants = grants
    }

    /// The same, but for what only holds for all stacks together.
    package var withoutQuotas: TenantPolicy {
        var policy = self
        policy.quotas = Quota()
        return policy
    }
}

/// A profile for the containers that have something in common.
package struct ProfileChoice: Hashable, Codable, Sendable {
    package var profile: TenantPolicy.Profile
    package var condition: Condition

    /// What a container is like; all that is given has to be so.
    package struct Condition: Hashable, Codable, Sendable {
        package var stack: String?
        package var service: String?
        /// A path of the node: the container binds it or something below it.
        package var mounts: String?
        /// Whether it publishes a port of the node.
        package var publishes: Bool?
        /// It publishes one of these ports; empty: any, or none.
        package var ports: [ClosedRange<Int>] = []
        /// Who reaches what it publishes.
        package var audience: Audience?
        /// Registry and path, by component, that its image comes from.
        package var image: String?
        /// Where it runs.
        package var place = NodePlace.Condition()

        package init(
            stack: String? = nil,
            service: String? = nil,
            mounts: String? = nil,
            publishes: Bool? = nil,
            ports: [ClosedRange<Int>] = [],
            audience: Audience? = nil,
            image: String? = nil,
            place: NodePlace.Condition = .init()
        ) {
            self.stack = stack
            self.service = service
            self.mounts = mounts
            self.publishes = publishes
            self.ports = ports
            self.audience = audience
            self.image = image
            self.place = place
        }
    }

    /// Who reaches a container at the ports of its node.
    package enum Audience: String, Codable, Sendable, CaseIterable {
        /// People outside the site, at one of its ports or more.
        case `public`
        /// The site alone.
        case site
        /// Nobody: it publishes none.
        case `internal`
    }

    package init(_ profile: TenantPolicy.Profile, when condition: Condition) {
        self.profile = profile
        self.condition = condition
    }
}

/// A rule that the operator lets a project break for a time.
package struct PolicyException: Hashable, Codable, Sendable {
    /// Id of the rule.
    package var rule: String
    /// nil: all stacks of the project.
    package var stack: String?
    /// nil: all services.
    package var service: String?
    /// Who answers for it.
    package var owner: String
    package var reason: String
    /// It holds before this moment and not after.
    package var expires: Instant

    package init(
        rule: String,
        stack: String? = nil,
        service: String? = nil,
        owner: String,
        reason: String,
        expires: Instant
    ) {
        self.rule = rule
        self.stack = stack
        self.service = service
        self.owner = owner
        self.reason = reason
        self.expires = expires
    }
}
