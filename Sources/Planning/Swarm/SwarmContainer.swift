internal import Model

/// What a Swarm runs in each task of a service: its `ContainerSpec`.
struct SwarmContainer {
    private let service: Service
    private let key: String
    private let scope: SwarmScope

    init(_ service: Service, _ key: String, _ scope: SwarmScope) {
        self.service = service
        self.key = key
        self.scope = scope
    }

    var body: JSON {
        get throws(SwarmRefusal) {
            let capabilities = self.capabilities
            return .members([
                "Args": service.command.flatMap(JSON.unlessEmpty),
                "CapabilityAdd": .unlessEmpty(capabilities.add),
                "CapabilityDrop": .unlessEmpty(capabilities.drop),
                "Command": service.entrypoint.flatMap(JSON.unlessEmpty),
                "Configs": .unlessEmpty(try configs),
                "DNSConfig": resolver,
                "Dir": .unlessEmpty(service.workingDirectory),
                "Env": .unlessEmpty(environment),
                "Healthcheck": try healthcheck,
                "Hostname": .unlessEmpty(service.hostname),
                "Hosts": .unlessEmpty(service.hostEntries.map { "\($0.address) \($0.name)" }),
                "Image": .string(try image),
                "Init": service.initProcess.map(JSON.bool),
                "Isolation": .unlessEmpty(service.isolation),
                "Labels": scope.labels(service.labels),
                "Mounts": .unlessEmpty(service.volumes.map(mount)),
                "OpenStdin": service.keepsInputOpen ? true : nil,
                "Privileges": privileges,
                "ReadOnly": service.readOnly ? true : nil,
                "Secrets": .unlessEmpty(try secrets),
                "StopGracePeriod": service.stopGracePeriod.map { .int($0.count) },
                "StopSignal": .unlessEmpty(service.stopSignal),
                "Sysctls": .unlessEmpty(service.sysctls),
                "TTY": service.tty ? true : nil,
                "Ulimits": .unlessEmpty(ulimits),
                "User": .unlessEmpty(service.user),
            ])
        }
    }

    /// As Docker's client completes it: with a tag, and short where it is Docker's own registry's.
    var image: String {
        get throws(SwarmRefusal) {
            guard let reference = ImageReference(service.image) else {
                let reason = service.image.isEmpty ? "no image specified" : "invalid format"
                throw SwarmRefusal(
                    message: "invalid image reference for service \(key): \(reason)"
                )
            }
            let whole = reference.description
            return reference.familiarName + whole.dropFirst(reference.name.count)
        }
    }

    private var environment: [String] {
        service.environment.map { name, value in value.map { "\(name)=\($0)" } ?? name }.sorted()
    }

    /// Each once; all of them outdo any other, and what is added is not dropped.
    private var capabilities: (add: [String], drop: [String]) {
        func full(_ names: [String]) -> Set<String> {
            let names = Set(
                names.map { name in
                    let upper = name.uppercased()
                    return upper == "ALL" || upper.hasPrefix("CAP_") ? upper : "CAP_" + upper
                }
            )
            return names.contains("ALL") ? ["ALL"] : names
        }
        let add = full(service.capAdd)
        return (add.sorted(), full(service.capDrop).subtracting(add).sorted())
    }

    private var resolver: JSON? {
        let body = JSON.members([
            "Nameservers": .unlessEmpty(service.resolver.servers),
            "Search": .unlessEmpty(service.resolver.search),
        ])
        return body == [:] ? nil : body
    }

    private var healthcheck: JSON? {
        get throws(SwarmRefusal) {
            guard let check = service.healthcheck else { return nil }
            switch service.disabling {
            case .withTest:
                throw SwarmRefusal(
                    message: "service \(key): test and disable can't be set at the same time"
                )
            case .alone: return ["Test": ["NONE"]]
            case nil: break
            }
            return .members([
                "Interval": .unlessZero(check.interval?.count),
                "Retries": .unlessZero(check.retries.map(Int64.init)),
                "StartInterval": .unlessZero(check.startInterval?.count),
                "StartPeriod": .unlessZero(check.startPeriod?.count),
                "Test": check.test.map(JSON.strings),
                "Timeout": .unlessZero(check.timeout?.count),
            ])
        }
    }

    private var privileges: JSON {
        let spec = service.credentialSpec.map { spec -> JSON in
            let config = spec.config.map { EngineToken.id(name(ofConfig: $0)) }
            return [
                "Config": .string(config ?? ""), "File": .string(spec.file ?? ""),
                "Registry": .string(spec.registry ?? ""),
            ]
        }
        return .members(["CredentialSpec": spec, "NoNewPrivileges": false])
    }

    private var ulimits: [JSON] {
        service.ulimits.sorted { $0.key < $1.key }.map { name, limit in
            .members([
                "Name": .string(name), "Soft": .int(limit.soft), "Hard": .int(limit.hard),
            ])
        }
    }

