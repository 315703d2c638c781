internal import Model
internal import YAMLTree

/// Reads files of variables: `.env`, `--env-file`, and those that services and includes name.
struct EnvironmentReader {
    private let loading: Loading

    init(_ loading: Loading) { self.loading = loading }

    /// The variables of a file that need not be there; `source` is what leads to it.
    func optional(
        _ path: String,
        _ environment: [String: String],
        named source: Value? = nil
    ) -> [String: String] {
        do {
            _ = try loading.tree.read(path)
        } catch .missing, .isDirectory {
            return [:]
        } catch {}
        return variables(of: path, named: source) { environment[$0] }
            .reduce(into: [:]) { $0[$1.name] = $1.value }
    }

    /// The variables of files that must be there, a later one over an earlier.
    func required(
        _ paths: [(path: String, named: Value?)],
        _ environment: [String: String]
    ) -> [String: String] {
        var result: [String: String] = [:]
        for (path, source) in paths {
            let earlier = result
            let variables = variables(of: path, named: source) { environment[$0] ?? earlier[$0] }
            for variable in variables { result[variable.name] = variable.value }
        }
        return result
    }

    /// The variables of one file in the order they are set; none after reporting why.
    func variables(
        of path: String,
        named source: Value?,
        isRaw: Bool = false,
        lookup: @escaping (String) -> String?
    ) -> [EnvironmentFile.Variable] {
        guard let text = text(of: path, named: source) else { return [] }
        return isRaw ? raw(text, path, lookup) : parsed(text, path, lookup)
    }

    private func text(of path: String, named source: Value?) -> String? {
        // What people write for no variables at all, which is a file of no repository.
        guard path != "/dev/null" else { return "" }
        let start = SourceLocation(file: path, line: 1, column: 1)
        let bytes: [UInt8]
        do {
            bytes = try loading.tree.read(path)
        } catch {
            unreadable(path, error, at: source?.location ?? start, field: source?.path)
            return nil
        }
        guard loading.takes(bytes.count, of: path, named: source) else { return nil }
        guard bytes.count <= EnvironmentFile.mostBytes else {
            loading.report(
                "env-file-too-large",
                "the file has more than \(EnvironmentFile.mostBytes) bytes",
                at: start
            )
            return nil
        }
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
            loading.report(
                "other-encoding",
                "the file is in UTF-16, which no file of variables may be",
                at: start
            )
            return nil
        }
        if let nul = bytes.firstIndex(of: 0) {
            let line = 1 + bytes[..<nul].count { $0 == UInt8(ascii: "\n") }
            loading.report(
                "env-file-syntax",
                "the line holds a NUL character, which no variable can",
                at: SourceLocation(file: path, line: line, column: 1),
                fix: "remove it"
            )
            return nil
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            loading.report(
                "env-file-syntax",
                "the file is not valid UTF-8 text",
                at: start,
                fix: "save it as UTF-8"
            )
            return nil
        }
        return text
    }

    /// A file outside of the repository is told from one that is missing: nobody may learn which
    /// files of the machine there are.
    private func unreadable(
        _ path: String,
        _ error: Snapshot.ReadError,
        at location: SourceLocation,
        field: FieldPath?
    ) {
        let isOutside =
            error == .outsideTree || CleanPath.isOfGit(path) || CleanPath.isOfHome(path)
        let code =
            switch error {
            case .tooLarge: "env-file-too-large"
            case .submodule: "in-submodule"
            case .lfsPointer: "lfs-pointer"
            default: isOutside ? "env-file-outside" : "env-file-missing"
            }
        loading.report(
            code,
            isOutside
                ? "\(path) leads out of the repository" : "\(path) can't be read: \(error.reason)",
            at: location,
            field: field,
            fix: isOutside ? "commit the file itself, in the repository" : nil
        )
    }

    private func parsed(
        _ text: String,
        _ path: String,
        _ lookup: @escaping (String) -> String?
    ) -> [EnvironmentFile.Variable] {
        var parser = EnvironmentParser(text, file: path, lookup: lookup)
        var result: [EnvironmentFile.Variable] = []
        do {
            result = try parser.parse(budget: &loading.budget)
        } catch {
            error.diagnostics.forEach { loading.findings.add($0) }
        }
        for (name, location) in parser.unset {
            loading.warn(
                "unset-variable",
                "the variable \(name) is not set; it becomes empty text",
                at: location,
                fix: "set it before this line"
            )
        }
        return result
    }

    private func raw(
        _ text: String,
        _ path: String,
        _ lookup: (String) -> String?
    ) -> [EnvironmentFile.Variable] {
        do {
            return try EnvironmentFile(raw: text, file: path, lookup: lookup).variables
        } catch {
            error.diagnostics.forEach { loading.findings.add($0) }
            return []
        }
    }
}
