package import Model

/// A stack that policy let pass, with what policy made of it.
///
/// Only ``Policy`` makes one: whoever holds it knows that every rule was asked.
package struct AdmittedStack: Hashable, Sendable {
    /// As loaded: what the tenant's files say, and what a spec hash covers.
    package let stack: Stack
    /// By name of the service: what its containers get.
    package let effective: [String: AdmittedService]
    /// What policy filled in because the files left it out.
    package let mutations: [Mutation]
    /// What every container gets besides; shown in a plan, but no change of the tenant's file.
    package let hardening: [String]
    /// The loader's and policy's, sorted.
    package let warnings: [Diagnostic]
    /// The exceptions without which it had been denied.
    package let exceptions: [PolicyException]
    /// Which policy said so: a hash over its parameters and the rules.
    package let policyDigest: String
    /// What an Open Policy Agent calls its verdict on it; nil where none was asked, or it keeps no
    /// log.
    package let decision: String?

    init(
        stack: Stack,
        effective: [String: AdmittedService],
        mutations: [Mutation],
        hardening: [String],
        warnings: [Diagnostic],
        exceptions: [PolicyException],
        policyDigest: String,
        decision: String? = nil
    ) {
        self.stack = stack
        self.effective = effective
        self.mutations = mutations
        self.hardening = hardening
        self.warnings = warnings
        self.exceptions = exceptions
        self.policyDigest = policyDigest
        self.decision = decision
    }
}

/// A service with the values that policy filled in, and how its containers are confined.
package struct AdmittedService: Hashable, Sendable {
    package let service: Service
    /// All capabilities of a container, sorted; sent together with `CapDrop: ["ALL"]`.
    package let capAdd: [String]
    /// For the engine's `SecurityOpt`.
    package let securityOptions: [String]
    /// Whether the engine may make directories of the node that are bound and not there.
    package let makesHostPaths: Bool
    /// How its log is kept, with a bound.
    package let logging: Service.Logging

    init(service: Service, capAdd: [String], makesHostPaths: Bool, logging: Service.Logging) {
        self.service = service
        self.capAdd = capAdd
        self.makesHostPaths = makesHostPaths
        self.logging = logging
        // What would weaken the confinement comes here only where the profile lets it pass.
        let asked = service.privileges.securityOptions.filter { !SecurityOption.isHarmless($0) }
        self.securityOptions = SecurityOption.enforced + asked
    }
}

/// A value that policy filled in.
package struct Mutation: Hashable, Codable, Sendable, Comparable, CustomStringConvertible {
    package let field: FieldPath
    /// As the file has it; nil when it says nothing.
    package let from: String?
    package let to: String
    /// Id of the rule.
    package let rule: String
    package let reason: String

    init(field: FieldPath, from: String?, to: String, rule: String, reason: String) {
        self.field = field
        self.from = from
        self.to = to
        self.rule = rule
        self.reason = reason
    }

    package static func < (a: Mutation, b: Mutation) -> Bool {
        a.field.precedes(b.field) ?? (a.rule < b.rule)
    }

    /// `services.web.user: 41000 -> 41000:5000, reason [rule]`.
    package var description: String {
        "\(field): \(from.map(spoken) ?? "unset") -> \(spoken(to)), \(reason) [\(rule)]"
    }

    /// A value as people write it: `512 MiB` for 536870912 bytes of memory.
    package func spoken(_ value: String) -> String {
        guard field.components.last == .key("memory"), let bytes = Int64(value) else {
            return value.onOneLine
        }
        return ByteCount(bytes).description
    }
}