    private func name(ofConfig key: String) -> String {
        scope.stack.configs[key]?.name ?? "\(scope.name)_\(key)"
    }

    private var configs: [JSON] {
        get throws(SwarmRefusal) {
            var bodies = service.configs.map { file -> (String, JSON) in
                let name = name(ofConfig: file.source)
                return (
                    name,
                    [
                        "ConfigID": .string(EngineToken.id(name)), "ConfigName": .string(name),
                        "File": target(file),
                    ]
                )
            }
            if let key = service.credentialSpec?.config {
                let name = name(ofConfig: key)
                bodies.append(
                    (
                        name,
                        [
                            "ConfigID": .string(EngineToken.id(name)), "ConfigName": .string(name),
                            "Runtime": [:],
                        ]
                    )
                )
            }
            return try sorted(bodies, "config")
        }
    }

    private var secrets: [JSON] {
        get throws(SwarmRefusal) {
            let bodies = service.secrets.map { file -> (String, JSON) in
                let name =
                    scope.stack.secrets[file.source]?.name ?? "\(scope.name)_\(file.source)"
                return (
                    name,
                    [
                        "File": target(file), "SecretID": .string(EngineToken.id(name)),
                        "SecretName": .string(name),
                    ]
                )
            }
            return try sorted(bodies, "secret")
        }
    }

    /// By name, in their order where it is the same; two of them can't be one file.
    private func sorted(
        _ bodies: [(String, JSON)],
        _ kind: String
    ) throws(SwarmRefusal) -> [JSON] {
        var targets: Set<String> = []
        for (name, body) in bodies {
            guard let target = body["File"]?["Name"]?.stringValue else { continue }
            guard targets.insert(target).inserted else {
                throw SwarmRefusal(
                    message: "service \(key): duplicate \(kind) target for \(name) not allowed"
                )
            }
        }
        return bodies.enumerated().sorted { a, b in
            (a.element.0, a.offset) < (b.element.0, b.offset)
        }.map(\.element.1)
    }

    /// The name of a file is its source's where nobody chose another.
    private func target(_ file: Service.MountedFile) -> JSON {
        func text(_ text: String?, or standard: String) -> JSON {
            .string(text.flatMap { $0.isEmpty ? nil : $0 } ?? standard)
        }
        return [
            "GID": text(file.group, or: "0"), "Mode": .int(file.mode ?? 0o444),
            "Name": text(file.target, or: file.source), "UID": text(file.user, or: "0"),
        ]
    }

    private func mount(_ mount: Mount) -> JSON {
        var members: [String: JSON?] = [
            "Consistency": .unlessEmpty(mount.options.consistency),
            "ReadOnly": mount.readOnly ? true : nil, "Target": .unlessEmpty(mount.target),
        ]
        switch mount.source {
        case .bind(let path):
            members["Type"] = "bind"
            members["Source"] = .string(path)
            let options = JSON.members([
                "Propagation": .unlessEmpty(mount.options.propagation)
            ])
            members["BindOptions"] = options == [:] && !mount.options.isStated ? nil : options
        case .anonymous, .content, .external: members["Type"] = "volume"
        case .volume(let key):
            members["Type"] = "volume"
            members["Source"] = .string(scope.stack.volumes[key]?.name ?? key)
            members["VolumeOptions"] = options(ofVolume: key, mount.options)
        case .memory(let size, _):
            members["Type"] = "tmpfs"
            let options = JSON.members(["SizeBytes": .unlessZero(size?.bytes)])
            members["TmpfsOptions"] = mount.options.isStated ? options : nil
        case .image(let reference):
            members["Type"] = "image"
            members["Source"] = .string(reference)
        case .other("cluster", let key):
            members["Type"] = "cluster"
            members["Source"] = .string(scope.stack.volumes[key]?.name ?? key)
            members["ClusterOptions"] = [:]
        case .other(let type, let source):
            members["Type"] = .string(type)
            members["Source"] = .unlessEmpty(source)
        }
        return .members(members)
    }

    /// A Swarm makes no volumes before they are mounted, so the mount says what they are.
    private func options(ofVolume key: String, _ options: Mount.Options) -> JSON {
        let volume = scope.stack.volumes[key]
        let isOurs = volume?.isExternal != true
        let hasDriver = volume?.driver?.isEmpty == false || volume?.options.isEmpty == false
        let driver: JSON? =
            isOurs && hasDriver
            ? .members([
                "Name": .unlessEmpty(volume?.driver),
                "Options": .unlessEmpty(volume?.options ?? [:]),
            ]) : nil
        return .members([
            "DriverConfig": driver,
            "Labels": isOurs ? scope.labels(volume?.labels ?? [:]) : nil,
            "NoCopy": options.noCopy ? true : nil,
            "Subpath": .unlessEmpty(options.subpath),
        ])
    }
}
