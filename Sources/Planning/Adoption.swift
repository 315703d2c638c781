internal import Admission
package import Model

/// What a stack takes over of what somebody else brought up, and under which labels.
///
/// Compose's own `config-hash` says whether a container is what its service says (decision 0025).
/// Nothing is taken that the files don't have: what is no stack's is nobody's to remove.
package struct Adoption: Hashable, Sendable {
    /// What Docker calls it.
    package let name: String
    /// What becomes ours, each with the labels that it would bear.
    package internal(set) var objects: [OwnedObject] = []
    /// The image that an unchanged service runs, by its key: an id, on a Swarm name and digest.
    package internal(set) var images: [String: String] = [:]
    /// Names of the volumes that services of a Swarm have, which are each node's own.
    package internal(set) var keptVolumes: [String] = []
    /// For people, one line for each object, those too that are left alone.
    package internal(set) var notes: [String] = []

    let desired: Desired
    let node: String
    let labels: [String: String]

    /// `found` is all that is called so, of which nothing is anybody else's by the journal or by
    /// its labels; `present` is what the stack has already.
    package init(
        of name: String,
        _ found: Observation,
        by desired: Desired,
        _ hashes: StackReading.Hashes,
        beside present: Observation,
        on node: String,
        controller: String
    ) {
        self.init(of: name, by: desired, on: node, controller: controller)
        let had = Set(present.containers.map(\.id))
        take(found.containers.filter { !had.contains($0.id) }, hashes, present)
        takeNetworks(found, hashes)
        takeVolumes(found)
    }

    /// Nothing of `name`.
    init(of name: String, by desired: Desired, on node: String, controller: String) {
        self.name = name
        self.desired = desired
        self.node = node
        let id = desired.id
        let isForSwarm = desired.admitted.stack.isForSwarm
        labels = [
            Labels.controller: controller, Labels.project: id.project, Labels.stack: id.stack,
            isForSwarm ? Labels.Swarm.namespace : Labels.Compose.project: name,
        ]
    }

    var stack: Stack { desired.admitted.stack }

    // MARK: Containers

    private mutating func take(
        _ containers: [ObservedContainer],
        _ hashes: StackReading.Hashes,
        _ present: Observation
    ) {
        var taken = Set(present.containers.compactMap(\.slot))
        let sorted = containers.sorted {
            ($0.composeService, $0.composeNumber, $0.name)
                < ($1.composeService, $1.composeNumber, $1.name)
        }
        for container in sorted {
            let name = container.composeService
            if let reason = reasonToLeave(container) {
                notes.append("leaves container \(container.name) alone: \(reason)")
                continue
            }
            let replicas = stack.services[name]?.replicas ?? 0
            let slots = (0..<replicas).map { Slot(service: name, number: $0 + 1) }
            guard let slot = slots.first(where: { !taken.contains($0) }) else {
                notes.append(
                    "leaves container \(container.name) alone: \(name) has \(replicas) "
                        + (replicas == 1 ? "replica" : "replicas")
                )
                continue
            }
            taken.insert(slot)
            take(container, as: slot, hashes)
        }
    }

    private func reasonToLeave(_ container: ObservedContainer) -> String? {
        if container.state == .removing { return "it is being removed" }
        if container.labels[Labels.Compose.oneOff]?.lowercased() == "true" {
            return "it runs one command, once"
        }
        guard stack.services[container.composeService] == nil else { return nil }
        return "the file has no service \(container.composeService)"
    }

    private mutating func take(
        _ container: ObservedContainer,
        as slot: Slot,
        _ hashes: StackReading.Hashes
    ) {
        let hash = container.labels[Labels.Compose.configHash] ?? ""
        let wanted = hashes.services[slot.service]
        let hasImage = (images[slot.service] ?? container.imageID) == container.imageID
        let isSame = wanted == hash && !hash.isEmpty && hasImage
        var labels = self.labels
        labels[Labels.service] = slot.service
        labels[Labels.slot] = String(slot.number)
        labels[Labels.run] = desired.isTask(slot.service) ? "task" : "service"
        // What policy fills in it was made without.
        labels[Labels.filled] = ""
        labels[Labels.spec] = isSame ? desired.specs[slot.service] : "1:" + hash
        if isSame { images[slot.service] = container.imageID }
        own(.container, container.id, container.name, labels)
        let what = "takes over container \(container.name)"
        if isSame {
            notes.append("\(what), unchanged")
        } else if wanted == nil {
            notes.append("\(what), whose service uses files of its folder, which Gyre ships itself")
        } else if wanted == hash {
            notes.append("\(what), which has another image than \(slot.service) elsewhere")
        } else {
            notes.append("\(what), which isn't what the file says: its config-hash differs")
        }
    }

    // MARK: Networks and volumes

    mutating func takeNetworks(_ found: Observation, _ hashes: StackReading.Hashes) {
        let wanted = stack.networks.filter { !$0.value.isExternal }
        for network in found.networks.sortedByName {
            guard let (key, declared) = wanted.first(where: { $0.value.name == network.name })
            else {
                notes.append("leaves network \(network.name) alone: the file doesn't use it")
                continue
            }
            var labels = self.labels
            labels[Labels.key] = key
            // Compose before 2.30 left no hash, and `docker stack` never does: it stays as it is.
            let hash = network.labels[Labels.Compose.configHash]
            if hash == nil || hash == hashes.networks[key] {
                labels[Labels.spec] = NetworkChange.spec(of: declared)
            }
            own(.network, network.id, network.name, labels)
            notes.append("takes over network \(network.name)")
        }
    }

    private mutating func takeVolumes(_ found: Observation) {
        let wanted = stack.volumes.filter { !$0.value.isExternal }
        for volume in (found.volumes ?? []).sorted(by: { $0.name < $1.name }) {
            // One without a name belongs to its container.
            if volume.labels[Labels.Compose.volume] == nil { continue }
            guard let (key, _) = wanted.first(where: { $0.value.name == volume.name }) else {
                notes.append("leaves volume \(volume.name) alone: the file doesn't have it")
                continue
            }
            var labels = self.labels
            labels[Labels.key] = key
            own(.volume, volume.name, volume.name, labels)
            notes.append("takes over volume \(volume.name), with its data")
        }
    }

    mutating func own(
        _ kind: OwnedObject.Kind,
        _ id: String,
        _ name: String,
        _ labels: [String: String],
        claim: String? = nil
    ) {
        objects.append(
            OwnedObject(
                kind: kind,
                id: id,
                name: name,
                stack: desired.id,
                claim: claim,
                node: node,
                labels: labels
            )
        )
    }
}

