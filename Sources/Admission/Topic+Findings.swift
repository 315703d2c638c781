package import Model

extension Rule.Topic {
    /// What a finding is about: its rule's topic, or for one of the loader's the topic of its
    /// kind, or else of the attribute that it names.
    package static func of(_ finding: Diagnostic) -> Rule.Topic {
        let ofField = finding.field.flatMap(of(field:))
        // What can't be read of an attribute that nobody is offered is about that attribute.
        if ofShapes.contains(finding.code) {
            return ofField.flatMap { neverOffered.contains($0) ? $0 : nil } ?? .malformed
        }
        if let topic = ofRules[finding.code] ?? ofKinds[finding.code] { return topic }
        if let prefix = ofPrefixes.first(where: { finding.code.hasPrefix($0.prefix) }) {
            return prefix.topic
        }
        return ofField ?? .malformed
    }

    /// The topic of the longest part of `field` that has one.
    private static func of(field: FieldPath) -> Rule.Topic? {
        let keys = field.components.compactMap { component -> String? in
            if case .key(let key) = component { key } else { nil }
        }
        guard let section = keys.first else { return nil }
        let isNamed = ["services", "networks", "volumes", "configs", "secrets"].contains(section)
        let below = isNamed ? keys.dropFirst(2) : []
        let paths = (0...below.count).reversed().map { count in
            ([section] + below.prefix(count)).joined(separator: ".")
        }
        return paths.lazy.compactMap { ofAttributes[$0] }.first
    }

    private static let ofRules = Dictionary(
        Rule.all.map { ($0.id, $0.topic) },
        uniquingKeysWith: { first, _ in first }
    )

    /// By the loader's codes that say by themselves what is wrong.
    private static let ofKinds: [String: Rule.Topic] = [
        GivenUp.code: .resourceExhaustion, "yaml-no-memory": .resourceExhaustion,
        "yaml-alias-budget": .resourceExhaustion, "yaml-too-large": .resourceExhaustion,
        "yaml-too-deep": .resourceExhaustion, "too-many-services": .resourceExhaustion,
        "too-many-ports": .port,
        "interpolation-too-large": .resourceExhaustion, "model-too-large": .resourceExhaustion,
        "tree-too-large": .resourceExhaustion, "tree-name": .gitTree,
        "too-many-files": .resourceExhaustion, "remote-file": .remoteSource,
        "include-cycle": .resourceExhaustion, "extends-cycle": .resourceExhaustion,
        "env-file-too-large": .resourceExhaustion, "unreadable-file": .malformed,
        "unreadable-folder": .malformed, "in-submodule": .gitTree, "file-outside": .fileEscape,
        "env-file-missing": .malformed, "env-file-outside": .fileEscape,
        "project-name": .nameCollision, "lfs-pointer": .gitTree, "unknown-tag": .malformed,
        "unknown-attribute": .malformed,
        "invalid-name": .injection, "remote-source": .remoteSource,
        "conflicting-values": .malformed, "no-compose-file": .malformed,
        "undefined-reference": .malformed, "missing-attribute": .malformed,
        "unreadable-content": .malformed,
        "content-of-node": .fileEscape, "other-encoding": .parserDifferential,
    ]

    /// Codes of values that are not of the kind that their attribute takes.
    private static let ofShapes: Set = ["wrong-type", "invalid-boolean"]

    private static let neverOffered: Set<Rule.Topic> = [
        .build, .hook, .hostExecution, .device, .fileEscape, .remoteSource, .environmentLeak,
    ]

    private static let ofPrefixes: [(prefix: String, topic: Rule.Topic)] = [
        ("yaml-", .malformed), ("env-file-", .malformed),
    ]

    /// By attribute; a deeper one decides before the one that holds it.
    private static let ofAttributes: [String: Rule.Topic] = [
        "include": .remoteSource, "include.env_file": .fileEscape, "models": .hostExecution,
        "name": .nameCollision,
        "services.annotations": .hostExecution, "services.blkio_config": .limits,
        "services.build": .build, "services.cap_add": .capability,
        "services.cap_drop": .capability, "services.cgroup": .namespace,
        "services.cgroup_parent": .limits, "services.configs": .fileEscape,
        "services.container_name": .nameCollision, "services.cpu_rt_period": .limits,
        "services.cpu_rt_runtime": .limits, "services.cpuset": .limits,
        "services.credential_spec": .fileEscape, "services.deploy": .limits,
        "services.deploy.labels": .labelOwnership, "services.deploy.placement": .placement,
        "services.deploy.resources.reservations.devices": .device,
        "services.deploy.resources.reservations.generic_resources": .device,
        "services.device_cgroup_rules": .device, "services.devices": .device,
        "services.env_file": .fileEscape, "services.extends": .fileEscape,
        "services.extends.service": .malformed,
        "services.external_links": .externalReference, "services.extra_hosts": .network,
        "services.gpus": .device, "services.group_add": .bindIdentity,
        "services.healthcheck": .limits, "services.image": .image, "services.ipc": .namespace,
        "services.isolation": .hostExecution, "services.label_file": .fileEscape,
        "services.labels": .labelOwnership, "services.links": .externalReference,
        "services.logging": .logging, "services.mem_limit": .limits,
        "services.mem_reservation": .limits, "services.mem_swappiness": .limits,
        "services.memswap_limit": .limits, "services.models": .hostExecution,
        "services.network_mode": .namespace, "services.networks": .externalReference,
        "services.oom_kill_disable": .limits, "services.oom_score_adj": .limits,
        "services.pid": .namespace, "services.pids_limit": .limits, "services.ports": .port,
        "services.post_start": .hook, "services.pre_start": .hook, "services.pre_stop": .hook,
        "services.privileged": .privilege, "services.provider": .hostExecution,
        "services.pull_policy": .build, "services.runtime": .hostExecution,
        "services.scale": .limits, "services.secrets": .fileEscape,
        "services.security_opt": .securityOption, "services.shm_size": .limits,
        "services.storage_opt": .limits, "services.sysctls": .sysctl,
        "services.tmpfs": .mountTarget, "services.ulimits": .limits,
        "services.use_api_socket": .hostExecution, "services.user": .bindIdentity,
        "services.userns_mode": .namespace, "services.uts": .namespace,
        "services.volumes": .bindPath, "services.volumes.bind": .bindOption,
        "services.volumes.type": .image,
        "services.volumes.image": .image, "services.volumes.target": .mountTarget,
        "services.volumes.tmpfs": .limits,
        "services.volumes.volume.subpath": .mountTarget,
        "services.volumes_from": .externalReference, "services.working_dir": .mountTarget,
        "networks": .network, "networks.external": .externalReference,
        "networks.name": .externalReference, "networks.labels": .labelOwnership,
        "volumes": .volumeDriver, "volumes.external": .externalReference,
        "volumes.name": .externalReference, "volumes.labels": .labelOwnership,
        "configs": .fileEscape, "configs.external": .externalReference,
        "configs.name": .externalReference, "configs.environment": .environmentLeak,
        "configs.template_driver": .hostExecution, "secrets.template_driver": .hostExecution,
        "secrets": .fileEscape, "secrets.external": .externalReference,
        "secrets.name": .externalReference, "secrets.environment": .environmentLeak,
    ]
}
