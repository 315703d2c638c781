internal import Admission
internal import ArgumentParser
internal import Model
internal import OperatorFile
internal import Reconciliation

/// `gyre policy exceptions`: what the operator lets projects break, and until when.
struct PolicyExceptionsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "exceptions",
        abstract: "List the exceptions to policy and the rules that only tell.",
        discussion: """
            Expired exceptions are listed too, until they are removed from the operator's file.

            Examples:
              gyre policy exceptions
              gyre policy exceptions --project shop --json
            """
    )

    @OptionGroup var options: FileOptions
    @Option(help: "Only this project's.")
    var project: String?

    func run() async throws {
        let file = try ConfigurationFile(options.config)
        let projects = file.settings.projects.filter { project == nil || $0.key == project }
        if let project, projects.isEmpty {
            throw Failure(.usage, "\(file.path) has no project \(project)")
        }
        let now = Reconciliation.Clock.system.now()
        try options.out.output.show(ExceptionsAnswer(projects.mapValues(\.policy), at: now))
    }
}

/// Exceptions and audited rules of projects.
struct ExceptionsAnswer: Answer {
    struct Exception: Encodable {
        var project: String
        var stack: String?
        var service: String?
        var rule: String
        var owner: String
        var reason: String
        var expires: String
        var isExpired: Bool
    }

    struct Audit: Encodable {
        var project: String
        var rule: String
    }

    var exceptions: [Exception] = []
    var audited: [Audit] = []

    init(_ projects: [String: TenantPolicy], at now: Instant) {
        for (name, tenant) in projects.sorted(by: { $0.key < $1.key }) {
            exceptions += tenant.exceptions.map { exception in
                Exception(
                    project: name,
                    stack: exception.stack,
                    service: exception.service,
                    rule: exception.rule,
                    owner: exception.owner,
                    reason: exception.reason,
                    expires: exception.expires.date,
                    isExpired: exception.expires <= now
                )
            }
            audited += tenant.audited.sorted().map { Audit(project: name, rule: $0) }
        }
    }

    func text(_ style: Style) -> String {
        guard !exceptions.isEmpty || !audited.isEmpty else { return "no exceptions" }
        var table = Table("RULE", "PROJECT", "STACK", "SERVICE", "EXPIRES", "OWNER", "REASON")
        for one in exceptions {
            let expires = one.isExpired ? "\(one.expires), over" : one.expires
            table.add(
                one.rule,
                one.project,
                one.stack ?? "all",
                one.service ?? "all",
                expires,
                one.owner,
                one.reason
            )
        }
        for one in audited {
            table.add(one.rule, one.project, "all", "all", "never", "-", "audit: only told")
        }
        return table.lines(style).asLines
    }
}

extension TenantPolicy {
    /// Refuses a file that names rules which there are not, or that nothing lifts: that would do
    /// nothing.
    func checkRules(of project: String, in file: ConfigurationFile) throws {
        let named = audited.union(exceptions.map(\.rule))
        if let rule = named.intersection(Policy.unliftableIDs).min() {
            throw Failure(
                .usage,
                "\(file.path): the project \(project) lifts the rule \(rule), which nothing lifts",
                remedy: "remove it from audit and exceptions"
            )
        }
        guard let unknown = named.union(enforced).subtracting(Policy.ruleIDs).min() else { return }
        throw Failure(
            .usage,
            "\(file.path): the project \(project) names the rule \(unknown), which there is not",
            remedy: "Docs/Policy.md lists the rules"
        )
    }
}

extension ConfigurationFile {
    /// The policy of a project, of which all rules are known; on one of the nodes that it may use,
    /// where `node` is given.
    func policy(of project: String, on node: String? = nil) throws -> TenantPolicy {
        guard settings.projects[project] != nil else {
            let known = settings.projects.keys.sorted().joined(separator: ", ")
            throw Failure(
                .usage,
                "\(path) has no project \(project)",
                remedy: known.isEmpty ? "it has none yet" : "it has \(known)"
            )
        }
        guard let tenant = settings.policy(of: project, on: node) else {
            let known = settings.places.map(\.node).filter { settings.allows(project, on: $0) }
            throw Failure(
                .usage,
                "\(path) has no node \(node ?? "") for the project \(project)",
                remedy: "it has \(known.joined(separator: ", "))"
            )
        }
        return tenant
    }
}
