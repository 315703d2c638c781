internal import Model
internal import YAMLTree

/// Refuses what a file writes and the renderer doesn't know.
struct DeploymentCheck {
    private let loading: Loading
    private let isForSwarm: Bool

    init(_ loading: Loading, isForSwarm: Bool = false) {
        self.loading = loading
        self.isForSwarm = isForSwarm
    }

    /// Reports every value of `model` that ``Rendered`` doesn't name.
    func check(_ model: Node) {
        for part in Value(model, at: FieldPath(), in: loading).members {
            guard let attribute = Record.file[part.name], part.name != "name" else { continue }
            check(part, attribute.kind, part.name)
        }
    }

    private func check(_ value: Value, _ kind: Kind, _ pattern: String) {
        guard !value.isUnresolved, !value.isNull else { return }
        if pattern == "services.*.pull_policy", value.node.string == "build" {
            return refuse(value, "services.*.build")
        }
        let isolation = pattern == "services.*.isolation" ? value.node.string ?? "" : ""
        if !["", "default"].contains(isolation) {
            return refuse(value, pattern)
        }
        if isForSwarm {
            if SwarmRendered.paths.contains(pattern) { return }
            if let fix = SwarmRendered.refused[pattern] { return refuse(value, forSwarm: fix) }
        }
        let isDeeper = isForSwarm && SwarmRendered.isPart(pattern)
        if Rendered.idle.contains(pattern), !isDeeper {
            return remark(value, Rendered.reasons[pattern])
        }
        guard isDeeper || !Rendered.isWhole(pattern) else { return }
        guard isDeeper || Rendered.isPart(pattern) else {
            // An empty mapping asks for nothing and stands in what `compose config` prints.
            if value.isMapping || value.isList, value.node.isEmpty, !value.isBuild { return }
            return refuse(value, pattern)
        }
        for element in value.listed {
            if let kind = kind.element { check(element, kind, pattern + ".*") }
        }
        for member in value.isMapping ? value.members : [] {
            guard let inner = kind.member(member.name) else { continue }
            if case .named = kind.mapping {
                check(member, inner, pattern + ".*")
            } else {
                check(member, inner, "\(pattern).\(member.name)")
            }
        }
    }

    /// What is written changes nothing, so whoever wrote it should know.
    private func remark(_ value: Value, _ reason: String?) {
        let isBare = (value.isMapping || value.isList) && value.node.isEmpty
        guard !isBare, !value.node.marks.contains(.filled) else { return }
        loading.warn(
            "no-effect",
            "\(value.path) \(reason ?? "changes nothing without Swarm")",
            at: value.keyLocation,
            field: value.path,
            fix: "remove it"
        )
    }

    private func refuse(_ value: Value, forSwarm fix: String) {
        let isIdle = value.isMapping || value.isList ? value.node.isEmpty : value.node.string == ""
        guard !loading.findings.isFull, !isIdle, value.node.scalar != .bool(false),
            !value.node.marks.contains(.filled)
        else { return }
        loading.report(
            "not-for-swarm",
            "\(value.path) is nothing that a Swarm can do",
            at: value.keyLocation,
            field: value.path,
            fix: fix
        )
    }

    private func refuse(_ value: Value, _ pattern: String) {
        guard !loading.findings.isFull, value.node.scalar != .bool(false) else { return }
        loading.report(
            "not-supported",
            "\(value.path) is not handled yet",
            at: value.keyLocation,
            field: value.path,
            fix: Rendered.fixes[pattern] ?? Rendered.remove
        )
    }
}

extension Value {
    /// Whether an empty one asks for something all the same.
    fileprivate var isBuild: Bool { name == "build" }
}
