internal import Model

/// `rancher-compose.yml` beside a compose file: how many containers of a service, and whether
/// they start at once.
///
/// Source: Rancher 1.6, where it overrides the compose file and a scale of 0 is read as 1.
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
        let checked = Checker(loading: loading).check(value, RancherCompose.kind)
        for settings in value.replaced(by: checked)["services"]?.members ?? [] {
            apply(settings, to: &stack)
        }
    }

    private func apply(_ settings: Value, to stack: inout Stack) {
        guard stack.services[settings.name] != nil else {
            loading.report(
                "undefined-reference",
                "the compose file has no service \"\(settings.name)\"",
                at: settings.keyLocation,
                field: settings.path,
                fix: Suggestion.question(settings.name, among: stack.services.keys)
            )
            return
        }
        for attribute in settings.isMapping ? settings.members : [] {
            switch attribute.name {
            case "scale":
                guard let scale = attribute.count else { continue }
                stack.services[settings.name]?.replicas = max(1, scale)
                stack.places.record(attribute.location, at: settings.path / "deploy" / "replicas")
                stack.places.record(attribute.location, at: settings.path / "scale")
            case "start_on_create":
                guard let starts = attribute.bool else { continue }
                stack.services[settings.name]?.startOnCreate = starts
            default:
                guard let fix = RancherCompose.fixes[attribute.name] else { continue }
                loading.report(
                    "not-supported",
                    "\(attribute.path) is not handled yet",
                    at: attribute.keyLocation,
                    field: attribute.path,
                    fix: fix
                )
            }
        }
    }

    private static let kind = Kind.record(
        Record(
            "rancher-compose",
            [
                Attribute("version", Kind(scalar: ScalarRule(types: [.string, .number]))),
                Attribute("services", .table(Kind.declaration(service))),
            ]
        )
    )

    private static let service = Record(
        "a service of rancher-compose",
        [Attribute("scale", .integer), Attribute("start_on_create", .flag)]
            + fixes.keys.sorted().map { Attribute($0, .anything) }
    )

    /// What Rancher knew and Gyre doesn't, to what to do instead.
    private static let fixes: [String: String] = [
        "health_check": "write healthcheck: in the compose file",
        "lb_config": "publish the service through the ingress",
        "load_balancer_config": "publish the service through the ingress",
        "upgrade_strategy": "remove it", "retain_ip": "remove it; reach services by name",
        "drain_timeout_ms": "write stop_grace_period: in the compose file",
        "scale_policy": "write scale:", "metadata": "write labels: in the compose file",
        "milli_cpu_reservation": "write deploy.resources.reservations.cpus in the compose file",
        "external_ips": "remove it", "hostname": "write hostname: in the compose file",
        "storage_driver": "remove it", "network_driver": "remove it", "type": "remove it",
        "secrets": "hold the values in env_file", "description": "write a comment",
        "stop_grace_period": "write it in the compose file",
        "init": "write it in the compose file",
        "sysctls": "remove it", "service_schemas": "remove it",
    ]
}
