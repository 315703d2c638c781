internal import FoundationEssentials
internal import Model

/// A request as bytes: what the loading depends on, and nothing else.
///
/// Numbers are eight bytes, the first the most significant; texts and files have their length
/// before them. Of the commit itself nothing is sent, since nothing depends on it.
extension LoadRequest {
    /// The whole request, its length first.
    var encoded: [UInt8] {
        var writer = Writer()
        writer.add(WorkerRequest.Kind.stack.rawValue)
        for text in [id.project, id.stack, folder] { writer.add(text) }
        writer.add(wantsConfig ? 1 : 0)
        writer.add(isForSwarm ? 1 : 0)
        writer.add(trial.flatMap { try? JSONEncoder().encode($0) }.map(Array.init) ?? [])
        writer.add(adoptedName ?? "")
        for files in [chosen.files, chosen.environmentFiles] {
            writer.add(files.count)
            for file in files { writer.add(file) }
        }
        writer.add(snapshot.entries.count)
        for (path, entry) in snapshot.entries {
            writer.add(path)
            writer.add(snapshot.executables.contains(path) ? 1 : 0)
            writer.add(entry)
        }
        return writer.whole
    }

    /// Reads what follows the length and the kind.
    fileprivate init(_ reader: inout Reader) throws {
        let id = try StackID(project: reader.text(), stack: reader.text())
        let folder = try reader.text()
        let wantsConfig = try reader.number() == 1
        let isForSwarm = try reader.number() == 1
        let policy = try Array(reader.text().utf8)
        let trial =
            policy.isEmpty
            ? nil : try JSONDecoder().decode(TenantPolicy.self, from: Data(policy))
        let adoptedName = try reader.text()
        let chosen = ChosenFiles(
            files: try reader.texts(),
            environmentFiles: try reader.texts()
        )
        var entries: [String: Snapshot.Entry] = [:]
        var executables: Set<String> = []
        for _ in 0..<(try reader.number()) {
            let path = try reader.text()
            if try reader.number() == 1 { executables.insert(path) }
            entries[path] = try reader.entry()
        }
        let commit = Commit(id: "", author: "", seconds: 0, message: "")
        let snapshot = Snapshot(commit: commit, entries: entries, executables: executables)
        self.init(
            snapshot,
            at: folder,
            id: id,
            chosen: chosen,
            wantsConfig: wantsConfig,
            isForSwarm: isForSwarm,
            trial: trial,
            adoptedName: adoptedName.isEmpty ? nil : adoptedName
        )
    }
}

/// What a worker is asked.
enum WorkerRequest: Equatable {
    case stack(LoadRequest)
    /// What the bytes of a `.gyre.yaml` at this path say.
    case tenantFile([UInt8], path: String)

    fileprivate enum Kind: Int {
        case stack
        case tenantFile
    }

    /// The whole request, its length first.
    var encoded: [UInt8] {
        switch self {
        case .stack(let request): return request.encoded
        case .tenantFile(let bytes, let path):
            var writer = Writer()
            writer.add(Kind.tenantFile.rawValue)
            writer.add(path)
            writer.add(bytes)
            return writer.whole
        }
    }

    /// Reads what follows the length.
    init(decoding bytes: [UInt8]) throws {
        var reader = Reader(rest: bytes[...])
        switch Kind(rawValue: try reader.number()) {
        case .stack: self = .stack(try LoadRequest(&reader))
        case .tenantFile:
            let path = try reader.text()
            self = .tenantFile(Array(try reader.content()), path: path)
        case nil: throw BadRequest()
        }
        guard reader.rest.isEmpty else { throw BadRequest() }
    }

    /// Bytes that are no request.
    struct BadRequest: Error {}
}

private struct Writer {
    private(set) var bytes: [UInt8] = []

    static func bytes(_ number: Int) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * $0)) }
    }

    /// All of it, its length first.
    var whole: [UInt8] { Writer.bytes(bytes.count) + bytes }

    mutating func add(_ number: Int) { bytes += Writer.bytes(number) }

    mutating func add(_ content: some Collection<UInt8>) {
        add(content.count)
        bytes += content
    }

    mutating func add(_ text: String) { add(text.utf8) }

    mutating func add(_ entry: Snapshot.Entry) {
        switch entry {
        case .file(let content):
            add(0)
            add(content)
        case .link(let target):
            add(1)
            add(target)
        case .omitted(let count):
            add(2)
            add(Int(count))
        case .submodule: add(3)
        case .lfsPointer: add(4)
        }
    }
}

private struct Reader {
    private(set) var rest: ArraySlice<UInt8>

    mutating func number() throws -> Int {
        guard rest.count >= 8 else { throw WorkerRequest.BadRequest() }
        defer { rest = rest.dropFirst(8) }
        let bits = rest.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
        guard let number = Int(exactly: bits) else { throw WorkerRequest.BadRequest() }
        return number
    }

    mutating func content() throws -> ArraySlice<UInt8> {
        let count = try number()
        guard rest.count >= count else { throw WorkerRequest.BadRequest() }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }

    mutating func text() throws -> String { String(decoding: try content(), as: UTF8.self) }

    mutating func texts() throws -> [String] {
        try (0..<(try count())).map { _ in try text() }
    }

    /// A number of things, each of which takes some of the bytes that are left.
    private mutating func count() throws -> Int {
        let count = try number()
        guard (0...rest.count).contains(count) else { throw WorkerRequest.BadRequest() }
        return count
    }

    mutating func entry() throws -> Snapshot.Entry {
        switch try number() {
        case 0: .file(Array(try content()))
        case 1: .link(try text())
        case 2: .omitted(byteCount: Int64(try number()))
        case 3: .submodule
        case 4: .lfsPointer
        default: throw WorkerRequest.BadRequest()
        }
    }
}
