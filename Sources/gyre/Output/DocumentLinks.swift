internal import Admission
internal import ComposeFile

/// Where a finding's rule or kind is explained: below the operator's URL, else in the pages that
/// come with Gyre.
struct DocumentLinks: Hashable {
    /// Ends with a slash; nil: the pages that come with Gyre.
    var folder: String?

    /// The place in a page, with its anchor.
    func place(of code: String) -> String { (folder ?? "Docs/") + DocumentLinks.page(of: code) }

    /// The same as a URL; nil where the operator has said none.
    func url(of code: String) -> String? { folder == nil ? nil : place(of: code) }

    /// What stands below findings of these kinds: each place once, on a line of its own; nil where
    /// there are none.
    func pointer(of codes: some Sequence<String>) -> String? {
        let places = Set(codes.map(place)).sorted()
        return places.isEmpty ? nil : "see " + places.joined(separator: "\n    ")
    }

    /// By code, for programs.
    func places(of codes: some Sequence<String>) -> [String: String] {
        Dictionary(codes.map { ($0, place(of: $0)) }) { first, _ in first }
    }

    private static func page(of code: String) -> String {
        if Policy.ruleIDs.contains(code) { return "Policy.md#\(code)" }
        if Remedy.byCode.keys.contains(code) { return "Diagnostics.md#\(code)" }
        if code.hasPrefix("opa/") { return "OPA.md#what-it-answers" }
        return elsewhere[code] ?? "Diagnostics.md"
    }

    /// What neither policy nor the loader says: what a stack needs of others, and `.gyre.yaml`.
    static let elsewhere: [String: String] = {
        let file = "Configuration.md#gyreyaml-of-a-repository"
        return [
            "external-driver": "Compose.md#what-others-make",
            "external-missing": "Compose.md#what-others-make",
            "node-unfit": "Compose.md#what-a-service-asks-of-its-node",
            "name-taken": "Compose.md#names-of-containers",
            "network-changed": "Compose.md#what-an-engine-is-sent",
            "port-range": "Policy.md#ports", "port-taken": "Policy.md#ports",
            "project-quota": "Policy.md#quotas",
            "subnet-pool": "Engines.md#subnets-of-networks",
            "subnet-taken": "Engines.md#subnets-of-networks",
            "swarm-privileges": "Engines.md#a-swarm",
            "environment-not-allowed": file, "folder-not-declared": file, "no-environment": file,
            "no-file": file, "no-folder": file, "no-stacks": file, "too-many-dependencies": file,
            "too-many-stacks": file, "unknown-environment": file, "unknown-key": file,
            "unknown-stack": file, "wrong-document": file,
        ]
    }()
}

/// An answer that shows findings.
protocol FindingAnswer: Answer {
    /// The kinds of all that it has, several times perhaps.
    var codes: [String] { get }
    /// Those of what its text shows.
    var shownCodes: [String] { get }
}

extension FindingAnswer {
    var shownCodes: [String] { codes }
}

/// An answer with links to what explains its findings: below the text, and for programs as `docs`
/// beside its other members.
struct Explained<Content: FindingAnswer>: Answer {
    let content: Content
    let docs: DocumentLinks

    init(_ content: Content, by docs: DocumentLinks) {
        self.content = content
        self.docs = docs
    }

    func text(_ style: Style) -> String {
        let text = content.text(style)
        return docs.pointer(of: content.shownCodes).map { "\(text)\n\(style(.dim, $0))" } ?? text
    }

    func encode(to encoder: any Encoder) throws {
        try content.encode(to: encoder)
        var members = encoder.container(keyedBy: Key.self)
        try members.encode(docs.places(of: content.codes), forKey: .docs)
    }

    private enum Key: String, CodingKey {
        case docs
    }
}
