internal import Model
internal import YAMLTree

/// Expands the variables in every text of a tree and refuses tags that change a merge.
///
/// Source: compose-go. Keys are left as they are, so are numbers and booleans; what comes out is
/// text and never read as YAML again. It is done a file at a time, after aliases and merge keys,
/// before anything is merged or checked.
struct Interpolator {
    private let loading: Loading
    /// Where `.env` belongs, for the fix of a finding.
    private let environmentFile: String

    /// Stands on a value that couldn't be expanded and has been reported.
    static let unresolvedTag = "!gyre/unresolved"

    /// Stands on a value that holds what variables had.
    static let expandedTag = "!gyre/expanded"

    init(_ loading: Loading) {
        self.loading = loading
        self.environmentFile = loading.path(of: ".env")
    }

    /// The tree with all variables replaced.
    func expand(_ node: Node, at path: FieldPath = FieldPath()) -> Node {
        var node = node
        checkTag(of: node, at: path)
        switch node.content {
        case .scalar: expandScalar(&node, at: path)
        case .sequence(let elements):
            node.content = .sequence(
                elements.enumerated().map { expand($0.element, at: path[$0.offset]) }
            )
        case .mapping(let entries):
            node.content = .mapping(
                entries.map { entry in
                    var entry = entry
                    entry.value = expand(entry.value, at: path / entry.key)
                    return entry
                }
            )
        }
        return node
    }

    private func expandScalar(_ node: inout Node, at path: FieldPath) {
        guard case .string(let text) = node.scalar, text.utf8.contains(UInt8(ascii: "$")) else {
            return
        }
        do {
            let (expanded, unset) = try Template.expand(
                text,
                budget: &loading.budget,
                lookup: loading.variable
            )
            unset.sorted().forEach { warn(unset: $0, at: node.location, path) }
            node.content = .scalar(text: expanded, style: .quoted)
            node.tag = Interpolator.expandedTag
        } catch {
            report(error, at: node.location, path)
            node.tag = Interpolator.unresolvedTag
        }
    }

    private func warn(unset name: String, at place: SourceLocation, _ path: FieldPath) {
        loading.warn(
            "unset-variable",
            "the variable \(name) is not set; it becomes empty text",
            at: place,
            field: path,
            fix: "set \(name) in \(environmentFile), or write a default: ${\(name):-default}"
        )
    }

    private func report(_ failure: Template.Failure, at place: SourceLocation, _ path: FieldPath) {
        loading.report(
            failure.code,
            failure.message,
            at: place,
            field: path,
            fix: failure.fix(environmentFile: environmentFile)
        )
    }

    private func checkTag(of node: Node, at path: FieldPath) {
        guard let tag = node.tag, tag.hasPrefix("!"), tag != "!" else { return }
        if tag == "!reset" || tag == "!override" {
            loading.report(
                "not-supported",
                "the tag \(tag) is not handled yet",
                at: node.location,
                field: path,
                fix: "write the final value in one file"
            )
        } else {
            loading.warn(
                "unknown-tag",
                "the tag \(tag) means nothing here and is ignored",
                at: node.location,
                field: path,
                fix: "remove the tag"
            )
        }
    }
}

extension Template.Failure {
    /// The code of the finding that it becomes.
    var code: String {
        switch self {
        case .invalid: "invalid-interpolation"
        case .required: "required-variable"
        case .tooLarge, .tooDeep: "interpolation-too-large"
        }
    }

    var message: String {
        switch self {
        case .invalid(let excerpt): "\(excerpt) is no variable"
        case .required(let name, let message):
            "the variable \(name) must be set" + (message.isEmpty ? "" : ": \(message)")
        case .tooLarge: "expanding its variables makes more text than is allowed"
        case .tooDeep: "too many defaults stand inside each other"
        }
    }

    func fix(environmentFile: String) -> String? {
        switch self {
        case .invalid: "write $$ for a dollar, or one of ${NAME} ${NAME:-default} ${NAME:?message}"
        case .required(let name, _): "set \(name) in \(environmentFile)"
        case .tooLarge, .tooDeep: nil
        }
    }
}
