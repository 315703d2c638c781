internal import Model
internal import YAMLTree

/// `rancher-compose.yml` beside a compose file: settings of its services, over what it says.
///
/// Source: Rancher 1.6. What Gyre has nothing for is a warning that says what to write instead,
/// see ``RancherTable``; a service that the compose file doesn't have is an error.
struct RancherCompose {
    private let loading: Loading
    private let folder: String

    init(_ loading: Loading, folder: String) {
        self.loading = loading
        self.folder = folder
    }

    /// Applies the file of the folder, if there is one.
    func apply(to stack: inout Stack) {
        guard let file = loading.tree.files(StackFolder.rancherFiles, in: folder).first,
            let document = loading.documents(file).first
        else { return }
        stack.files.append(file)
        let scope = Scope(
            environment: EnvironmentReader(loading)
                .optional(CleanPath.joined(folder, ".env"), [:]),
            environmentFile: CleanPath.joined(folder, ".env")
        )
        let node = Interpolator(loading, scope).expand(document, RancherCompose.kind)
        let value = Value(node, at: FieldPath(), in: loading)
        guard value.isMapping else { return value.failType("a mapping") }
        guard value["services"] != nil || value.members.isEmpty else { return fail(old: value) }
        let checked = value.replaced(
            by: Checker(loading: loading).check(value, RancherCompose.kind)
        )
        for part in checked.members where !part.isUnresolved {
            part.warn(ofRancher: part.name, in: RancherTable.file)
        }
        for settings in checked["services"]?.members ?? [] where !settings.isUnresolved {
            apply(settings, to: &stack)
        }
    }

    /// Version 1 of the format had services at the top.
    private func fail(old file: Value) {
        loading.report(
            "missing-attribute",
            "the file has no services:",
            at: file.members.first?.keyLocation ?? file.location,
            fix: "write services: and what is at the top below it"
        )
    }

    private func apply(_ settings: Value, to stack: inout Stack) {
        guard var service = stack.services[settings.name] else {
            loading.report(
                "undefined-reference",
                "the compose file has no service \"\(settings.name)\"",
                at: settings.keyLocation,
                field: settings.path,
                fix: loading.question(settings.name, among: stack.services.keys)
            )
            return
        }
        for attribute in settings.isMapping ? settings.members : [] where !attribute.isUnresolved {
            apply(attribute, to: &service)
            if attribute.name == "scale" {
                stack.places.record(attribute.location, at: settings.path / "deploy" / "replicas")
                stack.places.record(attribute.location, at: settings.path / "scale")
            }
        }
        stack.services[settings.name] = service
    }

    private func apply(_ attribute: Value, to service: inout Service) {
        switch attribute.name {
        case "scale":
            if let scale = attribute.count { service.replicas = max(1, scale) }
        case "start_on_create":
            if let starts = attribute.bool { service.startOnCreate = starts }
        case "stop_grace_period":
            if let span = attribute.duration { service.stopGracePeriod = span }
        case "init":
            if let starts = attribute.bool { service.initProcess = starts }
        case "milli_cpu_reservation":
            if let count = attribute.count, count < 1_000_000_000 {
                service.resources.reservedNanoCPUs = Int64(count) * 1_000_000
            }
        case "health_check": RancherHealthCheck(attribute).apply(to: &service)
        case "upgrade_strategy":
            for part in attribute.isMapping ? attribute.members : [] {
                let isOurs = part.name == "start_first" && part.node.scalar == .bool(false)
                if !isOurs {
                    part.warn(ofRancher: "upgrade_strategy.\(part.name)", in: RancherTable.service)
                }
            }
        case "drain_timeout_ms" where attribute.node.scalar == .int(0): break
        default: attribute.warn(ofRancher: attribute.name, in: RancherTable.service)
        }
    }
}

extension Value {
    /// Says what to write instead of a word of Rancher's, where Gyre has nothing for it.
    func warn(ofRancher word: String, in rows: [RancherTable.Row]) {
        guard let row = RancherTable.row(of: word, in: rows), let instead = row.instead else {
            return
        }
        loading.warn(
            "rancher-not-honoured",
            "\(path) does nothing here: \(row.meaning)",
            at: keyLocation,
            field: path,
            fix: instead
        )
    }
}

extension RancherCompose {
    /// The shape of the file.
    private static let kind = Kind.record(
        Record(
            "rancher-compose",
            RancherTable.file.map { row in
                Attribute(row.word, row.word == "services" ? services : .loose)
            }
        )
    )

    private static let services = Kind.table(Kind.declaration(service))

    private static let service = Record(
        "a service of rancher-compose",
        RancherTable.service.filter { !$0.word.contains(".") }.map { row in
            Attribute(row.word, kinds[row.word] ?? .loose)
        }
    )

    private static let kinds: [String: Kind] = [
        "scale": .integer, "start_on_create": .flag, "init": .flag,
        "stop_grace_period": .text, "milli_cpu_reservation": .integer,
        "health_check": parts("health_check"), "upgrade_strategy": parts("upgrade_strategy"),
    ]

    /// The attributes that rows name below `word`.
    private static func parts(_ word: String) -> Kind {
        let start = word + "."
        let types: [String: Kind] = [
            "start_first": .flag, "request_line": .text, "strategy": .text,
        ]
        return .record(
            Record(
                word,
                RancherTable.service.filter { $0.word.hasPrefix(start) }.map { row in
                    let name = String(row.word.dropFirst(start.count))
                    return Attribute(
                        name,
                        types[name] ?? (name.hasSuffix("config") ? .loose : .integer)
                    )
                }
            )
        )
    }
}

extension Kind {
    /// A value that nobody looks into, lists of mappings too.
    fileprivate static let loose = Kind(
        scalar: anything.scalar,
        list: ListRule(anything),
        mapping: anything.mapping
    )
}
