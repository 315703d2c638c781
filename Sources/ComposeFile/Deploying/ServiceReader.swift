internal import Model
internal import YAMLTree

/// Makes the typed service of a settled model.
struct ServiceReader {
    let value: Value
    /// Reads what it binds of the commit, where it is to be run by Gyre and what an engine can't be
    /// given is refused; nil: it is what Docker Compose would make of it, as written.
    let contents: ContentReader?
    /// Whether a Swarm is to run it.
    var isForSwarm = false

    init(_ value: Value, _ contents: ContentReader?) {
        self.value = value
        self.contents = contents
    }

    var isDeployed: Bool { contents != nil }

    /// The text of an attribute; nil where it is left out or empty.
    func text(_ name: String) -> String? { value[name]?.node.string }

    /// Whether a truth value is written and true.
    func flag(_ name: String) -> Bool { value[name]?.node.scalar == .bool(true) }

    func service(_ places: inout SourceMap) -> Service {
        var service = Service(image: value["image"]?.nonEmptyString ?? "")
        readContainer(into: &service)
        readRelations(into: &service)
        readPrivileges(into: &service)
        readTuning(into: &service)
        readNode(into: &service)
        service.volumes = mounts(&service, &places)
        service.replicas = (value["deploy"]?["replicas"] ?? value["scale"])?.integer ?? 1
        if isDeployed {
            readIngress(into: &service)
            if isForSwarm {
                service.deployment = value["deploy"]?.deployment ?? Service.Deployment()
            } else {
                checkSpread(service.replicas)
                service.deployment = judged
            }
            readRollouts(into: &service)
        }
        service.resources = resources
        copyPlaces(&places)
        return service
    }

    private func readContainer(into service: inout Service) {
        service.command = value["command"]?.words
        service.entrypoint = value["entrypoint"]?.words
        service.environment = environment
        service.labels = value["labels"]?.texts ?? [:]
        service.user = text("user")
        service.workingDirectory = text("working_dir")
        service.hostname = text("hostname")
        service.readOnly = flag("read_only")
        service.initProcess = value["init"].flatMap { $0.isNull ? nil : $0.bool }
        service.tty = flag("tty")
        service.stopSignal = text("stop_signal")
        service.stopGracePeriod = value["stop_grace_period"].flatMap(span)
        if isDeployed { service.restart = restart } else { service.writtenPolicy = writtenPolicy }
        service.healthcheck = value["healthcheck"].flatMap(healthcheck)
    }

    private func readRelations(into service: inout Service) {
        service.ports = (value["ports"]?.listed ?? []).compactMap {
            $0.portMapping(isDeployed: isDeployed)
        }
        if service.ports.count > 1000 {
            value["ports"]?.fail("too-many-ports", "has more than 1000 ports of a service")
            service.ports = []
        }
        service.expose = (value["expose"]?.listed ?? []).compactMap(\.exposedPort)
        for network in value["networks"]?.members ?? [] {
            service.networks[network.name] = network.attachment
        }
        service.links = (value["links"]?.strings ?? []).map { text in
            let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
            let name = parts.first ?? ""
            return Service.Link(service: name, alias: parts.count > 1 ? parts[1] : name)
        }
        for dependency in value["depends_on"]?.members ?? [] where dependency.isMapping {
            let condition = dependency.node["condition"]?.string ?? ""
            service.dependsOn[dependency.name] = Service.Dependency(
                condition: Service.Dependency.Condition(rawValue: condition) ?? .started,
                restart: dependency.node["restart"]?.scalar == .bool(true),
                required: dependency.node["required"]?.scalar != .bool(false)
            )
        }
    }

    /// What Admission denies; read here so that it can say where.
    private func readPrivileges(into service: inout Service) {
        service.capAdd = value["cap_add"]?.strings ?? []
        service.capDrop = value["cap_drop"]?.strings ?? []
        service.privileges.privileged = flag("privileged")
        service.privileges.securityOptions = value["security_opt"]?.strings ?? []
        for name in ["network_mode", "pid", "ipc", "uts", "userns_mode", "cgroup"] {
            guard let value = value[name], !value.isNull, value.node.string != "" else { continue }
            service.privileges.namespaces[name] = value.string
        }
        service.privileges.devices = (value["devices"]?.listed ?? []).map { device in
            ["source", "target", "permissions"]
                .compactMap { device.node[$0] }
                .filter { !$0.marks.contains(.filled) }
                .compactMap(\.string)
                .joined(separator: ":")
        }
    }

    private var environment: [String: String?] {
        var result: [String: String?] = [:]
        for variable in value["environment"]?.members ?? [] {
            variable.reportVariable(variable.name, at: variable.path)
            result.updateValue(
                variable.isNull ? nil : variable.node.text,
                forKey: variable.name
            )
        }
        return result
    }

    private func span(_ value: Value) -> Nanoseconds? {
        guard !value.isNull, let duration = value.duration else { return nil }
        guard duration.count >= 0 else {
            value.fail("invalid-duration", "must not be negative", fix: "write such as 90s")
            return nil
        }
        return duration
    }

