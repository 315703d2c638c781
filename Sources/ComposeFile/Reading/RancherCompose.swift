internal import Model

/// `rancher-compose.yml` beside a compose file: how many containers of a service, and whether
/// they start at once.
///
/// Source: Rancher 1.6, where it overrides the compose file and a scale of 0 is read as 1.
struct RancherCompose {
    private let loading: Loading

    init(_ loading: Loading) { self.loading = loading }

    /// Applies the file of the folder, if there is one.
    func apply(to draft: inout StackDraft) {
        let files = StackFolder.files(
            StackFolder.rancherFiles,
            in: loading.folder,
            of: loading.snapshot
        )
        guard let file = files.first, let node = loading.document(file) else { return }
        draft.stack.files.append(loading.path(of: file))
        let top = Value(Interpolator(loading).expand(node), at: FieldPath(), in: loading)
        guard top.isMapping else { return top.failType("a mapping") }
        // The paths are those of the compose file's own values, whose places must stand.
        let places = loading.places
        var services: [String: Settings] = [:]
        Schema.rancher.read(top, into: &services)
        loading.places = places
        for (name, settings) in services { apply(settings, to: name, of: &draft) }
    }

    private func apply(_ settings: Settings, to name: String, of draft: inout StackDraft) {
        guard draft.services[name] != nil else {
            loading.report(
                "undefined-reference",
                "the compose file has no service \"\(name)\"",
                at: settings.location,
                field: FieldPath("services", name),
                fix: Suggestion.question(name, among: draft.services.keys)
            )
            return
        }
        if let scale = settings.scale, let value = settings.scaleValue {
            draft.services[name]?.service.replicas = max(1, scale)
            value.record(at: FieldPath("services", name, "deploy", "replicas"))
            value.record(at: FieldPath("services", name, "scale"))
        }
        if let startOnCreate = settings.startOnCreate {
            draft.services[name]?.service.startOnCreate = startOnCreate
        }
    }
}

/// What the file says of one service.
private struct Settings {
    var location: SourceLocation
    var scale: Int?
    var scaleValue: Value?
    var startOnCreate: Bool?
}

extension Schema where Target == [String: Settings] {
    fileprivate static let rancher = Schema(
        "rancher-compose",
        handled: [
            Attribute("version") { value, _ in _ = value.text },
            Attribute("services") { value, services in
                for entry in value.isMapping ? value.members : value.entries ?? [] {
                    var settings = Settings(location: entry.keyLocation)
                    if !entry.isNull { Schema<Settings>.service.read(entry, into: &settings) }
                    services[entry.name] = settings
                }
            },
        ],
        refused: [
            "volumes": "declare them in the compose file",
            "networks": "declare them in the compose file",
            "secrets": "hold the values in env_file",
        ]
    )
}

extension Schema where Target == Settings {
    fileprivate static let service = Schema(
        "a service of rancher-compose",
        handled: [
            Attribute("scale") {
                $1.scale = $0.count
                $1.scaleValue = $0
            },
            Attribute("start_on_create") { $1.startOnCreate = $0.bool },
        ],
        refused: [
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
    )
}
