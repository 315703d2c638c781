internal import Model

/// What version 1 hashes of attributes that came later: nothing at all where no file uses them.
extension SpecHash {
    static func more1(_ service: Service) -> [String: JSON?] {
        let ulimits = service.ulimits.mapValues { JSON.string("\($0.soft):\($0.hard)") }
        let hosts = service.hostEntries.map { "\($0.name)=\($0.address)" }
        let sources = service.volumesFrom.map { $0.service + ($0.readOnly ? ":ro" : "") }
        return [
            "group_add": .unlessEmpty(service.groups),
            "sysctls": .unlessEmpty(service.sysctls),
            "ulimits": ulimits.isEmpty ? nil : .object(ulimits),
            "extra_hosts": .unlessEmpty(hosts),
            "logging": service.logging.map { logging in
                .members([
                    "driver": logging.driver.map(JSON.string),
                    "options": .strings(logging.options),
                ])
            },
            "shm_size": service.sharedMemory.map { .int($0.bytes) },
            "oom_score_adj": service.killScore.map(JSON.int),
            "oom_kill_disable": service.isSparedFromKilling ? true : nil,
            "volumes_from": .unlessEmpty(sources),
            "domainname": .unlessEmpty(service.domainName),
            "stdin_open": service.keepsInputOpen ? true : nil,
            "dns": .unlessEmpty(service.resolver.servers),
            "dns_opt": .unlessEmpty(service.resolver.options),
            "dns_search": .unlessEmpty(service.resolver.search),
            "scheduling": scheduling1(service.scheduling),
            "mem_swappiness": service.swappiness.map(JSON.int),
            "cgroup_parent": .unlessEmpty(service.controlGroupParent),
            "use_api_socket": service.usesEngineSocket ? true : nil,
            "platform": .unlessEmpty(service.platform),
            "container_name": .unlessEmpty(service.containerName),
            "annotations": .unlessEmpty(service.annotations),
            "storage_opt": .unlessEmpty(service.storageOptions),
            "runtime": .unlessEmpty(service.runtime),
            "isolation": .unlessEmpty(service.isolation),
            "external_links": .unlessEmpty(
                service.externalLinks.map { "\($0.container):\($0.alias)" }
            ),
            "mac_address": .unlessEmpty(service.macAddress),
            "device_cgroup_rules": .unlessEmpty(service.deviceRules),
            "device_requests": .unlessEmpty(
                (service.deviceRequests + service.gpus).map(request1)
            ),
            "blkio_config": blockIO1(service.blockIO),
            "configs": .unlessEmpty(service.configs.map(file1)),
            "secrets": .unlessEmpty(service.secrets.map(file1)),
        ]
    }

    /// The options of a mount that are not what is taken where nothing is said.
    static func options1(_ options: Mount.Options) -> [String] {
        var texts: [String?] = [
            options.consistency.map { "consistency=\($0)" },
            options.propagation.map { "propagation=\($0)" },
            options.createsHostPath ? nil : "create_host_path=false",
            options.recursion.map { "recursive=\($0)" },
            options.relabelling.map { "selinux=\($0)" },
            options.noCopy ? "nocopy" : nil,
            options.subpath.map { "subpath=\($0)" },
        ]
        texts += options.labels.sorted { $0.key < $1.key }.map { "label=\($0.key)=\($0.value)" }
        return texts.compactMap { $0 }
    }

    /// The aliases alone where a service asks for no more.
    static func attachment1(_ attachment: Service.Attachment) -> JSON {
        let members: [String: JSON?] = [
            "ipv4_address": .unlessEmpty(attachment.ipv4Address),
            "ipv6_address": .unlessEmpty(attachment.ipv6Address),
            "link_local_ips": .unlessEmpty(attachment.linkLocalAddresses),
            "mac_address": .unlessEmpty(attachment.macAddress),
            "driver_opts": .unlessEmpty(attachment.options),
            "priority": .unlessZero(attachment.priority),
            "gw_priority": .unlessZero(attachment.gatewayPriority),
            "interface_name": .unlessEmpty(attachment.interfaceName),
        ]
        let asked = members.compactMapValues { $0 }
        let aliases = JSON.strings(attachment.aliases)
        return asked.isEmpty
            ? aliases : .object(asked.merging(["aliases": aliases]) { first, _ in first })
    }

    private static func scheduling1(_ scheduling: Service.Scheduling) -> JSON? {
        guard scheduling != Service.Scheduling() else { return nil }
        return .members([
            "shares": .unlessZero(scheduling.shares), "quota": .unlessZero(scheduling.quota),
            "period": .unlessZero(scheduling.period),
            "rt_period": .unlessZero(scheduling.realtimePeriod),
            "rt_runtime": .unlessZero(scheduling.realtimeRuntime),
            "count": .unlessZero(scheduling.count),
            "percent": scheduling.percent == 0 ? nil : .double(scheduling.percent),
            "set": .unlessEmpty(scheduling.set),
        ])
    }

    private static func blockIO1(_ blockIO: Service.BlockIO) -> JSON? {
        guard blockIO != Service.BlockIO() else { return nil }
        func rates(_ rates: [Service.BlockIO.Rate]) -> JSON? {
            .unlessEmpty(rates.map { "\($0.path)=\($0.value)" })
        }
        return .members([
            "weight": .unlessZero(blockIO.weight), "weights": rates(blockIO.deviceWeights),
            "read_bps": rates(blockIO.readBytes), "read_iops": rates(blockIO.readOperations),
            "write_bps": rates(blockIO.writeBytes), "write_iops": rates(blockIO.writeOperations),
        ])
    }

    private static func request1(_ request: Service.DeviceRequest) -> JSON {
        .members([
            "driver": .unlessEmpty(request.driver), "count": .int(request.count),
            "ids": .unlessEmpty(request.ids), "capabilities": .strings(request.capabilities),
            "options": .unlessEmpty(request.options),
        ])
    }

    private static func file1(_ file: Service.MountedFile) -> JSON {
        .members([
            "source": .string(file.source), "target": .unlessEmpty(file.target),
            "uid": .unlessEmpty(file.user), "gid": .unlessEmpty(file.group),
            "mode": file.mode.map(JSON.int),
        ])
    }
}
