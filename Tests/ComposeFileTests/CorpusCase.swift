import ComposeFile
import Foundation
import Model

/// One case of the corpus whose arguments are plainly `config --format json`.
struct CorpusCase {
    let name: String
    let expected: JSON?
    private var entries: [String: Snapshot.Entry] = [:]
    private let project: String

    private struct Arguments: Decodable {
        var args: [String]
        var env: [String: String]
        var cwd: String
    }

    /// Nil when the case is about something else than one compose file.
    init?(at folder: URL) throws {
        let data = try Data(contentsOf: folder.appending(path: "args"))
        let arguments = try JSONDecoder().decode(Arguments.self, from: data)
        guard arguments.args == ["config", "--format", "json"], arguments.cwd == ".",
            !arguments.env.keys.contains(where: { $0.hasPrefix("COMPOSE_") })
        else { return nil }
        name = folder.lastPathComponent
        expected = try? JSON(parsing: Data(contentsOf: folder.appending(path: "expected.json")))
        let isRefused = FileManager.default.fileExists(
            atPath: folder.appending(path: "expected.err").path
        )
        guard expected != nil || isRefused else { return nil }
        project = expected?["name"]?.stringValue ?? name
        let paths = FileManager.default.enumerator(atPath: folder.path)?.compactMap {
            $0 as? String
        }
        for path in paths ?? [] where !path.hasPrefix("expected.") && path != "args" {
            if let data = try? Data(contentsOf: folder.appending(path: path)) {
                entries["\(name)/\(path)"] = .file(Array(data))
            }
        }
        guard Stack.folders(in: snapshot, below: name, project: name).first?.folder == name else {
            return nil
        }
        add(arguments.env)
    }

    /// The process environment of the case becomes its `.env`: nothing else is looked at here.
    private mutating func add(_ environment: [String: String]) {
        guard !environment.isEmpty else { return }
        var text: [UInt8] = []
        if case .file(let bytes) = entries["\(name)/.env"] { text = bytes + [0x0A] }
        for (name, value) in environment.sorted(by: { $0.key < $1.key }) {
            text += Array("\(name)='\(value)'\n".utf8)
        }
        entries["\(name)/.env"] = .file(text)
    }

    private var snapshot: Snapshot {
        let commit = Commit(
            id: String(repeating: "0", count: 40),
            author: "",
            seconds: 0,
            message: ""
        )
        return Snapshot(commit: commit, entries: entries)
    }

    func load() throws(Rejection) -> Stack {
        let id: StackID
        do {
            let parts = project.split(separator: "_", maxSplits: 1).map(String.init)
            id = try StackID(project: parts[0], stack: parts.last ?? "")
        } catch {
            throw Rejection(Diagnostic(code: "project-name", error.description))
        }
        return try Stack(reading: snapshot, at: name, id: id)
    }

    /// The case without the services that were refused, when any is left that others don't need.
    ///
    /// Works on files in the corpus's own layout, where each service is a block indented by two.
    func withoutRefused() -> (sample: CorpusCase, services: Int)? {
        guard let expected, let services = expected["services"]?.objectValue,
            let path = StackFolder.composeFiles.map({ "\(name)/\($0)" })
                .first(where: { entries[$0] != nil }),
            case .file(let bytes) = entries[path]
        else { return nil }
        var sample = self
        var text = String(decoding: bytes, as: UTF8.self)
        var refused = sample.refusedServices()
        var kept = Set(services.keys)
        while !refused.isEmpty {
            kept.subtract(refused)
            text = refused.reduce(text) { remove($1, from: $0) }
            sample.entries[path] = .file(Array(text.utf8))
            let next = sample.refusedServices()
            guard next != refused else { return nil }
            refused = next
        }
        guard !kept.isEmpty, kept.count < services.count else { return nil }
        return (sample.expecting(services.filter { kept.contains($0.key) }), kept.count)
    }

    private func refusedServices() -> Set<String> {
        do {
            _ = try load()
            return []
        } catch {
            let names = error.diagnostics.filter { $0.severity == .error }
                .compactMap { finding -> String? in
                    guard let parts = finding.field?.components, parts.count > 1,
                        parts[0] == .key("services"), case .key(let name) = parts[1]
                    else { return nil }
                    return name
                }
            return Set(names)
        }
    }

    private func remove(_ service: String, from text: String) -> String {
        var isInside = false
        var isServices = false
        return text.split(separator: "\n", omittingEmptySubsequences: false).filter { line in
            let indent = line.prefix { $0 == " " }.count
            if indent == 0, !line.isEmpty { isServices = line.hasPrefix("services:") }
            if isServices, indent == 2 {
                isInside = line.hasPrefix("  \(service):")
            } else if indent < 2, !line.isEmpty {
                isInside = false
            }
            return !isInside
        }.joined(separator: "\n")
    }

    /// The same case expecting `services` alone, with the networks and volumes that they use.
    private func expecting(_ services: [String: JSON]) -> CorpusCase {
        var members = expected?.objectValue ?? [:]
        members["services"] = .object(services)
        let networks = services.values.flatMap {
            $0["networks"]?.objectValue?.keys.map { $0 } ?? []
        }
        let volumes = services.values.flatMap { $0["volumes"]?.arrayValue ?? [] }
            .compactMap { $0["source"]?.stringValue }
        for (key, used) in [("networks", Set(networks)), ("volumes", Set(volumes))] {
            guard let all = members[key]?.objectValue else { continue }
            let kept = all.filter { used.contains($0.key) }
            members[key] = kept.isEmpty ? nil : .object(kept)
        }
        return CorpusCase(copying: self, expected: .object(members))
    }

    private init(copying other: CorpusCase, expected: JSON) {
        name = other.name
        project = other.project
        entries = other.entries
        self.expected = expected
    }
}
