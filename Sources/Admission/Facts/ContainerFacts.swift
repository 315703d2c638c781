internal import Model

/// What choices of a profile go by: the same, read from a service or from a request's body.
struct ContainerFacts: Sendable {
    /// A port of the node.
    enum Port: Hashable, Sendable {
        case number(Int)
        /// To be chosen from there; nil: from what the operator has Gyre choose from.
        case open(ClosedRange<Int>?)
    }

    /// The one bind and the one port that conditions are asked of; nil of what it has none of.
    struct Aspect {
        var bind: String?
        var port: Port?
    }

    /// Whether a condition is so; `perhaps` where nobody can tell yet.
    enum Fit: Int {
        case no, perhaps, yes
    }

    var service: String
    var binds: [String]
    var ports: [Port]
    var image: String
    /// Host names by which an ingress leads to it; nil stands for a route of unknown hosts.
    var hosts: [String?] = []
    /// Whether people outside reach the container whose network it has, as the gate knows it.
    var joinsPublic = false

    /// Whether people outside the site may reach it, through another container too.
    func isPublic(_ grants: Grants) -> Bool {
        let numbers = ports.map { if case .number(let number) = $0 { number } else { 0 } }
        return joinsPublic || numbers.contains(where: grants.isPublic)
            || hosts.contains(where: grants.isPublic(host:))
    }

    private var isInternal: Bool { ports.isEmpty && hosts.isEmpty }

    /// Whether all of a choice's condition is so.
    func fit(
        _ condition: ProfileChoice.Condition,
        _ aspect: Aspect,
        _ stack: StackID,
        _ grants: Grants
    ) -> Fit {
        guard fitsAsWritten(condition, stack), binds(condition.mounts, aspect.bind) else {
            return .no
        }
        let ports = condition.ports.isEmpty ? .yes : within(condition.ports, aspect.port, grants)
        let audience = condition.audience.map { isReached($0, grants) } ?? .yes
        let place: Fit = condition.place.isEmpty ? .yes : .perhaps
        return [ports, audience, place].min { $0.rawValue < $1.rawValue } ?? .yes
    }

    private func fitsAsWritten(_ condition: ProfileChoice.Condition, _ stack: StackID) -> Bool {
        if let wanted = condition.stack, wanted != stack.stack { return false }
        if let wanted = condition.service, !Text.equal(wanted, service) { return false }
        if let wanted = condition.publishes, wanted == isInternal { return false }
        guard let wanted = condition.image else { return true }
        guard let reference = ImageReference(image) else { return false }
        return ImageVerdict.components(reference.name)
            .starts(with: ImageVerdict.components(wanted))
    }

    private func binds(_ wanted: String?, _ bind: String?) -> Bool {
        guard let wanted else { return true }
        guard let wanted = AbsolutePath(wanted), let bind else { return false }
        return AbsolutePath(bind)?.isWithin(wanted) == true
    }

    private func within(_ wanted: [ClosedRange<Int>], _ port: Port?, _ grants: Grants) -> Fit {
        guard let candidates = port?.candidates(grants), !candidates.isEmpty else { return .no }
        if candidates.allSatisfy({ some in wanted.contains { $0.contains(some) } }) { return .yes }
        let touches = candidates.contains { some in wanted.contains { $0.overlaps(some) } }
        return touches ? .perhaps : .no
    }

    private func isReached(_ audience: ProfileChoice.Audience, _ grants: Grants) -> Fit {
        guard audience != .internal else { return isInternal ? .yes : .no }
        guard !isInternal else { return .no }
        let fits =
            ports.map { within(grants.publicPorts, $0, grants) }
            + hosts.map { grants.isPublic(host: $0) ? .yes : .no }
        let isPublic: Fit =
            fits.contains(.yes) ? .yes : fits.contains(.perhaps) ? .perhaps : .no
        return audience == .public ? isPublic : isPublic.opposite
    }
}

extension ContainerFacts.Fit {
    fileprivate var opposite: Self {
        switch self {
        case .no: .yes
        case .perhaps: .perhaps
        case .yes: .no
        }
    }
}

extension ContainerFacts.Port {
    /// What it may come to be.
    fileprivate func candidates(_ grants: Grants) -> [ClosedRange<Int>] {
        switch self {
        case .number(let port): [port...port]
        case .open(let range): range.map { [$0] } ?? grants.allocatedPorts
        }
    }
}

extension ContainerFacts {
    init(_ service: Service, named name: String) {
        self.init(
            service: name,
            binds: service.volumes.compactMap { mount in
                if case .bind(let path) = mount.source { path } else { nil }
            },
            ports: service.ports.map { port in
                guard let number = port.published, number != 0 else { return .open(port.range) }
                return .number(Int(number))
            },
            image: service.image,
            hosts: service.routedHosts
        )
    }
}
