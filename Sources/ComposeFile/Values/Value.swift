internal import Model
internal import YAMLTree

/// A value of the file under its path: what the attribute tables read from.
///
/// Each way of reading it returns nil after reporting why it can't be read that way, so that
/// decoding goes on and everything wrong is found at once.
struct Value {
    let node: Node
    let path: FieldPath
    let loading: Loading
    /// Where its key stands; where it stands itself in a list.
    let keyLocation: SourceLocation

    init(_ node: Node, at path: FieldPath, key: SourceLocation? = nil, in loading: Loading) {
        self.node = node
        self.path = path
        self.loading = loading
        self.keyLocation = key ?? node.location
    }

    /// Where to point for the whole value: at a scalar itself, at the key of anything larger.
    var location: SourceLocation {
        if case .scalar = node.content, !node.isNull { node.location } else { keyLocation }
    }

    var isNull: Bool { node.isNull }

    /// Whether interpolation failed on it and said so.
    var isUnresolved: Bool { node.marks.contains(.unresolved) }

    /// The value once it has been said what is wrong with it.
    var unresolved: Node {
        var node = node
        node.marks.insert(.unresolved)
        return node
    }

    /// Whether it holds what variables had, which no message may show.
    var isExpanded: Bool { node.marks.contains(.expanded) }

    /// What messages call it.
    var subject: String { path.last == nil ? "the file" : path.description }

    /// The last part of the path as text.
    var name: String {
        switch path.last {
        case .key(let key): key
        case .index(let index): "[\(index)]"
        case nil: ""
        }
    }

    /// Reports something wrong with this value: `message` goes on after its name, such as
    /// `must not be empty`, and `text` is the part that is wrong.
    ///
    /// Text that came out of variables is not shown, since it may be secret; neither `message` nor
    /// `fix` may hold any.
    func fail(_ code: String, _ message: String, not text: String? = nil, fix: String? = nil) {
        guard !isUnresolved else { return }
        let wrong = text.map { isExpanded ? ", not what its variables hold" : ", not \"\($0)\"" }
        let sentence = "\(subject) \(message)\(wrong ?? "")"
        loading.report(code, sentence, at: location, field: path, fix: fix)
    }

    /// Reports something noteworthy about this value.
    func warn(_ code: String, _ message: String, fix: String? = nil) {
        loading.warn(code, "\(subject) \(message)", at: location, field: path, fix: fix)
    }

    /// Reports that this value is not what is wanted; `wanted` is such as `a list`.
    func failType(_ wanted: String, fix: String? = nil) {
        let example = ["a list": ": [one, two]", "a mapping": ": {name: value}"][wanted] ?? ""
        let plain = "write \(wanted)\(example)" + (isExpanded ? ", also in the variable" : "")
        let fix = isExpanded ? plain : fix ?? plain
        fail("wrong-type", "must be \(wanted), not \(node.kind)", fix: fix)
    }
}

extension Value {
    /// The elements of a list.
    var elements: [Value]? {
        guard let elements = node.elements else {
            if !isUnresolved { failType("a list", fix: listFix) }
            return nil
        }
        return elements.enumerated().map { Value($0.element, at: path[$0.offset], in: loading) }
    }

    /// The entries of a mapping, without extensions `x-…`.
    var entries: [Value]? {
        guard node.entries != nil else {
            if !isUnresolved { failType("a mapping") }
            return nil
        }
        return members.filter { !$0.name.hasPrefix("x-") }
    }

    /// The entries of a mapping, extensions too; none of anything else.
    var members: [Value] {
        (node.entries ?? []).map {
            Value($0.value, at: path / $0.key, key: $0.location, in: loading)
        }
    }

    var isList: Bool { node.elements != nil }
    var isMapping: Bool { node.entries != nil }

    private var listFix: String? {
        guard let text = node.text, !text.isEmpty, !isExpanded else { return nil }
        return "write a list: [\"\(text)\"]"
    }
}
