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
        for text in [id.project, id.stack, folder] { writer.add(text) }
        writer.add(wantsConfig ? 1 : 0)
        writer.add(isForSwarm ? 1 : 0)
        writer.add(trial.flatMap { try? JSONEncoder().encode($0) }.map(Array.init) ?? [])
        writer.add(snapshot.entries.count)
        for (path, entry) in snapshot.entries {
            writer.add(path)
            writer.add(snapshot.executables.contains(path) ? 1 : 0)
            writer.add(entry)
        }
        return Writer.bytes(writer.bytes.count) + writer.bytes
    }

    /// Reads what follows the length.
    init(decoding bytes: [UInt8]) throws {
        var reader = Reader(rest: bytes[...])
        let id = try StackID(project: reader.text(), stack: reader.text())
        let folder = try reader.text()
        let wantsConfig = try reader.number() == 1
        let isForSwarm = try reader.number() == 1
        let policy = try Array(reader.text().utf8)
        let trial =
            policy.isEmpty
            ? nil : try JSONDecoder().decode(TenantPolicy.self, from: Data(policy))
        var entries: [String: Snapshot.Entry] = [:]
        var executables: Set<String> = []
        for _ in 0..<(try reader.number()) {
            let path = try reader.text()
            if try reader.number() == 1 { executables.insert(path) }
            entries[path] = try reader.entry()
        }
        guard reader.rest.isEmpty else { throw BadRequest() }
        let commit = Commit(id: "", author: "", seconds: 0, message: "")
        let snapshot = Snapshot(commit: commit, entries: entries, executables: executables)
        self.init(
            snapshot,
            at: folder,
            id: id,
            wantsConfig: wantsConfig,
            isForSwarm: isForSwarm,
            trial: trial
        )
    }

    /// Bytes that are no request.
    struct BadRequest: Error {}
}

private struct Writer {
    private(set) var bytes: [UInt8] = []

    static func bytes(_ number: Int) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * $0)) }
    }

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
        guard rest.count >= 8 else { throw LoadRequest.BadRequest() }
        defer { rest = rest.dropFirst(8) }
        let bits = rest.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
        guard let number = Int(exactly: bits) else { throw LoadRequest.BadRequest() }
        return number
    }

    mutating func content() throws -> ArraySlice<UInt8> {
        let count = try number()
        guard rest.count >= count else { throw LoadRequest.BadRequest() }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }

    mutating func text() throws -> String { String(decoding: try content(), as: UTF8.self) }

    mutating func entry() throws -> Snapshot.Entry {
        switch try number() {
        case 0: .file(Array(try content()))
        case 1: .link(try text())
        case 2: .omitted(byteCount: Int64(try number()))
        case 3: .submodule
        case 4: .lfsPointer
        default: throw LoadRequest.BadRequest()
        }
    }
}
