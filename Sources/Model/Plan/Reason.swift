/// Why a step is in a plan.
package enum Reason: Hashable, Codable, Sendable {
    case missing
    /// There was one, and it held data.
    case lost
    case imageNotOnNode
    /// From one spec hash to another.
    case specChanged(from: String, to: String)
    case secretsChanged([String])
    /// Configs or secrets of others are there anew, under the names that they had.
    case remade([String])
    /// Policy gives it other values, and somebody wants them now.
    case policyChanged([String])
    /// Policy denies it, and somebody wants it stopped.
    case againstPolicy
    /// The reference means another image for this spec than what the container was made from.
    case imageChanged
    /// The container that is there can't be started.
    case unusable(state: ObservedContainer.State)
    case notRunning(state: ObservedContainer.State, exitCode: Int?)
    /// It ended before this version was begun, which has yet to run it.
    case endedBefore(exitCode: Int?)
    case replaces(name: String)
    /// It is started while the one that it replaces still runs.
    case beside(name: String)
    case replaced
    case surplus
    case serviceRemoved
    /// Not wanted any more, and gone before its successors have been proven: a service needs what
    /// it has, said as a noun.
    case makesWay(for: String, needing: String)
    case stackRemoved
    /// All of the stack goes to another node.
    case moves(to: String)
    /// It went there while its node didn't answer.
    case moved(to: String)
    case unused
    case duplicate
    /// Another network of the same name is used.
    case spare
    case abandoned
    case disconnected(network: String)
    case staleNetwork(network: String)
    /// It lives in a container of that service which was replaced, or is about to be.
    case staleNamespace(service: String)
    case limitsChanged([String])
    case dependency(of: String)
    /// The service that it depends on and is to be restarted with.
    case dependencyReplaced(String)
    case mustProve
    /// Others of its service are taken down once it has been judged.
    case servesFirst
    case monitored
    case delay
    case takesName
    case joins(network: String)
    /// A container that is to be created mounts it.
    case mounted(by: String)
    /// Somebody changed it past Gyre.
    case changedByHand
    /// The Swarm stopped on the way to it.
    case updateStopped
    case replicasChanged(from: Int64?, to: Int64?)
    /// From one `deploy.mode` to another, which a Swarm does to no service that is there.
    case modeChanged(from: String, to: String)
    case shipping
    case looking
    case shipped
}

extension Reason: CustomStringConvertible {
    /// A clause that follows "because".
    package var description: String {
        switch self {
        case .missing: "there is none"
        case .lost: "the one that had data is gone"
        case .imageNotOnNode: "the node does not have it"
        case .specChanged(let from, let to):
            "its spec changed from \(Reason.short(from)) to \(Reason.short(to))"
        case .secretsChanged(let names):
            names.count == 1
                ? "secret \(names[0]) changed"
                : "secrets \(names.joined(separator: ", ")) changed"
        case .remade(let names):
            "\(names.joined(separator: ", ")) \(names.count == 1 ? "was" : "were") made anew"
        case .policyChanged(let fields):
            "policy gives it another \(fields.joined(separator: ", another "))"
        case .againstPolicy: "policy denies it, and it is to be enforced"
        case .imageChanged: "its image is another one now"
        case .unusable(.removing): "the one before it is being removed"
        case .unusable(let state): "the one before it is \(state.rawValue) and can't be started"
        case .notRunning(let state, let code):
            "it is \(state.rawValue)" + (code.map { " with status \($0)" } ?? "")
        case .endedBefore(let code):
            "it ended" + (code.map { " with status \($0)" } ?? "")
                + " before this version was begun"
        case .replaces(let name): "it replaces \(name)"
        case .beside(let name): "\(name) goes once it has been judged"
        case .replaced: "its replacement takes over"
        case .surplus: "the service has fewer replicas now"
        case .serviceRemoved: "the service is not in the file any more"
        case .makesWay(let service, let thing):
            "the file wants it no more, and \(service) needs \(thing)"
        case .stackRemoved: "the stack is being removed"
        case .moves(let node): "the stack moves to node \(node)"
        case .moved(let node): "the stack is on node \(node) by now"
        case .unused: "nothing uses it any more"
        case .duplicate: "another container fills the slot"
        case .spare: "another of the same name is used"
        case .abandoned: "an earlier run left it behind"
        case .disconnected(let network): "it is not attached to \(network)"
        case .staleNetwork(let network): "it is attached to a network \(network) that is gone"
        case .staleNamespace(let service): "it lives in a container of \(service) that is replaced"
        case .limitsChanged(let fields): "somebody changed \(fields.joined(separator: ", "))"
        case .dependency(let service): "\(service) depends on it"
        case .dependencyReplaced(let service): "it is restarted with \(service)"
        case .mustProve: "a version is good only when it has been stable"
        case .servesFirst: "others of its service are replaced next"
        case .monitored: "its file has it monitored so long"
        case .delay: "the next batch begins no sooner"
        case .takesName: "the name is free now"
        case .joins(let network): "its service joins \(network)"
        case .mounted(let container): "\(container) mounts it"
        case .changedByHand: "somebody changed it"
        case .updateStopped: "the Swarm stopped halfway to it"
        case .replicasChanged(let from, let to):
            "it has \(from.map { "\($0)" } ?? "no number of") replicas, and is to have "
                + (to.map { "\($0)" } ?? "one on each node")
        case .modeChanged(let from, let to):
            "its mode changed from \(from) to \(to), for which a Swarm needs it made anew"
        case .shipping: "what is mounted goes through it"
        case .looking: "what is bound is looked at through it"
        case .shipped: "all is where it has to be"
        }
    }

    private static func short(_ hash: String) -> String { String(hash.prefix(10)) }
}
