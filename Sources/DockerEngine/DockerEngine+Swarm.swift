internal import FoundationEssentials
package import Model

extension DockerEngine {
    /// What the Swarm has that bears the label of `controller`; only a manager can tell.
    ///
    /// Five lists; what can't be read whole is an error (law 1).
    package func observeSwarm(controller: String) async throws -> Observation {
        let observation = try await observeSwarm("\(Labels.controller)=\(controller)")
        known.remember(observation)
        return observation
    }

    /// The same of what `docker stack` made under `name`, whoever's it is.
    package func observeSwarm(dockerStack name: String) async throws -> Observation {
        try await observeSwarm("\(Labels.Swarm.namespace)=\(name)")
    }

    private func observeSwarm(_ label: String) async throws -> Observation {
        let time = now()
        _ = try await apiVersion()
        let services = try await services(["label": [label]]).map(\.observed)
        // Without a leader the engine leaves a Swarm's networks out and calls that a success, so
        // this is asked between lists that fail then. Source: moby's `getNetworksList`.
        let networks = try await swarmList([NetworkEntry].self, "networks", ["label": [label]])
        async let configs = swarmList([FileEntry].self, "configs", ["label": [label]])
        async let secrets = swarmList([FileEntry].self, "secrets", ["label": [label]])
        let files =
            try await configs.map { $0.observed(.config) }
            + secrets.map { $0.observed(.secret) }
        return Observation(
            time: time,
            networks: networks.map(\.observed),
            volumes: [],
            swarm: ObservedSwarm(services: services, files: files)
        )
    }

    /// One service with its tasks; nil when it is gone.
    package func service(_ id: String) async throws -> ObservedService? {
        let found = try await services(["id": [id]], tasks: ["service": [id]])
        guard var service = found.first(where: { $0.observed.id == id }) else { return nil }
        let isWhole = !service.observed.tasks.contains(where: \.hasFailed)
        if isWhole, service.observed.update != "paused" { return service.observed }
        let nodes = try await swarmList([NodeEntry].self, "nodes", [:])
        service.note(Dictionary(nodes.map { ($0.ID, $0) }) { first, _ in first })
        return service.observed
    }

    /// The tasks of a stack that Docker calls `name`, also of services that were removed and whose
    /// tasks are still ending.
    ///
    /// Such a service has no name any more by which its tasks could be asked for: a task keeps the
    /// labels that its service had when it was made. Source: swarmkit's `ListTasks`.
    package func tasks(ofStack name: String) async throws -> [ObservedTask] {
        let label = "\(Labels.Swarm.namespace)=\(name)"
        return try await swarmList([TaskEntry].self, "tasks", ["label": [label]]).map(\.observed)
    }

    /// The host names of the Swarm's nodes, by their ids.
    package func hosts() async throws -> [String: String] {
        let nodes = try await swarmList([NodeEntry].self, "nodes", [:])
        return Dictionary(nodes.map { ($0.ID, $0.Description?.Hostname ?? $0.ID) }) { first, _ in
            first
        }
    }

    /// What identifies the Swarm; thrown where the engine is in none, is no manager of it, or finds
    /// no leader.
    ///
    /// Asked of the Swarm itself, as what an engine tells of itself takes it two programs to run.
    package func swarmID() async throws -> String {
        let operation = "ask which Swarm it is in"
        let bytes = try await read(EngineCall("GET", "/swarm", operation))
        return try decode(SwarmEntry.self, from: bytes, operation).ID
    }

    /// Services and tasks; the tasks last, so that none is missed of a service that is listed.
    private func services(
        _ filters: [String: [String]],
        tasks taskFilters: [String: [String]]? = nil
    ) async throws -> [FoundService] {
        let services = try await swarmList([ServiceEntry].self, "services", filters)
        guard !services.isEmpty else { return [] }
        let all = try await swarmList([TaskEntry].self, "tasks", taskFilters ?? filters)
        let tasks = Dictionary(grouping: all) { $0.ServiceID }
        return services.map { service in
            FoundService(service, (tasks[service.ID] ?? []).filter(service.isCurrent))
        }
    }

    func swarmList<T: Decodable>(
        _ type: T.Type,
        _ objects: String,
        _ filters: [String: [String]],
        within deadline: Duration? = nil
    ) async throws -> T {
        let operation = "list \(objects)"
        var call = EngineCall("GET", "/\(objects)", operation)
        call.deadline = deadline
        call.query = [.init("filters", JSON.object(filters.mapValues(JSON.strings)).text)]
        return try decode(type, from: try await read(call), operation)
    }
}

/// A service, and where its tasks are.
private struct FoundService {
    private let entries: [String: TaskEntry]
    private(set) var observed: ObservedService

    init(_ service: ServiceEntry, _ tasks: [TaskEntry]) {
        entries = Dictionary(tasks.map { ($0.ID, $0) }) { first, _ in first }
        observed = service.observed(tasks)
    }

