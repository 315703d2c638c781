import ComposeFile
import Model
import Testing

/// A stack of a few files under `app`, as the tests write them.
struct Sample {
    var files: [String: String]
    /// Files that are no text, over `files`.
    var bytes: [String: [UInt8]] = [:]
    var id = "app"

    /// One compose file.
    init(_ compose: String, _ files: [String: String] = [:]) {
        self.files = files
        self.files["compose.yaml"] = compose
    }

    /// One service `s` with `body`, each line of which is a line of the service.
    init(service body: String, _ files: [String: String] = [:]) {
        let lines = body.split(separator: "\n").map { "    \($0)\n" }.joined()
        self.init("services:\n  s:\n    image: i\n\(lines)", files)
    }

    func load(key: ContentKey = ContentKey()) throws(Rejection) -> Stack {
        try Stack(reading: snapshot, at: "app", id: .of(id), key: key)
    }

    /// What `compose config` would print.
    func config() throws(Rejection) -> JSON {
        try ComposeProject(reading: snapshot, at: "app", id: .of(id)).config
    }

    /// What `compose config` would print as YAML.
    func configYAML() throws(Rejection) -> String {
        try ComposeProject(reading: snapshot, at: "app", id: .of(id)).configYAML
    }

    var snapshot: Snapshot {
        let all = files.mapValues { Array($0.utf8) }.merging(bytes) { $1 }
        let entries = all.map { ("app/\($0)", Snapshot.Entry.file($1)) }
        return Snapshot(
            commit: Commit(id: "0", author: "", seconds: 0, message: ""),
            entries: Dictionary(uniqueKeysWithValues: entries)
        )
    }

    /// The service `s`.
    func service() throws -> Service { try #require(try load().services["s"]) }

    /// Every finding as `line:column severity code`, the file before it when it isn't the
    /// compose file.
    func findings() -> [String] {
        let list: [Diagnostic]
        do {
            list = try load().warnings
        } catch {
            list = error.diagnostics
        }
        return list.map { finding in
            let place = finding.location?.description ?? "-"
            let start = "app/compose.yaml:"
            let short = place.hasPrefix(start) ? String(place.dropFirst(start.count)) : place
            return "\(short) \(finding.severity.rawValue) \(finding.code)"
        }
    }

    /// The first finding.
    func finding() throws -> Diagnostic {
        do {
            return try #require(try load().warnings.first)
        } catch let error as Rejection {
            return try #require(error.diagnostics.first)
        }
    }
}

extension StackID {
    /// The id that `text` spells, which the tests write right.
    static func of(_ text: String) -> StackID {
        do {
            return try StackID(parsing: text)
        } catch {
            preconditionFailure("\(error)")
        }
    }
}
