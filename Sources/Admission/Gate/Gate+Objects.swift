internal import Model

/// Images, networks and volumes.
extension Gate {
    func pull(_ call: Call) throws(Objection) {
        try call.matches("POST", "images", "create")
        let query = try call.queries("fromImage", "tag")
        guard let image = query["fromImage"], let tag = query["tag"] else {
            throw Objection(.image, "query", "without an image and a tag, all tags are pulled")
        }
        // A second tag or digest within the name would be judged and not pulled.
        guard !image.utf8.contains(0x40), let bare = ImageReference(image + ":latest"),
            bare.tag == "latest"
        else { throw Objection(.image, "query.fromImage", "this is no plain name of an image") }
        let separator = Text.isBelow(tag, "sha256:") ? "@" : ":"
        try admitted(image: image + separator + tag, "query")
    }

    func createNetwork(_ call: Call, _ body: BodyField) throws(Objection) {
        try call.matches("POST", "networks", "create")
        _ = try call.queries()
        let members = try body.members([
            "Name", "Driver", "Internal", "Labels", "CheckDuplicate", "Attachable", "Options",
            "IPAM", "EnableIPv4", "EnableIPv6",
        ])
        try ownObjectName(members.required("Name", .name), beside: externals.networks)
        let driver = try members.required("Driver", .driver)
        let wanted = try driver.string()
        let isBounded = enforcement.hold(Rule.networkDriver.id) == .enforced
        let isSpan = rules != nil && Text.equal(wanted, "overlay")
        if let rules { try judge(span: members, rules) }
        guard
            !isBounded || isSpan
                || grants.networkDrivers.contains(where: { Text.equal($0, wanted) })
        else { throw driver.objection(.driver, "this driver is not offered") }
        for (name, option) in try members["Options"]?.entries() ?? [] {
            let value = try option.string()
            if isSpan, Text.equal(name, "encrypted") { continue }
            guard isBounded, let objection = Grants.objection(networkOption: name, value)
            else { continue }
            throw option.objection(.driver, objection)
        }
        if let addresses = members["IPAM"] {
            let name = try members.required("Name", .name).string()
            if let reserved = subnets[name] {
                try judge(addresses: addresses, are: reserved)
            } else {
                try judge(addresses: addresses)
            }
        }
        for key in ["Internal", "Attachable", "EnableIPv4", "EnableIPv6"] {
            try members[key]?.bool()
        }
        // Else a second network of this name makes the name ambiguous.
        guard try members.required("CheckDuplicate").bool() else {
            throw Objection(.body, "body.CheckDuplicate", "duplicates must be refused")
        }
        try judge(labels: members.required("Labels", .label), of: .network)
    }

    /// Nothing but the subnet that is reserved for the network, in whatever profile.
    private func judge(addresses field: BodyField, are reserved: String) throws(Objection) {
        let pools = try field.members(["Config"]).required("Config", .network).elements()
        for pool in pools {
            let subnet = try pool.members(["Subnet"]).required("Subnet", .network)
            guard Text.equal(try subnet.string(), reserved) else {
                throw subnet.objection(.network, "another subnet is reserved for this network")
            }
        }
        guard pools.count == 1 else {
            throw field.objection(.network, "a network has one subnet of the pool")
        }
    }

    /// Subnets of the granted ones, and addresses, which the engine itself wants to be in them.
    private func judge(addresses field: BodyField) throws(Objection) {
        let members = try field.members(["Driver", "Config", "Options"])
        let isBounded = enforcement.hold(Rule.subnet.id) == .enforced
        if let driver = members["Driver"], try driver.string() != "default", isBounded {
            throw driver.objection(.driver, "this driver of addresses is not offered")
        }
        if let options = members["Options"] {
            guard !isBounded else {
                throw options.objection(.body, "options of addresses are not offered")
            }
            for (_, option) in try options.entries() { _ = try option.string() }
        }
        for config in try members["Config"]?.elements() ?? [] {
            let members = try config.members([
                "Subnet", "Gateway", "IPRange", "AuxiliaryAddresses",
            ])
            for (_, address) in try members["AuxiliaryAddresses"]?.entries() ?? []
            where try !Text.isAddress(address.string()) {
                throw address.objection(.network, "this is no IP address")
            }
            for key in ["Subnet", "IPRange"] {
                guard let subnet = members[key] else { continue }
                let text = try subnet.string()
                guard isBounded, let objection = grants.objection(subnet: text) else { continue }
                throw subnet.objection(.network, objection)
            }
            if isBounded { _ = try members.required("Subnet", .network) }
            if let gateway = members["Gateway"], try !Text.isAddress(gateway.string()) {
                throw gateway.objection(.network, "this is no IP address")
            }
        }
    }

    func createVolume(_ call: Call, _ body: BodyField) throws(Objection) {
        try call.matches("POST", "volumes", "create")
        _ = try call.queries()
        let members = try body.members(["Name", "Driver", "DriverOpts", "Labels"])
        let name = try members.required("Name", .name)
        if try !isOwnContent(name.string()) {
            try ownObjectName(name, beside: externals.volumes)
        }
        let isBounded = enforcement.hold(Rule.volumeDriver.id) == .enforced
        if isBounded { try driver("local", members) }
        for (_, option) in try members["DriverOpts"]?.entries() ?? [] {
            _ = try option.string()
            guard !isBounded else {
                throw option.objection(.driver, "options could mount anything of the node")
            }
        }
        try judge(labels: members.required("Labels", .label), of: .volume)
    }

