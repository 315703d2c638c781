package import Model

/// Makes stacks that the restricted profile admits, from a seed.
///
/// They are coherent: what is waited for can come true, tasks end, and no two services publish
/// the same port.
package struct StackGenerator: Sendable {
    package var random: SplitMix64

    package init(seed: Int) { random = SplitMix64(seed: seed) }

    /// What the policy of a project has to grant so that every generated stack is admitted.
    package static let tenant: TenantPolicy = {
        var grants = Grants(
            mounts: [MountGrant(path: "/srv/astro", isShared: false, trustsLinks: true)],
            ports: [8000...8999]
        )
        grants.hosts = ["example.org"]
        return TenantPolicy(grants: grants)
    }()

    /// Containers of this image end two seconds after they started, with status 0.
    package static let taskImage = "busybox"

    static let names = ["api", "cache", "db", "mail", "queue", "web", "worker"]
    static let images = ["httpd", "redis", "mariadb", "nginx"]

    /// A stack of one to six services.
    package mutating func stack() -> Stack {
        guard let id = try? StackID(project: "astro", stack: "gateway") else {
            preconditionFailure("these are valid names")
        }
        var stack = Stack(id: id)
        let count = Int.random(in: 1...6, using: &random)
        for name in StackGenerator.names.shuffled(using: &random).prefix(count).sorted() {
            stack.services[name] = service(named: name, among: stack.services)
        }
        return StackGenerator.coherent(stack)
    }

    /// A service that may depend on and link to some of `others`.
    mutating func service(named name: String, among others: [String: Service]) -> Service {
        let isTask = random.chance(20)
        let image = isTask ? StackGenerator.taskImage : random.pick(StackGenerator.images)
        var service = Service(image: "\(image):\(Int.random(in: 1...3, using: &random))")
        service.environment = ["VERSION": "1", "DEBUG": random.chance(50) ? nil : "0"]
        service.restart =
            isTask
            ? random.pick([nil, .no, .onFailure(retries: 0)])
            : random.pick([nil, .no, .always, .unlessStopped, .onFailure(retries: 3)])
        service.replicas = random.pick(isTask ? [1, 1, 2] : [0, 1, 1, 1, 2, 3, 4])
        service.startOnCreate = !random.chance(7)
        if !isTask, random.chance(40) {
            service.healthcheck = .init(test: ["CMD", "true"], interval: .seconds(2))
        }
        if random.chance(30) { service.resources.memory = .mebibytes(64) }
        if random.chance(30) { service.resources.nanoCPUs = 500_000_000 }
        if random.chance(40) {
            let number = (StackGenerator.names.firstIndex(of: name) ?? 0) * 10
            service.ports = [PortMapping(published: UInt16(8000 + number), target: 80)]
        }
        if random.chance(40) {
            service.volumes = [Mount(source: .volume(key: "data"), target: "/data")]
        }
        if random.chance(15) {
            service.volumes.append(Mount(source: .anonymous, target: "/scratch"))
        }
        // From a copy, so that stacks are otherwise what they were before there were contents.
        var other = random
        if other.chance(30) {
            service.volumes.append(content(UInt8.random(in: 0...3, using: &other)))
        }
        if other.chance(20) {
            service.containerName = "astro_gateway-own\(Int.random(in: 0...1, using: &other))"
        }
        if other.chance(30) {
            let path = other.pick(["/srv/astro", "/srv/astro/a", "/srv/astro/a/b"])
            service.volumes.append(Mount(source: .bind(path: path), target: "/srv"))
        }
        service.networks = random.pick([
            ["default": .init()], ["default": .init(), "back": .init(aliases: ["\(name)-x"])],
            ["back": .init()], [:],
        ])
        relate(&service, to: others)
        return service
    }

    /// A mount of one of the files or folders of ``files``.
    func content(_ number: UInt8) -> Mount {
        let path = "files/\(number)"
        guard let archive = StackGenerator.archive(of: path) else {
            preconditionFailure("there is such a file")
        }
        let content = Content(
            source: .tree(path: path),
            kind: archive.kind,
            digest: archive.digest,
            name: "./" + path
        )
        return Mount(source: .content(content), target: "/etc/content", readOnly: true)
    }

    /// What goes to an engine of a content that a generated stack mounts.
    package static func archive(of path: String) -> ContentArchive? {
        try? ContentArchive(of: path, in: files)
    }

    private static let files = Snapshot(
        commit: Commit(id: "0", author: "", seconds: 0, message: ""),
        entries: Dictionary(
            uniqueKeysWithValues: (UInt8(0)...9).map { number in
                let path = "files/\(number)" + (number % 2 == 0 ? "" : "/inner")
                return (path, Snapshot.Entry.file([number]))
            }
        )
    )

    private mutating func relate(_ service: inout Service, to others: [String: Service]) {
        for (name, other) in others.sorted(by: { $0.key < $1.key }) where random.chance(35) {
            let condition: Service.Dependency.Condition =
                if StackGenerator.isTask(other) {
                    .completed
                } else if other.healthcheck != nil {
                    random.pick([.healthy, .started])
                } else {
                    .started
                }
            service.dependsOn[name] = .init(
                condition: condition,
                restart: random.chance(30),
                required: !random.chance(20)
            )
            if random.chance(30) { service.links = [.init(service: name, alias: "\(name)-link")] }
        }
    }

    static func isTask(_ service: Service) -> Bool { service.image.hasPrefix(taskImage) }

    /// `stack` with what an edit broke mended: relations to services that went, conditions that
    /// can't come true, networks and volumes that services use and nobody declares.
    package static func coherent(_ stack: Stack) -> Stack {
        var stack = stack
        stack.networks = [:]
        let project = stack.id.composeProjectName
        var taken: Set<UInt16?> = []
        var names: Set<String> = []
        for (name, service) in stack.services.sorted(by: { $0.key < $1.key }) {
            var service = service
            service.ports.removeAll { !taken.insert($0.published).inserted }
            service.dependsOn = service.dependsOn.filter { stack.services[$0.key] != nil }
            service.links = service.links.filter { stack.services[$0.service] != nil }
            for other in service.dependsOn.keys {
                let holds = canHold(service.dependsOn[other]?.condition, of: stack.services[other])
                if !holds { service.dependsOn[other]?.condition = .started }
            }
            if service.replicas > 1, !stack.isForSwarm { service.ports = [] }
            if let own = service.containerName,
                service.replicas > 1 || !names.insert(own).inserted
            {
                service.containerName = nil
            }
            for key in service.networks.keys {
                let isInternal = key == "back"
                stack.networks[key] = .init(name: "\(project)_\(key)", isInternal: isInternal)
            }
            for case .volume(let key) in service.volumes.map(\.source) {
                stack.volumes[key] = .init(name: "\(project)_\(key)")
            }
            stack.services[name] = service
        }
        let awaited = stack.services.values.flatMap { service in
            service.dependsOn.filter { $0.value.condition == .completed }.keys
        }
        for (name, service) in stack.services
        where isTask(service) && service.restart == nil && !awaited.contains(name) {
            stack.services[name]?.restart = .no
        }
        return stack
    }

    private static func canHold(
        _ condition: Service.Dependency.Condition?,
        of service: Service?
    ) -> Bool {
        guard let service, service.startOnCreate else { return condition == .started }
        return switch condition {
        case .started, nil: true
        case .healthy: !isTask(service) && service.healthcheck != nil
        case .completed: isTask(service)
        }
    }
}
