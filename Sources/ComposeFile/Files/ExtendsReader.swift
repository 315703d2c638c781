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
    private var loading: Loading { reader.loading }

    init(_ reader: ModelReader, _ file: String) {
        self.reader = reader
        self.file = file
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
        var services: Value
        var done: [String: Node] = [:]
    }

    /// Every service of `model` with what it extends under it.
    func extend(_ model: Value) -> Node {
        guard let services = model["services"], services.isMapping,
            services.members.contains(where: { $0.node["extends"] != nil })
        else { return model.node }
        var book = Book(file: file, directory: reader.directory, services: services)
        let merged = services.eachMember { service in
            extended(service, in: &book, way: []) ?? service.node
        }
        return model.node.setting("services", to: merged)
    }

    /// `service` over what it extends; nil after reporting why it can't be.
    private func extended(_ service: Value, in book: inout Book, way: [Link]) -> Node? {
        guard let extends = service["extends"], !extends.isNull else { return service.node }
        if let done = book.done[service.name] { return done }
        let plain = service.node.setting("extends", to: nil)
        let link = Link(file: book.file, service: service.name)
        guard let wanted = extends["service"]?.node.string ?? extends.node.string else {
            return Checker(loading: loading).check(service, .record(.service))
        }
        guard !way.contains(link), way.count < 100 else {
            report(cycle: way + [link], at: extends)
            return nil
        }
        guard let base = base(wanted, extends, in: &book, way: way + [link]) else { return plain }
        guard loading.spend(base.weight, at: extends.location) else { return plain }
        let own = Value(plain, at: service.path, key: service.keyLocation, in: loading)
        let merged = Merger(loading: loading).mappings(base, own, .record(.service))
        book.done[service.name] = merged
        return merged
    }

    private func base(
        _ name: String,
        _ extends: Value,
        in book: inout Book,
        way: [Link]
    ) -> Node? {
        if let named = extends["file"] {
            guard let text = named.node.string, !named.isUnresolved else { return nil }
            guard !named.isRemote else {
                named.failRemote()
                return nil
            }
            let path = CleanPath.joined(book.directory, text)
            guard var other = self.book(path, named) else { return nil }
            return found(name, extends, in: &other, way: way).map {
                resolved($0, of: other.directory)
            }
        }
        return found(name, extends, in: &book, way: way)
    }

    private func found(
        _ name: String,
        _ extends: Value,
        in book: inout Book,
        way: [Link]
    ) -> Node? {
        guard let service = book.services[name] else {
            extends.fail(
                "undefined-reference",
                "extends the service \"\(name)\", which \(book.file) doesn't declare",
                fix: Suggestion.question(name, among: book.services.members.map(\.name))
            )
            return nil
        }
        return extended(service, in: &book, way: way)?.withoutTags
    }

    /// The services of another file, interpolated.
    private func book(_ path: String, _ source: Value) -> Book? {
        guard let document = loading.documents(path, named: source).first else { return nil }
        let node = Interpolator(loading, reader.scope).expand(document, .model)
        let services = Value(node, at: FieldPath(), in: loading)["services"]
        guard let services, services.isMapping else {
            source.fail("undefined-reference", "names a file that declares no services")
            return nil
        }
        return Book(file: path, directory: CleanPath.folder(of: path), services: services)
    }

    /// A service of another file with its paths resolved from there.
    private func resolved(_ service: Node, of directory: String) -> Node {
        let kind = Kind.record(.service)
        let value = Value(service, at: FieldPath("services", "-"), in: loading)
        let long = Rewriting.lengthened(value, kind)
        let resolver = PathResolver(loading, reader.scope, directory, isActive: true)
        return resolver.resolve(Value(long, at: value.path, in: loading), kind)
    }

    private func report(cycle way: [Link], at extends: Value) {
        let names = way.map { "\($0.service) of \($0.file)" }.joined(separator: " -> ")
        extends.fail("extends-cycle", "comes back to itself: \(names)", fix: "remove one extends")
    }
}
