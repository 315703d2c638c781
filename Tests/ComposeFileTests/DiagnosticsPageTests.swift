import ComposeFile
import Foundation
import Model
import Testing

/// The examples of `Docs/Diagnostics.md` show what they say.
@Suite struct DiagnosticsPageTests {
    /// One `###` section of the page.
    private struct Section {
        var code: String
        var wrong: [String: String] = [:]
        var right: [String: String] = [:]
    }

    private static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../..").standardizedFileURL

    /// Reads sections, and in each the fenced files after lines such as ``Wrong `.env`:``.
    private func sections() throws -> [Section] {
        let page = try String(
            contentsOf: Self.root.appending(path: "Docs/Diagnostics.md"),
            encoding: .utf8
        )
        var sections: [Section] = []
        var target: WritableKeyPath<Section, [String: String]>?
        var file = ""
        var isFenced = false
        for line in page.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("```") {
                isFenced.toggle()
            } else if isFenced {
                guard let target, !sections.isEmpty else { continue }
                sections[sections.count - 1][keyPath: target][file, default: ""] += line + "\n"
            } else if line.hasPrefix("### `") {
                sections.append(Section(code: String(line.dropFirst(5).dropLast())))
                target = nil
            } else if line.hasSuffix("`:") {
                let words = line.split(separator: " ")
                if words[0] == "Wrong" { target = \.wrong }
                if words[0] == "Right" { target = \.right }
                file = words[1].filter { $0 != "`" && $0 != ":" }
            }
        }
        return sections
    }

    private func codes(_ files: [String: String]) -> [String] {
        diagnostics(files).map(\.code)
    }

    private func diagnostics(_ files: [String: String]) -> [Diagnostic] {
        var sample = Sample("services: {}\n")
        sample.files.merge(files) { _, new in new }
        do { return try sample.load().warnings } catch { return error.diagnostics }
    }

    @Test func examplesShowWhatTheySay() throws {
        let sections = try sections()
        #expect(sections.count > 50)
        for section in sections where !section.wrong.isEmpty {
            #expect(codes(section.wrong) == [section.code])
            #expect(!section.right.isEmpty, "\(section.code)")
            #expect(codes(section.right).isEmpty, "\(section.code)")
        }
    }

    /// What takes a megabyte, or no text at all, to show.
    @Test func onlyTheseHaveNoExample() throws {
        let without = try sections().filter(\.wrong.isEmpty).map(\.code)
        #expect(
            Set(without).isSubset(of: [
                "yaml-too-many-nodes", "yaml-too-large", "yaml-encoding", "yaml-no-memory",
                "yaml-control-character", "other-encoding", "no-compose-file", "model-too-large",
                "too-many-files",
                "too-many-services", "interpolation-too-large", "env-file-too-large",
                // What they are of can't be run yet.
                "invalid-host", "obsolete-external-name",
                // A commit of another repository, and what is no folder, which no file shows.
                "in-submodule", "lfs-pointer", "unreadable-folder",
                // Of `gyre render --swarm`, in Docker's own words, and of stacks for a Swarm.
                "not-for-swarm", "volume-of-a-node",
            ])
        )
    }

    /// Whoever is refused is told what to write: by the place, or by the kind of mistake.
    @Test func everyCodeHasAFix() throws {
        let codes = Set(try sections().map(\.code))
        #expect(codes.subtracting(Remedy.byCode.keys) == [])
        #expect(Remedy.byCode.values.filter(\.isEmpty) == [])
        for section in try sections() where !section.wrong.isEmpty {
            #expect(diagnostics(section.wrong).allSatisfy { $0.fix != nil }, "\(section.code)")
        }
    }

    /// Every code that the sources report has its section, and the page has no other.
    @Test func everyCodeIsDescribed() throws {
        var used: Set<String> = []
        var words: Set<String> = []
        let word = /"([a-z]+(?:-[a-z]+)+)"/
        let pattern =
            #/
            (?:fail|warn|report|stop|finding|code:\s|isUnsupported\s\?\s"not-supported"\s:)
            \(?\s*"([a-z]+(?:-[a-z]+)+)"
            /#
        for module in ["YAMLTree", "ComposeFile"] {
            let folder = Self.root.appending(path: "Sources/\(module)")
            for case let file as URL in FileManager.default.enumerator(
                at: folder,
                includingPropertiesForKeys: nil
            ) ?? .init()
            where file.pathExtension == "swift" {
                let source = try String(contentsOf: file, encoding: .utf8)
                used.formUnion(source.matches(of: pattern).map { String($0.1) })
                words.formUnion(source.matches(of: word).map { String($0.1) })
            }
        }
        let described = Set(try sections().map(\.code))
        #expect(used.subtracting(described) == [])
        #expect(described.subtracting(words) == [])
        #expect(used.count > 40)
    }
}
