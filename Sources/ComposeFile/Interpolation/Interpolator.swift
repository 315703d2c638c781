internal import Model
internal import YAMLTree

/// Expands the variables in every text of a tree and gives it the type of its attribute.
///
/// Source: compose-go. Keys are left as they are, so are numbers and booleans; what comes out is
/// text and never read as YAML again. It is done a file at a time, after aliases and merge keys,
/// before anything is merged or checked.
struct Interpolator {
    private let loading: Loading
    private let scope: Scope

    init(_ loading: Loading, _ scope: Scope) {
        self.loading = loading
        self.scope = scope
    }

    /// The tree with all variables replaced and all texts cast.
    func expand(_ node: Node, _ kind: Kind?, at path: FieldPath = FieldPath()) -> Node {
        var node = node
        checkTag(of: node, at: path)
        switch node.content {
        case .scalar: expandScalar(&node, kind, at: path)
        case .sequence(let elements):
            node.content = .sequence(
                elements.enumerated().map { expand($0.element, kind?.element, at: path[$0.offset]) }
            )
        case .mapping(let entries):
            node.content = .mapping(
                entries.map { entry in
                    var entry = entry
                    entry.value = expand(
                        entry.value,
                        kind?.member(entry.key),
                        at: path / entry.key
                    )
                    return entry
                }
            )
        }
        return node
    }

    private func expandScalar(_ node: inout Node, _ kind: Kind?, at path: FieldPath) {
        guard scope.isCasting, case .string(let text) = node.scalar else { return }
        if scope.isInterpolating, text.utf8.contains(UInt8(ascii: "$")) {
            do {
                let (expanded, unset) = try replaced(text)
                unset.sorted().forEach { warn(unset: $0, at: node.location, path) }
                node.content = .scalar(text: expanded, style: .quoted)
                if expanded != text { node.marks.insert(.expanded) }
                if node.tag?.hasPrefix("tag:") == true { node.tag = nil }
            } catch {
                report(error, at: node.location, path)
                node.marks.insert(.unresolved)
            }
        }
        guard let cast = kind?.scalar?.cast, !node.marks.contains(.unresolved) else { return }
        node = Value(node, at: path, in: loading).cast(to: cast)
    }

    private func replaced(
        _ text: String
    ) throws(Template.Failure) -> (text: String, unset: Set<String>) {
        guard loading.isForSwarm else {
            return try Template.expand(text, budget: &loading.budget, lookup: scope.variable)
        }
        return try SwarmTemplate.expand(text, budget: &loading.budget, lookup: scope.variable)
    }

    private func warn(unset name: String, at place: SourceLocation, _ path: FieldPath) {
        loading.warn(
            "unset-variable",
            "the variable \(name) is not set; it becomes empty text",
            at: place,
            field: path,
            fix: "set \(name) in \(scope.environmentFile), or write a default: "
                + "${\(name):-default}"
        )
    }

    private func report(_ failure: Template.Failure, at place: SourceLocation, _ path: FieldPath) {
        loading.report(
            failure.code,
            failure.message,
            at: place,
            field: path,
            fix: failure.fix(environmentFile: scope.environmentFile)
        )
    }

    private func checkTag(of node: Node, at path: FieldPath) {
        if node.tag == GoTimestamp.tag, GoTimestamp(of: node) == nil {
            loading.report(
                "yaml-syntax",
                "this is no !!timestamp",
                at: node.location,
                field: path,
                fix: "remove the tag"
            )
        }
        guard let tag = node.tag, tag != "!", tag != "!reset", tag != "!override",
            !CoreTag.isKnown(tag)
        else { return }
        loading.warn(
            "unknown-tag",
            "the tag \(tag) means nothing here and is ignored",
            at: node.location,
            field: path,
            fix: "remove the tag"
        )
    }
}

extension Value {
    /// A text as the type of its attribute; what it isn't is reported.
    fileprivate func cast(to cast: ScalarRule.Cast) -> Node {
        switch cast {
        case .boolean: bool.map { node(.boolean($0)) } ?? unresolved
        case .integer: integer.map { node(.integer($0)) } ?? unresolved
        case .float: number.map { node(.float(Float($0))) } ?? unresolved
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
