internal import Admission
internal import Model
internal import Planning

/// What a stack's containers are doing, as far as it was seen or done.
///
/// A look counts all of them; what a run does to one is put down at once, so that nobody has to
/// wait for the next look.
struct Census: Sendable {
    /// How many of each service there should be; nil when no file says so.
    private var wanted: [String: Int]?
    /// Services whose task has ended, whether its container is still there or not.
    private(set) var tasksDone: Set<String> = []
    /// By the engine's id.
    private(set) var containers: [String: ObservedContainer] = [:]
    /// Of a Swarm.
    private(set) var swarm: ObservedSwarm?
    /// When all of them were last looked at.
    private(set) var observed: Instant?

    /// Takes up what should run; `completed` names the tasks that are known to have ended.
    mutating func expect(_ desired: Desired, completed: Set<PinKey>) {
        let done = completed.filter {
            $0.stack == desired.id && desired.specs[$0.service] == $0.spec
        }
        tasksDone = Set(done.map(\.service))
        expect(desired.admitted.stack)
    }

    /// Takes up how many containers the files ask for.
    mutating func expect(_ stack: Stack) {
        wanted = stack.services.mapValues { service in
            service.startOnCreate ? service.replicas : 0
        }
    }

    mutating func saw(_ observation: Observation) {
        observed = observation.time
        swarm = observation.swarm
        let tasks = (observation.swarm?.services ?? []).flatMap(\.standIns)
        let found = (observation.containers + tasks).map { ($0.id, $0) }
        containers = Dictionary(found) { first, _ in first }
    }

    /// One container was looked at; nil when it is gone.
    mutating func saw(_ id: String, _ container: ObservedContainer?) { containers[id] = container }

    /// A step was done to the container `id`.
    mutating func did(_ operation: Operation, to id: String) {
        switch operation {
        case .createContainer(let spec):
            var labels = [Labels.service: spec.slot.service]
            labels[Labels.run] = spec.body["Labels"]?[Labels.run]?.stringValue
            containers[id] = ObservedContainer(
                id: id,
                name: spec.name,
                labels: labels,
                state: .created
            )
        case .start, .unpause, .restart:
            containers[id]?.state = .running
            containers[id]?.health = nil
        case .stop: containers[id]?.state = .exited
        case .remove: containers[id] = nil
        default: break
        }
    }

    /// What it comes to, service by service.
    var services: [ServiceStatus] {
        let byService = Dictionary(grouping: containers.values) {
            $0.labels[Labels.service] ?? ""
        }
        return Set(wanted?.keys.map { $0 } ?? []).union(byService.keys).sorted().map { name in
            let running = (byService[name] ?? []).filter { $0.state == .running }
            let ended = (byService[name] ?? []).count {
                $0.state == .exited && $0.exitCode == 0 && $0.labels[Labels.run] == "task"
            }
            let wanted = wanted.map { $0[name] ?? 0 }
            return ServiceStatus(
                name: name,
                wanted: wanted,
                running: running.count,
                unhealthy: running.count { $0.health == .unhealthy },
                completed: tasksDone.contains(name) ? wanted ?? ended : ended
            )
        }
    }

    /// What the last failed health check of a service's containers wrote, where that is known.
    func failedCheck(of service: String) -> ObservedContainer.HealthCheck? {
        let sick = containers.values.filter {
            $0.labels[Labels.service] == service && $0.health == .unhealthy
        }
        return sick.sorted { $0.name < $1.name }.compactMap(\.details?.lastCheck).first
    }
}

extension ObservedService {
    /// Its tasks as containers are counted.
    fileprivate var standIns: [ObservedContainer] {
        tasks.filter { $0.isWanted || $0.isComplete }.map { task in
            ObservedContainer(
                id: task.id,
                name: name,
                labels: task.labels,
                state: task.isRunning ? .running : task.isComplete ? .exited : .created,
                exitCode: task.isComplete ? 0 : nil
            )
        }
    }
}
