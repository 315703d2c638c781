import Admission
import Model
import Testing

/// The first check is switched off: what the rules deny still stops at the gate.
///
/// The bodies say what the files ask for, as a renderer without any policy would write it.
@Suite struct GateAloneTests {
    /// Rules about what a request can't show: a count over a whole stack, a warning's subject, what
    /// the files look like.
    private static let invisible: Set<String> = [
        "service-count", "quota", "project-quota", "name-form", "capability-known",
        "image-reference",
        "image-granted", "image-tag", "undeclared", "entry-file", "input-size",
        "variable-content", "ingress-host",
    ]

    @Test(arguments: Denials.all.keys.filter { !invisible.contains($0) }.sorted())
    func stopsWhatTheRuleDenies(rule: String) throws {
        // What a config is called and labelled goes to no engine.
        for (index, stack) in try #require(Denials.all[rule]).enumerated()
        where stack.ownFiles.isEmpty {
            let tenant = Denials.tenant(of: rule)
            let refusals =
                Self.ofSwarms.contains(rule)
                ? swarmRefusals(of: stack, by: tenant) : refusals(of: stack, by: tenant)
            #expect(!refusals.isEmpty, "\(rule) \(index)")
        }
    }

    /// Rules about what only the services of a Swarm show.
    private static let ofSwarms: Set<String> = [
        "replica-count", "placement", "cpu-reservation", "bind-below",
    ]

    /// What the gate says of the stack's services, of which a Swarm is told how many, where and
    /// with what.
    private func swarmRefusals(of stack: Stack, by tenant: TenantPolicy) -> [GateCheck] {
        let gate = GateSwarmFixture.gate(tenant)
        return stack.services.values.compactMap { service in
            let request = GateSwarmFixture.create { body in
                let isGlobal = service.deployment?.mode == "global"
                body.set(
                    "Mode",
                    to: isGlobal
                        ? ["Global": [:]]
                        : ["Replicated": ["Replicas": .int(Int64(service.replicas))]]
                )
                body.set(
                    "TaskTemplate",
                    "Placement",
                    to: ["Constraints": .strings(service.placement)]
                )
                let binds = service.volumes.compactMap { mount -> JSON? in
                    guard case .bind(let path) = mount.source else { return nil }
                    return [
                        "Type": "bind", "Source": .string(path), "Target": .string(mount.target),
                    ]
                }
                if !binds.isEmpty {
                    body.set("TaskTemplate", "ContainerSpec", "Mounts", to: .array(binds))
                }
                for (kind, count) in [
                    ("Limits", service.resources.nanoCPUs),
                    ("Reservations", service.resources.reservedNanoCPUs),
                ] {
                    let value = count.map(JSON.int)
                    body.set("TaskTemplate", "Resources", kind, "NanoCPUs", to: value)
                }
            }
            return GateFixture.refusal(of: request, by: gate)
        }
    }

    @Test func stopsAtLeastTwentyKindsOfDenial() {
        #expect(Denials.all.count - Self.invisible.count >= 20)
    }

    @Test func letsTheUnchangedStackPass() {
        #expect(refusals(of: Astro.stack) == [])
        #expect(swarmRefusals(of: Astro.stack, by: Astro.tenant) == [])
        let beside = Astro.stack {
            $0.volumes = [Astro.bind("/global/astro")]
            $0.user = "41000:5000"
            $0.capDrop = ["ALL"]
        }
        #expect(refusals(of: beside) == [])
    }

    @Test func stopsImagesAndForeignObjects() throws {
        for stack in try #require(Denials.all["image-granted"])
            + Denials.all["image-reference", default: []]
        {
            let image = try #require(stack.services["web"]).image
            let gate = Gate(
                Astro.tenant,
                controller: "spin",
                stack: Astro.id,
                pins: [ImagePin(reference: image, imageID: "sha256:1", digest: nil)],
                claims: [GateFixture.claim]
            )
            let request = GateFixture.create { $0.set("Image", to: "sha256:1") }
            #expect(GateFixture.refusal(of: request, by: gate) == .image, "\(image)")
        }
        for stack in try #require(Denials.all["undeclared"]) { #expect(stops(stack)) }
    }