    /// Connect and disconnect: one of our containers, and a network that only we can have.
    func joinNetwork(_ call: Call, _ body: BodyField) throws(Objection) {
        let isConnect = call.action == .connectNetwork
        let network = try call.matches(
            "POST",
            "networks",
            "*",
            isConnect ? "connect" : "disconnect"
        )
        _ = try call.queries()
        guard isOwn(network: network) || Gate.isID(network) && owned.contains(network)
        else { throw Objection(.network, "path", "this network is not the stack's own") }
        let members = try body.members(
            isConnect ? ["Container", "EndpointConfig"] : ["Container", "Force"]
        )
        let container = try members.required("Container", .ownership)
        let id = try container.string()
        guard let target = call.target, Text.equal(target, id) else {
            throw container.objection(.ownership, "this is something else than the target")
        }
        guard Gate.isID(id), owned.contains(id) else {
            throw container.objection(.ownership, "the journal doesn't own this container")
        }
        if let endpoint = members["EndpointConfig"] {
            try judge(endpoint: endpoint, of: network)
        }
        try members["Force"]?.bool()
    }

    /// Aliases, and links to containers of this stack only.
    ///
    /// What a task joins names its network besides.
    func judge(
        endpoint: BodyField,
        of network: String,
        isTask: Bool = false
    ) throws(Objection) {
        let members = try endpoint.members(
            isTask
                ? ["Target", "Aliases", "DriverOpts"]
                : ["Aliases", "Links", "IPAMConfig", "GwPriority", "MacAddress", "DriverOpts"]
        )
        try judge(addresses: members, of: network)
        try members["GwPriority"]?.integer(.min...(.max), .network)
        for (name, option) in try members["DriverOpts"]?.entries() ?? [] {
            let value = try option.string()
            let isName =
                Text.equal(name, Service.Attachment.interfaceOption)
                && Grants.isInterfaceName(value)
            guard isName || Text.isPrintable(value) && !boundsEndpoints else {
                throw option.objection(.driver, "this option of an interface is not offered")
            }
        }
        for alias in try members["Aliases"]?.elements() ?? []
        where try !Text.isHostName(alias.string()) {
            throw alias.objection(.name, "this is no host name")
        }
        let isGuest = isGuest(on: network, by: .guestName)
        for alias in try isGuest ? members["Aliases"]?.elements() ?? [] : [] {
            let name = try alias.string()
            let isContainer = tenant.allows(containerName: name, of: stack)
            guard
                isContainer && !tenant.isClaimed(name, beside: stack)
                    || tenant.allows(guestName: name, of: stack)
            else {
                throw alias.objection(.name, "this name may be another project's")
            }
        }
        for link in try members["Links"]?.elements() ?? [] {
            let parts = try link.string().split(separator: ":", omittingEmptySubsequences: false)
                .map(String.init)
            guard parts.count == 2, tenant.allows(containerName: parts[0], of: stack),
                Text.isHostName(parts[1])
            else { throw link.objection(.name, "this links to no container of the stack") }
        }
    }

    /// Of the networks' own ranges; of the link and of its card only where that is not bounded.
    private func judge(addresses members: Members, of network: String) throws(Objection) {
        let all = try members["IPAMConfig"]?
            .members(["IPv4Address", "IPv6Address", "LinkLocalIPs"])
        let single = ["IPv4Address", "IPv6Address"].compactMap { all?[$0] }
        let links = all?["LinkLocalIPs"]
        for field in try single + (links?.elements() ?? [])
        where try !Text.isAddress(field.string()) {
            throw field.objection(.network, "this is no IP address")
        }
        let isGuest = isGuest(on: network, by: .guestAddress)
        for field in isGuest ? single : [] where try !field.string().isEmpty {
            throw field.objection(.network, "addresses of this network are another project's")
        }
        for field in [links, members["MacAddress"]] where boundsEndpoints {
            if let field { throw field.objection(.network, "this address is not offered") }
        }
        if let field = members["MacAddress"], try !Text.isPrintable(field.string()) {
            throw field.objection(.network, "this is no address of a card")
        }
    }

    private var boundsEndpoints: Bool { enforcement.hold(Rule.endpoint.id) == .enforced }

    private func ownObjectName(
        _ field: BodyField,
        beside externals: Set<String>
    ) throws(Objection) {
        let name = try field.string()
        guard tenant.allows(objectName: name, of: stack), !tenant.isClaimed(name, beside: stack)
        else {
            throw field.objection(.name, "this name is not the stack's own")
        }
        guard !externals.contains(where: { Text.equal($0, name) }) else {
            throw field.objection(.ownership, "what is external is made by somebody else")
        }
    }

    private func driver(_ wanted: String, _ members: Members) throws(Objection) {
        let field = try members.required("Driver", .driver)
        guard Text.equal(try field.string(), wanted) else {
            throw field.objection(.driver, "only \(wanted) is offered")
        }
    }

    func admitted(image: String, _ field: String) throws(Objection) {
        guard case .granted = grants.judge(image: image) else {
            throw Objection(.image, field, "this image is not granted")
        }
    }
}
