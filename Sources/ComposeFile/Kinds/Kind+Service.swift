internal import Model
internal import YAMLTree

/// The kinds of attributes that no other has.
extension Kind {
    static let containerName = text("start with a letter or digit and have two characters") {
        let characters = Array($0.utf8)
        return zip(characters, characters.dropFirst()).contains { first, second in
            first.isLetterOrDigit && (second.isLetterOrDigit || "_.-".utf8.contains(second))
        }
    }

    static let pullPolicy = text(
        "be always, never, build, missing, refresh, daily, weekly or every_<duration>"
    ) { PullPolicy.isValid($0) }

    /// `command` and `entrypoint`.
    static let command = Kind(
        scalar: ScalarRule(types: [.string, .null]),
        list: ListRule(text),
        merging: .replace,
        settled: { value in
            guard !value.isList, !value.isNull else { return value.node }
            guard let words = value.command else { return value.node }
            return value.list(words.map { .text($0) })
        }
    )

    static let healthTest = Kind(
        scalar: text.scalar,
        list: ListRule(text),
        merging: .replace,
        settled: { value in
            guard let text = value.node.text else { return value.node }
            return value.list([.text("CMD-SHELL"), .text(text)])
        }
    )

    static let extends = Kind(
        scalar: text.scalar,
        mapping: .record(.extended),
        long: { $0.isMapping ? $0.node : $0.asMember("service") }
    )

    static let build = Kind(
        scalar: text.scalar,
        mapping: .record(.build),
        merging: .mapping(of: "context"),
        long: { $0.isMapping ? $0.node : $0.asMember("context") }
    )

    static let deploy = Kind(
        scalar: ScalarRule(types: .null),
        mapping: .record(.deploy)
    )

    static let develop = Kind(
        scalar: ScalarRule(types: .null),
        mapping: .record(Record("develop", [Attribute("watch", .records(.watch))]))
    )

    static let dependencies = Kind(
        list: ListRule(text, isSet: true),
        mapping: .named(record(.dependency), .plain),
        merging: .names(["condition": "service_started", "required": true]),
        long: { value in
            guard !value.isList else {
                return value.named { place in
                    place.mapping([
                        ("condition", .text("service_started")), ("required", .boolean(true)),
                    ])
                }
            }
            return value.eachMember { member in
                guard member.isMapping, member.node["required"] == nil else { return member.node }
                return member.adding("required", .boolean(true))
            }
        }
    )

    /// `networks` of a service.
    static let attachments = Kind(
        list: texts().list,
        mapping: .named(declaration(.attachment), .plain),
        merging: .names(.null),
        long: { $0.isList ? $0.named { $0.node(.null) } : $0.node }
    )

    /// `models` of a service.
    static let modelReferences = Kind(
        list: texts().list,
        mapping: .named(declaration(.modelReference), .any),
        merging: .names(.null),
        long: { $0.isList ? $0.named { $0.node(.null) } : $0.node }
    )

    static let groups = Kind(
        list: ListRule(
            Kind(
                scalar: ScalarRule(types: [.string, .number]),
                settled: { value in
                    guard case .double = value.node.scalar else {
                        return value.text.map { value.node(.text($0)) }
                    }
                    value.failType("a string or a whole number")
                    return value.unresolved
                }
            ),
            isSet: true
        )
    )

    static let ulimits = Kind(
        mapping: .named(
            Kind(
                scalar: ScalarRule(types: [.integer, .string], cast: .integer),
                mapping: .record(.ulimit),
                merging: .members,
                settled: { value in
                    if case .double = value.node.scalar { value.failType("a whole number") }
                    guard case .int(0) = value.node.scalar else { return value.node }
                    let zero = value.node(.integer(0))
                    return value.mapping([("soft", zero), ("hard", zero)])
                }
            ),
            .any
        )
    )

