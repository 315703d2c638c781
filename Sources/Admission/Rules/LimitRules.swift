internal import Model

extension Rule {
    static let serviceCount = Rule(
        "service-count",
        .resourceExhaustion,
        because: "a node is shared by many stacks",
        fix: "split the stack",
        .stack { review in
            let count = review.stack.services.count
            let maximum = review.tenant.grants.maximumServices
            guard count > maximum else { return [] }
            return [
                Finding(
                    "the stack has \(count) services, more than \(maximum)",
                    at: FieldPath("services")
                )
            ]
        }
    )

    static let replicaCount = Rule(
        "replica-count",
        .limits,
        because: "a node is shared by many stacks",
        fix: "ask for fewer replicas",
        .service { review in
            guard review.service.deployment?.isOnEachNode != true else {
                return [
                    Finding(
                        "\(review.name) asks for a container on every node",
                        at: review.path / "deploy" / "mode",
                        fix: "remove it, and write replicas"
                    )
                ]
            }
            let count = review.service.replicas
            let maximum = review.grants.maximumReplicas
            guard !(0...maximum).contains(count) else { return [] }
            return [
                Finding(
                    "\(review.name) asks for \(count) replicas; at most \(maximum) are granted",
                    at: review.path / "deploy" / "replicas",
                    or: review.path / "scale"
                )
            ]
        }
    )

    static let memoryDefault = Rule(
        "memory-default",
        .limits,
        .mutate,
        because: "a container without a limit can take all memory of the node",
        fix: "write mem_limit",
        .fill { review in
            let resources = review.service.resources
            guard (resources.memory?.bytes ?? 0) == 0 else { return nil }
            let grant = review.grants.memory
            // A reservation above the limit is one that the engine refuses.
            let reserved = min(resources.reservedMemory?.bytes ?? 0, grant.maximum)
            let memory = ByteCount(max(grant.standard, reserved))
            return Fill(
                field: review.limits / "memory",
                from: resources.memory.map { "\($0.bytes)" },
                to: "\(memory.bytes)",
                reason: "the default limit is filled in"
            ) { $0.resources.memory = memory }
        }
    )

    static let memoryMaximum = Rule(
        "memory-maximum",
        .limits,
        because: "the memory of a node is shared",
        fix: "ask for less",
        .service { review in
            let maximum = ByteCount(review.grants.memory.maximum)
            guard let memory = review.service.resources.memory,
                memory.bytes < 0 || memory > maximum
            else { return [] }
            return [
                Finding(
                    "a memory limit of \(memory) is not between 0 and \(maximum)",
                    at: review.limits / "memory",
                    or: review.path / "mem_limit",
                    fix: "ask for at most \(maximum)"
                )
            ]
        }
    )

    static let memoryReservation = Rule(
        "memory-reservation",
        .limits,
        because: "what is reserved is taken from others",
        fix: "reserve no more than the memory limit",
        .service { review in
            guard let reserved = review.service.resources.reservedMemory,
                reserved.bytes < 0 || reserved > (review.service.resources.memory ?? reserved)
            else { return [] }
            return [
                Finding(
                    "\(reserved) are reserved, which is not between 0 and the memory limit",
                    at: review.path / "deploy" / "resources" / "reservations" / "memory",
                    or: review.path / "mem_reservation"
                )
            ]
        }
    )

    static let pidsDefault = Rule(
        "pids-default",
        .limits,
        .mutate,
        because: "a container without a limit can take all processes of the node",
        fix: "write pids_limit",
        .fill { review in
            let pids = review.service.resources.pids
            guard (pids ?? 0) == 0 else { return nil }
            let limit = review.grants.pids.standard
            return Fill(
                field: review.limits / "pids",
                from: pids.map { "\($0)" },
                to: "\(limit)",
                reason: "the default limit is filled in"
            ) { $0.resources.pids = limit }
        }
    )

    static let pidsMaximum = Rule(
        "pids-maximum",
        .limits,
        because: "the processes of a node are shared",
        fix: "ask for fewer",
        .service { review in
            let maximum = review.grants.pids.maximum
            guard let pids = review.service.resources.pids, !(0...maximum).contains(pids) else {
                return []
            }
            return [
                Finding(
                    "a limit of \(pids) processes is not between 0 and \(maximum)",
                    at: review.limits / "pids",
                    or: review.path / "pids_limit"
                )
            ]
        }
    )

    static let cpuDefault = Rule(
        "cpu-default",
        .limits,
        .mutate,
        because: "without a limit one container can take every processor that a quota counts",
        fix: "write cpus",
        .fill { review in
            guard let standard = review.grants.filledCPUs, (review.service.processors ?? 0) == 0
            else { return nil }
            // A reservation above the limit would be denied.
            let reserved = review.service.resources.reservedNanoCPUs ?? 0
            let limit = max(standard, min(reserved, review.grants.maximumCPUs ?? .max))
            return Fill(
                field: review.limits / "cpus",
                from: review.service.resources.nanoCPUs.map(QuotaKind.cpus.number),
                to: QuotaKind.cpus.number(limit),
                reason: "the default limit is filled in"
            ) { $0.resources.nanoCPUs = limit }
        }
    )

