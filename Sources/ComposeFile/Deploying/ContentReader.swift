internal import Model
internal import YAMLTree

/// Finds what services mount of their commit.
///
/// A reference, because a file that many services mount is read and hashed once.
final class ContentReader {
    private let snapshot: Snapshot
    /// What the project declares, for `environment:`.
    private let environment: [String: String]
    private var known: [String: Result<Content, ContentError>] = [:]
    let key: ContentKey
    /// Whether there is a Swarm, which keeps configs and secrets that somebody else makes.
    private let isForSwarm: Bool
    /// Configs and secrets by name.
    private var declared: [String: [String: Value]] = [:]
    /// What is no file of the commit, by the names of contents.
    private(set) var texts: [String: ConcealedText] = [:]

    init(
        _ snapshot: Snapshot,
        environment: [String: String],
        _ key: ContentKey,
        isForSwarm: Bool
    ) {
        self.snapshot = snapshot
        self.environment = environment
        self.key = key
        self.isForSwarm = isForSwarm
    }

    /// Takes note of the configs and secrets of a model.
    func declare(_ model: Value) {
        for kind in ["configs", "secrets"] {
            let members = model[kind]?.members ?? []
            declared[kind] = Dictionary(members.map { ($0.name, $0) }) { first, _ in first }
        }
    }

    /// The file or folder of the commit that a bind names; nil once it is said why not.
    func bound(_ source: Value, isReadOnly: Bool) -> Content? {
        guard let path = source.node.string else { return nil }
        guard isReadOnly else {
            source.fail(
                "bind-of-repository-writable",
                "binds a file of the repository for writing, and what is written there would be "
                    + "in no commit",
                fix: "add :ro, or write to a named volume"
            )
            return nil
        }
        switch content(at: path) {
        case .success(let content): return isTooLarge(content, at: source) ? nil : content
        case .failure(let error):
            source.fail(
                error.code ?? "bind-of-repository-file",
                "binds a file of the repository, but \(error)",
                fix: error.isMissing ? "commit it, or mount a named volume" : error.fix
            )
            return nil
        }
    }

    /// Whether a file is bound that a Swarm can't bring to its nodes, once that is said.
    private func isTooLarge(_ content: Content, at place: Value) -> Bool {
        guard isForSwarm, content.kind == .file, case .tree(let path) = content.source,
            let bytes = try? snapshot.read(path)
        else { return false }
        return SwarmFileSize.refuses(bytes.count, at: place, isSecret: false)
    }

    private func content(at path: String) -> Result<Content, ContentError> {
        if let known = known[path] { return known }
        let found = Result { () throws(ContentError) in try read(path) }
        known[path] = found
        return found
    }

    private func read(_ path: String) throws(ContentError) -> Content {
        let place: String
        do throws(Snapshot.ReadError) {
            place = try snapshot.resolve(path)
        } catch {
            throw .unreadable(path: "./" + path, error)
        }
        let archive = try ContentArchive(of: place, in: snapshot)
        return Content(
            source: .tree(path: place),
            kind: archive.kind,
            digest: archive.digest,
            name: "./" + path
        )
    }
}

/// Configs and secrets of a service.
extension ContentReader {
    /// A config or secret that a service mounts.
    private struct Wanted {
        /// What people call it, such as `secret db-password`.
        var name: String
        var attributes: Content.Attributes
        var isSecret: Bool
        /// Whether a service has it, rather than nobody.
        var isMounted = true
    }

    /// One entry of a service's `configs` or `secrets`, where the container sees it; nil once it
    /// is said why there is none, or where a missing declaration was reported already.
    ///
    /// Source: the Compose Specification, "configs" and "secrets"; Docker Compose 5.6 for paths
    /// and modes.
    func mounted(_ file: Value, in kind: String) -> Mount? {
        guard file.isMapping, !file.isUnresolved, let name = file.node["source"]?.string,
            let declaration = declared[kind]?[name], let attributes = attributes(of: file)
        else { return nil }
        let target = file.node["target"]?.string ?? name
        let isSecret = kind == "secrets"
        let wanted = Wanted(
            name: "\(kind.dropLast()) \(name)",
            attributes: attributes,
            isSecret: isSecret
        )
        guard let source = source(declaration, name, wanted) else { return nil }
        let folder = target.hasPrefix("/") || !isSecret ? "/" : "/run/secrets/"
        return Mount(
            source: source,
            target: CleanPath.resolved(folder + target),
            readOnly: true
        )
    }

    /// What is mounted: a content, or what a Swarm keeps already.
    private func source(
        _ declaration: Value,
        _ key: String,
        _ wanted: Wanted
    ) -> Mount.Source? {
        guard let external = declaration["external"], external.node.scalar == .bool(true) else {
            return content(declaration, wanted).map(Mount.Source.content)
        }
        guard isForSwarm else {
            external.warn(
                "needs-swarm",
                "asks for what a Swarm keeps: the stack is not run where there is none",
                fix: "write file:, and commit what it names"
            )
            return nil
        }
        let (isSecret, attributes) = (wanted.isSecret, wanted.attributes)
        return .external(ExternalFile(key: key, isSecret: isSecret, attributes: attributes))
    }

