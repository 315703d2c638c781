internal import Model
internal import YAMLTree

/// What a service tunes, and what it asks of its node.
extension ServiceReader {
    func readTuning(into service: inout Service) {
        service.groups = value["group_add"]?.strings ?? []
        service.sysctls = value["sysctls"]?.texts ?? [:]
        service.ulimits = ulimits
        service.hostEntries = hostEntries
        service.logging = value["logging"].flatMap { logging in
            guard logging.isMapping else { return nil }
            let driver = logging["driver"]?.node.string
            return Service.Logging(driver: driver, options: logging["options"]?.texts ?? [:])
        }
        service.sharedMemory = value["shm_size"]?.limit
        service.killScore = number("oom_score_adj")
        service.isSparedFromKilling = flag("oom_kill_disable")
        service.swappiness = value["mem_swappiness"].flatMap { swappiness in
            swappiness.isNull ? nil : swappiness.size?.bytes
        }
        service.volumesFrom = (value["volumes_from"]?.strings ?? []).map(Service.VolumesFrom.init)
        service.placement = value["deploy"]?["placement"]?["constraints"]?.strings ?? []
        service.domainName = text("domainname")
        service.keepsInputOpen = flag("stdin_open")
        service.resolver.servers = value["dns"]?.strings ?? []
        service.resolver.options = value["dns_opt"]?.strings ?? []
        service.resolver.search = value["dns_search"]?.strings ?? []
        service.scheduling = scheduling
    }

    func readNode(into service: inout Service) {
        service.platform = text("platform")
        service.containerName = text("container_name")
        service.annotations = value["annotations"]?.texts ?? [:]
        service.storageOptions = value["storage_opt"]?.texts ?? [:]
        service.runtime = text("runtime")
        service.isolation = text("isolation")
        service.controlGroupParent = text("cgroup_parent")
        service.macAddress = text("mac_address")
        service.usesEngineSocket = flag("use_api_socket")
        service.externalLinks = (value["external_links"]?.strings ?? []).map { text in
            let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
            let container = parts.first ?? ""
            return Service.ExternalLink(container: container, alias: parts.last ?? container)
        }
        service.blockIO = value["blkio_config"]?.blockIO ?? Service.BlockIO()
        service.deviceRules = value["device_cgroup_rules"]?.strings ?? []
        let reserved = value["deploy"]?["resources"]?["reservations"]?["devices"]
        service.deviceRequests = (reserved?.listed ?? []).map(\.deviceRequest)
        service.gpus = (value["gpus"]?.listed ?? []).map { gpu in
            var request = gpu.deviceRequest
            request.capabilities.append("gpu")
            return request
        }
        service.configs = (value["configs"]?.listed ?? []).map(\.mountedFile)
        service.secrets = (value["secrets"]?.listed ?? []).map(\.mountedFile)
    }

    private func number(_ name: String) -> Int64? {
        value[name].flatMap { $0.isNull ? nil : $0.integer.map(Int64.init) }
    }

    private var ulimits: [String: Service.Ulimit] {
        var ulimits: [String: Service.Ulimit] = [:]
        for limit in value["ulimits"]?.members ?? [] {
            let single = limit.isMapping ? 0 : Int64(limit.integer ?? 0)
            ulimits[limit.name] = Service.Ulimit(
                soft: limit["soft"]?.integer.map(Int64.init) ?? single,
                hard: limit["hard"]?.integer.map(Int64.init) ?? single
            )
        }
        return ulimits
    }

    /// `name=address`, as the settled model has them.
    private var hostEntries: [Service.HostEntry] {
        (value["extra_hosts"]?.strings ?? []).map { entry in
            let parts = entry.split(separator: "=", maxSplits: 1).map(String.init)
            return Service.HostEntry(
                name: parts.first ?? "",
                address: parts.count > 1 ? parts[1] : ""
            )
        }
    }

    private var scheduling: Service.Scheduling {
        var result = Service.Scheduling()
        result.shares = number("cpu_shares") ?? 0
        result.quota = number("cpu_quota") ?? 0
        result.period = number("cpu_period") ?? 0
        result.realtimePeriod = number("cpu_rt_period") ?? 0
        result.realtimeRuntime = number("cpu_rt_runtime") ?? 0
        result.set = text("cpuset")
        guard !isDeployed else { return result }
        result.count = number("cpu_count") ?? 0
        result.percent = value["cpu_percent"]?.number ?? 0
        return result
    }
}

extension Service.VolumesFrom {
    /// Reads `service`, `service:ro` and `container:name:ro`.
    fileprivate init(_ text: String) {
        let isReadOnly = text.hasSuffix(":ro")
        let isWritable = text.hasSuffix(":rw")
        self.init(
            service: isReadOnly || isWritable ? String(text.dropLast(3)) : text,
            readOnly: isReadOnly
        )
    }
}

extension Value {
    /// How a service joins a network.
    var attachment: Service.Attachment {
        var attachment = Service.Attachment(aliases: self["aliases"]?.strings ?? [])
        attachment.ipv4Address = self["ipv4_address"]?.node.string
        attachment.ipv6Address = self["ipv6_address"]?.node.string
        attachment.linkLocalAddresses = self["link_local_ips"]?.strings ?? []
        attachment.macAddress = self["mac_address"]?.node.string
        attachment.options = self["driver_opts"]?.texts ?? [:]
        attachment.priority = self["priority"]?.integer.map(Int64.init) ?? 0
        attachment.gatewayPriority = self["gw_priority"]?.integer.map(Int64.init) ?? 0
        attachment.interfaceName = self["interface_name"]?.node.string
        return attachment
    }

    fileprivate var blockIO: Service.BlockIO {
        var result = Service.BlockIO()
        result.weight = self["weight"]?.integer.map(Int64.init) ?? 0
        result.deviceWeights = (self["weight_device"]?.listed ?? []).map { $0.rate("weight") }
        result.readBytes = (self["device_read_bps"]?.listed ?? []).map { $0.rate("rate") }
        result.readOperations = (self["device_read_iops"]?.listed ?? []).map { $0.rate("rate") }
        result.writeBytes = (self["device_write_bps"]?.listed ?? []).map { $0.rate("rate") }
        result.writeOperations = (self["device_write_iops"]?.listed ?? []).map { $0.rate("rate") }
        return result
    }

    private func rate(_ name: String) -> Service.BlockIO.Rate {
        let path = self["path"]?.node.string ?? ""
        return Service.BlockIO.Rate(path: path, value: self[name]?.size?.bytes ?? 0)
    }

    fileprivate var deviceRequest: Service.DeviceRequest {
        Service.DeviceRequest(
            driver: self["driver"]?.node.string,
            count: self["count"]?.integer.map(Int64.init) ?? 0,
            ids: self["device_ids"]?.strings ?? [],
            capabilities: self["capabilities"]?.strings ?? [],
            options: self["options"]?.texts ?? [:]
        )
    }

    fileprivate var mountedFile: Service.MountedFile {
        var file = Service.MountedFile(source: self["source"]?.node.string ?? "")
        file.target = self["target"]?.node.string
        file.user = self["uid"]?.node.string
        file.group = self["gid"]?.node.string
        file.mode = self["mode"]?.node.text.flatMap { Int64($0, radix: 8) }
        return file
    }
}
