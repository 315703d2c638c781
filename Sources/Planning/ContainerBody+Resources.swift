internal import Model

extension ContainerBody {
    /// What it may take of its node: processors, memory, disks and devices.
    var resources: [String: JSON?] {
        let limits = service.resources
        let scheduling = service.scheduling
        let blockIO = service.blockIO
        let memory = limits.memory?.bytes
        let reserved = limits.reservedMemory?.bytes
        return [
            "BlkioDeviceReadBps": rates(blockIO.readBytes),
            "BlkioDeviceReadIOps": rates(blockIO.readOperations),
            "BlkioDeviceWriteBps": rates(blockIO.writeBytes),
            "BlkioDeviceWriteIOps": rates(blockIO.writeOperations),
            "BlkioWeight": .unlessZero(blockIO.weight),
            "BlkioWeightDevice": rates(blockIO.deviceWeights, "Weight"),
            "CgroupParent": .unlessEmpty(service.controlGroupParent),
            "CpuCount": .unlessZero(scheduling.count),
            // In hundredths of a percent.
            "CpuPercent": .unlessZero(Int64(Float(scheduling.percent) * 100)),
            "CpuPeriod": .unlessZero(scheduling.period),
            "CpuQuota": .unlessZero(scheduling.quota),
            "CpuRealtimePeriod": .unlessZero(scheduling.realtimePeriod),
            "CpuRealtimeRuntime": .unlessZero(scheduling.realtimeRuntime),
            "CpuShares": .unlessZero(scheduling.shares),
            "CpusetCpus": .unlessEmpty(scheduling.set),
            "DeviceCgroupRules": .unlessEmpty(service.deviceRules),
            "DeviceRequests": .unlessEmpty(requests),
            "Devices": .unlessEmpty(devices.filter { !$0.isRequest }.map(\.body)),
            "Memory": .unlessZero(memory),
            "MemoryReservation": .unlessZero(reserved),
            "MemorySwap": .unlessZero(limits.memoryAndSwap),
            "MemorySwappiness": .unlessZero(service.swappiness),
            "NanoCpus": .unlessZero(limits.nanoCPUs),
            "PidsLimit": .unlessZero(limits.pids),
            "ShmSize": .unlessZero(service.sharedMemory?.bytes),
        ]
    }

    private func rates(_ rates: [Service.BlockIO.Rate], _ name: String = "Rate") -> JSON? {
        .unlessEmpty(
            rates.map { .members(["Path": .string($0.path), name: .unlessZero($0.value)]) }
        )
    }

    private var devices: [NodeDevice] { service.privileges.devices.map(NodeDevice.init) }

    /// What drivers are asked for, with the devices that have a name of their interface between.
    private var requests: [JSON] {
        let named = devices.filter(\.isRequest).map(\.source)
        let interface: [JSON] =
            named.isEmpty ? [] : [["Driver": "cdi", "DeviceIDs": .strings(named)]]
        return service.deviceRequests.map(body) + interface + service.gpus.map(body)
    }

    private func body(_ request: Service.DeviceRequest) -> JSON {
        .members([
            "Capabilities": .array([.strings(request.capabilities)]),
            "Count": .unlessZero(request.count),
            "DeviceIDs": .unlessEmpty(request.ids),
            "Driver": .unlessEmpty(request.driver),
            "Options": .unlessEmpty(request.options),
        ])
    }
}

/// A device of the node as a file writes it.
private struct NodeDevice {
    let source: String
    private let target: String
    private let permissions: String

    init(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        source = parts[0]
        target = parts.count > 1 ? parts[1] : parts[0]
        permissions = parts.count > 2 ? parts[2] : "rwm"
    }

    /// Whether it is `vendor/class=name`, a name of the Container Device Interface.
    var isRequest: Bool {
        let parts = source.split(separator: "=", omittingEmptySubsequences: false)
        let kind = parts[0].split(separator: "/", omittingEmptySubsequences: false)
        return source == target && parts.count == 2 && kind.count == 2
            && !(kind + parts).contains("")
    }

    var body: JSON {
        [
            "PathOnHost": .string(source), "PathInContainer": .string(target),
            "CgroupPermissions": .string(permissions),
        ]
    }
}
