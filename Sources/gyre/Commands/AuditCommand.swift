internal import ArgumentParser
internal import Model
internal import OperatorFile
internal import Reconciliation
internal import Store

/// `gyre audit`: who did what, and whether the log of it is whole.
struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Show who did what and on what grounds, and prove that nobody changed it.",
        discussion: "Docs/Audit.md says what is kept, and how to keep it for good.",
        subcommands: [
            AuditListCommand.self, AuditVerifyCommand.self, AuditHeadCommand.self,
            AuditExportCommand.self,
        ],
        defaultSubcommand: AuditListCommand.self
    )

    /// Nobody has worked there yet.
    static func absent(_ directory: String) -> Failure {
        Failure(
            .failed,
            "there is no audit log in \(directory)",
            remedy: "gyre serve and gyre apply make it; run gyre as the user that they run as"
        )
    }

    /// The log of the state directory that the operator's file names.
    static func open(_ options: FileOptions) throws -> (log: AuditLog, directory: String) {
        let directory = try ConfigurationFile(options.config).settings.stateDirectory
        switch try AuditLog.reading(at: directory) {
        case .sound(let log): return (log, directory)
        case .missing:
            throw absent(directory)
        case .broken(let reason):
            throw Failure(
                .tampered,
                "the audit log in \(directory) can't be read: \(reason)",
                remedy: "gyre audit verify says where it breaks"
            )
        }
    }
}

/// `gyre audit list`.
struct AuditListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Show the newest entries, oldest first.",
        discussion: """
            Reads the state directory, whether a controller runs or not. With --json each entry \
            is one JSON value on a line of its own.

            Examples:
              gyre audit
              gyre audit list shop/web --limit 100
              gyre audit list --kind acted --since 7d
              gyre audit list --project shop --since 2026-11-01 --json
              gyre audit list --follow
            """
    )

    @OptionGroup var options: FileOptions
    @Argument(help: .stackOrAll, transform: StackID.argument) var stack: StackID?
    @Option(help: "Only what is about this project's stacks.")
    var project: String?
    @Option(help: "Only entries of this kind.")
    var kind: AuditEntry.Kind?
    @Option(
        help: ArgumentHelp(
            "Only what is not older: 90s, 15m, 8h, 7d, or a day such as 2026-11-21.",
            valueName: "time"
        ),
        transform: Since.init
    )
    var since: Since?
    @Option(help: ArgumentHelp("How many entries; 0 for all.", valueName: "count"))
    var limit = 50
    @Flag(name: .shortAndLong, help: "Go on with what comes, until interrupted.")
    var follow = false

    func validate() throws {
        guard limit >= 0 else { throw ValidationError("--limit is a number from 0") }
        guard stack == nil || project == nil else {
            throw ValidationError("give a stack or --project, not both")
        }
    }

    func run() async throws {
        let (log, _) = try AuditCommand.open(options)
        var query = AuditQuery()
        query.stack = stack
        query.project = project
        query.kind = kind
        query.since = since?.instant(at: Reconciliation.Clock.system.now())
        query.limit = limit == 0 ? nil : limit
        let output = options.out.output
        var records = try await log.records(query)
        try show(records, output)
        if records.isEmpty, !follow { output.note("no entry fits") }
        query.limit = nil
        while follow, !Task.isCancelled, !Output.isAbandoned {
            query.after = records.last?.sequence ?? query.after
            try await Task.sleep(for: .milliseconds(500))
            records = try await log.records(query)
            try show(records, output)
        }
    }

    private func show(_ records: [AuditRecord], _ output: Output) throws {
        for record in records {
            let text =
                output.isJSON
                ? Style.escaped(json: record.shown.text)
                : output.style.printable(AuditLine(record).text(output.style))
            try Output.answer(text + "\n")
        }
    }
}

