internal import Model
internal import YAMLTree

extension TenantPolicy {
    init(reading project: Reading) {
        self.init(
            profile: project["profile"].text.flatMap(Profile.init) ?? .restricted,
            grants: Grants(reading: project["grants"])
        )
        choices = project["choices"].elements.compactMap(ProfileChoice.init(reading:))
        quotas = Quota(reading: project["quotas"])
        // A sum bounds nothing while a part of it may be without end.
        if quotas.nanoCPUs != nil || grants.quota.nanoCPUs != nil, grants.maximumCPUs == nil {
            grants.standardCPUs = grants.standardCPUs ?? 1_000_000_000
        }
        enforced = Set(project["enforce"].texts ?? [])
        audited = Set(project["audit"].texts ?? [])
        exceptions = project["exceptions"].elements.compactMap(PolicyException.init(reading:))
    }
}

extension ProfileChoice {
    fileprivate init?(reading node: Reading) {
        guard let profile = node["profile"].text.flatMap(TenantPolicy.Profile.init) else {
            return nil
        }
        self.init(
            profile,
            when: Condition(
                stack: node["stack"].text,
                service: node["service"].text,
                mounts: node["mounts"].text,
                publishes: node["publishes"].text.map { $0 == "true" },
                ports: node["ports"].ranges ?? [],
                audience: node["audience"].text.flatMap(Audience.init),
                image: node["image"].text,
                place: NodePlace.Condition(
                    node: node["node"].text,
                    labels: NodePlace.labels(node["labels"].texts ?? []),
                    cluster: node["cluster"].text.flatMap(NodePlace.Cluster.init)
                )
            )
        )
    }
}

extension PolicyException {
    fileprivate init?(reading node: Reading) {
        guard let rule = node["rule"].text, let owner = node["owner"].text,
            let reason = node["reason"].text,
            let expires = node["expires"].text.flatMap(Instant.init(date:))
        else { return nil }
        self.init(
            rule: rule,
            stack: node["stack"].text,
            service: node["service"].text,
            owner: owner,
            reason: reason,
            expires: expires
        )
    }
}

extension Grants {
    init(reading node: Reading) {
        self.init()
        mounts = node["mounts"].elements.compactMap(MountGrant.init(reading:))
        registries = node["registries"].texts ?? registries
        imageTags = node["image_tags"].text.flatMap(ImageTags.init) ?? imageTags
        uids = node["identities"]["uids"].ranges ?? uids
        gids = node["identities"]["gids"].ranges ?? gids
        ports = node["ports"].ranges ?? ports
        capabilities = node["capabilities"].capabilities ?? capabilities
        sharedCapabilities = node["shared_capabilities"].capabilities ?? sharedCapabilities
        memory = Limit(
            standard: node["memory"]["default"].bytes ?? memory.standard,
            maximum: node["memory"]["maximum"].bytes ?? memory.maximum
        )
        pids = Limit(
            standard: node["pids"]["default"].int.map(Int64.init) ?? pids.standard,
            maximum: node["pids"]["maximum"].int.map(Int64.init) ?? pids.maximum
        )
        standardCPUs = node["cpus"]["default"].int.map { Int64($0) * 1_000_000_000 }
        maximumCPUs = node["cpus"]["maximum"].int.map { Int64($0) * 1_000_000_000 }
        maximumReplicas = node["replicas"].int ?? maximumReplicas
        maximumServices = node["services"].int ?? maximumServices
        maximumPorts = node["published"].int ?? maximumPorts
        allocatedPorts = node["allocated_ports"].ranges ?? allocatedPorts
        publicPorts = node["public_ports"].ranges ?? publicPorts
        maximumInput = node["input"].bytes ?? maximumInput
        reservedLabels = Set(node["reserved_labels"].texts ?? [])
        names = node["names"].texts ?? names
        hosts = node["hosts"].texts ?? hosts
        siteHosts = node["site_hosts"].texts ?? siteHosts
        routes = node["routes"].text
        networkDrivers = node["network_drivers"].texts.map(Set.init) ?? networkDrivers
        subnets = node["subnets"].texts ?? subnets
        shared = Set(node["shared"].texts ?? [])
        logDrivers = node["log_drivers"].texts.map(Set.init) ?? logDrivers
        maximumLogs = node["log_size"].bytes ?? maximumLogs
        sysctls = node["sysctls"].texts.map(Set.init) ?? sysctls
        openFiles = node["open_files"].int.map(Int64.init) ?? openFiles
        let networks = quota.networks
        quota = Quota(reading: node["quota"])
        quota.networks = quota.networks ?? networks
    }
}

extension Quota {
    init(reading node: Reading) {
        self.init(
            containers: node["containers"].int,
            replicas: node["replicas"].int,
            memory: node["memory"].bytes.map(ByteCount.init),
            nanoCPUs: node["cpus"].int.map { Int64($0) * 1_000_000_000 },
            pids: node["pids"].int.map(Int64.init),
            volumes: node["volumes"].int,
            ports: node["ports"].int,
            networks: node["networks"].int
        )
    }
}

extension MountGrant {
    init?(reading node: Reading) {
        guard let path = node["path"].text else { return nil }
        self.init(
            path: path,
            readOnly: node["access"].text != "read-write",
            isShared: node["shared"].text != "false",
            trustsLinks: node["links"].text == "trusted"
        )
    }
}
