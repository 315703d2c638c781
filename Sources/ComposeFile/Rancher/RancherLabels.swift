internal import Model
internal import YAMLTree

/// Labels of services by which Rancher, and the scheduler of tasks beside it, were told things.
///
/// They stay on the containers as any label; ``RancherTable`` has what each means here.
struct RancherLabels {
    private let services: [Value]

    init(_ model: Value) { services = model["services"]?.members ?? [] }

    /// What a service says of itself alone; before `rancher-compose.yml` is read.
    func applyOwn(to stack: inout Stack) {
        for service in services {
            for label in labels(of: service) {
                label.warn(ofRancher: label.name, in: RancherTable.labels)
                if label.name == RancherLabels.startOnce, label.node.text == "true" {
                    stack.services[service.name]?.restart = .no
                }
                if let sign = RancherLabels.hostLabels[label.name] {
                    constrain(service.name, by: label, sign, in: &stack)
                }
            }
        }
    }

    /// What a host must or must not bear, `tier=web, disk=ssd`, in the words of
    /// `deploy.placement.constraints`.
    private func constrain(
        _ service: String,
        by label: Value,
        _ sign: String,
        in stack: inout Stack
    ) {
        let list = FieldPath("services", service, "deploy") / "placement" / "constraints"
        for pair in (label.node.text ?? "").split(separator: ",") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                .map { $0.filter { !$0.isWhitespace } }
            guard parts.count == 2, !parts.contains("") else {
                label.fail("invalid-value", "must be labels of a host, such as tier=web")
                continue
            }
            let count = stack.services[service]?.placement.count ?? 0
            stack.places.record(label.location, at: list[count])
            stack.services[service]?.placement.append("node.labels.\(parts[0]) \(sign) \(parts[1])")
        }
    }

    /// How many containers there are; after `rancher-compose.yml` has said how many it wants.
    func applyNumbers(to stack: inout Stack) {
        if stack.isForSwarm { refuseNumbers(in: stack) }
        for service in services where !stack.isForSwarm {
            for label in labels(of: service)
            where label.name == RancherLabels.global && label.node.text == "true" {
                stack.services[service.name]?.replicas = 1
            }
        }
        var owners: [String: String] = [:]
        for service in services where !stack.isForSwarm {
            for label in labels(of: service) where label.name == RancherLabels.sidekicks {
                apply(sidekicks: label, of: service.name, &owners, to: &stack)
            }
        }
    }

    /// As many of each sidekick as of its service.
    private func apply(
        sidekicks label: Value,
        of service: String,
        _ owners: inout [String: String],
        to stack: inout Stack
    ) {
        let count = stack.services[service]?.replicas ?? 1
        let names = (label.node.text ?? "").split { $0 == "," || $0 == " " }.map(String.init)
        for name in names {
            guard stack.services[name] != nil, name != service else {
                label.fail(
                    "undefined-reference",
                    "names a sidekick that is no other service of the file",
                    not: name,
                    fix: label.isExpanded
                        ? nil : label.loading.question(name, among: stack.services.keys)
                )
                continue
            }
            if let owner = owners.updateValue(service, forKey: name), owner != service {
                label.fail(
                    "conflicting-values",
                    "takes a sidekick that \(owner) has already",
                    fix: "name it in one of them"
                )
            }
            stack.services[name]?.replicas = count
        }
    }

    /// What counts containers by nodes means something else where there are several.
    private func refuseNumbers(in stack: Stack) {
        for service in services {
            let isOnEachNode = stack.services[service.name]?.deployment?.isOnEachNode ?? false
            for label in labels(of: service) {
                let text = label.node.text ?? ""
                if label.name == RancherLabels.global, text == "true", !isOnEachNode {
                    label.fail(
                        "not-for-swarm",
                        "asks for one container on each node, which a Swarm is told by deploy.mode",
                        fix: "write deploy: {mode: global}"
                    )
                } else if label.name == RancherLabels.sidekicks, !text.isEmpty {
                    label.fail(
                        "not-for-swarm",
                        "asks for services on the same node, for which a Swarm has no word",
                        fix: "remove it, and name one node for all of them in "
                            + "deploy.placement.constraints"
                    )
                }
            }
        }
    }

    private func labels(of service: Value) -> [Value] {
        guard service.isMapping, let labels = service["labels"], labels.isMapping else { return [] }
        return labels.members.filter {
            $0.name.hasPrefix("io.rancher.") || $0.name.hasPrefix("cron.")
        }
    }

    private static let hostLabels = [
        "io.rancher.scheduler.affinity:host_label": "==",
        "io.rancher.scheduler.affinity:host_label_ne": "!=",
    ]
    private static let startOnce = "io.rancher.container.start_once"
    private static let global = "io.rancher.scheduler.global"
    private static let sidekicks = "io.rancher.sidekicks"
}