    /// Tells tasks that were made before their node last changed: a Swarm writes a node down anew
    /// when it goes, and when it comes back.
    ///
    /// Both times are of the managers' clock. Source: swarmkit's dispatcher, `markNodeReady`.
    mutating func note(_ nodes: [String: NodeEntry]) {
        for index in observed.tasks.indices {
            guard let task = entries[observed.tasks[index].id], let node = nodes[task.NodeID ?? ""],
                let made = Timestamp.parse(task.CreatedAt ?? ""),
                let changed = Timestamp.parse(node.UpdatedAt ?? "")
            else { continue }
            observed.tasks[index].nodeChanged = changed > made || node.Status?.State != "ready"
        }
    }
}

// Names are the API's own.

private struct NodeEntry: Decodable {
    let ID: String
    let UpdatedAt: String?
    let Status: Part?
    let Description: Machine?

    struct Part: Decodable {
        let State: String?
    }

    struct Machine: Decodable {
        let Hostname: String?
    }
}

private struct SwarmEntry: Decodable {
    let ID: String
}

private struct VersionEntry: Decodable {
    let Index: Int64
}

/// How often a job was begun before; zero is left out.
private struct Iteration: Decodable {
    let Index: Int64?
}

private struct ServiceEntry: Decodable {
    let ID: String
    let Version: VersionEntry
    let Spec: JSON
    let UpdateStatus: Update?
    let JobStatus: Job?

    struct Update: Decodable {
        let State: String?
        let Message: String?
    }

    struct Job: Decodable {
        let JobIteration: Iteration?
    }

    /// Whether a task is of the run that a job is at, which each update of it begins anew.
    ///
    /// What came of runs before says nothing of this one. Source: the Engine API reference,
    /// `JobStatus`, and swarmkit's `UpdateService`.
    func isCurrent(_ task: TaskEntry) -> Bool {
        JobStatus.map { $0.JobIteration?.Index ?? 0 == task.JobIteration?.Index ?? 0 } ?? true
    }

    func observed(_ tasks: [TaskEntry]) -> ObservedService {
        ObservedService(
            id: ID,
            version: Version.Index,
            name: Spec["Name"]?.stringValue ?? "",
            labels: (Spec["Labels"]?.objectValue ?? [:]).compactMapValues(\.stringValue),
            spec: Spec,
            update: UpdateStatus?.State.flatMap { $0.isEmpty ? nil : $0 },
            message: EngineText.clean(UpdateStatus?.Message ?? ""),
            tasks: tasks.map(\.observed).sorted { $0.id < $1.id }
        )
    }
}

private struct TaskEntry: Decodable {
    let ID: String
    let ServiceID: String
    let NodeID: String?
    let CreatedAt: String?
    let DesiredState: String
    let Status: State
    let Spec: Template?
    let JobIteration: Iteration?

    struct State: Decodable {
        let State: String
        let Err: String?
        let ContainerStatus: Container?
    }

    struct Container: Decodable {
        let ExitCode: Int?
    }

    struct Template: Decodable {
        let ContainerSpec: Container?
        let ForceUpdate: Int64?

        struct Container: Decodable {
            let Image: String?
            let Labels: [String: String]?
            let Mounts: [Mount]?
            let StopGracePeriod: Int64?
        }

        struct Mount: Decodable {
            let `Type`: String?
            let Source: String?
            let ReadOnly: Bool?

            /// nil for what no other can mount.
            var observed: ObservedMount? {
                guard let Source, !Source.isEmpty, `Type` == "volume" || `Type` == "bind" else {
                    return nil
                }
                return ObservedMount(source: Source, readOnly: ReadOnly ?? false)
            }
        }
    }

    var observed: ObservedTask {
        var task = ObservedTask(
            id: ID,
            state: Status.State,
            isWanted: ["ready", "running", "complete"].contains(DesiredState),
            image: Spec?.ContainerSpec?.Image ?? "",
            labels: Spec?.ContainerSpec?.Labels ?? [:],
            exitCode: Status.ContainerStatus?.ExitCode,
            error: EngineText.clean(Status.Err ?? "")
        )
        if task.isOver { task.isWanted = false }
        task.service = ServiceID
        task.node = NodeID ?? ""
        task.round = Spec?.ForceUpdate ?? 0
        task.mounts = (Spec?.ContainerSpec?.Mounts ?? []).compactMap(\.observed)
        task.grace = Spec?.ContainerSpec?.StopGracePeriod.map { Nanoseconds($0) }
        return task
    }
}

private struct FileEntry: Decodable {
    let ID: String
    let Spec: Part

    struct Part: Decodable {
        let Name: String
        let Labels: [String: String]?
    }

    func observed(_ kind: OwnedObject.Kind) -> ObservedFile {
        ObservedFile(kind: kind, id: ID, name: Spec.Name, labels: Spec.Labels ?? [:])
    }
}