extension Adoption {
    /// What the journal is told.
    package var entries: [JournalEntry] {
        [.adopted(desired.id, name: name)] + objects.map(JournalEntry.owned)
    }

    /// By id: the labels of what is taken.
    package var lent: [String: [String: String]] {
        Dictionary(objects.map { ($0.id, $0.labels ?? [:]) }) { first, _ in first }
    }
}

extension Confirmation {
    /// nil where `plan` leaves all that is taken over as it is.
    package init?(of plan: Plan, adopting adoption: Adoption) {
        let ids = Set(adoption.objects.map(\.id))
        let hit = plan.steps.compactMap { step -> String? in
            switch step.operation {
            case .remove(let container), .stop(let container, _):
                container.id.flatMap { ids.contains($0) ? container.name : nil }
            case .change(let change):
                change.id.flatMap { ids.contains($0) ? change.name : nil }
            default: nil
            }
        }
        let names = Set(hit).sorted()
        guard !names.isEmpty else { return nil }
        let services = adoption.objects.count { $0.kind == .service }
        let all = services > 0 ? services : adoption.objects.count { $0.kind == .container }
        let what = services > 0 ? "services" : "containers"
        let isAnew = plan.steps.contains(where: \.reason.isAnotherMode)
        let act =
            services == 0 ? "replaces" : isAnew ? "updates or makes anew" : "updates"
        let change = SHA256Hex.of((["adopt", adoption.name] + names).joined(separator: "\n"))
        self.init(
            change: String(change.prefix(12)),
            why: "it takes over \(adoption.name) and \(act) \(names.count) of its \(all) \(what): "
                + names.joined(separator: ", "),
            names: [plan.stack.stack]
        )
    }
}

extension ObservedContainer {
    fileprivate var composeService: String { labels[Labels.Compose.service] ?? "" }
    fileprivate var composeNumber: Int { labels[Labels.Compose.number].flatMap { Int($0) } ?? 0 }
}
