package import Model

/// Why a request was not let through to the engine.
///
/// Never a tenant's mistake, which ``Policy`` finds first with its place in a file: something in
/// Gyre is wrong, or what was admitted is no longer granted.
package struct GateRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    package let check: GateCheck
    package let action: EngineRequest.Action
    /// Where in the request: `path`, `query.name`, `body.HostConfig.CapAdd[0]`; escaped where a
    /// tenant chose a part of it.
    package let field: String
    /// One sentence without a full stop; quotes no value of the request.
    package let message: String

    package var description: String {
        "the gate refused \(action.rawValue): \(field): \(message) [gate-\(check.rawValue)]"
    }
}

/// What the gate looks at.
package enum GateCheck: String, Sendable, CaseIterable {
    case call, body, ownership, name, claim, label, image, privilege, capability, bind, network
    case identity, limit, port, driver, namespace, kernel, content
    case target = "mount-target"
    case volumeRemoval = "volume-removal"
}

/// A refusal that doesn't know yet which request it is about.
struct Objection: Error {
    let check: GateCheck
    let field: String
    let message: String

    init(_ check: GateCheck, _ field: String, _ message: String) {
        self.check = check
        self.field = field
        self.message = message
    }
}

extension GateRefusal {
    init(_ objection: Objection, to request: EngineRequest) {
        self.init(
            check: objection.check,
            action: request.action,
            field: objection.field,
            message: objection.message
        )
    }
}
