internal import Logging
internal import Model
internal import OperatorFile

/// Volumes of a Swarm: each of its nodes has its own, and its managers are the nodes that Gyre
/// reaches.
extension Controller {
    /// The Swarm that all stacks run on; nil where they run on engines.
    var swarm: ClusterNode? { parts.nodes.values.first { $0.swarm != nil } }

    /// The engine of a node, or of a Swarm's manager.
    func door(_ node: String) throws -> Door {
        let doors = parts.nodes.values.flatMap(\.doors)
        guard let door = doors.first(where: { $0.node == node }) else {
            throw NotPossible("there is no node \(node)")
        }
        return door
    }

    /// What a stack has at an engine: nobody but its nodes makes volumes of a Swarm, so what the
    /// journal has of them are the names that services were to mount.
    func owned(by id: StackID, at door: Door) -> Set<String> {
        let state = parts.journal.state()
        let owned = state.owned(by: id, on: door.place)
        return swarm.map { owned.union(state.volumes(of: id, on: $0.name)) } ?? owned
    }

    /// Whether a volume of a stack is there now, rather than another of that name.
    func has(_ volume: String, of id: StackID, at door: Door) async throws -> Bool {
        guard swarm == nil else {
            return try await door.engine.objects(named: volume, [.volume]).contains {
                $0.name == volume && isOwn($0, of: id)
            }
        }
        let seen = try await door.engine.observe(controller: settings.controller, volumes: [""])
        return (seen.volumes ?? []).contains { $0.name == volume }
    }

    /// Whether a Swarm made it for the stack's services, by what these say of their volumes.
    private func isOwn(_ volume: NamedObject, of id: StackID) -> Bool {
        let name = parts.journal.state().adoptedNames[id] ?? id.composeProjectName
        return volume.labels[Labels.Swarm.namespace] == name
    }

    /// Where volumes are that services of a Swarm mount, or did, as far as that can be told.
    func look(
        for known: [(name: String, stack: StackID)],
        on swarm: ClusterNode
    ) async -> [VolumeStatus] {
        var seen: Observation?
        if nodes[swarm.name]?.problem == nil {
            seen = try? await swarm.engine.observe(controller: settings.controller, volumes: [])
        }
        guard let services = seen?.swarm?.services else {
            return known.map { VolumeStatus($0.name, of: $0.stack, on: swarm.name, .unknown, []) }
        }
        let hosts = (try? await swarm.engine.hosts()) ?? [:]
        let found = await look(for: Set(known.map(\.name)), through: swarm.doors)
        return known.flatMap { name, stack in
            let users = services.filter { $0.mounts(name) }
            let names = users.map(\.name).sorted()
            func status(_ node: String, _ state: VolumeStatus.State) -> VolumeStatus {
                VolumeStatus(name, of: stack, on: node, state, names)
            }
            let having = found.filter { door in
                door.volumes?.contains { $0.name == name && isOwn($0, of: stack) } ?? false
            }
            // Nobody knows what a silent manager has, whatever others have.
            let silent = found.filter { $0.volumes == nil }.map { status($0.node, .unknown) }
            // Where a task with it runs that no manager has, what a manager has may be older.
            let running = Set(users.flatMap(\.tasks).filter { !$0.isOver }.map(\.node))
            let others = running.subtracting(found.map(\.id)).subtracting([""])
            let all =
                having.map { status($0.node, names.isEmpty ? .unused : .used) }
                + (silent.isEmpty ? others.map { status(hosts[$0] ?? $0, .elsewhere) } : silent)
            return all.isEmpty ? [status(swarm.name, .elsewhere)] : all
        }
    }

    /// What a manager's own engine has of some volumes.
    private struct Found: Sendable {
        let node: String
        /// What the Swarm calls it.
        var id = ""
        /// nil while it doesn't answer.
        var volumes: [NamedObject]?
    }

    /// A manager that is silent holds up no other.
    private func look(for names: Set<String>, through doors: [Door]) async -> [Found] {
        await withTaskGroup(of: Found.self) { group in
            for door in doors {
                group.addTask { [logger = parts.logger] in
                    var found = Found(node: door.node)
                    do {
                        found.id = try await door.engine.node().swarmNode
                        var volumes: [NamedObject] = []
                        for name in names.sorted() {
                            volumes += try await door.engine.objects(named: name, [.volume])
                        }
                        found.volumes = volumes
                    } catch {
                        logger.debug(
                            "a manager doesn't tell its volumes",
                            metadata: ["node": "\(door.node)", "reason": "\(error)"]
                        )
                    }
                    return found
                }
            }
            var all: [Found] = []
            for await found in group { all.append(found) }
            return all
        }
    }
}

extension VolumeStatus {
    fileprivate init(
        _ name: String,
        of stack: StackID,
        on node: String,
        _ state: State,
        _ users: [String]
    ) {
        self.name = name
        self.stack = stack
        self.node = node
        self.state = state
        containers = users
        if users.isEmpty, state != .unknown { change = removal }
    }

    /// How a person reads one that Gyre doesn't reach.
    func wayByHand(on swarm: String?) -> String {
        let command =
            "docker run --rm -v \(name):/volume:ro busybox tar -cf - -C /volume . >\(name).tar"
        guard node == swarm else {
            return "\(name) is on \(node), which gyre.yaml doesn't name as a manager of the Swarm; "
                + "there: \(command)"
        }
        return "no manager of the Swarm that gyre.yaml names has \(name); on a node where docker "
            + "volume ls shows it: \(command)"
    }
}

extension ObservedService {
    /// Whether its tasks mount a volume of that name.
    fileprivate func mounts(_ volume: String) -> Bool {
        let mounts = spec["TaskTemplate"]?["ContainerSpec"]?["Mounts"]?.arrayValue ?? []
        return mounts.contains {
            $0["Type"]?.stringValue == "volume" && $0["Source"]?.stringValue == volume
        }
    }
}
