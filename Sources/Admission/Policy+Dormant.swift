package import Model

/// Services that profiles leave out never run, and are judged all the same: whoever reviewed a
/// file has reviewed all of it, and a profile is one line of another.
extension Policy {
    /// What policy denies of the services that profiles leave out.
    ///
    /// Only what is theirs alone: two that stand in for each other may have one port or name, and
    /// what all of them ask for together is never run. Nothing under the profile `privileged`.
    func denials(of reading: StackReading) -> [Diagnostic] {
        guard let dormant = reading.dormant, tenant.profile != .privileged else { return [] }
        let denied: [Diagnostic]
        do {
            _ = try admit(dormant.stack)
            denied = []
        } catch {
            denied = error.diagnostics.filter { finding in
                finding.severity == .error
                    && (dormant.holds(finding) || Policy.ofAll.contains(finding.code)
                        || finding.field.map { isLeftOut($0, of: reading.stack) } == true)
            }
        }
        let said = Set(reading.errors)
        let errors = dormant.errors.filter { finding in
            let topic = Rule.Topic.of(finding)
            return !said.contains(finding)
                && (Policy.asksForMore.contains(topic)
                    || topic == .limits && Policy.withoutEnd.contains(finding.code))
        }
        return errors + denied
    }

    /// Rules about how much a file declares, whatever of it runs.
    private static let ofAll: Set = [Rule.serviceCount.id, Rule.portCount.id, Rule.inputSize.id]

    /// Whether `field` is of a network, volume, config or secret that only services need which are
    /// left out.
    private func isLeftOut(_ field: FieldPath, of stack: Stack) -> Bool {
        let parts: [FieldPath.Component] = ["networks", "volumes", "configs", "secrets"].map {
            .key($0)
        }
        guard let part = field.components.first, parts.contains(part) else { return false }
        return !stack.declared.contains(where: field.isWithin)
    }

    /// What policy would fill in for services that profiles leave out.
    package func fillings(of reading: StackReading) -> [Mutation] {
        guard let dormant = reading.dormant, let admitted = try? admit(dormant.stack) else {
            return []
        }
        return admitted.mutations.filter { dormant.holds($0.field) }
    }

    /// What a loader's error is about that is no slip: something nobody is granted.
    private static let asksForMore: Set<Rule.Topic> = [
        .build, .hook, .hostExecution, .device, .bindPath, .fileEscape, .remoteSource, .gitTree,
        .environmentLeak, .externalReference, .image, .mountTarget,
    ]
}

extension Policy {
    /// What the loader says of numbers below zero, which engines take for no limit.
    fileprivate static let withoutEnd: Set = ["invalid-number", "invalid-size"]
}

extension StackReading.Dormant {
    fileprivate func holds(_ finding: Diagnostic) -> Bool { finding.field.map(holds) ?? false }

    fileprivate func holds(_ field: FieldPath) -> Bool {
        services.contains { field.isWithin(FieldPath("services", $0)) }
    }
}