    static let cpuMaximum = Rule(
        "cpu-maximum",
        .limits,
        because: "the processors of a node are shared",
        fix: "ask for less",
        .service { review in
            guard let maximum = review.grants.maximumCPUs,
                let asked = review.service.processors, asked > maximum
            else { return [] }
            let most = QuotaKind.cpus.text(maximum)
            return [
                Finding(
                    "\(QuotaKind.cpus.text(asked)) are more than \(most)",
                    at: review.limits / "cpus",
                    or: review.path / "cpus",
                    review.path / "cpu_quota",
                    fix: "ask for at most \(most)"
                )
            ]
        }
    )

    static let cpuReservation = Rule(
        "cpu-reservation",
        .limits,
        because: "what is reserved is taken from others",
        fix: "reserve no more than the CPU limit",
        .service { review in
            guard let reserved = review.service.resources.reservedNanoCPUs else { return [] }
            let limit = review.service.processors ?? 0
            guard reserved < 0 || limit > 0 && reserved > limit else { return [] }
            return [
                Finding(
                    "\(QuotaKind.cpus.text(reserved)) are reserved, which is not between 0 and "
                        + "the CPU limit",
                    at: review.path / "deploy" / "resources" / "reservations" / "cpus"
                )
            ]
        }
    )

    static let tmpfs = Rule(
        "tmpfs",
        .limits,
        because: "a tmpfs is memory, and its options are mount options",
        fix: "use size in bytes with k, m or g, at most the memory limit, and mode, uid, gid, ro, "
            + "noexec, nosuid or nodev",
        .service { review in
            let memory = review.service.resources.memory?.bytes ?? 0
            return review.service.tmpfs.compactMap { target, options in
                let parsed = Tmpfs(options: options)
                guard (parsed?.size ?? 0) > memory || parsed == nil else { return nil }
                return Finding(
                    parsed == nil
                        ? "these tmpfs options are not offered"
                        : "this tmpfs is larger than the memory limit",
                    at: review.path / "tmpfs" / target,
                    or: review.path / "tmpfs"
                )
            }
        }
    )

    static let healthcheckInterval = Rule(
        "healthcheck-interval",
        .limits,
        because: "each check starts a process, so a short interval is a load on the node",
        fix: "use an interval of 1s or more",
        .service { review in
            let check = review.service.healthcheck
            let intervals = [
                ("interval", check?.interval), ("start_interval", check?.startInterval),
            ]
            return intervals.compactMap { attribute, interval in
                guard let interval, interval.count != 0, interval.count < Bound.checkInterval
                else { return nil }
                return Finding(
                    "an interval of \(interval) is too short",
                    at: review.path / "healthcheck" / attribute
                )
            }
        }
    )

    static let inputSize = Rule(
        "input-size",
        .resourceExhaustion,
        because: "reading it takes memory and time that all share",
        fix: "write less, or repeat less by variables and aliases",
        .stack { review in
            let most = review.tenant.grants.maximumInput
            let (bytes, repeated) = (review.stack.inputBytes, review.stack.repeatedNodes)
            let services = FieldPath("services")
            var findings: [Finding] = []
            if bytes > most {
                let sizes = "\(ByteCount(Int64(bytes))), more than \(ByteCount(most))"
                findings.append(Finding("the files come to \(sizes)", at: services))
            }
            // Of a file that couldn't be read the loader says why.
            if repeated > Bound.repeatedNodes, !review.stack.services.isEmpty {
                let counts = "\(repeated) values, more than \(Bound.repeatedNodes)"
                let fix = "repeat less by aliases"
                findings.append(Finding("aliases stand for \(counts)", at: services, fix: fix))
            }
            return findings
        }
    )

    static let entryFile = Rule(
        "entry-file",
        .nameCollision,
        because: "who reviews the compose file would not see what runs",
        fix: "remove COMPOSE_FILE from .env, and name other files with include",
        .stack { review in
            let place = FieldPath("COMPOSE_FILE")
            guard review.stack.places.wrote(place) else { return [] }
            return [Finding("COMPOSE_FILE has other files read than the compose file", at: place)]
        }
    )

    static let stopGracePeriod = Rule(
        "stop-grace-period",
        .limits,
        because: "Gyre waits that long before every change",
        fix: "remove it, or write 1h at most, or ask the operator for an exception",
        .service { review in
            guard let period = review.service.stopGracePeriod,
                !(0...Bound.stopSeconds * 1_000_000_000).contains(period.count)
            else { return [] }
            return [
                Finding(
                    "a grace period of \(period) is not between 0 s and \(Bound.stopSeconds) s",
                    at: review.path / "stop_grace_period"
                )
            ]
        }
    )
}

extension Grants {
    /// CPUs of a container without a limit; nil where it may be without one.
    var filledCPUs: Int64? {
        standardCPUs.map { min($0, maximumCPUs ?? .max) } ?? maximumCPUs
    }
}

/// Bounds that are the same for every tenant.
enum Bound {
    static let stopSeconds: Int64 = 3600
    /// Seconds to which what an engine tells of a container's grace is believed.
    static let longestStop: Int64 = 1_000_000
    /// A few hundred bytes of aliases of aliases stand for as many values as one likes.
    static let repeatedNodes = 10_000
    /// Nanoseconds between two checks of a container's health.
    static let checkInterval: Int64 = 1_000_000_000
    /// Source: the kernel's `cpu.shares`.
    static let shares: Int64 = 262_144
    /// Source: moby's checks of a container's resources; microseconds.
    static let period: ClosedRange<Int64> = 1000...1_000_000
    /// The least that the kernel takes, and what every container has that says nothing.
    static let diskWeight: ClosedRange<Int64> = 10...500
}
