package import Model

/// What an Open Policy Agent is asked about a stack that Gyre's own rules let pass.
///
/// The document is described in `Docs/OPA.md`, and a test holds the two together. It holds no
/// value of a variable and no content of a config or secret: an agent writes what it is asked to
/// logs of its own.
package struct AgentQuestion: Hashable, Sendable {
    /// Raised when a member changes its meaning.
    package static let version = "gyre.opa/1"

    /// The whole document, OPA's `input`.
    package let json: JSON

    /// - Parameters:
    ///   - admitted: What is asked about.
    ///   - tenant: Whose it is.
    ///   - source: Where it comes from: commit, repository, folder; empty where that isn't known.
    package init(
        about admitted: AdmittedStack,
        of tenant: TenantPolicy,
        from source: [String: JSON]
    ) {
        let stack = admitted.stack
        json = .members([
            "version": .string(AgentQuestion.version),
            "project": [
                "name": .string(stack.id.project), "profile": .string(tenant.profile.rawValue),
            ],
            "stack": [
                "name": .string(stack.id.stack),
                "compose_project": .string(stack.composeProjectName),
                "files": .strings(stack.files),
            ],
            "source": .object(source),
            "services": .object(
                admitted.effective.mapValues { AgentQuestion.service($0, in: stack) }
            ),
            "networks": .object(stack.networks.mapValues(AgentQuestion.network)),
            "volumes": .object(stack.volumes.mapValues(AgentQuestion.volume)),
            "configs": .object(stack.configs.mapValues(AgentQuestion.file)),
            "secrets": .object(stack.secrets.mapValues(AgentQuestion.file)),
            "mutations": .array(admitted.mutations.map(AgentQuestion.mutation)),
            "warnings": .array(admitted.warnings.map(AgentQuestion.warning)),
            "policy": .string(admitted.policyDigest),
        ])
    }

    private static func network(_ network: Stack.Network) -> JSON {
        .members([
            "name": .string(network.name), "external": .bool(network.isExternal),
            "internal": .bool(network.isInternal), "driver": network.driver.map(JSON.string),
            "options": .strings(network.options), "labels": .strings(network.labels),
            "subnets": .strings(network.subnets),
        ])
    }

    private static func volume(_ volume: Stack.Volume) -> JSON {
        .members([
            "name": .string(volume.name), "external": .bool(volume.isExternal),
            "driver": volume.driver.map(JSON.string), "options": .strings(volume.options),
            "labels": .strings(volume.labels),
        ])
    }

    private static func file(_ file: Stack.StoredFile) -> JSON {
        var path: String?
        if case .file(let written) = file.origin { path = written }
        return .members([
            "name": .string(file.name), "external": .bool(file.origin == .external),
            "file": path.map(JSON.string),
        ])
    }

    private static func mutation(_ mutation: Mutation) -> JSON {
        .members([
            "field": .string(mutation.field.description), "from": mutation.from.map(JSON.string),
            "to": .string(mutation.to), "rule": .string(mutation.rule),
        ])
    }

    private static func warning(_ finding: Diagnostic) -> JSON {
        .members([
            "rule": .string(finding.code), "message": .string(finding.message),
            "field": finding.field.map { .string($0.description) },
        ])
    }
}
