internal import Admission
internal import Model
internal import Planning

/// What ended after its version was good, or doesn't come up again.
extension PassReport {
    /// Tells of what ended badly where nothing starts it again, so that nobody waits for what
    /// doesn't come.
    mutating func ended(_ desired: Desired) {
        let short = Set(services.filter { !$0.isWhole }.map(\.name))
        let ended = census.ended(of: desired).filter {
            census.swarm != nil || short.contains($0.service)
        }
        guard let first = ended.first else { return }
        let words = ended.map { end in
            "\(end.name) ended" + (end.code.map { " with status \($0)" } ?? "")
        }
        add(
            Problem(
                .ended,
                words.joined(separator: ", ")
                    + ", and by its restart policy nothing starts it again",
                remedy: "\(first.remedy), or push a version that goes on"
            )
        )
    }

    /// Services of a Swarm that have fewer tasks than they are to have, where the Swarm makes more.
    var lackingTasks: Set<String> {
        let there = census.swarm?.services ?? []
        let over = Set(there.compactMap(\.end?.service))
        let known = Set(there.compactMap { $0.labels[Labels.service] })
        // No number says how many there are to be on all nodes together.
        let onNodes = there.filter { service in
            service.replicas == nil && service.tasks.contains { $0.isWanted && !$0.isRunning }
        }
        return Set(services.filter { !$0.isWhole }.map(\.name)).intersection(known)
            .union(onNodes.compactMap { $0.labels[Labels.service] }).subtracting(over)
    }

    /// Tells of services that have been so for longer than `span`, in the Swarm's own words.
    mutating func lack(_ names: Set<String>, for span: Nanoseconds) {
        for service in census.swarm?.services ?? [] {
            guard let name = service.labels[Labels.service], names.contains(name) else { continue }
            let waiting = service.tasks.filter { $0.isWanted && !$0.isRunning }
            let failed = service.tasks.last(where: \.hasFailed).map(ServiceJudgement.words)
            let said = waiting.map(\.error).first { !$0.isEmpty } ?? failed
            let why = said.map { ": \($0)" } ?? ""
            let hasNoNode =
                waiting.isEmpty ? failed == nil : waiting.allSatisfy(\.node.isEmpty)
            add(
                Problem(
                    hasNoNode ? .unplaced : .crashing,
                    "\(service.name) has had too few tasks running for more than \(span)\(why)",
                    remedy: hasNoNode
                        ? "make room on a node, or label one; the Swarm goes on by itself then"
                        : "push a version that stays up; the Swarm goes on trying this one"
                )
            )
        }
    }
}

extension Census {
    /// A container, or a service of a Swarm, that is left as it ended.
    fileprivate struct End {
        var name: String
        var service: String
        var code: Int?
        /// A command.
        var remedy: String
    }

    fileprivate func ended(of desired: Desired) -> [End] {
        if let swarm {
            let ends = swarm.services.compactMap(\.end)
            return ends.filter { !tasksDone.contains($0.service) }.sorted { $0.name < $1.name }
        }
        let found = containers.values.compactMap { container -> End? in
            guard let name = container.slot?.service, !tasksDone.contains(name),
                let service = desired.admitted.stack.services[name], service.startOnCreate
            else { return nil }
            let fate = Fate(
                state: container.state,
                exitCode: container.exitCode,
                restart: service.restart,
                isTask: desired.isTask(name),
                startsOnCreate: service.startOnCreate,
                restarts: container.details?.restartCount
            )
            guard case .failed(let code) = fate else { return nil }
            let remedy = "docker start \(container.name) on its node"
            return End(name: container.name, service: name, code: code, remedy: remedy)
        }
        return found.sorted { $0.name < $1.name }
    }
}

extension ObservedService {
    /// How it ended, where its policy has the Swarm start it no more.
    fileprivate var end: Census.End? {
        let policy = spec["TaskTemplate"]?["RestartPolicy"]
        let tries = policy?["MaxAttempts"]?.intValue ?? 0
        guard policy?["Condition"] == "none" || tries > 0, lacksTasks,
            let last = tasks.last(where: \.hasFailed), let service = labels[Labels.service]
        else { return nil }
        let remedy = "docker service update --force \(name)"
        return Census.End(name: name, service: service, code: last.exitCode, remedy: remedy)
    }
}
