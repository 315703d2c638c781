/// One of the few facts that must not be lost, in the order they became true.
package enum JournalEntry: Hashable, Sendable {
    /// What is about to be done, and on what grounds; written before the engine is called.
    case decided(Decision)
    /// A token for what is made on a node because a person asked, outside of any plan.
    case claimed(String, StackID, node: String = NodeName.main)
    /// The engine made an object for us and gave it this id.
    case owned(OwnedObject)
    /// The stack was taken over from what Compose calls by this name.
    case adopted(StackID, name: String)
    /// The engine of a node confirmed that the object is gone.
    case gone(id: String, node: String = NodeName.main)
    /// What an image reference meant for a service's spec.
    case pinned(PinKey, ImagePin)
    /// A task of this spec ran to its end with status 0, and is not run again.
    case completed(PinKey)
    /// A volume exists from here on; if it is missing later, that is no accident to repair.
    case volumeSeen(name: String, stack: StackID, node: String = NodeName.main)
    /// A person has had the volume removed, with all that was in it, or knows that it is lost.
    case volumeRemoved(name: String, stack: StackID, node: String = NodeName.main, by: String)
    /// The version ran through its stability window; its files were read at a place.
    case good(StackID, Version, at: VersionPlace? = nil)
    /// The version failed, all of it or in some slots; there it is not tried again until a person
    /// releases it.
    case held(StackID, Hold)
    case released(StackID, digest: String, by: String)
    /// A person allowed what a plan was held for; good for that change only.
    ///
    /// An empty change, by the controller: nothing waits with it any more, and nothing came of it.
    case confirmed(StackID, change: String, by: String)
    /// A person demanded that policy be enforced on what runs; nil: that is over.
    case enforced(StackID, PolicyDemand?)
    /// What the stack may come to hold until its next decision, in the place of what it had.
    case reserved(StackID, Reservation)
    /// All of the stack is made on this node from here on.
    case placed(StackID, node: String)
    /// A person wants nothing to be on a node any more, or ended that.
    case drained(node: String, by: String)
    case undrained(node: String, by: String)
    /// A person vouches that a silent node is off.
    case fenced(node: String, by: String)
    /// It is back, and what wrote there and has a successor elsewhere stands still.
    case unfenced(node: String)
    /// The node has this engine, by the engine's own id; nobody said so where it was there first.
    case engineKnown(node: String, id: String, by: String? = nil)
    /// A pull brought the image to a node that did not have it, by this name.
    case imageBrought(id: String, node: String, name: String)
    /// No container of the node is made of it since then; nil: one is again.
    case imageUnused(id: String, node: String, since: Instant?)
    /// The node doesn't have it any more.
    case imageGone(id: String, node: String)
    /// The stack and all that ran for it were removed.
    case stackRemoved(StackID)
    /// A person confirmed a journal rebuilt from labels.
    case recovered(objects: Int, by: String)
    /// All that was known before is what another controller knew, whose place this one has taken.
    case inherited(JournalState)
}

/// What a decision was made from, so that an auditor can tell why the engine was called.
package struct Decision: Hashable, Codable, Sendable {
    package var stack: StackID
    /// Commit id that the stack is brought to; nil when it is being removed.
    package var commit: String?
    /// ``Version/digest`` of the target.
    package var version: String?
    /// SHA-256 of the plan's text.
    package var plan: String
    /// Digest of the policy that admitted it.
    package var policy: String
    /// Tokens that the objects created by this plan will carry in their labels.
    package var claims: [String]
    package var run: String
    /// The digest without images of the version that it is to bring about, of a head that was not
    /// stable yet; nil where it repairs, or leads back.
    package var begins: String?
    /// True where it is about no version, such as a repair: what has begun goes on, and what was
    /// confirmed waits for whom it is meant for.
    package var isAside: Bool?
    /// Containers that had ended badly before the version was begun, and that it has yet to run:
    /// by the engine's id, when each was started last; nil where there are none.
    package var untried: [String: Instant]?
    /// What it takes away because a person agreed to that, in words; nil where nobody had to.
    package var agreed: [String]?
    /// The run whose decision a person agreed to, where this goes on with the rest of that.
    package var agreedIn: String?

    package init(
        stack: StackID,
        commit: String?,
        version: String?,
        plan: String,
        policy: String,
        claims: [String],
        run: String,
        begins: String? = nil,
        isAside: Bool? = nil,
        untried: [String: Instant]? = nil,
        agreed: [String]? = nil,
        agreedIn: String? = nil
    ) {
        self.stack = stack
        self.commit = commit
        self.version = version
        self.plan = plan
        self.policy = policy
        self.claims = claims
        self.run = run
        self.begins = begins
        self.isAside = isAside
        self.untried = untried
        self.agreed = agreed
        self.agreedIn = agreedIn
    }
}

