internal import Admission
package import Model

extension Adoption {
    /// The same of a Swarm, where `docker stack` brought services up.
    ///
    /// `docker stack` leaves no hash: a service is unchanged when what would be sent for it now, by
    /// what is `read` in the files as `docker stack` reads them, is what the Swarm has. `networks`
    /// are all that services may have joined, whoever made them; `isEncrypted` says how Gyre would
    /// make them. `claim` gives a token, under which a service is changed later.
    package init(
        ofDockerStack name: String,
        _ found: Observation,
        by desired: Desired,
        _ read: Stack?,
        beside present: Observation,
        among networks: [NamedObject],
        isEncrypted: Bool,
        on node: String,
        controller: String,
        claim: () -> String
    ) {
        self.init(of: name, by: desired, on: node, controller: controller)
        let had = Set((present.swarm?.services ?? []).map(\.id))
        let services = (found.swarm?.services ?? []).filter { !had.contains($0.id) }
        let calls = read.map { SwarmCalls($0, named: name) }
        let sent = Dictionary(
            (calls?.services ?? []).map { ($0["Name"]?.stringValue ?? "", $0) }
        ) { first, _ in first }
        let names = Dictionary(networks.map { ($0.id, $0.name) }) { first, _ in first }
        for service in services.sorted(by: { $0.name < $1.name }) {
            take(service, isRead: calls != nil, sent[service.name], names, claim)
        }
        takeNetworks(found, .init(services: [:], networks: [:]))
        let open = networks.filter { network in
            objects.contains { $0.id == network.id } && network.options["encrypted"] == nil
        }
        for network in open.sorted(by: { $0.name < $1.name }) where isEncrypted {
            notes.append("network \(network.name) stays as it was made: not encrypted")
        }
        keepVolumes(of: services)
        let files = (found.swarm?.files ?? []).filter { $0.labels[Labels.controller] == nil }
        for file in files.sorted(by: { $0.name < $1.name }) {
            notes.append(
                "leaves \(file.kind.rawValue) \(file.name) alone: Gyre ships what it holds itself"
            )
        }
    }

    private mutating func take(
        _ service: ObservedService,
        isRead: Bool,
        _ sent: JSON?,
        _ networks: [String: String],
        _ claim: () -> String
    ) {
        let key = service.name.hasPrefix(name + "_") ? service.name.dropFirst(name.count + 1) : ""
        guard let wanted = stack.services[String(key)] else {
            notes.append("leaves service \(service.name) alone: the file has no service \(key)")
            return
        }
        let difference = difference(of: service, wanted, isRead: isRead, sent, networks)
        let token = claim()
        var labels = self.labels
        labels[Labels.service] = String(key)
        labels[Labels.run] = desired.isTask(String(key)) ? "task" : "service"
        labels[Labels.claim] = token
        labels[Labels.sent] = SwarmSent.hash(of: service.spec)
        // No file has a spec of this hash.
        labels[Labels.spec] = labels[Labels.sent]
        if difference == nil {
            labels[Labels.spec] = desired.specs[String(key)]
            images[String(key)] = service.image
        }
        own(.service, service.id, service.name, labels, claim: token)
        let what = "takes over service \(service.name)"
        notes.append(difference.map { "\(what), \($0)" } ?? "\(what), unchanged")
    }

    /// Why it has to be updated; nil where it stays as it is.
    private func difference(
        of service: ObservedService,
        _ wanted: Service,
        isRead: Bool,
        _ sent: JSON?,
        _ networks: [String: String]
    ) -> String? {
        guard wanted.contents.isEmpty else {
            return "which uses configs, secrets or files of its folder: Gyre ships them itself"
        }
        guard isRead, let sent else { return "which docker stack would not make of the file" }
        let fields = ServiceForm.differences(of: service.spec, from: sent, networks: networks)
        guard fields.isEmpty else {
            return "which isn't what the file says: \(fields.joined(separator: ", "))"
        }
        guard !service.isStopped else { return "whose last update came to no end" }
        let hasDigest = service.image.flatMap { ImageReference($0)?.digest } != nil
        return hasDigest ? nil : "whose image has no digest, so that nodes may differ in it"
    }

    /// Volumes are each node's own: what keeps them is their name.
    private mutating func keepVolumes(of services: [ObservedService]) {
        let mounted = services.flatMap { service in
            service.spec["TaskTemplate"]?["ContainerSpec"]?["Mounts"]?.arrayValue ?? []
        }
        let sources = Set(mounted.compactMap { $0["Source"]?.stringValue })
        let kept = stack.volumes.values.filter { !$0.isExternal }.map(\.name)
        keptVolumes = Set(kept).intersection(sources).sorted()
        for volume in keptVolumes {
            notes.append("keeps volume \(volume) where it is, with its data")
        }
    }
}
