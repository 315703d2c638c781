internal import Model

/// Builds node trees from events, one container of a stack of its own at a time, so that nesting
/// in a file is never recursion here.
struct Composer {
    private let bounds: YAMLBounds
    private var open: [Container] = []
    private var documents: [Node] = []
    private var anchors: [String: Anchored] = [:]
    private var findings: [Diagnostic] = []
    /// Nodes counted so far, as a walk of the documents would visit them.
    private var visited = 0
    /// Those of them that aliases stand for.
    private(set) var repeated = 0

    init(file: String, bounds: YAMLBounds) {
        self.bounds = bounds
    }

    /// A finished node that aliases may stand for.
    private struct Anchored {
        var node: Node
        /// Nodes in it, itself included.
        var weight: Int
        /// Levels in it, itself included; a scalar has none.
        var height: Int
    }

    /// Reads all documents of the stream.
    mutating func compose(_ reader: consuming EventReader) throws(Rejection) -> [Node] {
        var reader = reader
        while true {
            let event: Event
            do {
                event = try reader.next()
            } catch {
                throw Rejection(findings + error.diagnostics)
            }
            if case .streamEnd = event.kind { break }
            try handle(event)
        }
        guard findings.isEmpty else { throw Rejection(findings) }
        return documents
    }

    private mutating func handle(_ event: Event) throws(Rejection) {
        switch event.kind {
        case .documentStart: anchors = [:]
        case .scalar(let text, let style):
            try count(1, at: event.location)
            let node = Node(
                try content(text, style, of: event),
                tag: event.tag,
                location: event.location
            )
            try add(Anchored(node: node, weight: 1, height: 0), anchor: event.anchor)
        case .alias(let name): try addAlias(name, at: event.location)
        case .sequenceStart: try start(event, isMapping: false)
        case .mappingStart: try start(event, isMapping: true)
        case .sequenceEnd, .mappingEnd: try finish()
        case .documentEnd, .streamEnd, .other: break
        }
    }

    private mutating func content(
        _ text: String,
        _ style: Node.Style,
        of event: Event
    ) throws(Rejection) -> Node.Content {
        do {
            return try CoreTag.content(text, style, tag: event.tag)
        } catch {
            let tag = event.tag.flatMap(CoreTag.name).map { "!!\($0)" } ?? ""
            findings.append(
                Diagnostic(
                    code: "yaml-syntax",
                    error == .base64 ? "\(tag) takes base64" : "this is no \(tag)",
                    at: event.location,
                    fix: "remove the tag"
                )
            )
            guard findings.count < bounds.findings else { throw Rejection(findings) }
            return .scalar(text: text, style: style)
        }
    }

    private mutating func start(_ event: Event, isMapping: Bool) throws(Rejection) {
        try count(1, at: event.location)
        guard open.count < bounds.levels else { throw tooDeep(event.location) }
        open.append(Container(event, isMapping: isMapping, visited: visited - 1))
    }

    private mutating func finish() throws(Rejection) {
        guard let container = open.popLast() else { return }
        let node = container.node
        let weight = visited - container.visited
        let anchored = Anchored(node: node, weight: weight, height: container.height + 1)
        try add(anchored, anchor: container.anchor)
    }

    private mutating func addAlias(_ name: String, at location: SourceLocation) throws(Rejection) {
        guard !open.contains(where: { $0.anchor == name }) else {
            throw stop("yaml-recursive-alias", "*\(name) stands inside its own anchor", location)
        }
        guard let anchored = anchors[name] else {
            throw stop(
                "yaml-unknown-alias",
                "no anchor &\(name) stands before this alias",
                location
            )
        }
        try count(anchored.weight, at: location)
        repeated += anchored.weight
        let levels = open.last?.levels(of: anchored.node, height: anchored.height)
        guard open.count + (levels ?? 0) <= bounds.levels else { throw tooDeep(location) }
        try add(anchored, anchor: nil, alias: location)
    }

    /// Puts a finished node into the innermost open container.
    private mutating func add(
        _ anchored: Anchored,
        anchor: String?,
        alias: SourceLocation? = nil
    ) throws(Rejection) {
        if let anchor { anchors[anchor] = anchored }
        guard !open.isEmpty else {
            documents.append(anchored.node)
            return
        }
        let last = open.count - 1
        let levels = open[last].levels(of: anchored.node, height: anchored.height)
        open[last].height = max(open[last].height, levels)
        if let finding = open[last].add(anchored.node, at: alias ?? anchored.node.location) {
            findings.append(finding)
            guard findings.count < bounds.findings else { throw Rejection(findings) }
        }
    }

    private mutating func count(_ nodes: Int, at location: SourceLocation) throws(Rejection) {
        visited += nodes
        guard visited > bounds.nodes else { return }
        let what =
            nodes > 1
            ? "expanding this alias makes the file larger than \(bounds.nodes) nodes"
            : "the file holds more than \(bounds.nodes) nodes"
        throw stop(nodes > 1 ? "yaml-alias-budget" : "yaml-too-many-nodes", what, location)
    }

    private func tooDeep(_ location: SourceLocation) -> Rejection {
        stop("yaml-too-deep", "more than \(bounds.levels) levels of nesting", location)
    }

    /// The rejection of a file that can't be read on, with what was found before.
    private func stop(_ code: String, _ message: String, _ place: SourceLocation) -> Rejection {
        Rejection(findings + [Diagnostic(code: code, message, at: place)])
    }
}
