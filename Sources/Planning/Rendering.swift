internal import Admission
internal import Model

/// One container's create body, from what policy admitted for its service.
struct Rendering {
    let slot: Slot
    let controller: String
    let stack: Stack
    let admitted: AdmittedService
    /// As the file publishes them, with what was chosen.
    let ports: [PortMapping]
    let spec: String
    let isTask: Bool
    let network: NetworkAttachment?

    private var service: Service { admitted.service }

    /// Without `Image` and the claim label, which are known only when the call is made.
    var body: JSON {
        var body = written.json.objectValue ?? [:]
        body["HostConfig"] = hostConfig(body["HostConfig"]?.objectValue ?? [:])
        body["Labels"] = .strings(labels)
        // Docker Compose drops what is less than a second, and zero means to kill at once.
        body["StopTimeout"] = service.stopGracePeriod.map { .int($0.secondsRoundedUp) }
        return .object(body)
    }

    /// A directory that the engine made would be root's, on a file system that may be shared.
    private var written: ContainerBody {
        var service = service
        service.ports = ports
        if !admitted.makesHostPaths {
            for index in service.volumes.indices {
                service.volumes[index].options.createsHostPath = false
            }
        }
        return ContainerBody(
            service: service,
            stack: stack,
            networks: network.map { [$0] } ?? [],
            reference: { stack.containerName(of: Slot(service: $0, number: 1)) }
        )
    }

    /// What its file asks of the node, under what holds for every container of ours.
    private func hostConfig(_ written: [String: JSON]) -> JSON {
        var members = written
        members["CapAdd"] = .strings(admitted.capAdd)
        members["CapDrop"] = ["ALL"]
        members["SecurityOpt"] = .strings(admitted.securityOptions)
        members["RestartPolicy"] = (service.restart ?? .no).engineValue
        // Equal to the memory limit where nothing is said: no swap beside it.
        members["MemorySwap"] = written["MemorySwap"] ?? written["Memory"]
        members["LogConfig"] = [
            "Type": .string(admitted.logging.driver ?? "json-file"),
            "Config": .strings(admitted.logging.options),
        ]
        // What it takes over of other services is among its own mounts.
        members["VolumesFrom"] = nil
        return .object(members)
    }

    private var labels: [String: String] {
        var labels = service.labels
        labels[Labels.controller] = controller
        labels[Labels.project] = stack.id.project
        labels[Labels.stack] = stack.id.stack
        labels[Labels.service] = slot.service
        labels[Labels.slot] = String(slot.number)
        labels[Labels.spec] = spec
        labels[Labels.secrets] = SecretMark(of: service, in: stack)?.label
        labels[Labels.run] = isTask ? "task" : "service"
        labels[Labels.filled] = Rendering.filled(service, asked: stack.services[slot.service])
        labels[Labels.Compose.project] = stack.composeProjectName
        labels[Labels.Compose.service] = slot.service
        labels[Labels.Compose.number] = String(slot.number)
        labels[Labels.Compose.oneOff] = "False"
        labels.merge(composeFacts) { _, ours in ours }
        return labels
    }

    /// Without these, `docker compose ls`, `ps` and `logs` pass a container over or complain of
    /// it; paths are those in the repository.
    ///
    /// Like all labels of ours they are no part of the spec hash: a container that lacks them, or
    /// whose stack moved to another folder, is what its file says all the same (law 9).
    private var composeFacts: [String: String] {
        let files = stack.files.map(Rendering.visible)
        let folder = files.first?.split(separator: "/").dropLast() ?? []
        return [
            Labels.Compose.configHash: String(spec.drop { $0 != ":" }.dropFirst()),
            Labels.Compose.configFiles: files.joined(separator: ","),
            Labels.Compose.workingDirectory: folder.isEmpty ? "." : folder.joined(separator: "/"),
        ]
    }

    /// A path as a label may have it: with a mark for what can't be seen.
    private static func visible(_ path: String) -> String {
        let scalars = path.unicodeScalars.map { scalar -> Unicode.Scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .unassigned: "?"
            default: scalar
            }
        }
        return String(String.UnicodeScalarView(scalars))
    }

    /// The values of `service` that its file did not ask for.
    static func filled(_ service: Service, asked: Service?) -> String {
        var values: [String] = []
        if asked?.resources.memory != service.resources.memory,
            let memory = service.resources.memory
        {
            values.append("memory=\(memory.bytes)")
        }
        if asked?.resources.pids != service.resources.pids, let pids = service.resources.pids {
            values.append("pids=\(pids)")
        }
        if asked?.resources.nanoCPUs != service.resources.nanoCPUs,
            let cpus = service.resources.nanoCPUs
        {
            values.append("cpus=\(QuotaKind.cpus.number(cpus))")
        }
        return values.joined(separator: ",")
    }

    /// What a text of ``filled(_:asked:)`` says, by name.
    static func values(filled text: String) -> [String: String] {
        let pairs = text.split(separator: ",").compactMap { value -> (String, String)? in
            let parts = value.split(separator: "=", maxSplits: 1).map(String.init)
            return parts.count == 2 ? (parts[0], parts[1]) : nil
        }
        return Dictionary(pairs) { first, _ in first }
    }
}
