internal import Admission
package import Model

/// One service's body as Gyre sends it: what `docker stack deploy` would, under what holds for
/// every container of ours.
struct SwarmRendering {
    let name: String
    let desired: Desired
    let controller: String
    let rules: SwarmRules
    /// Ids of networks and files by ``SwarmToken``, as far as they are known.
    let ids: [String: String]
    /// Whether it leads back to what was good.
    let isGoingBack: Bool
    /// How long tasks have to be running before more are replaced.
    let window: Nanoseconds

    private var stack: Stack { desired.admitted.stack }

    private var admitted: AdmittedService {
        guard let admitted = desired.admitted.effective[name] else {
            preconditionFailure("an admitted stack has every service of its stack")
        }
        return admitted
    }

    private var isJob: Bool { admitted.service.deployment?.isJob ?? false }
    private var project: String { stack.composeProjectName }
    var serviceName: String { "\(project)_\(name)" }
    var files: [SwarmFile] { SwarmFile.all(of: admitted.service, in: stack.id) }

    /// Without what is known only when the call is made: claim, image, ids of what is new.
    var body: JSON {
        get throws(SwarmRefusal) {
            let scope = SwarmScope(stack: stack, name: project)
            let service = self.service
            var body = try SwarmService(service, name, scope).body.objectValue ?? [:]
            body["Labels"] = .strings(serviceLabels(body["Labels"]))
            // A job is not updated: it is run again.
            body["UpdateConfig"] = isJob ? nil : update
            body["RollbackConfig"] = nil
            var task = body["TaskTemplate"]?.objectValue ?? [:]
            task["Networks"] = .array(networks)
            task["LogDriver"] = keptLogs
            task["ContainerSpec"] = container(task["ContainerSpec"]?.objectValue ?? [:])
            body["TaskTemplate"] = .object(task)
            return .object(body)
        }
    }

    /// As `docker stack` would be given it: what policy filled in stands where that looks for it.
    private var service: Service {
        var service = admitted.service
        service.isolation = nil
        service.volumes = service.volumes.compactMap { mount in
            switch mount.source {
            case .content, .external: return nil
            default: break
            }
            var mount = mount
            mount.options.consistency = nil
            return mount
        }
        service.ports = desired.ports(of: Slot(service: name, number: 1)).map { port in
            var port = port
            port.mode = port.mode.flatMap { $0.isEmpty ? nil : $0 } ?? "ingress"
            return port
        }
        var deployment = service.deployment ?? Service.Deployment()
        let resources = service.resources
        // Those that labels of Rancher ask for are among them. The hash has those by the labels.
        deployment.placement.constraints = service.placement
        deployment.replicas = deployment.isOnEachNode ? nil : Int64(service.replicas)
        deployment.limits = Service.Share()
        deployment.limits?.nanoCPUs = resources.nanoCPUs ?? 0
        deployment.limits?.memory = resources.memory?.bytes ?? 0
        deployment.limits?.pids = resources.pids ?? 0
        deployment.reservations = Service.Share()
        deployment.reservations?.nanoCPUs = resources.reservedNanoCPUs ?? 0
        deployment.reservations?.memory = resources.reservedMemory?.bytes ?? 0
        var policy = deployment.restart ?? restart
        // A Swarm fills it in, and what it tells then is not what it was sent.
        if policy.condition?.isEmpty ?? true { policy.condition = isJob ? "none" : "any" }
        deployment.restart = policy
        service.deployment = deployment
        return service
    }

    /// Where nothing is said, a Swarm starts again what ends, but for what is to end.
    private var restart: Service.Restart {
        var restart = Service.Restart()
        switch admitted.service.restart {
        case .no: restart.condition = "none"
        case .always, .unlessStopped: restart.condition = "any"
        case .onFailure(let retries):
            restart.condition = "on-failure"
            if retries > 0 { restart.attempts = Int64(retries) }
        case nil: restart.condition = desired.isTask(name) ? "none" : "any"
        }
        return restart
    }

    private func container(_ written: [String: JSON]) -> JSON {
        var members = written
        members["Image"] = nil
        members["CapabilityAdd"] = .unlessEmpty(admitted.capAdd)
        members["CapabilityDrop"] = ["ALL"]
        // Before API 1.44 a Swarm drops it in silence; then the engines themselves have to do it.
        members["Privileges"] = rules.keepsPrivileges ? nil : ["NoNewPrivileges": true]
        members["Groups"] = .unlessEmpty(admitted.service.groups)
        members["Labels"] = .strings(taskLabels)
        members["DNSConfig"] = resolver
        members["Mounts"] = .unlessEmpty((written["Mounts"]?.arrayValue ?? []) + memory)
        let references = self.references
        members["Configs"] = .unlessEmpty(references.filter { $0.kind == .config }.map(\.body))
        members["Secrets"] = .unlessEmpty(references.filter { $0.kind == .secret }.map(\.body))
        return .object(members)
    }

    /// Configs and secrets: the stack's own, then those that somebody else makes.
    private var references: [(kind: OwnedObject.Kind, body: JSON)] {
        func id(_ token: String) -> String { ids[token] ?? token }
        let own = files.map { ($0.kind, $0.reference(id(SwarmToken.file($0)))) }
        let others = admitted.service.volumes.compactMap { mount -> (OwnedObject.Kind, JSON)? in
            guard case .external(let file) = mount.source else { return nil }
            let name = stack.name(of: file)
            let body = SwarmFile.reference(
                file.kind,
                name,
                id(SwarmToken.file(file.kind, name)),
                at: mount.target,
                file.attributes
            )
            return (file.kind, body)
        }
        return own + others
    }

