internal import Model

/// What a service's tasks get, as the create body of a container that gets the same.
///
/// Source of both shapes: the Engine API reference, `ServiceCreate` and `ContainerCreate`; of the
/// translation: `containerSpec` of moby's executor.
struct SwarmTask {
    private let spec: Members
    private let task: Members
    private let endpoints: BodyField?
    private let rules: SwarmRules

    init(
        _ spec: Members,
        _ task: Members,
        _ endpoints: BodyField?,
        _ rules: SwarmRules
    ) {
        self.spec = spec
        self.task = task
        self.endpoints = endpoints
        self.rules = rules
    }

    var container: JSON {
        get throws(Objection) {
            try checkTemplates()
            var body: [String: JSON] = [:]
            let same = [
                ("Image", "Image"), ("Labels", "Labels"), ("Env", "Env"), ("User", "User"),
                ("StopSignal", "StopSignal"), ("TTY", "Tty"),
                ("OpenStdin", "OpenStdin"), ("Healthcheck", "Healthcheck"), ("Dir", "WorkingDir"),
                ("Command", "Entrypoint"), ("Args", "Cmd"),
            ]
            for (key, name) in same { body[name] = spec[key]?.value }
            body["Hostname"] = try hostname
            if let grace = try spec["StopGracePeriod"]?.integer(0...(.max), .limit) {
                body["StopTimeout"] = .int(grace / 1_000_000_000)
            }
            body["Volumes"] = try places
            body["HostConfig"] = .object(try host)
            return .object(body)
        }
    }

    /// What nodes expand after this look: nothing of a mount or a network, which would be another
    /// one then, and elsewhere nothing but plain placeholders.
    ///
    /// Source: swarmkit's `template.ExpandContainerSpec`, and moby's executor for what it expands
    /// of networks.
    private func checkTemplates() throws(Objection) {
        for (key, check) in [("Mounts", GateCheck.bind), ("DNSConfig", .name), ("Hosts", .name)] {
            guard let field = spec[key], GoTemplate.isPresent(in: field.value.text) else {
                continue
            }
            throw field.objection(check, "a node would make something else of this template")
        }
        if let networks = task["Networks"], GoTemplate.isPresent(in: networks.value.text) {
            throw networks.objection(.network, "a node would make something else of this template")
        }
        for variable in try spec["Env"]?.elements() ?? [] {
            guard try GoTemplate.isPlain(variable.string(), GoTemplate.taskNames) else {
                throw variable.objection(.body, "nodes would run this template")
            }
        }
    }

    private var hostname: JSON? {
        get throws(Objection) {
            guard let field = spec["Hostname"] else { return nil }
            guard let name = try GoTemplate.filling(field.string(), GoTemplate.taskNames) else {
                throw field.objection(.name, "nodes would run this template")
            }
            return .string(name)
        }
    }

    /// Where configs and secrets are put: only where a volume may be.
    private var places: JSON? {
        get throws(Objection) {
            var places: [String: JSON] = [:]
            for key in ["Configs", "Secrets"] {
                for file in try spec[key]?.elements() ?? [] {
                    let members = try file.members([
                        "\(key.dropLast())ID", "\(key.dropLast())Name", "File",
                    ])
                    let target = try members.required("File").members([
                        "Name", "UID", "GID", "Mode",
                    ])
                    places[try target.required("Name", .target).string()] = [:]
                }
            }
            return places.isEmpty ? nil : .object(places)
        }
    }