    private func healthcheck(_ value: Value) -> Service.Healthcheck? {
        guard value.isMapping else { return nil }
        var check = Service.Healthcheck(
            test: value["test"]?.words,
            interval: value["interval"].flatMap(span),
            timeout: value["timeout"].flatMap(span),
            startPeriod: value["start_period"].flatMap(span),
            retries: value["retries"].flatMap { $0.isNull ? nil : $0.count }
        )
        check.startInterval = value["start_interval"].flatMap(span)
        if check.test?.isEmpty == true { check.test = nil }
        if value["disable"]?.node.scalar == .bool(true) { check.test = ["NONE"] }
        return check
    }

    /// `deploy.mode` and `max_replicas_per_node`, where there is one node: a global service is one
    /// container there, nothing runs jobs, and replicas are not spread, as with Docker Compose.
    private func checkSpread(_ replicas: Int) {
        let most = value["deploy"]?["placement"]?["max_replicas_per_node"]
        if let most, let count = most.integer, count > 0, replicas > count {
            most.warn(
                "no-effect",
                "would spread \(replicas) replicas over nodes: without Swarm one node has them all",
                fix: "ask for no more than \(count) replicas, or remove it"
            )
        }
        guard let mode = value["deploy"]?["mode"], let text = mode.node.string, !text.isEmpty,
            text != "replicated", text != "global" || replicas > 1
        else { return }
        mode.fail(
            "not-supported",
            text == "global"
                ? "runs one container on each node, and \(replicas) replicas are asked for"
                : "must be replicated or global; jobs are not handled yet",
            fix: text == "global"
                ? "remove it, or the number of replicas"
                : "remove it, and write restart: \"no\" for what ends by itself"
        )
    }

    /// What a Swarm alone heeds, and policy judges wherever it stands; nil where there is none.
    private var judged: Service.Deployment? {
        guard let deploy = value["deploy"], deploy.isMapping else { return nil }
        var deployment = Service.Deployment()
        if deploy["mode"]?.node.string == "global" { deployment.mode = "global" }
        deployment.labels = deploy["labels"]?.texts ?? [:]
        return deployment == Service.Deployment() ? nil : deployment
    }

    /// Either as Docker Compose takes it, whatever it says.
    private var writtenPolicy: Service.WrittenPolicy? {
        guard let policy = value["deploy"]?["restart_policy"], policy.isMapping else {
            guard let text = text("restart"), !text.isEmpty else { return nil }
            let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
            return Service.WrittenPolicy(
                name: parts.first ?? "",
                retries: parts.count > 1 ? Int64(parts[1]) ?? 0 : 0
            )
        }
        let condition = policy["condition"]?.node.string ?? ""
        return Service.WrittenPolicy(
            name: ["none": "no", "any": "always"][condition] ?? condition,
            retries: policy["max_attempts"]?.integer.map(Int64.init) ?? 0
        )
    }

    /// `restart`, unless `deploy` says it; there, what is left out is Docker's default.
    private var restart: Service.RestartPolicy? {
        guard let policy = value["deploy"]?["restart_policy"], policy.isMapping else {
            return value["restart"]?.restartPolicy
        }
        switch policy["condition"]?.node.string {
        case "none": return .no
        case "any": return .always
        case "on-failure": return .onFailure(retries: policy["max_attempts"]?.count ?? 0)
        default: return policy["condition"]?.restartPolicy
        }
    }

    /// Limits of both forms; where a section of `deploy` is written, it alone says them.
    private var resources: Service.Resources {
        let limits = value["deploy"]?["resources"]?["limits"]
        let reservations = value["deploy"]?["resources"]?["reservations"]
        let isLong = limits?.isMapping == true
        let isReserved = reservations?.isMapping == true
        var resources = Service.Resources(
            nanoCPUs: (isLong ? limits?["cpus"] : value["cpus"])?.nanoCPUs,
            memory: (isLong ? limits?["memory"] : value["mem_limit"])?.limit,
            pids: (isLong ? limits?["pids"] : value["pids_limit"])?.countLimit,
            reservedMemory: (isReserved ? reservations?["memory"] : value["mem_reservation"])?
                .limit,
            reservedNanoCPUs: reservations?["cpus"]?.nanoCPUs
        )
        if !isDeployed, resources.pids == nil {
            resources.pids = value["pids_limit"]?.integer.map(Int64.init)
        }
        resources.memoryAndSwap = value["memswap_limit"].flatMap {
            $0.isNull ? nil : $0.size?.bytes
        }
        return resources
    }

    /// Gives a value of the short form its place under the path of the long form too.
    private func copyPlaces(_ places: inout SourceMap) {
        let long = value.path / "deploy" / "resources"
        let pairs = [
            ("mem_limit", long / "limits" / "memory"), ("cpus", long / "limits" / "cpus"),
            ("pids_limit", long / "limits" / "pids"),
            ("mem_reservation", long / "reservations" / "memory"),
            ("scale", value.path / "deploy" / "replicas"),
        ]
        for (short, long) in pairs where !places.wrote(long) {
            if let place = value[short]?.location { places.record(place, at: long) }
        }
    }
}