    /// `extra_hosts`: `host=address` or `host:address`, or a mapping of hosts to addresses.
    static let hosts = Kind(
        list: texts().list,
        mapping: .named(Kind(scalar: text.scalar, list: ListRule(text)), .some),
        merging: .hosts,
        settled: { $0.settledHosts }
    )

    static let gpus = Kind(
        scalar: ScalarRule(types: .string, words: ["all"]),
        list: ListRule(record(.gpu)),
        long: { value in
            guard !value.isList else { return value.node }
            return value.list([value.mapping([("count", .text("all"))])])
        }
    )

    static let deviceRequests = Kind(list: ListRule(record(.deviceRequest)))

    /// How many devices; `all` in any case is -1.
    static let deviceCount = Kind(
        scalar: ScalarRule(types: [.string, .integer]),
        settled: { value in
            if value.node.text?.lowercased() == "all" { return value.node(.integer(-1)) }
            return value.integer.map { value.node(.integer($0)) } ?? value.node
        }
    )

    static let providerOptions = Kind(
        mapping: .named(
            Kind(
                scalar: ScalarRule(types: [.string, .number, .boolean]),
                list: ListRule(Kind(scalar: ScalarRule(types: [.string, .number, .boolean]))),
                settled: { value in
                    let values = value.isList ? value.elements ?? [] : [value]
                    return value.list(values.map { .text($0.text ?? "") })
                }
            ),
            .any
        )
    )

    /// A truth value that is printed as text.
    static let flagText = Kind(
        scalar: ScalarRule(types: [.string, .boolean]),
        settled: { value in value.text.map { value.node(.text($0)) } }
    )

    /// A truth value that is printed only when it is false.
    static let unlessTrue = Kind(
        scalar: ScalarRule(types: [.boolean, .string], cast: .boolean),
        settled: { $0.isNull || $0.bool == true ? nil : $0.node }
    )

    /// A truth value that may be text before interpolation alone.
    static let strictCastFlag = Kind(scalar: ScalarRule(types: .boolean, cast: .boolean))

    /// `build.ssh`: a list of `default` or `id=path`, printed as `id: path`.
    static let agents = Kind(
        list: ListRule(text, isSet: true, identity: .name),
        mapping: .named(Kind(scalar: ScalarRule(types: [.string, .null]), path: .file), .any),
        merging: .sequence,
        long: { $0.isList ? $0.longAgents : $0.node },
        settled: { value in
            guard value.isMapping else { return value.node }
            let keys = value.members.map { $0.isNull ? $0.name : "\($0.name): \($0.text ?? "")" }
            return value.list(keys.map { .text($0) })
        }
    )

    /// `build.additional_contexts`.
    static let contexts = Kind(
        list: pairs().list,
        mapping: pairs(path: .context).mapping,
        merging: .sequence,
        long: { value in
            guard value.isList else { return value.node }
            for element in value.listed where !value.loading.keepsShortForms {
                guard let text = element.node.string, !text.contains("=") else { continue }
                element.fail("invalid-value", "must be name=context", not: text)
            }
            return value.settledPairs(absent: nil) ?? value.node
        },
        settled: { $0.settledPairs(absent: nil) }
    )
}

extension UInt8 {
    fileprivate var isLetterOrDigit: Bool {
        switch self {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: false
        }
    }
}

/// `pull_policy`.
private enum PullPolicy {
    private static let words: Set = [
        "always", "never", "build", "if_not_present", "missing", "refresh", "daily", "weekly",
    ]

    /// Source: `^(…|every_([0-9]+[wdhms])+)$`.
    static func isValid(_ text: String) -> Bool {
        guard text.hasPrefix("every_") else { return words.contains(text) }
        var hasDigit = false
        var hasPart = false
        for character in text.dropFirst("every_".count).utf8 {
            if (0x30...0x39).contains(character) {
                hasDigit = true
                hasPart = false
            } else {
                guard hasDigit, "wdhms".utf8.contains(character) else { return false }
                hasDigit = false
                hasPart = true
            }
        }
        return hasPart
    }
}
