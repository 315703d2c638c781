import Foundation

/// The checkout that these tests were compiled from, read once.
enum Tree {
    static let root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Every text file of the project, by its path from the root.
    static let files: [TextFile] = {
        let skipped: Set = [".git", ".swiftpm", "__pycache__"]
        guard let walk = FileManager.default.enumerator(atPath: root.path) else { return [] }
        var files: [TextFile] = []
        while let path = walk.nextObject() as? String {
            let name = path.split(separator: "/").last.map(String.init) ?? path
            guard !skipped.contains(name), !name.hasPrefix(".build") else {
                walk.skipDescendants()
                continue
            }
            guard walk.fileAttributes?[.type] as? FileAttributeType == .typeRegular,
                let text = try? String(contentsOf: root.appending(path: path), encoding: .utf8)
            else { continue }
            files.append(TextFile(path: path, text: text))
        }
        return files.sorted { $0.path < $1.path }
    }()

    static let swift = files.filter { $0.path.hasSuffix(".swift") }
        .map { SwiftSource(path: $0.path, text: $0.text) }

    /// The Swift files below `Sources`.
    static let sources = swift.filter { $0.module != nil }

    static let pages = files.filter { $0.path.hasSuffix(".md") }

    /// The folders below `Sources` that hold Swift; those with a module map only name a C library.
    static let modules = Set(sources.compactMap(\.module)).sorted()
}

/// A file and its text.
struct TextFile {
    let path: String
    let text: String

    /// The lines, the last of which is empty in a file that ends well.
    var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }
}