    private var host: [String: JSON] {
        get throws(Objection) {
            var host: [String: JSON] = ["NetworkMode": "none"]
            let same = [
                ("Mounts", "Mounts"), ("CapabilityAdd", "CapAdd"), ("CapabilityDrop", "CapDrop"),
                ("ReadOnly", "ReadonlyRootfs"), ("Init", "Init"), ("Sysctls", "Sysctls"),
                ("Ulimits", "Ulimits"), ("Groups", "GroupAdd"),
            ]
            for (key, name) in same { host[name] = spec[key]?.value }
            host["SecurityOpt"] = try security
            host.merge(try resources) { $1 }
            host.merge(try resolver) { $1 }
            host["PortBindings"] = try ports
            if let log = task["LogDriver"] {
                let members = try log.members(["Name", "Options"])
                host["LogConfig"] = .members([
                    "Type": members["Name"]?.value, "Config": members["Options"]?.value,
                ])
            }
            return host
        }
    }

    /// What the engines keep by themselves, they keep for every task.
    private var security: JSON? {
        get throws(Objection) {
            let members = try spec["Privileges"]?.members(["NoNewPrivileges"])
            let isAsked = try members?["NoNewPrivileges"]?.bool() ?? false
            return isAsked || rules.keepsPrivileges ? .strings(SecurityOption.enforced) : nil
        }
    }

    private var resources: [String: JSON] {
        get throws(Objection) {
            let members = try task["Resources"]?.members(["Limits", "Reservations"])
            let limits = try members?["Limits"]?.members(["MemoryBytes", "NanoCPUs", "Pids"])
            let reserved = try members?["Reservations"]?.members(["MemoryBytes", "NanoCPUs"])
            try reserved?["NanoCPUs"]?.integer(0...(.max), .limit)
            let memory = limits?["MemoryBytes"]?.value
            let values = JSON.members([
                "Memory": memory, "NanoCpus": limits?["NanoCPUs"]?.value,
                "PidsLimit": limits?["Pids"]?.value,
                "MemoryReservation": reserved?["MemoryBytes"]?.value,
                // A Swarm has no word for swap beside it.
                "MemorySwap": memory,
            ])
            return values.objectValue ?? [:]
        }
    }

    private var resolver: [String: JSON] {
        get throws(Objection) {
            let members = try spec["DNSConfig"]?.members(["Nameservers", "Options", "Search"])
            var hosts: [JSON] = []
            for field in try spec["Hosts"]?.elements() ?? [] {
                let parts = try field.string().split(separator: " ").map(String.init)
                guard parts.count == 2 else {
                    throw field.objection(.name, "this is not an address and a name")
                }
                hosts.append(.string("\(parts[1]):\(parts[0])"))
            }
            let values = JSON.members([
                "Dns": members?["Nameservers"]?.value, "DnsOptions": members?["Options"]?.value,
                "DnsSearch": members?["Search"]?.value,
                "ExtraHosts": hosts.isEmpty ? nil : .array(hosts),
            ])
            return values.objectValue ?? [:]
        }
    }

    private var ports: JSON? {
        get throws(Objection) {
            guard let members = try endpoints?.members(["Mode", "Ports"]) else { return nil }
            if let mode = members["Mode"], !["vip", "dnsrr"].contains(try mode.string()) {
                throw mode.objection(.port, "this is no mode of an endpoint")
            }
            var bindings: [String: JSON] = [:]
            for field in try members["Ports"]?.elements() ?? [] {
                let port = try field.members([
                    "Protocol", "PublishMode", "PublishedPort", "TargetPort",
                ])
                if let mode = port["PublishMode"], !["ingress", "host"].contains(try mode.string())
                {
                    throw mode.objection(.port, "this is no way to publish a port")
                }
                let target = try port.required("TargetPort", .port).integer(1...65535, .port)
                // One that nobody chose is the Swarm's to choose, which no grant covers.
                let published = try port.required("PublishedPort", .port).integer(1...65535, .port)
                let transport = try port["Protocol"]?.string() ?? "tcp"
                let key = "\(target)/\(transport)"
                let others = bindings[key]?.arrayValue ?? []
                bindings[key] = .array(others + [["HostPort": .string(String(published))]])
            }
            return bindings.isEmpty ? nil : .object(bindings)
        }
    }
}