    /// Whether the gate refuses any request of bringing the stack up.
    private func stops(_ stack: Stack) -> Bool { !refusals(of: stack).isEmpty }

    /// What the gate says of each request of bringing the stack up that it refuses.
    private func refusals(
        of stack: Stack,
        by tenant: TenantPolicy = Astro.tenant
    ) -> [GateCheck] {
        let networks = stack.networks.values.filter { !$0.isExternal }.map { network in
            GateFixture.createNetwork {
                $0.set("Name", to: .string(network.name))
                $0.set("Driver", to: .string(network.driver ?? "bridge"))
                $0.set("Options", to: .strings(network.options))
                $0.set("IPAM", to: addressing(network.addressing))
            }
            .with(labels: network.labels)
        }
        let volumes = stack.volumes.values.filter { !$0.isExternal }.map { volume in
            GateFixture.createVolume {
                $0.set("Name", to: .string(volume.name))
                $0.set("Driver", to: .string(volume.driver ?? "local"))
                $0.set("DriverOpts", to: .strings(volume.options))
            }
            .with(labels: volume.labels)
        }
        let containers = stack.services.map { name, service in
            GateFixture.create(
                body(of: service, in: stack),
                name: service.containerName ?? "astro-\(name)-1"
            )
        }
        let gate = GateFixture.gate(
            tenant,
            externals: stack.externalNames,
            ingress: stack.services.compactMapValues(\.ingress?.host)
        )
        return (networks + volumes + containers).compactMap { request in
            GateFixture.refusal(of: request, by: gate)
        }
    }

    private func addressing(_ addressing: Stack.Network.Addressing) -> JSON {
        let pools = addressing.pools.map { pool in
            JSON.members([
                "Subnet": pool.subnet.map(JSON.string), "IPRange": pool.range.map(JSON.string),
                "Gateway": pool.gateway.map(JSON.string),
                "AuxiliaryAddresses": .strings(pool.reserved),
            ])
        }
        return .members([
            "Driver": addressing.driver.map(JSON.string), "Config": .array(pools),
            "Options": addressing.options.isEmpty ? nil : .strings(addressing.options),
        ])
    }

    private func body(of service: Service, in stack: Stack) -> JSON {
        var body: JSON = [
            "Image": .string(GateFixture.pinned),
            "Labels": GateFixture.body["Labels"] ?? [:],
        ]
        for (key, value) in service.labels { body.set("Labels", key, to: .string(value)) }
        body.set("User", to: service.user.map(JSON.string))
        body.set("WorkingDir", to: service.workingDirectory.map(JSON.string))
        body.set("Hostname", to: service.hostname.map(JSON.string))
        body.set("StopSignal", to: service.stopSignal.map(JSON.string))
        body.set("StopTimeout", to: service.stopGracePeriod.map { .int($0.count / 1_000_000_000) })
        body.set(
            "Healthcheck",
            "Interval",
            to: .int(service.healthcheck?.interval?.count ?? 0)
        )
        for mount in service.volumes where mount.source == .anonymous {
            body.set("Volumes", mount.target, to: [:])
        }
        body.set("HostConfig", to: host(of: service, in: stack))
        for (key, attachment) in service.networks {
            let name = stack.networks[key]?.name ?? key
            body.set("HostConfig", "NetworkMode", to: .string(name))
            body.set(
                "NetworkingConfig",
                "EndpointsConfig",
                name,
                to: [
                    "Aliases": .strings(attachment.aliases),
                    "Links": .strings(service.links.map { "\($0.service):\($0.alias)" }),
                    "IPAMConfig": .members([
                        "IPv4Address": attachment.ipv4Address.map(JSON.string),
                        "IPv6Address": attachment.ipv6Address.map(JSON.string),
                        "LinkLocalIPs": attachment.linkLocalAddresses.isEmpty
                            ? nil : .strings(attachment.linkLocalAddresses),
                    ]),
                    "DriverOpts": .strings(driverOptions(attachment)),
                ]
            )
            guard let mac = attachment.macAddress ?? service.macAddress else { continue }
            body.set("NetworkingConfig", "EndpointsConfig", name, "MacAddress", to: .string(mac))
        }
        for (attribute, value) in service.privileges.namespaces {
            body.set("HostConfig", Self.modes[attribute] ?? attribute, to: .string(value))
            body.set("NetworkingConfig", to: nil)
        }
        return body
    }

