internal import Model

/// What a service tunes of the kernel and of its bounds, by the questions that the gate asks too.
extension Rule {
    static let sysctl = Rule(
        "sysctl",
        .sysctl,
        because: "most sysctls are the node's, not the container's",
        fix: "remove it, or ask the operator for it",
        .service { review in
            review.service.sysctls.compactMap { name, value in
                let objection = review.grants.objection(sysctl: name)
                guard objection != nil || !Text.isPrintable(value) else { return nil }
                let place = review.path / "sysctls"
                return Finding(
                    objection ?? "its value holds control characters",
                    at: place / name,
                    or: place,
                    fix: objection == nil
                        ? "write it without them"
                        : "remove it; granted: \(review.grants.sysctls.listed)"
                )
            }
        }
    )

    static let ulimit = Rule(
        "ulimit",
        .limits,
        because: "limits of processes keep one service from stalling the node",
        fix: "ask for less",
        .service { review in
            review.service.ulimits.compactMap { name, limit in
                review.grants.objection(ulimit: name, soft: limit.soft, hard: limit.hard).map {
                    Finding($0, at: review.path / "ulimits" / name, or: review.path / "ulimits")
                }
            }
        }
    )

    static let memorySwap = Rule(
        "memory-swap",
        .limits,
        because: "memory and swap of a node are shared",
        fix: "remove it; swap as large as the memory limit and a positive score may stay",
        .service { review in
            let resources = review.service.resources
            let memory = resources.memory?.bytes ?? 0
            var findings: [Finding] = []
            func object(_ attribute: String, _ objection: String?) {
                guard let objection else { return }
                findings.append(Finding(objection, at: review.path / attribute))
            }
            object(
                "memswap_limit",
                resources.memoryAndSwap.flatMap { swap in
                    swap == 0 ? nil : review.grants.objection(memoryAndSwap: swap, memory: memory)
                }
            )
            object(
                "oom_score_adj",
                review.service.killScore.flatMap { review.grants.objection(killScore: $0) }
            )
            if review.service.isSparedFromKilling {
                object("oom_kill_disable", "a container without memory would hang, not end")
            }
            if let shared = review.service.sharedMemory, !(0...memory).contains(shared.bytes) {
                object("shm_size", "\(shared) of shared memory is more than the memory limit")
            }
            return findings
        }
    )

    static let logging = Rule(
        "log-driver",
        .logging,
        because:
            "other drivers open sockets and files as the engine, and logs fill the node's disk",
        fix: "write json-file or local, or remove logging",
        .service { review in
            guard let logging = review.service.logging else { return [] }
            let driver = review.logging.driver ?? "json-file"
            guard review.grants.logDrivers.contains(where: { Text.equal($0, driver) }) else {
                let finding = Finding(
                    "this log driver is not offered",
                    at: review.path / "logging" / "driver",
                    fix: "remove logging, or write one of: \(review.grants.logDrivers.listed)"
                )
                return [finding]
            }
            let unknown = logging.options.keys.filter { !Grants.logOptions.contains($0) }
            guard unknown.isEmpty else {
                return unknown.map { name in
                    Finding(
                        "\(driver) may not have the option \(name)",
                        at: review.path / "logging" / "options" / name,
                        fix: "remove the option"
                    )
                }
            }
            let objection = review.grants.objection(toLog: review.logging, asked: logging)
            return [objection].compactMap { $0 }.map { objection in
                Finding(
                    objection.text,
                    at: review.path / "logging" / "options" / objection.option,
                    or: review.path / "logging",
                    fix: Grants.fix(ofLogOption: objection.option)
                )
            }
        }
    )

    static let scheduling = Rule(
        "scheduling",
        .limits,
        because: "the processors and the memory of a node are shared",
        fix: "remove it, or write cpus and mem_limit",
        .service { review in
            let scheduling = review.service.scheduling
            var findings: [Finding] = []
            func object(
                _ attribute: String,
                _ objection: @autoclosure () -> String,
                unless isFine: Bool
            ) {
                guard !isFine else { return }
                findings.append(Finding(objection(), at: review.path / attribute))
            }
            object(
                "cpu_shares",
                "shares are between 0 and \(Bound.shares)",
                unless: (0...Bound.shares).contains(scheduling.shares)
            )
            object(
                "cpuset",
                "these are no numbers of processors",
                unless: scheduling.set.map(Text.isNumberList) ?? true
            )
            object(
                "mem_swappiness",
                "it is between 0 and 100",
                unless: (0...100).contains(review.service.swappiness ?? 0)
            )
            object(
                "cpu_period",
                "a period is between 1000 and 1000000 microseconds",
                unless: scheduling.period == 0 || Bound.period.contains(scheduling.period)
            )
            object(
                "cpu_quota",
                "a quota is 1000 microseconds or more",
                unless: scheduling.quota == 0 || scheduling.quota >= 1000
            )
            object(
                "cpu_rt_runtime",
                "time that nobody else gets is not granted",
                unless: scheduling.realtimeRuntime == 0 && scheduling.realtimePeriod == 0
            )
            return findings + review.objectionsToDisks
        }
    )

