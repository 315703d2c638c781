package import Model

extension Settings {
    /// The JSON Schema of `gyre.yaml`, for editors that complete and check it.
    package static var jsonSchema: JSON {
        Shape.file.jsonSchema(title: "gyre.yaml")
    }

    /// The reference of all keys as rows of a Markdown table.
    package static var reference: String { Shape.file.reference }
}

extension Shape {
    /// The JSON Schema of a whole file.
    func jsonSchema(title: String) -> JSON {
        guard case .object(var members) = schema else { return .null }
        members["$schema"] = "https://json-schema.org/draft/2020-12/schema"
        members["title"] = .string(title)
        members["patternProperties"] = .object(["^x-": .object([:])])
        return .object(members)
    }

    /// All keys of a whole file as rows of a Markdown table.
    var reference: String {
        let head = ["| key | type | default | meaning |", "|---|---|---|---|"]
        return (head + rows(below: "")).joined(separator: "\n") + "\n"
    }

    fileprivate var schema: JSON {
        switch self {
        case .value(let format): format.schema
        case .list(let element): .object(["type": "array", "items": element.schema])
        case .valueOrList(let format):
            .object(["anyOf": [format.schema, Shape.list(.value(format)).schema]])
        case .named(let value):
            .object([
                "type": "object", "additionalProperties": value.schema,
                "propertyNames": Format.name.schema,
            ])
        case .mapping(let keys):
            .object([
                "type": "object", "additionalProperties": false,
                "required": .array(keys.filter(\.isRequired).map { .string($0.name) }),
                "properties": .object(
                    Dictionary(uniqueKeysWithValues: keys.map { ($0.name, $0.schema) })
                ),
            ])
        }
    }

    fileprivate func rows(below parent: String) -> [String] {
        switch self {
        case .value, .valueOrList: []
        case .list(let element): element.rows(below: "\(parent)[].")
        case .named(let value): value.rows(below: "\(parent).<name>.")
        case .mapping(let keys):
            keys.flatMap { key in
                let separator = parent.isEmpty || parent.hasSuffix(".") ? "" : "."
                let path = parent + separator + key.name
                return ["| `\(path)` | \(key.shape.title) | \(key.fallback) | \(key.help) |"]
                    + key.shape.rows(below: path)
            }
        }
    }
}

extension Shape.Key {
    /// What the reference says of a key that is left out; code where it can be written.
    fileprivate var fallback: String {
        if isRequired { return "required" }
        return standard.isEmpty ? otherwise : "`\(standard)`"
    }

    fileprivate var schema: JSON {
        guard case .object(var members) = shape.schema else { return .null }
        members["description"] = .string(
            standard.isEmpty ? help : "\(help) Default: \(standard)."
        )
        return .object(members)
    }
}

extension Format {
    fileprivate var schema: JSON {
        switch self {
        case .name: pattern("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")
        case .composeName: pattern("^[a-z0-9][a-z0-9_-]{0,62}$")
        case .absolutePath: pattern("^/")
        case .engine: pattern("^(unix:///|tcp://|ssh://)")
        case .duration: pattern("^([0-9]+(ms|s|m|h))+$")
        case .durationOrNever: pattern("^(never|([0-9]+(ms|s|m|h))+)$")
        case .size:
            .object([
                "type": ["string", "integer"],
                "pattern": "^[0-9]+([kKmMgGtT][iI]?)?[bB]?$", "minimum": 1,
            ])
        case .boolean: .object(["type": "boolean"])
        case .choice(let choices): .object(["enum": .array(choices.map(JSON.string))])
        case .count(let range):
            .object([
                "type": "integer", "minimum": .int(Int64(range.lowerBound)),
                "maximum": .int(Int64(range.upperBound)),
            ])
        case .numbers(let range):
            .object([
                "type": ["integer", "string"], "pattern": "^[0-9]+(-[0-9]+)?$",
                "minimum": .int(Int64(range.lowerBound)),
                "maximum": .int(Int64(range.upperBound)),
            ])
        case .proxy: pattern("^(https?|socks5h)://[^@/]+$")
        case .author: pattern("^[^<>]+ <[^<> ]+>$")
        case .agent: pattern("^(https?://[^@/]+/?|unix:///.+)$")
        case .pages: pattern("^https?://[!-~]+/$")
        case .agentRule: pattern("^[A-Za-z0-9_]+(/[A-Za-z0-9_]+)*$")
        case .variable: pattern("^[A-Za-z_][A-Za-z0-9_]*$")
        case .registryHost: pattern("^[^/]+$")
        case .ruleID: pattern("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")
        case .nodeLabel: pattern("^[A-Za-z0-9][A-Za-z0-9_./-]*=.+$")
        case .labelPrefix: pattern("^[A-Za-z0-9][A-Za-z0-9_./-]*$")
        case .prefix, .sysctl: pattern("^[A-Za-z0-9][A-Za-z0-9_.-]*$")
        case .date: pattern("^[0-9]{4}-[0-9]{2}-[0-9]{2}$")
        case .subnet: pattern("^[0-9A-Fa-f:.]+/[0-9]+$")
        case .words, .path, .url, .branch, .folder, .fileBeside, .registry, .capability, .versions,
            .folders,
            .host,
            .user:
            .object(["type": "string", "minLength": 1])
        }
    }

    private func pattern(_ pattern: JSON) -> JSON {
        .object(["type": "string", "pattern": pattern])
    }
}
