internal import Model

/// What Gyre does with every attribute of the specification, for its page.
package enum SupportTable {
    /// One attribute.
    package struct Row: Hashable, Sendable {
        /// Its path; `*` is any name or any element.
        package var path: String
        /// Whether a stack that has it can be run.
        package var isRun: Bool
        /// What to write instead, where it can't.
        package var fix: String?
    }

    /// Every attribute down to the second level below a service, in the order of their paths.
    package static var rows: [Row] {
        var rows: [Row] = []
        for part in Record.file.attributes {
            switch part.name {
            case "name", "version", "include", "services":
                rows.append(Row(path: part.name, isRun: true))
            default: rows.append(row(part.name))
            }
            guard case .named(let kind, _) = part.kind.mapping, part.name != "jobs",
                case .record(let record) = kind.mapping
            else { continue }
            rows += SupportTable.rows(of: record, below: "\(part.name).*", levels: 3)
        }
        return rows
    }

    /// The table in Markdown.
    package static var markdown: String {
        let lines = rows.map { row in
            "| `\(row.path)` | \(row.isRun ? "yes" : "no") | \(row.fix ?? "") |"
        }
        return (["| attribute | run | instead |", "|---|---|---|"] + lines).joined(separator: "\n")
    }

    private static func rows(of record: Record, below path: String, levels: Int) -> [Row] {
        record.attributes.sorted { $0.name < $1.name }.flatMap { attribute -> [Row] in
            let path = "\(path).\(attribute.name)"
            let own = row(path)
            guard levels > 0, !Rendered.isWhole(path), own.isRun else { return [own] }
            let inner = attribute.kind.element ?? attribute.kind
            let suffix = attribute.kind.element == nil ? "" : ".*"
            switch inner.mapping {
            case .record(let record):
                return rows(of: record, below: path + suffix, levels: levels - 1)
            case .named(let kind, _):
                guard case .record(let record) = kind.mapping else { return [own] }
                return rows(of: record, below: path + suffix + ".*", levels: levels - 1)
            case nil: return [own]
            }
        }
    }

    private static func row(_ path: String) -> Row {
        let isConsumed = path.hasPrefix("services.*.extends")
        let isRun = isConsumed || Rendered.isWhole(path) || Rendered.isPart(path)
        return Row(
            path: path,
            isRun: isRun,
            fix: isRun ? nil : Rendered.fixes[path] ?? Rendered.remove
        )
    }
}