    private func driverOptions(_ attachment: Service.Attachment) -> [String: String] {
        guard let name = attachment.interfaceName else { return attachment.options }
        return attachment.options.merging([Service.Attachment.interfaceOption: name]) { $1 }
    }

    private func rates(_ rates: [Service.BlockIO.Rate], _ name: String = "Rate") -> JSON? {
        rates.isEmpty
            ? nil : .array(rates.map { ["Path": .string($0.path), name: .int($0.value)] })
    }

    private static let modes = [
        "network_mode": "NetworkMode", "pid": "PidMode", "ipc": "IpcMode", "uts": "UTSMode",
        "userns_mode": "UsernsMode", "cgroup": "CgroupnsMode",
    ]

    private func log(of service: Service) -> JSON {
        let asked = service.logging?.options ?? [:]
        let options = ["max-size": "10m", "max-file": "3"].merging(asked) { _, asked in asked }
        return [
            "Type": .string(service.logging?.driver ?? "json-file"), "Config": .strings(options),
        ]
    }

    private func host(of service: Service, in stack: Stack) -> JSON {
        let memory = service.resources.memory.map { JSON.int($0.bytes) }
        let host: JSON = .members([
            "CapAdd": .strings(service.capAdd), "CapDrop": ["ALL"],
            "SecurityOpt": .strings(
                ["no-new-privileges:true"] + service.privileges.securityOptions
            ),
            "Privileged": .bool(service.privileges.privileged),
            "Devices": service.privileges.devices.isEmpty
                ? nil : .strings(service.privileges.devices),
            "Tmpfs": .strings(service.tmpfs), "Memory": memory,
            "MemorySwap": service.resources.memoryAndSwap.map(JSON.int) ?? memory,
            "MemoryReservation": service.resources.reservedMemory.map { .int($0.bytes) },
            "PidsLimit": service.resources.pids.map(JSON.int),
            "NanoCpus": service.resources.nanoCPUs.map(JSON.int),
            "CpuQuota": .int(service.scheduling.quota),
            "Sysctls": service.sysctls.isEmpty ? nil : .strings(service.sysctls),
            "Ulimits": .array(
                service.ulimits.map { name, limit in
                    ["Name": .string(name), "Soft": .int(limit.soft), "Hard": .int(limit.hard)]
                }
            ),
            "GroupAdd": .strings(service.groups),
            "VolumesFrom": service.volumesFrom.isEmpty
                ? nil : .strings(service.volumesFrom.map(\.service)),
            "CpuShares": .int(service.scheduling.shares),
            "CpusetCpus": service.scheduling.set.map(JSON.string),
            "MemorySwappiness": service.swappiness.map(JSON.int),
            "Dns": .strings(service.resolver.servers),
            "DnsOptions": .strings(service.resolver.options),
            "DnsSearch": .strings(service.resolver.search),
            "ExtraHosts": .strings(service.hostEntries.map { "\($0.name):\($0.address)" }),
            "ShmSize": service.sharedMemory.map { .int($0.bytes) },
            "OomScoreAdj": service.killScore.map(JSON.int),
            "OomKillDisable": .bool(service.isSparedFromKilling),
            "LogConfig": log(of: service),
            "NetworkMode": "none",
            "Binds": .strings(
                service.volumes.filter { $0.options.subpath == nil }.compactMap { mount in
                    let mode = mount.readOnly ? "ro" : "rw"
                    return switch mount.source {
                    case .bind(let path):
                        mount.options.relabelling.map { "\(path):\(mount.target):\(mode),\($0)" }
                    case .volume(let key):
                        "\(stack.volumes[key]?.name ?? key):\(mount.target):\(mode)"
                    default: nil
                    }
                } + stack.volumes.values.filter(\.isExternal).map { "\($0.name):/external:rw" }
            ),
            "PortBindings": .object(
                Dictionary(
                    grouping: service.ports,
                    by: { "\($0.target)/\($0.protocol)" }
                )
                .mapValues { ports in
                    .array(
                        ports.map { port in
                            let host = port.published.map(String.init) ?? ""
                            return [
                                "HostIp": .string(port.hostIP ?? ""), "HostPort": .string(host),
                            ]
                        }
                    )
                }
            ),
        ])
        return .object(
            (host.objectValue ?? [:]).merging(sharing(of: service)) { first, _ in first }
        )
    }

