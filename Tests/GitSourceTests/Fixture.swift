import Foundation
import GitSource
import Model
import Testing
import Transport

/// A temporary folder with a state directory, removed when the test is over.
final class Fixture: Sendable {
    let root: String
    let source: GitMirrors

    init(_ rules: GitRules = GitRules()) throws {
        root = FileManager.default.temporaryDirectory.path + "/gyre-git-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
        source = GitMirrors(
            directory: root + "/mirrors",
            pool: BlockingPool(threads: 4),
            rules: rules
        )
    }

    /// The same mirrors under other rules.
    func mirrors(_ rules: GitRules) -> GitMirrors {
        GitMirrors(
            directory: root + "/mirrors",
            pool: BlockingPool(threads: 4),
            rules: rules
        )
    }

    deinit { try? FileManager.default.removeItem(atPath: root) }

    /// An empty repository with a work tree, on branch `main`.
    func repository(_ name: String = "app") throws -> WorkTree {
        let tree = WorkTree(path: "\(root)/\(name)")
        try FileManager.default.createDirectory(
            atPath: tree.path,
            withIntermediateDirectories: true
        )
        try tree.git("init", "-q", "-b", "main")
        return tree
    }

    /// The mirrors on disk, without those set aside.
    func mirrors() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: root + "/mirrors")
            .filter { $0.hasSuffix(".git") }.map { "\(root)/mirrors/\($0)" }
    }

    func packs() throws -> [String] {
        try mirrors().flatMap { mirror in
            try FileManager.default.contentsOfDirectory(atPath: mirror + "/objects/pack")
                .filter { $0.hasSuffix(".pack") }.map { "\(mirror)/objects/pack/\($0)" }
        }
    }
}

extension GitMirrors {
    func head(of branch: String, at url: RepositoryURL) async throws -> Commit {
        try await head(of: .branch(branch), at: url)
    }

    func lastFetched(branch: String, at url: RepositoryURL) async throws -> Commit? {
        try await lastFetched(.branch(branch), at: url)
    }
}

/// A repository that a test changes with git's own command line.
struct WorkTree: Sendable {
    let path: String

    var url: RepositoryURL {
        get throws { try RepositoryURL(parsing: path) }
    }

    @discardableResult
    func git(_ arguments: String..., input: String? = nil) throws -> String {
        try run(["git", "-C", path] + arguments, input: input)
    }

    func write(_ text: String, to name: String) throws {
        let file = URL(filePath: "\(path)/\(name)")
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        try Data(text.utf8).write(to: file)
    }

    /// Commits everything and returns the id.
    @discardableResult
    func commit(_ message: String) throws -> String {
        try git("add", "-A")
        try git("commit", "-q", "--allow-empty", "-m", message)
        return try git("rev-parse", "HEAD")
    }
}

struct CommandFailed: Error {
    let text: String
}

/// Runs a program with nothing of the machine's git configuration; returns its output.
@discardableResult
func run(_ arguments: [String], input: String? = nil) throws -> String {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = arguments
    process.environment = [
        "PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "HOME": "/nonexistent",
        "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null",
        "GIT_AUTHOR_NAME": "Ada", "GIT_AUTHOR_EMAIL": "ada@example.org",
        "GIT_AUTHOR_DATE": "1700000000 +0000", "GIT_COMMITTER_NAME": "Ada",
        "GIT_COMMITTER_EMAIL": "ada@example.org", "GIT_COMMITTER_DATE": "1700000000 +0000",
        "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "protocol.file.allow",
        "GIT_CONFIG_VALUE_0": "always",
    ]
    let output = Pipe()
    let stdin = Pipe()
    process.standardOutput = output
    process.standardError = output
    process.standardInput = stdin
    try process.run()
    if let input { try stdin.fileHandleForWriting.write(contentsOf: Data(input.utf8)) }
    try stdin.fileHandleForWriting.close()
    let bytes = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    let text = String(decoding: bytes, as: UTF8.self)
        .trimmingCharacters(in: .whitespacesAndNewlines)
    guard process.terminationStatus == 0 else { throw CommandFailed(text: text) }
    return text
}

/// Runs `body`, which must fail with a `GitError` of the kind `code`.
func expectError(
    _ code: GitError.Code,
    sourceLocation: Testing.SourceLocation = #_sourceLocation,
    _ body: () async throws -> some Sendable
) async {
    do {
        let value = try await body()
        Issue.record("no error but \(value)", sourceLocation: sourceLocation)
    } catch let error as GitError {
        #expect(error.code == code, "\(error)", sourceLocation: sourceLocation)
    } catch {
        Issue.record("\(error)", sourceLocation: sourceLocation)
    }
}
