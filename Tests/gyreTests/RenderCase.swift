import Admission
import Foundation
import Model

@testable import ComposeFile
@testable import Planning
@testable import gyre

/// One case of what an engine is sent: a folder of files, what Docker was asked, and the bodies
/// that it sent.
struct RenderCase {
    let folder: URL
    private let arguments: Arguments

    private struct Arguments: Decodable {
        var args: [String]?
        var env: [String: String]?
        var cwd: String?
        var stack: String?
        var files: [String]?
    }

    init(at folder: URL) throws {
        self.folder = folder
        let data = try Data(contentsOf: folder.appending(path: "args"))
        arguments = try JSONDecoder().decode(Arguments.self, from: data)
    }

    var path: String {
        let path = folder.standardizedFileURL.path(percentEncoded: false)
        return path.hasSuffix("/") ? String(path.dropLast()) : path
    }

    /// What Gyre prints for Docker Compose.
    func rendered(_ api: APIVersion) throws -> JSON {
        var request = ComposeRequest(directory: path)
        request.environment = ["HOME": "/home/tester", "PATH": "/usr/bin", "PWD": path]
        request.environment.merge(arguments.env ?? [:]) { $1 }
        var rest = (arguments.args ?? [])[...]
        while let argument = rest.popFirst() {
            switch argument {
            case "-f": request.files.append(rest.popFirst() ?? "")
            case "-p": request.projectName = rest.popFirst()
            case "--profile": request.profiles.append(rest.popFirst() ?? "")
            case "--env-file": request.environmentFiles.append(rest.popFirst() ?? "")
            case "--project-directory": request.projectDirectory = rest.popFirst()
            default: break
            }
        }
        let tree = DiskTree(directory: path, input: nil)
        let project = try ComposeProject(request, in: tree)
        let calls = try EngineCalls(of: project, in: tree, request, api: api)
        return RenderAnswer(calls.json, api: api, folder: path).value
    }

    /// What Gyre prints for a Swarm.
    func swarm() throws -> JSON {
        var request = ComposeRequest(directory: path)
        request.environment = ["HOME": "/home/tester", "PATH": "/usr/bin", "PWD": path]
        request.environment.merge(arguments.env ?? [:]) { $1 }
        request.files = arguments.files ?? []
        request.projectName = arguments.stack
        let tree = DiskTree(directory: path, input: nil)
        let calls = try SwarmCalls(request, in: tree)
        return RenderAnswer(calls.json, api: APIVersion(1, 50), folder: path).value
    }

    /// What Gyre itself would send to a Swarm, under the name that the case gives the stack; nil
    /// where the shell that called Docker had variables, which Gyre never takes.
    ///
    /// `cuts` are taken out of its files.
    func sent(_ policy: Policy, without cuts: [String] = []) throws -> JSON? {
        guard arguments.env?.isEmpty ?? true, let name = arguments.stack else { return nil }
        let whole = try FolderTree.snapshot(of: path)
        let entries = whole.entries.mapValues { entry in
            guard case .file(let bytes) = entry else { return entry }
            var text = String(decoding: bytes, as: UTF8.self)
            for cut in cuts { text = text.replacing(cut, with: "") }
            return .file(Array(text.utf8))
        }
        let reading = try StackReading(
            of: Snapshot(commit: whole.commit, entries: entries),
            at: "",
            id: StackID(project: "owner", stack: "named"),
            chosen: ChosenFiles(files: arguments.files ?? []),
            isForSwarm: true
        )
        let desired = Desired(admitted: try policy.admit(reading), commit: "", pins: [:])
        let rules = SwarmRules(isEncrypted: true)
        let calls = try SwarmCalls(bringingUp: desired, controller: "gyre", rules)
        let own = desired.id.composeProjectName
        return try JSON(parsing: Array(calls.json.text.replacing(own, with: name).utf8))
    }

    /// What Docker sent; nil where the case doesn't say.
    func expected(_ name: String) throws -> JSON? {
        guard let data = try? Data(contentsOf: folder.appending(path: name)) else { return nil }
        return try JSON(parsing: data)
    }
}

/// The form in which bodies are compared: without what an engine takes for left out, and lists
/// whose order says nothing sorted.
enum CanonicalBody {
    private static let maps: Set = [
        "Labels", "Options", "DriverOpts", "Sysctls", "StorageOpt", "Tmpfs", "ExposedPorts",
        "PortBindings", "EndpointsConfig", "Config", "Annotations", "AuxiliaryAddresses",
    ]
    private static let kept: Set = [
        "Init", "StopTimeout", "MemorySwappiness", "PidsLimit", "EnableIPv6", "EnableIPv4",
        "MaskedPaths", "ReadonlyPaths", "Entrypoint", "Cmd",
    ]

    static func of(_ json: JSON, under key: String = "") -> JSON {
        switch json {
        case .object(let members):
            let inner = members.map { ($0, of($1, under: $0)) }
            let isMap = maps.contains(key)
            let said = inner.filter { isMap || kept.contains($0) || !isNothing($1) }
            return .object(Dictionary(said) { first, _ in first })
        case .array(let values): return .array(sorted(values.map { of($0) }, key))
        case .string(let text) where key == "com.docker.compose.depends_on":
            return .string(text.split(separator: ",").sorted().joined(separator: ","))
        default: return json
        }
    }

    private static func isNothing(_ json: JSON) -> Bool {
        json == .null || json == "" || json == .bool(false) || json == [:]
            || json == .array([]) || json == .int(0)
    }

    private static func sorted(_ values: [JSON], _ key: String) -> [JSON] {
        let name: (JSON) -> String? =
            switch key {
            case "Env", "Binds", "ExtraHosts": { $0.stringValue }
            case "Mounts": { $0["Target"]?.stringValue }
            case "Ulimits": { $0["Name"]?.stringValue }
            default: { _ in nil }
            }
        return values.sorted { (name($0) ?? "") < (name($1) ?? "") }
    }
}