    /// How it shares processors, disks and devices.
    private func sharing(of service: Service) -> [String: JSON] {
        let members: [String: JSON?] = [
            "Annotations": service.annotations.isEmpty ? nil : .strings(service.annotations),
            "DeviceRequests": (service.gpus + service.deviceRequests).isEmpty ? nil : [[:]],
            "Mounts": .array(
                service.volumes.compactMap { mount -> JSON? in
                    let options = mount.options
                    let isBind = options.propagation != nil || options.recursion != nil
                    if case .bind(let path) = mount.source, !isBind, options.relabelling == nil {
                        return GateFixture.bind(path, to: mount.target, readOnly: mount.readOnly)
                    }
                    guard isBind || options.subpath != nil || !options.labels.isEmpty else {
                        return nil
                    }
                    guard isBind else {
                        return [
                            "Type": "volume", "Source": "astro_data",
                            "Target": .string(mount.target),
                            "VolumeOptions": .members([
                                "Subpath": options.subpath.map(JSON.string),
                                "Labels": .strings(options.labels),
                            ]),
                        ]
                    }
                    return [
                        "Type": "bind", "Source": "/global/astro",
                        "Target": .string(mount.target),
                        "BindOptions": .members([
                            "Propagation": options.propagation.map(JSON.string),
                            "NonRecursive": .bool(options.recursion == "disabled"),
                            "ReadOnlyNonRecursive": .bool(options.recursion == "writable"),
                            "ReadOnlyForceRecursive": .bool(options.recursion == "readonly"),
                        ]),
                    ]
                }
            ),
            "Runtime": service.runtime.map(JSON.string),
            "CgroupParent": service.controlGroupParent.map(JSON.string),
            "StorageOpt": service.storageOptions.isEmpty ? nil : .strings(service.storageOptions),
            "DeviceCgroupRules": service.deviceRules.isEmpty
                ? nil : .strings(service.deviceRules),
            "CpuQuota": .int(service.scheduling.quota),
            "CpuPeriod": .int(service.scheduling.period),
            "CpuRealtimePeriod": .int(service.scheduling.realtimePeriod),
            "CpuRealtimeRuntime": .int(service.scheduling.realtimeRuntime),
            "BlkioWeight": .int(service.blockIO.weight),
            "BlkioWeightDevice": rates(service.blockIO.deviceWeights, "Weight"),
            "BlkioDeviceReadBps": rates(service.blockIO.readBytes),
            "BlkioDeviceReadIOps": rates(service.blockIO.readOperations),
            "BlkioDeviceWriteBps": rates(service.blockIO.writeBytes),
            "BlkioDeviceWriteIOps": rates(service.blockIO.writeOperations),
        ]
        return members.compactMapValues { $0 }
    }
}

extension EngineRequest {
    /// The request with `labels` beside its own.
    fileprivate func with(labels: [String: String]) -> EngineRequest {
        var request = self
        guard let bytes = body, var json = try? JSON(parsing: bytes) else { return self }
        for (key, value) in labels { json.set("Labels", key, to: .string(value)) }
        request.body = Array(json.text.utf8)
        return request
    }
}
