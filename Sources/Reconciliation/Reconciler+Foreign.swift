internal import Admission
internal import Model
internal import Planning

/// Objects that have names which a plan needs, and that are not ours.
struct ForeignObjects: Error {
    let stack: StackID
    let objects: [NamedObject]
}

extension Reconciler {
    /// Law 3: what somebody else made under a name of ours is neither used nor changed, so a plan
    /// that needs the name is refused before its first step.
    ///
    /// The engine is asked only when something is to be created.
    func refuseForeign(_ plan: Plan, _ desired: Desired) async throws {
        let needed = plan.namesToCreate(in: desired.admitted.stack)
        guard !needed.isEmpty else { return }
        let prefix = id.composeProjectName
        var found = try await engine.objects(named: prefix, Set(needed.map(\.kind)))
        for other in needed where !other.name.hasPrefix(prefix) && !other.isContent {
            found += try await engine.objects(named: other.name, [other.kind])
        }
        let state = journal.state()
        let tokens = state.claims(of: id, on: node.name)
        let foreign = found.filter { object in
            let isOurs =
                state.owner(of: object.id, on: node.name) == id
                || object.labels[Labels.claim].map(tokens.contains) ?? false
            return !isOurs && needed.contains(.init(kind: object.kind, name: object.name))
        }
        guard !foreign.isEmpty else { return }
        throw ForeignObjects(stack: id, objects: foreign.sorted { $0.name < $1.name })
    }
}

/// A name that something of a stack is to have on the engine.
struct NeededName: Hashable {
    var kind: OwnedObject.Kind
    var name: String
}

extension Plan {
    /// What the plan creates, and the volumes that new containers mount.
    fileprivate func namesToCreate(in stack: Stack) -> Set<NeededName> {
        var names: Set<NeededName> = []
        for step in steps {
            switch step.operation {
            case .createNetwork(let network): names.insert(.init(.network, network.name))
            case .change(let change) where change.verb == .create:
                names.insert(.init(change.kind, change.name))
            case .createVolume(let volume): names.insert(.init(.volume, volume.name))
            case .createContainer(let container):
                names.insert(.init(.container, container.name))
                // One of that name is enough for a plan without a step for it.
                let volumes = stack.volumes.values.filter { !$0.isExternal }
                names.formUnion(volumes.map { NeededName(.volume, $0.name) })
            default: break
            }
        }
        return names
    }
}

extension NeededName {
    fileprivate init(_ kind: OwnedObject.Kind, _ name: String) {
        self.init(kind: kind, name: name)
    }

    /// Whether it is one that no policy lets anybody else have.
    fileprivate var isContent: Bool { name.hasPrefix(ContentVolume.prefix) }
}

extension ForeignObjects {
    /// The problem for people: whose names are taken, and the commands that free them.
    func problem(of commit: String) -> Problem {
        let names = objects.map { "\($0.kind.rawValue) \($0.name)" }
        let verb = objects.count == 1 ? "is" : "are"
        return Problem(
            .foreign,
            "\(commit) needs names that are taken: \(names.joined(separator: ", ")) \(verb) "
                + "there already and not Gyre's",
            remedy: "\(way), then gyre sync \(stack)"
        )
    }

    /// What frees the names: what another stack has is the other's, so one of the two is called
    /// otherwise from now on.
    private var way: String {
        // What another project has is nobody's to name (law 12).
        let others = objects.filter { object in
            object.labels[Labels.project].map { $0 != stack.project } ?? false
        }
        guard others.isEmpty else { return "write another name: for what is taken" }
        let projects = Set(objects.compactMap { $0.labels[Labels.Compose.project] })
        guard let other = projects.min() else {
            return "remove or rename what has the name: \(commands)"
        }
        guard other == stack.composeProjectName else {
            return "they are of the compose project \(other): write another name: for them, there "
                + "or here"
        }
        let key =
            stack.stack == stack.project
            ? "the key \(stack.project) under projects: of gyre.yaml"
            : "that key under projects: of gyre.yaml, or its folder \(stack.stack)"
        return "another stack is called \(other) too: give one of them another name; here \(key), "
            + "there likewise, or name: in its compose file"
    }

    private var commands: String {
        let words: [(OwnedObject.Kind, String)] = [
            (.container, "docker rename NAME OTHER for "), (.network, "docker network rm "),
            (.service, "docker service rm "), (.config, "docker config rm "),
            (.secret, "docker secret rm "),
            (.volume, "docker volume rm, when nobody needs its data, "),
        ]
        let parts = words.compactMap { kind, command -> String? in
            let names = objects.filter { $0.kind == kind }.map(\.name)
            return names.isEmpty ? nil : command + names.joined(separator: " ")
        }
        return parts.joined(separator: "; ")
    }
}
