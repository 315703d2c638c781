internal import Admission
internal import Model
internal import Planning

/// What ended after its version was good.
extension PassReport {
    /// Tells of what ended badly where nothing starts it again, so that nobody waits for what
    /// doesn't come.
    mutating func ended(_ desired: Desired) {
        let short = Set(services.filter { !$0.isWhole }.map(\.name))
        let ended = census.ended(of: desired).filter { short.contains($0.service) }
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
        if let swarm { return swarm.services.compactMap(\.end).sorted { $0.name < $1.name } }
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
