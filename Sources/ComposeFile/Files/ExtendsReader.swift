internal import Model
internal import YAMLTree

/// Puts what a service extends under what it says itself.
///
/// Source: compose-go's `ApplyExtends`. A file is named from the folder of the project, or of the
/// extended file that names the next; only the service is taken from it, with its paths resolved,
/// and nothing else that the file declares.
struct ExtendsReader {
    private let reader: ModelReader
    private let file: String
    private let removals: Removals
    /// The document itself, then other files, each read once.
    private var books: [Book] = []
    private var numbers: [String: Int] = [:]
    private var loading: Loading { reader.loading }

    /// `removals` are those of the document that is read.
    init(_ reader: ModelReader, _ file: String, _ removals: Removals) {
        self.reader = reader
        self.file = file
        self.removals = removals
    }

    /// A service and the file that it stands in.
    private struct Link: Hashable {
        var file: String
        var service: String
    }

    /// The services of one file, those extended already among them.
    private struct Book {
        let file: String
        /// What its own `extends.file` start from.
        let directory: String
        let path: FieldPath
        let services: [String: Node.Entry]
        let removals: Removals
        var done: [String: Node] = [:]

        init(
            _ services: Value,
            of file: String,
            in directory: String,
            taking removals: Removals
        ) {
            self.file = file
            self.directory = directory
            self.removals = removals["services"]
            path = services.path
            let entries = services.node.entries ?? []
            self.services = Dictionary(entries.map { ($0.key, $0) }) { first, _ in first }
        }
    }

    /// Every service of `model` with what it extends under it.
    mutating func extend(_ model: Value) -> Node {
        guard let services = model["services"], services.isMapping,
            services.members.contains(where: { $0.node["extends"] != nil })
        else { return model.node }
        books = [Book(services, of: file, in: reader.directory, taking: removals)]
        let merged = services.eachMember { service in
            extended(service, in: 0, way: []) ?? service.node
        }
        return model.node.setting("services", to: merged)
    }

    /// `service` over what it extends; nil after reporting why it can't be.
    private mutating func extended(_ service: Value, in book: Int, way: [Link]) -> Node? {
        guard let extends = service["extends"], !extends.isNull else { return service.node }
        if let done = books[book].done[service.name] { return done }
        var plain = service.node.setting("extends", to: nil)
        let link = Link(file: books[book].file, service: service.name)
        guard let wanted = extends["service"]?.node.string ?? extends.node.string else {
            return Checker(loading: loading).check(service, .record(.service))
        }
        guard !way.contains(link), way.count < 100 else {
            report(cycle: way + [link], at: extends)
            return nil
        }
        guard let base = base(wanted, extends, in: book, way: way + [link]) else {
            plain.marks.insert(.incomplete)
            return plain
        }
        let own = Value(plain, at: service.path, key: service.keyLocation, in: loading)
        let rest = books[book].removals[service.name].applied(to: base)
        let merger = Merger(loading: loading, directory: books[book].directory)
        let merged = merger.mappings(rest, own, .record(.service))
        books[book].done[service.name] = merged
        return merged
    }

    private mutating func base(
        _ name: String,
        _ extends: Value,
        in book: Int,
        way: [Link]
    ) -> Node? {
        guard !loading.isSpent else { return nil }
        guard let named = extends["file"] else { return found(name, extends, in: book, way: way) }
        guard let text = named.node.string, !named.isUnresolved else { return nil }
        guard !named.namesRemoteFile else {
            named.failRemote()
            return nil
        }
        let path = CleanPath.joined(books[book].directory, text)
        guard let other = number(of: path, named) else { return nil }
        return found(name, extends, in: other, way: way).map {
            resolved($0, named: name, of: books[other].directory)
        }
    }

    private mutating func found(
        _ name: String,
        _ extends: Value,
        in number: Int,
        way: [Link]
    ) -> Node? {
        guard let entry = books[number].services[name] else {
            (extends["service"] ?? extends).fail(
                "undefined-reference",
                "extends the service \"\(name)\", which \(books[number].file) doesn't declare",
                fix: loading.question(name, among: books[number].services.keys)
            )
            return nil
        }
        let path = books[number].path / name
        let service = Value(entry.value, at: path, key: entry.location, in: loading)
        // Those of the document itself are checked with the rest of it.
        guard number == 0 || service.isMapping || service.isNull || service.isUnresolved else {
            service.failType("a mapping")
            return nil
        }
        guard let node = extended(service, in: number, way: way),
            loading.spend(node.weight, at: extends.location)
        else { return nil }
        return node
    }

    /// Which of the books holds the services of another file, interpolated.
    private mutating func number(of path: String, _ source: Value) -> Int? {
        if let number = numbers[path] { return number }
        guard let (model, removals) = model(of: path, source) else { return nil }
        let services = value(model)["services"]
        guard let services, services.isMapping else {
            source.fail("undefined-reference", "names a file that declares no services")
            return nil
        }
        numbers[path] = books.count
        let folder = CleanPath.folder(of: path)
        books.append(Book(services, of: path, in: folder, taking: removals))
        return books.count - 1
    }

    /// The documents of another file, each over those before; what the last takes away counts
    /// where its services extend others, too.
    private func model(of path: String, _ source: Value) -> (Node, Removals)? {
        var sum: Node?
        var removals = Removals()
        for document in loading.documents(path, named: source) {
            var document = document
            removals = Removals(takenFrom: &document)
            let own = value(Interpolator(loading, reader.scope).expand(document, .model))
            guard own.isMapping else {
                own.failType("a mapping")
                return nil
            }
            guard let earlier = sum else {
                sum = own.node
                continue
            }
            guard loading.look((earlier.weight + own.node.weight) * 5, at: source.location) else {
                return nil
            }
            let long = removals.applied(to: Rewriting.lengthened(value(earlier), .model))
            sum = Merger(loading: loading).mappings(long, own, .model).unique(.model)
        }
        return sum.map { ($0, removals) }
    }

    private func value(_ node: Node) -> Value { Value(node, at: FieldPath(), in: loading) }

    /// A service of another file with its paths resolved from there.
    private func resolved(_ service: Node, named name: String, of directory: String) -> Node {
        let kind = Kind.record(.service)
        let value = Value(service, at: FieldPath("services", name), in: loading)
        let long = Rewriting.lengthened(value, kind)
        let resolver = PathResolver(loading, reader.scope, directory, isActive: true)
        return resolver.resolve(Value(long, at: value.path, in: loading), kind)
    }

    private func report(cycle way: [Link], at extends: Value) {
        let names = way.map { "\($0.service) of \($0.file)" }.joined(separator: " -> ")
        extends.fail("extends-cycle", "comes back to itself: \(names)", fix: "remove one extends")
    }
}
