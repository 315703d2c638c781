internal import Model
internal import YAMLTree

/// Chooses the services that profiles and names ask for, and what these use.
///
/// Source: compose-go's `WithProfiles`, `WithSelectedServices` and
/// `WithoutUnnecessaryResources`.
struct Selection {
    private let loading: Loading

    init(_ loading: Loading) { self.loading = loading }

    /// The model without the services that no active profile takes in, and their names.
    func enabled(
        _ model: Node,
        _ profiles: Set<String>,
        naming services: [String]
    )
        -> (model: Node, disabled: Set<String>)
    {
        guard !profiles.contains("*") else { return (model, []) }
        var model = model
        var disabled: Set<String> = []
        for part in ["services", "jobs"] {
            let names = disable(part, of: &model, profiles, naming: services)
            if part == "services" { disabled = names }
        }
        return (model, disabled)
    }

    private func disable(
        _ part: String,
        of model: inout Node,
        _ profiles: Set<String>,
        naming services: [String]
    ) -> Set<String> {
        guard let table = model[part], let entries = table.entries else { return [] }
        let kept = entries.filter { entry in
            let own = entry.value["profiles"]?.elements?.compactMap(\.string) ?? []
            return own.isEmpty || !profiles.isDisjoint(with: own) || services.contains(entry.key)
        }
        var copy = table
        copy.content = .mapping(kept)
        model = model.setting(part, to: copy)
        return Set(entries.map(\.key)).subtracting(kept.map(\.key))
    }

    /// The model with `services` and what they depend on alone.
    func selected(_ model: Node, _ services: [String]) -> Node {
        guard !services.isEmpty, let table = model["services"], let entries = table.entries else {
            return model
        }
        let byName = Dictionary(entries.map { ($0.key, $0.value) }) { first, _ in first }
        var wanted: Set<String> = []
        var pending = services
        var required = Set(services)
        while let name = pending.popLast() {
            guard let service = byName[name] else {
                if required.contains(name) { report(missing: name, among: byName.keys) }
                continue
            }
            guard wanted.insert(name).inserted else { continue }
            let needed = service["depends_on"]?.entries ?? []
            pending += needed.map(\.key)
            required.formUnion(needed.filter(\.isRequired).map(\.key))
        }
        var copy = table
        copy.content = .mapping(entries.filter { wanted.contains($0.key) })
        return model.setting("services", to: copy)
    }

    /// Reports what services need and no file declares, for who walks from one to the other.
    func checkDependencies(_ model: Node) {
        let services = model["services"]?.entries ?? []
        let names = Set(services.map(\.key))
        let needed = services.flatMap { $0.value["depends_on"]?.entries ?? [] }
        for entry in needed where entry.isRequired && !names.contains(entry.key) {
            report(missing: entry.key, among: names)
        }
    }

    private func report(missing name: String, among names: some Sequence<String>) {
        loading.report(
            "undefined-reference",
            "the files declare no service \"\(name)\"",
            at: nil,
            fix: Suggestion.question(name, among: names)
        )
    }

    /// The model without networks, volumes and so on that no service uses; what jobs use is no use,
    /// nor is what containers before a service use.
    func used(_ model: Node) -> Node {
        let services = model["services"]?.entries?.map(\.value) ?? []
        let mounts = services.flatMap { $0["volumes"]?.elements ?? [] }
        let builds = services.compactMap { $0["build"] }
        let used: [String: Set<String>] = [
            "networks": Set(services.flatMap { $0["networks"]?.entries?.map(\.key) ?? [] }),
            "volumes": Set(
                mounts.filter { $0["type"]?.string == "volume" }.compactMap { $0["source"]?.string }
            ),
            "secrets": Set(
                (services + builds).flatMap { $0["secrets"]?.elements ?? [] }
                    .compactMap { $0["source"]?.string }
            ),
            "configs": Set(
                services.flatMap { $0["configs"]?.elements ?? [] }
                    .compactMap { $0["source"]?.string }
            ),
            "models": Set(services.flatMap { $0["models"]?.entries?.map(\.key) ?? [] }),
        ]
        var model = model
        for (part, names) in used {
            guard let table = model[part], let entries = table.entries else { continue }
            let kept = entries.filter { names.contains($0.key) }
            var copy = table
            copy.content = .mapping(kept)
            model = model.setting(part, to: kept.isEmpty ? nil : copy)
        }
        return model
    }
}

extension Node.Entry {
    /// Whether the service that `depends_on` names has to be there.
    fileprivate var isRequired: Bool { value["required"]?.scalar != .bool(false) }
}