/// A person's demand that what runs be as policy says.
package struct PolicyDemand: Hashable, Codable, Sendable {
    /// Digest of the policy that it is made under.
    package var policy: String
    /// Services whose containers are stopped and stay so; empty: containers that policy gives other
    /// values are re-created.
    package var stops: [String]
    package var by: String

    package init(policy: String, stops: [String], by: String) {
        self.policy = policy
        self.stops = stops
        self.by = by
    }
}

/// An engine object that is ours to change and remove.
package struct OwnedObject: Hashable, Codable, Sendable {
    /// What sort of object it is.
    package enum Kind: String, Codable, Sendable {
        case container, network, volume
        /// Of a Swarm.
        case service, config, secret
    }

    package var kind: Kind
    /// The engine's id; a volume has none, so its name.
    package var id: String
    package var name: String
    package var stack: StackID
    /// The token it was created under; nil when it came through a recovery.
    package var claim: String?
    /// Whose engine has it.
    package var node: String
    /// The labels that it would bear, had we made it; nil where it bears its own.
    package var labels: [String: String]?

    package init(
        kind: Kind,
        id: String,
        name: String,
        stack: StackID,
        claim: String?,
        node: String = NodeName.main,
        labels: [String: String]? = nil
    ) {
        self.kind = kind
        self.id = id
        self.name = name
        self.stack = stack
        self.claim = claim
        self.node = node
        self.labels = labels
    }

    package var key: ObjectKey { ObjectKey(id, on: node) }
}

/// What an engine calls an object, and which engine.
///
/// Volumes have names alone, which two engines may both have.
package struct ObjectKey: Hashable, Codable, Sendable {
    package var node: String
    /// The engine's id; of a volume its name.
    package var id: String

    package init(_ id: String, on node: String = NodeName.main) {
        self.node = node
        self.id = id
    }
}

/// What a pin belongs to.
package struct PinKey: Hashable, Codable, Sendable {
    package var stack: StackID
    package var service: String
    /// The service's spec hash.
    package var spec: String

    package init(stack: StackID, service: String, spec: String) {
        self.stack = stack
        self.service = service
        self.spec = spec
    }
}

/// What a stack is at: a commit, and the digest of what that commit meant.
package struct Version: Hashable, Codable, Sendable {
    package var commit: String
    /// SHA-256 over the spec hashes and image pins of all services.
    package var digest: String

    package init(commit: String, digest: String) {
        self.commit = commit
        self.digest = digest
    }
}

/// A version that failed, and how.
package struct Hold: Hashable, Codable, Sendable {
    package var version: Version
    package var reason: String
    /// What a person has to do before another try makes sense; nil where nothing is known.
    package var remedy: String?
    /// Ids of the containers that came up and stay, where its rollout is paused.
    package var kept: [String]?
    /// Slots in which it failed, while its rollout goes on in the others.
    package var setAside: [Slot]?
    /// Numbers the commits of a stack that nobody could load, later ones higher; nil for a version
    /// that was loaded.
    ///
    /// Of those the last few are kept: one that comes back is found out anew, and touches nothing.
    package var unread: Int?

    package init(version: Version, reason: String, remedy: String? = nil) {
        self.version = version
        self.reason = reason
        self.remedy = remedy
    }
}