    private var memory: [JSON] {
        admitted.service.tmpfs.sorted { $0.key < $1.key }.map { target, options in
            let mount = MemoryMount(options)
            let options = JSON.members([
                "SizeBytes": .unlessZero(mount.size?.bytes), "Mode": .unlessZero(mount.mode),
            ])
            return .members([
                "Type": "tmpfs", "Target": .string(target),
                "ReadOnly": mount.isReadOnly ? true : nil,
                "TmpfsOptions": options == [:] ? nil : options,
            ])
        }
    }

    private var resolver: JSON? {
        let resolver = admitted.service.resolver
        let body = JSON.members([
            "Nameservers": .unlessEmpty(resolver.servers),
            "Options": .unlessEmpty(resolver.options),
            "Search": .unlessEmpty(resolver.search),
        ])
        return body == [:] ? nil : body
    }

    /// Its own name on each network, and what the file calls it besides.
    private var networks: [JSON] {
        let joined = admitted.service.networks.map { key, attachment in
            (stack.networks[key]?.name ?? key, key, attachment)
        }
        return joined.sorted { $0.0 < $1.0 }.map { network, key, attachment in
            let own = stack.isGuest(on: key) ? [] : [name]
            let token = SwarmToken.network(network)
            return .members([
                "Target": .string(ids[token] ?? token),
                "Aliases": .unlessEmpty(own + attachment.aliases.filter { $0 != name }),
                "DriverOpts": .unlessEmpty(attachment.options),
            ])
        }
    }

    /// By which words of the file its tasks are replaced.
    var rollout: Service.Rollout {
        let service = stack.services[name]
        return (isGoingBack ? service?.rollback : service?.rollout) ?? .unsaid
    }

    /// Whether some of its tasks may fail.
    var bearsFailures: Bool {
        isGoingBack || rollout.failureAction == .continue || ratio > 0
    }

    /// In full parts of ten thousand.
    private var ratio: Double {
        isGoingBack ? 0 : (rollout.maximumFailureRatio * 10_000 + 1e-6).rounded(.down) / 10_000
    }

    /// What the Swarm is to do when it updates the service.
    ///
    /// A failed update stops where it is, unless the file has it go on: what comes next is Gyre's
    /// to decide, not the Swarm's. On the way back nothing is left to decide. A Swarm doesn't wait
    /// for a task to be stable before it replaces the next, so it is told to.
    private var update: JSON {
        let rollout = rollout
        let isBeside =
            rollout.order == .startFirst && stack.obstacle(toStartingFirst: name) == nil
        let goesOn = isGoingBack || rollout.failureAction == .continue
        let least = isGoingBack ? 0 : window.count
        return .members([
            "Parallelism": .int(Int64(rollout.parallelism)),
            "Delay": .unlessZero(max(rollout.delay.count, least)),
            "FailureAction": goesOn ? "continue" : "pause",
            "MaxFailureRatio": ratio == 0 ? 0 : ratio == 1 ? 1 : .double(ratio),
            "Monitor": .unlessZero(max(rollout.monitor.count, least)),
            "Order": isBeside ? "start-first" : "stop-first",
        ])
    }

    private var keptLogs: JSON {
        [
            "Name": .string(admitted.logging.driver ?? "json-file"),
            "Options": .strings(admitted.logging.options),
        ]
    }

    /// Nothing of the controller: the engines' events of tasks are the Swarm's to follow.
    private var taskLabels: [String: String] {
        var labels = admitted.service.labels
        labels[Labels.project] = stack.id.project
        labels[Labels.stack] = stack.id.stack
        labels[Labels.service] = name
        labels[Labels.spec] = desired.taskSpecs(of: name).current
        labels[Labels.run] = desired.isTask(name) ? "task" : "service"
        labels[Labels.Swarm.namespace] = project
        return labels
    }

    private func serviceLabels(_ written: JSON?) -> [String: String] {
        var labels = (written?.objectValue ?? [:]).compactMapValues(\.stringValue)
        labels.merge(stack.swarmLabels(controller)) { $1 }
        labels[Labels.service] = name
        labels[Labels.spec] = desired.specs[name]
        labels[Labels.secrets] = SecretMark(of: admitted.service, in: stack)?.label
        labels[Labels.filled] = Rendering.filled(admitted.service, asked: stack.services[name])
        return labels
    }
}

/// What stands in a plan for the id of something that may not be there yet.
package enum SwarmToken {
    /// Of a network.
    package static func network(_ name: String) -> String { "{network \(name)}" }
    static func file(_ file: SwarmFile) -> String { self.file(file.kind, file.name) }
    /// Of a config, a secret or a service.
    package static func file(_ kind: OwnedObject.Kind, _ name: String) -> String {
        "{\(kind.rawValue) \(name)}"
    }
}

extension Stack {
    /// Whose an object of a Swarm is, but for the claim.
    func swarmLabels(_ controller: String) -> [String: String] {
        [
            Labels.controller: controller, Labels.project: id.project, Labels.stack: id.stack,
            Labels.Swarm.namespace: composeProjectName,
        ]
    }
}
