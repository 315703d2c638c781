import ComposeFile
import Foundation
import Model

/// One case of the corpus: a folder of files, what Docker Compose was asked, and what it said.
struct CorpusCase {
    let folder: URL
    private let request: ComposeRequest
    private let arguments: [String]

    private struct Arguments: Decodable {
        var args: [String]
        var env: [String: String]?
        var cwd: String?
    }

    /// What the loader made of a case.
    enum Answer {
        case json(JSON)
        /// Lines in any order.
        case lines([String])
        case text(String)
    }

    init(at folder: URL) throws {
        self.folder = folder
        let data = try Data(contentsOf: folder.appending(path: "args"))
        let arguments = try JSONDecoder().decode(Arguments.self, from: data)
        let directory = folder.appending(path: arguments.cwd ?? ".").standardizedFileURL
            .path(percentEncoded: false)
        let clean = directory.hasSuffix("/") ? String(directory.dropLast()) : directory
        var request = ComposeRequest(directory: clean)
        request.searchesParents = true
        request.environment = ["HOME": "/home/tester", "PATH": "/usr/bin", "PWD": clean]
        request.environment.merge(arguments.env ?? [:]) { $1 }
        self.arguments = arguments.args
        self.request = CorpusCase.read(arguments.args, into: request)
    }

    private static func read(_ arguments: [String], into start: ComposeRequest) -> ComposeRequest {
        var request = start
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            switch argument {
            case "-f": request.files.append(rest.popFirst() ?? "")
            case "-p": request.projectName = rest.popFirst()
            case "--profile": request.profiles.append(rest.popFirst() ?? "")
            case "--env-file": request.environmentFiles.append(rest.popFirst() ?? "")
            case "--project-directory": request.projectDirectory = rest.popFirst()
            case "--all-resources": request.keepsUnused = true
            case "--no-consistency": request.checksConsistency = false
            case "--no-interpolate", "--variables": request.interpolates = false
            case "--no-normalize": request.normalizes = false
            case "--no-path-resolution": request.resolvesPaths = false
            case "--no-env-resolution": request.readsEnvironmentFiles = false
            case "--format", "--hash": _ = rest.popFirst()
            case "config": break
            default: if !argument.hasPrefix("-") { request.services.append(argument) }
            }
        }
        return request
    }

    /// What the loader says; throws the rejection of files that it refuses.
    func answer() throws -> Answer {
        let project = try ComposeProject(request, in: DiskTree())
        for argument in arguments {
            switch argument {
            case "json": return .json(project.config)
            case "--services": return .lines(project.serviceNames)
            case "--networks": return .lines(project.networkNames)
            case "--volumes": return .lines(project.volumeNames)
            case "--profiles": return .lines(project.profiles)
            case "--images": return .lines(project.imageNames)
            case "--variables": return .lines(project.variables.map(\.name))
            case "--hash": return .lines(project.configHashes.map { "\($0) \($1)" })
            default: break
            }
        }
        return .text(project.configYAML)
    }

    /// The hashes of Compose, where the case has them.
    func hashes() throws -> [String: String] {
        try ComposeProject(request, in: DiskTree()).configHashes
    }

    /// A file of what is expected, with the case's own folder in it.
    func expected(_ name: String) -> String? {
        let file = folder.appending(path: name)
        guard let text = try? String(contentsOf: file, encoding: .utf8) else { return nil }
        let path = folder.path(percentEncoded: false)
        let own = path.hasSuffix("/") ? String(path.dropLast()) : path
        let parent = own.split(separator: "/").dropLast().reduce(into: "") { $0 += "/\($1)" }
        let above = parent.split(separator: "/").dropLast().reduce(into: "") { $0 += "/\($1)" }
        return text.replacing("${CASE}/../..", with: above).replacing("${CASE}/..", with: parent)
            .replacing("${CASE}", with: own)
    }
}