/// `gyre audit verify`.
struct AuditVerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Prove that the audit log and the journal are as they were written.",
        discussion: """
            Goes along all entries of the audit log and of the journal, and compares what each \
            knows of the other, so that a changed, missing or moved entry and a cut end are found. \
            A log that somebody made anew with everything beside it is found only by a head that \
            was kept elsewhere: note what gyre audit head prints, and give it with --head. Ends \
            with 6 when something is not as it was written.

            FILES are older files of the log, oldest first, that were put away, or with --alone \
            all that is looked at: databases, or lines of gyre audit export.

            Examples:
              gyre audit verify
              head=$(cat /mnt/elsewhere/gyre.head); gyre audit verify --head "$head"
              gyre audit verify /archive/audit-2026.sqlite
              gyre audit verify --alone export.jsonl
            """
    )

    @OptionGroup var options: FileOptions
    @Option(
        help: ArgumentHelp(
            "A head that was noted earlier, as gyre audit head prints it.",
            valueName: "number:hash"
        )
    )
    var head: String?
    @Flag(help: "Look at the files alone, not at the state directory.")
    var alone = false
    @Argument(help: ArgumentHelp("Older files of the log, oldest first.", valueName: "files"))
    var files: [String] = []

    func validate() throws {
        if alone, files.isEmpty { throw ValidationError("--alone goes with files") }
        guard let head, ChainHead(parsing: head) == nil else { return }
        throw ValidationError("--head is a number, a colon and 64 digits of a hash")
    }

    func run() async throws {
        let kept = head.flatMap { ChainHead(parsing: $0) }
        let proof: AuditProof
        if alone {
            proof = try AuditProof(ofFiles: files, kept: kept)
        } else {
            let directory = try ConfigurationFile(options.config).settings.stateDirectory
            proof = try AuditProof(of: directory, earlier: files, kept: kept)
            if proof.isAbsent { throw AuditCommand.absent(directory) }
        }
        try options.out.output.show(ProofAnswer(proof))
        if !proof.isSound { throw Quit(code: .tampered) }
    }
}

/// `gyre audit head`.
struct AuditHeadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "head",
        abstract: "Print the number and hash of the last entry, to be kept elsewhere.",
        discussion: """
            Whoever has it can tell with gyre audit verify --head that nothing before it was \
            changed, and that the end is not cut off.

            Example:
              gyre audit head
            """
    )

    @OptionGroup var options: FileOptions

    func run() async throws {
        let head = try AuditCommand.open(options).log.head
        try options.out.output.show(HeadAnswer(number: head.sequence, hash: head.hash))
    }
}

/// `gyre audit export`.
struct AuditExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Print all entries with their hashes, a line each, for an archive.",
        discussion: """
            gyre audit verify --alone reads them again, on any machine.

            Example:
              gyre audit export | gzip > audit.jsonl.gz
            """
    )

    @OptionGroup var options: FileOptions

    func run() async throws {
        try AuditCommand.open(options).log.forEach { record in
            try Output.answer(record.line + "\n")
        }
    }
}

extension AuditEntry.Kind: ExpressibleByArgument {}

/// How far back somebody wants to look.
enum Since: Sendable {
    case ago(Nanoseconds)
    case day(Instant)

    private static let units: [(Character, Int64)] = [
        ("s", 1), ("m", 60), ("h", 3600), ("d", 86_400),
    ]

    init(_ text: String) throws {
        if let day = Instant(date: text) {
            self = .day(day)
            return
        }
        guard let unit = Since.units.first(where: { text.last == $0.0 }),
            let count = Int64(text.dropLast()), (0...100_000_000).contains(count)
        else {
            throw ValidationError("--since is 90s, 15m, 8h, 7d, or a day such as 2026-11-21")
        }
        self = .ago(.seconds(count * unit.1))
    }

    func instant(at now: Instant) -> Instant {
        switch self {
        case .ago(let span): Instant(milliseconds: now.milliseconds - span.count / 1_000_000)
        case .day(let day): day
        }
    }
}
