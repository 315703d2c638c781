package import Model
internal import YAMLTree

/// A project's policy as the project itself may see it: what `gyre policy publish` writes, and
/// what a tenant's own CI judges by.
///
/// It holds the profile, the grants with every default written out, and what is lifted; nothing of
/// other projects, of hosts, engines, repositories and credentials. A digest over the rest of the
/// file tells one policy from another, and an edited file from a published one.
package struct PublishedPolicy: Hashable, Sendable {
    /// The format that is written, and the only one that is read.
    package static let format = "gyre.policy/1"

    package let project: String
    package let tenant: TenantPolicy
    /// What a worker may use to load the project's files.
    package let loading: LoadingLimits
    /// The version of the rules' table that the policy was published with.
    package let rules: Int64
    /// Whether an Open Policy Agent of the operator's judges too; not where it is.
    package let asksAgent: Bool
    /// Whether a Swarm runs the project's stacks, rather than engines.
    package let isForSwarm: Bool
    /// URL of the folder in which teams find Gyre's pages.
    package let docs: String?
    /// Over all of the file but itself.
    package let digest: String

    /// What `settings` say of a project; nil when there is no such project, or no such node of it.
    ///
    /// `now` decides which exceptions are over. With `node` it is the policy on that node; else
    /// where nodes differ, the strictest holds.
    package init?(
        _ project: String,
        in settings: Settings,
        on node: String? = nil,
        rules: Int64,
        at now: Instant
    ) {
        guard var tenant = settings.policy(of: project, on: node) else { return nil }
        tenant.exceptions.removeAll { $0.expires <= now }
        tenant.neighbours = []
        tenant.siblings = []
        self.project = project
        self.tenant = tenant
        self.rules = rules
        let asksAgent = settings.agent(of: project) != nil
        self.asksAgent = asksAgent
        let isForSwarm = settings.swarm != nil
        self.isForSwarm = isForSwarm
        docs = settings.docs
        loading = settings.defaults.loading
        digest = SHA256Hex.of(
            PublishedPolicy.body(project, tenant, loading, rules, asksAgent, isForSwarm, docs)
                .text
        )
    }

    /// Reads what was published; anything else is refused with its place.
    package init(parsing bytes: [UInt8], file: String) throws(Rejection) {
        let documents = try parseYAML(bytes, file: file)
        guard documents.count == 1, let document = documents.first,
            let json = try? JSON(parsing: bytes)
        else {
            throw PublishedPolicy.refusal(file, "the file is no policy that was published")
        }
        let node = Reading(document)
        guard node["format"].text == PublishedPolicy.format else {
            let found = node["format"].text.map { "is of the format \($0)" } ?? "has no format"
            throw PublishedPolicy.refusal(
                file,
                "the file \(found), and this version of Gyre reads \(PublishedPolicy.format)"
            )
        }
        var check = ShapeCheck()
        check.check(document, PublishedPolicy.shape)
        guard check.findings.isEmpty else { throw Rejection(check.findings) }
        var members = json.objectValue ?? [:]
        let written = members.removeValue(forKey: "digest")?.stringValue
        digest = SHA256Hex.of(JSON.object(members).text)
        guard written == digest else {
            throw PublishedPolicy.refusal(
                file,
                "the file is not as it was published: its digest is \(digest.prefix(12))…, and it "
                    + "says \(written?.prefix(12) ?? "")…"
            )
        }
        project = node["project"].text ?? ""
        var tenant = TenantPolicy(reading: node)
        for (stack, name) in node["adopt"].entries { tenant.adopted[stack] = name.text }
        self.tenant = tenant
        rules = Int64(node["rules"].int ?? 0)
        asksAgent = node["agent"].text == "true"
        isForSwarm = node["swarm"].text == "true"
        docs = node["docs"].text
        var loading = LoadingLimits()
        loading.memory = node["loading"]["memory"].bytes.map { ByteCount($0) } ?? loading.memory
        loading.time = node["loading"]["time"].duration ?? loading.time
        self.loading = loading
    }

    /// The whole file.
    package var json: JSON {
        var members =
            PublishedPolicy.body(project, tenant, loading, rules, asksAgent, isForSwarm, docs)
            .objectValue ?? [:]
        members["digest"] = .string(digest)
        return .object(members)
    }

    private static func body(
        _ project: String,
        _ tenant: TenantPolicy,
        _ loading: LoadingLimits,
        _ rules: Int64,
        _ asksAgent: Bool,
        _ isForSwarm: Bool,
        _ docs: String?
    ) -> JSON {
        var members = tenant.written
        members["format"] = .string(format)
        members["project"] = .string(project)
        members["rules"] = .int(rules)
        if asksAgent { members["agent"] = true }
        if isForSwarm { members["swarm"] = true }
        if let docs { members["docs"] = .string(docs) }
        if !tenant.adopted.isEmpty {
            members["adopt"] = .object(tenant.adopted.mapValues(JSON.string))
        }
        members["loading"] = [
            "memory": .string("\(loading.memory.bytes)"),
            "time": .string("\(loading.time.count / 1_000_000)ms"),
        ]
        return .object(members)
    }

    private static let shape = Shape.mapping(
        [
            Shape.Key("format", .value(.words), isRequired: true, "The format."),
            Shape.Key("project", .value(.name), isRequired: true, "The project."),
            Shape.Key("digest", .value(.words), isRequired: true, "Over the rest."),
            Shape.Key("rules", .value(.count(0...1_000_000)), isRequired: true, "The rules."),
            Shape.Key("agent", .value(.boolean), standard: "false", "Another judge is asked."),
            Shape.Key("swarm", .value(.boolean), standard: "false", "A Swarm runs it."),
            Shape.Key("docs", .value(.pages), otherwise: "none", "Where pages are read."),
            Shape.Key(
                "adopt",
                .named(.value(.composeName)),
                otherwise: "none",
                "By stack: the name under which it is taken over."
            ),
            Shape.Key(
                "loading",
                .mapping([
                    Shape.Key("memory", .value(.size), isRequired: true, "Memory."),
                    Shape.Key("time", .value(.duration), isRequired: true, "Processor time."),
                ]),
                isRequired: true,
                "What loading may take."
            ),
        ] + Shape.policy.filter { !["offers", "opa"].contains($0.name) }
    )

    private static func refusal(_ file: String, _ message: String) -> Rejection {
        Rejection(
            Diagnostic(
                code: "published-policy",
                message,
                at: SourceLocation(file: file, line: 1, column: 1),
                fix: "ask the operator for the file that gyre policy publish writes"
            )
        )
    }
}