    static let annotation = Rule(
        "annotation",
        .hostExecution,
        because: "a container's runtime reads them, and some take paths and hooks of the node from "
            + "them",
        fix: "remove it, or write a label",
        .service { review in
            review.service.annotations.keys.map { name in
                Finding(
                    "annotations are not granted",
                    at: review.path / "annotations" / name,
                    or: review.path / "annotations"
                )
            }
        }
    )

    static let runtime = Rule(
        "runtime",
        .hostExecution,
        because: "a runtime is a program of the node, and not each confines what it runs",
        fix: "remove it",
        .service { review in
            guard review.service.runtime?.isEmpty == false else { return [] }
            return [Finding("runtimes are not granted", at: review.path / "runtime")]
        }
    )

    static let controlGroup = Rule(
        "cgroup-parent",
        .limits,
        because: "elsewhere in the tree of control groups other bounds hold",
        fix: "remove it",
        .service { review in
            guard review.service.controlGroupParent?.isEmpty == false else { return [] }
            return [Finding("control groups are not granted", at: review.path / "cgroup_parent")]
        }
    )

    static let storage = Rule(
        "storage",
        .limits,
        because: "what containers write on the node's disk is bounded by its operator",
        fix: "remove it",
        .service { review in
            review.service.storageOptions.keys.map { name in
                Finding(
                    "options of storage are not granted",
                    at: review.path / "storage_opt" / name,
                    or: review.path / "storage_opt"
                )
            }
        }
    )

    static let hostEntry = Rule(
        "host-entry",
        .network,
        because: "an entry names a host of the network, not the node",
        fix: "write name:address",
        .service { review in
            review.objectionsToResolver
                + review.service.hostEntries.enumerated().compactMap { index, entry in
                    Grants.objection(hostEntry: entry.name, address: entry.address).map {
                        Finding(
                            $0,
                            at: (review.path / "extra_hosts")[index],
                            or: review.path / "extra_hosts"
                        )
                    }
                }
        }
    )

    static let group = Rule(
        "group",
        .bindIdentity,
        because: "a shared file system knows its groups by number",
        fix: "remove it, or write a granted gid",
        .service { review in
            review.service.groups.enumerated().compactMap { index, group in
                review.grants.objection(group: group, withShared: review.usesShared).map {
                    Finding(
                        $0,
                        at: (review.path / "group_add")[index],
                        fix: review.usesShared && !review.grants.gids.isEmpty
                            ? "remove it, or write one of: \(review.grants.gids.text)" : "remove it"
                    )
                }
            }
        }
    )

    static let placement = Rule(
        "placement",
        .placement,
        because: "which nodes are managers, and what they are called, is the operator's",
        fix: "write node.labels.<name> == <value>",
        .service { review in
            review.service.placement.enumerated().compactMap { index, constraint in
                guard !Text.isBelow(constraint, "node.labels.") else { return nil }
                return Finding(
                    "only labels of nodes can be asked for",
                    at: (review.path / "deploy" / "placement" / "constraints")[index]
                )
            }
        }
    )
}

extension Set<String> {
    /// In the order of the letters, for people.
    var listed: String { isEmpty ? "none" : sorted().joined(separator: ", ") }
}

extension ServiceReview {
    /// A weight may be less than what everybody has; the disks are the operator's.
    fileprivate var objectionsToDisks: [Finding] {
        let disks = service.blockIO
        let place = path / "blkio_config"
        let weight =
            disks.weight == 0 || Bound.diskWeight.contains(disks.weight)
            ? nil : Finding("a weight is between 10 and 500", at: place / "weight")
        let ofDevices = [
            ("weight_device", disks.deviceWeights), ("device_read_bps", disks.readBytes),
            ("device_read_iops", disks.readOperations), ("device_write_bps", disks.writeBytes),
            ("device_write_iops", disks.writeOperations),
        ].filter { !$0.1.isEmpty }
        return [weight].compactMap { $0 }
            + ofDevices.map { Finding("disks of the node can't be named", at: place / $0.0) }
    }

    /// Name servers are addresses, and nobody hides anything in an option.
    fileprivate var objectionsToResolver: [Finding] {
        let resolver = service.resolver
        let servers = resolver.servers.enumerated().compactMap { index, server in
            Text.isAddress(server)
                ? nil : Finding("this is no IP address", at: (path / "dns")[index])
        }
        let texts = [("dns_opt", resolver.options), ("dns_search", resolver.search)]
        return servers
            + texts.flatMap { attribute, values in
                values.enumerated().compactMap { index, text in
                    Text.isPrintable(text)
                        ? nil
                        : Finding(
                            "this has characters that can't be seen",
                            at: (path / attribute)[index]
                        )
                }
            }
    }
}
