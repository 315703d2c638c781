internal import Admission
package import Model

/// Which port of the node each container port gets whose file names none.
///
/// A pure function of what is known: what runs has what it has, what the journal knows is kept, and
/// the rest is the first free port from a place in the ranges that a hash names. So the same stack
/// gets the same ports on an empty node, whatever came before.
package struct PortChoosing: Sendable {
    /// Where ports may be chosen from, in order.
    package var ranges: [ClosedRange<Int>]
    /// What the stack has reserved so far.
    package var before: Reservation
    /// Its own containers.
    package var containers: [ObservedContainer]
    /// Whether somebody else has a port.
    package var isTaken: @Sendable (BoundPort) -> Bool

    package init(
        from ranges: [ClosedRange<Int>],
        before: Reservation,
        containers: [ObservedContainer],
        isTaken: @escaping @Sendable (BoundPort) -> Bool
    ) {
        self.ranges = ranges
        self.before = before
        self.containers = containers
        self.isTaken = isTaken
    }

    /// A port that is open, and for which none was left.
    package struct Want: Hashable, Sendable {
        package var place: ReservedPort.Place
        package var at: FieldPath
        /// What the file lets be chosen; nil is any.
        package var among: String?
    }

    /// What was chosen, and for what no port was left.
    package struct Result: Sendable {
        package var ports: [ReservedPort.Place: UInt16] = [:]
        package var unmet: [Want] = []
    }

    /// Chooses for all services of a stack.
    package func ports(for desired: Desired) -> Result {
        var result = Result()
        let named = desired.namedPorts
        var used = before.ports + named
        for (name, service) in desired.admitted.stack.services.sorted(by: { $0.key < $1.key }) {
            for slot in desired.admitted.stack.slotsWithPorts(of: service) {
                for (index, port) in service.ports.enumerated() where port.isOpen {
                    let place = port.place(in: name, slot)
                    let choices = choices(for: port)
                    guard result.ports[place] == nil, !choices.isEmpty else { continue }
                    let spec = desired.specs[name]
                    if let had = had(place, choices, spec: spec, beside: named) {
                        result.ports[place] = had
                        continue
                    }
                    let free = choice(for: place, of: desired.id, choices, beside: used)
                    if let free {
                        result.ports[place] = free
                        used.append(ReservedPort(place, free, isChosen: true))
                    } else {
                        let at = FieldPath("services", name, "ports")[index]
                        let among = port.candidates
                        result.unmet.append(Want(place: place, at: at, among: among))
                    }
                }
            }
        }
        return result
    }

    /// Where the port of an open one may lie; nowhere is the engine's to choose.
    ///
    /// Of what a file names itself that part which is Gyre's to choose from, else all of it: policy
    /// has found each of its ports granted.
    private func choices(for port: PortMapping) -> [ClosedRange<Int>] {
        guard let asked = port.range else { return port.candidates == nil ? ranges : [] }
        let within = ranges.filter(asked.overlaps).map { $0.clamped(to: asked) }
        return within.isEmpty ? [asked] : within
    }

    /// What the slot's container has, or what was reserved for it.
    private func had(
        _ place: ReservedPort.Place,
        _ choices: [ClosedRange<Int>],
        spec: String?,
        beside named: [ReservedPort]
    ) -> UInt16? {
        let own = containers.filter {
            $0.slot == Slot(service: place.service, number: place.slot)
        }
        for container in own.sorted(by: { ($0.created, $0.id) < ($1.created, $1.id) }) {
            // One that stays keeps its port, also where another range was granted since.
            let stays = container.labels[Labels.spec] == spec
            let had = container.bindings.sorted().first { binding in
                binding.isSame(as: place) && (stays || choices.hold(binding.number))
                    && !named.contains { $0.bound.overlaps(binding.bound) }
            }
            if let had { return had.number }
        }
        return before.ports.first {
            $0.place == place && $0.isChosen && choices.hold($0.number)
        }?.number
    }

    private func choice(
        for place: ReservedPort.Place,
        of stack: StackID,
        _ choices: [ClosedRange<Int>],
        beside used: [ReservedPort]
    ) -> UInt16? {
        let numbers = choices.flatMap { $0 }
        guard !numbers.isEmpty else { return nil }
        let text = "\(stack) \(place) \(place.address ?? "")"
        let start = Int(SHA256Hex.of(text).prefix(8), radix: 16) ?? 0
        for offset in numbers.indices {
            let number = UInt16(clamping: numbers[(start + offset) % numbers.count])
            let candidate = BoundPort(place.address, number, place.protocol)
            let isUsed = used.contains { $0.bound.overlaps(candidate) }
            if !isUsed, !isTaken(candidate) { return number }
        }
        return nil
    }
}

extension [ClosedRange<Int>] {
    fileprivate func hold(_ number: UInt16) -> Bool { contains { $0.contains(Int(number)) } }
}

extension PortBinding {
    fileprivate func isSame(as place: ReservedPort.Place) -> Bool {
        target == place.target && `protocol` == place.protocol
            && ListeningAddress(address) == ListeningAddress(place.address)
    }

    fileprivate var bound: BoundPort { BoundPort(address, number, `protocol`) }
}

extension PortMapping {
    /// Whether its file leaves the node's port open.
    var isOpen: Bool { (published ?? 0) == 0 }

    func place(in service: String, _ slot: Int) -> ReservedPort.Place {
        ReservedPort.Place(
            service: service,
            slot: slot,
            target: target,
            protocol: `protocol`,
            address: hostIP
        )
    }
}

extension Stack {
    /// The slots of which each has ports of its own.
    ///
    /// A service of a Swarm has its ports once, however many tasks there are, and also while there
    /// are none: they are the whole Swarm's, or the same on each node that runs a task.
    /// Source: swarmkit's `checkPortConflicts`, which looks at services alone.
    fileprivate func slotsWithPorts(of service: Service) -> Range<Int> {
        1..<(isForSwarm ? 1 : max(0, service.replicas)) + 1
    }
}

extension Desired {
    /// The ports that its files name, container by container, or service by service on a Swarm.
    var namedPorts: [ReservedPort] {
        let stack = admitted.stack
        return stack.services.flatMap { name, service in
            stack.slotsWithPorts(of: service).flatMap { slot in
                service.ports.compactMap { port in
                    guard let number = port.published, number > 0 else { return nil }
                    return ReservedPort(port.place(in: name, slot), number)
                }
            }
        }
    }

    /// Those, and what was chosen.
    package var ports: [ReservedPort] {
        namedPorts + chosen.map { ReservedPort($0.key, $0.value, isChosen: true) }
    }

    /// The ports of a slot's container, with those that were chosen filled in.
    func ports(of slot: Slot) -> [PortMapping] {
        let written = admitted.effective[slot.service]?.service.ports ?? []
        var seen: Set<PortMapping> = []
        return written.compactMap { port in
            var port = port
            if port.isOpen, let number = chosen[port.place(in: slot.service, slot.number)] {
                port.published = number
                port.candidates = nil
                // Two that say the same got one port, which can be had once.
                guard seen.insert(port).inserted else { return nil }
            }
            return port
        }
    }
}
