internal import ComposeFile
internal import Model

/// What must hold of the loader, whatever the files are.
package enum LoaderProperties {
    /// What doesn't hold of `input`; nil when all does.
    package static func violation(of input: LoaderInput) -> String? {
        let first = stack(of: input)
        guard first == stack(of: input) else { return "a second reading gives another answer" }
        if case .failure(let rejection) = first {
            for finding in rejection.diagnostics {
                if let problem = problem(with: finding, in: input) { return problem }
            }
        }
        return roundTrip(of: input)
    }

    private static func stack(of input: LoaderInput) -> Result<Stack, Rejection> {
        let entries = input.files.map { ("app/\($0)", Snapshot.Entry.file($1)) }
        let snapshot = Snapshot(
            commit: Commit(id: "0", author: "", seconds: 0, message: ""),
            entries: Dictionary(uniqueKeysWithValues: entries)
        )
        return Result { () throws(Rejection) in
            try Stack(reading: snapshot, at: "app", id: try id())
        }
    }

    private static func id() throws(Rejection) -> StackID {
        do {
            return try StackID(parsing: "app")
        } catch {
            throw Rejection(Diagnostic(code: "no-id", "\(error)"))
        }
    }

    /// A finding must point into a file that there is.
    private static func problem(with finding: Diagnostic, in input: LoaderInput) -> String? {
        guard let place = finding.location else {
            let areAlone: Set = ["no-compose-file", "project-name", "no-id"]
            return areAlone.contains(finding.code) ? nil : "has no place: \(finding)"
        }
        guard let bytes = input.files[String(place.file.drop { $0 != "/" }.dropFirst())] else {
            // Who names a file that isn't there is told so at its start.
            let isStart = place.line == 1 && place.column == 1
            return isStart ? nil : "points into no file: \(finding)"
        }
        let text = utf16(bytes) ?? String(decoding: bytes, as: UTF8.self)
        let lines = text.unicodeScalars.split(omittingEmptySubsequences: false) { scalar in
            scalar == "\n" || (0x0A...0x0D).contains(scalar.value)
                || [0x85, 0x2028, 0x2029].contains(scalar.value)
        }
        // What ends a line of YAML is a blank of an environment file, but for the line feed.
        let widths = text.unicodeScalars.split(separator: "\n").map(\.count)
        let columns = widths.max() ?? 0
        guard place.line <= lines.count + 1, place.column <= columns + 2 else {
            return "points past the end: \(finding)"
        }
        return nil
    }

    /// A text that is UTF-16 and says so by its mark, in whose characters places are counted.
    private static func utf16(_ bytes: [UInt8]) -> String? {
        let isBig = bytes.starts(with: [0xFE, 0xFF])
        guard isBig || bytes.starts(with: [0xFF, 0xFE]), bytes.count.isMultiple(of: 2)
        else { return nil }
        let units = stride(from: 2, to: bytes.count, by: 2).map { index in
            let pair = (UInt16(bytes[index]), UInt16(bytes[index + 1]))
            return isBig ? pair.0 << 8 | pair.1 : pair.1 << 8 | pair.0
        }
        return String(validating: units, as: UTF16.self)
    }

    /// What loads is printed as YAML that loads to the same.
    ///
    /// But for what Docker Compose prints and can't read again, and Gyre with it: jobs have a
    /// `name:` that it refuses, volumes that jobs alone mount are left out, and so is an empty
    /// name, in whose place a reader puts one of its own; a dollar of a key is doubled, which no
    /// reader undoes; a list may hold an empty key (`- =0`), which a mapping may not; and a text
    /// that begins with an empty line and then a blank is printed without the number that says how
    /// far its lines are indented.
    private static func roundTrip(of input: LoaderInput) -> String? {
        guard let project = project(of: input) else { return nil }
        let text = project.configYAML
        let config = project.configAsYAML
        guard !text.contains("\njobs:\n"), !hasEmptyName(config), !isUnreadable(config)
        else { return nil }
        let alone = LoaderInput([]).replacing("compose.yaml", with: text)
        let again: ComposeProject
        do {
            again = try ComposeProject(MemoryTree.request, in: MemoryTree(files: alone.files))
        } catch {
            return "what is printed is refused: \(error)\n\(text)"
        }
        guard again.configYAML == text else {
            return "what is printed loads to something else:\n\(text)\n--\n\(again.configYAML)"
        }
        return nil
    }

    /// Whether something that has a name on the engine has an empty one.
    private static func hasEmptyName(_ config: JSON) -> Bool {
        ["networks", "volumes", "secrets", "configs"].contains { kind in
            guard case .object(let parts)? = config[kind] else { return false }
            return parts.values.contains { $0["name"] == nil }
        }
    }

    private static func isUnreadable(_ value: JSON) -> Bool {
        switch value {
        case .string(let text):
            text.hasPrefix("\n") && text.first { $0 != "\n" }?.isWhitespace == true
        case .object(let members):
            members.contains {
                $0.key.isEmpty || $0.key.contains("$") || isUnreadable($0.value)
            }
        case .array(let elements): elements.contains(where: isUnreadable)
        default: false
        }
    }

    private static func project(of input: LoaderInput) -> ComposeProject? {
        try? ComposeProject(MemoryTree.request, in: MemoryTree(files: input.files))
    }
}

/// The files of an input as the folder `/app` of a disk.
private struct MemoryTree: FileTree {
    let files: [String: [UInt8]]

    static var request: ComposeRequest { ComposeRequest(directory: "/app") }

    func read(_ path: String) throws(Snapshot.ReadError) -> [UInt8] {
        guard let bytes = bytes(path) else { throw .missing }
        return bytes
    }

    func hasFile(_ path: String) -> Bool { bytes(path) != nil }

    private func bytes(_ path: String) -> [UInt8]? {
        path.hasPrefix("/app/") ? files[String(path.dropFirst(5))] : nil
    }
}