    private func attributes(of file: Value) -> Content.Attributes? {
        guard let user = owner(file["uid"]), let group = owner(file["gid"]) else { return nil }
        let mode = file["mode"]?.node.string.flatMap { Int($0, radix: 8) } ?? 0o444
        guard (0...0o777).contains(mode) else {
            file["mode"]?.fail("invalid-value", "must be a mode up to 0777")
            return nil
        }
        return Content.Attributes(user: user, group: group, mode: mode)
    }

    /// A numeric user or group, which the archive has seven octal digits for.
    private func owner(_ value: Value?) -> Int? {
        guard let value, let text = value.node.text, !text.isEmpty else { return 0 }
        guard let number = Int(text), (0...0o7777777).contains(number) else {
            value.fail("invalid-value", "must be a number up to 2097151", not: text)
            return nil
        }
        return number
    }

    /// What a declaration holds: a file of the commit, a text, or a variable of the project.
    private func content(_ declaration: Value, _ wanted: Wanted) -> Content? {
        if let file = declaration["file"] { return content(ofFile: file, wanted) }
        let source = declaration["content"] ?? declaration["environment"]
        guard let source else {
            // `external: false` alone is a config to Compose, of which nobody knows the content.
            if declaration.node["driver"] == nil { declaration.failMissing("file") }
            return nil
        }
        guard let text = text(of: source) else { return nil }
        texts[wanted.name] = ConcealedText(text)
        return content(of: Array(text.utf8), .text, wanted, at: source)
    }

    private func text(of source: Value) -> String? {
        guard let text = source.node.text else { return nil }
        guard source.name == "environment" else { return text }
        if let value = environment[text] { return value }
        source.fail(
            "required-variable",
            "names a variable that the project doesn't declare",
            not: text,
            fix: "write file:, and commit what it names"
        )
        return nil
    }

    /// Reads the file of a config or secret for its findings alone.
    func look(at file: Value) {
        let attributes = Content.Attributes(user: 0, group: 0, mode: 0o444)
        var wanted = Wanted(name: "", attributes: attributes, isSecret: false)
        wanted.isMounted = false
        _ = content(ofFile: file, wanted)
    }

    private func content(ofFile file: Value, _ wanted: Wanted) -> Content? {
        guard let path = file.node.string else { return nil }
        guard file.node.marks.contains(.rooted) || !path.hasPrefix("/"), !path.hasPrefix("~") else {
            file.fail(
                "content-of-node",
                "is a path of the node, and what is mounted is a file of the repository",
                fix: "bind the path in volumes:, where it is granted"
            )
            return nil
        }
        do throws(Snapshot.ReadError) {
            let place = try snapshot.resolve(path)
            let bytes = try snapshot.read(place)
            return content(of: bytes, .tree(path: place), wanted, at: file)
        } catch {
            fail(file, .unreadable(path: path, error))
            return nil
        }
    }

    private func content(
        of bytes: [UInt8],
        _ source: Content.Source,
        _ wanted: Wanted,
        at place: Value
    ) -> Content? {
        let isSent = isForSwarm && wanted.isMounted
        if isSent, SwarmFileSize.refuses(bytes.count, at: place, isSecret: wanted.isSecret) {
            return nil
        }
        do throws(ContentError) {
            let archive = try ContentArchive(
                file: bytes,
                wanted.attributes,
                isSecret: wanted.isSecret
            )
            return Content(
                source: source,
                kind: .file,
                digest: wanted.isSecret ? key.digest(of: archive.bytes) : archive.digest,
                name: wanted.name,
                attributes: wanted.attributes,
                isSecret: wanted.isSecret
            )
        } catch {
            fail(place, error)
            return nil
        }
    }

    private func fail(_ place: Value, _ error: ContentError) {
        let words = "can't be mounted: \(error)"
        let code = error.isOutside ? "file-outside" : error.code
        place.fail(code ?? "unreadable-content", words, fix: error.fix)
    }
}

extension ContentError {
    /// The code of what says more than where the file was wanted.
    fileprivate var code: String? {
        switch self {
        case .unreadable(_, .submodule): "in-submodule"
        case .unreadable(_, .lfsPointer): "lfs-pointer"
        default: nil
        }
    }

    fileprivate var fix: String? {
        switch self {
        case .unreadable(_, .submodule): "copy the file into the repository"
        case .unreadable(_, .lfsPointer): "commit the file itself"
        default: nil
        }
    }

    /// Whether it leads out of the repository, or among git's own files.
    fileprivate var isOutside: Bool {
        switch self {
        case .unreadable(_, .outsideTree): true
        case .unreadable(let path, .missing): CleanPath.isOfGit(path)
        default: false
        }
    }

    /// Whether there is no such file at all.
    fileprivate var isMissing: Bool {
        if case .unreadable(_, .missing) = self { true } else { false }
    }
}
