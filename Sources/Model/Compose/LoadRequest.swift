/// The files of a commit, and which stack is to be read from them.
package struct LoadRequest: Hashable, Sendable {
    package let snapshot: Snapshot
    /// Folder of the stack in the repository; empty for its root.
    package let folder: String
    package let id: StackID
    /// What of the folder is read.
    package let chosen: ChosenFiles
    /// Whether the answer is to have what `compose config` prints.
    package let wantsConfig: Bool
    /// Whether a Swarm is to run it, rather than an engine.
    package let isForSwarm: Bool
    /// By whose policy the stack is judged where it is loaded; nil for nobody's.
    ///
    /// The verdict is thrown away: the judge who counts is asked later, elsewhere. But what brings
    /// the rules to no end does so here first, where it ends nothing else.
    package let trial: TenantPolicy?
    /// What Compose calls the stack where it is taken over under that name, see
    /// ``TenantPolicy/adopted``; the answer has Compose's hashes then, or what `docker stack`
    /// reads.
    package let adoptedName: String?

    package init(
        _ snapshot: Snapshot,
        at folder: String,
        id: StackID,
        chosen: ChosenFiles = ChosenFiles(),
        wantsConfig: Bool = false,
        isForSwarm: Bool = false,
        trial: TenantPolicy? = nil,
        adoptedName: String? = nil
    ) {
        self.snapshot = snapshot
        self.folder = folder
        self.id = id
        self.chosen = chosen
        self.wantsConfig = wantsConfig
        self.isForSwarm = isForSwarm
        self.trial = trial
        self.adoptedName = adoptedName
    }
}

/// What the loading of one commit may take.
package struct LoadingLimits: Hashable, Codable, Sendable {
    /// Memory beside what the program itself has.
    package var memory = ByteCount.mebibytes(512)
    /// Time of a processor, counted in whole seconds.
    package var time = Nanoseconds.seconds(10)

    package init() {}
}

/// Loading a commit came to no end, by what its files are and not by what the machine lacks.
package struct GivenUp: Error, Hashable, Sendable, CustomStringConvertible {
    /// The code of ``finding``.
    package static let code = "loader-gave-up"

    /// A clause such as `it took more than 512 MiB of memory`.
    package let reason: String
    package let fix: String

    package init(_ reason: String, fix: String) {
        self.reason = reason
        self.fix = fix
    }

    package var description: String { "the loader gave up on the files: \(reason)" }

    /// The same as a finding; about no place, as it was not found out where.
    package var finding: Diagnostic { Diagnostic(code: GivenUp.code, description, fix: fix) }
}
