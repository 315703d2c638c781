package import Model

extension Policy {
    /// Joins an agent's answer to what Gyre's own rules said: it can deny, warn and fill in, and
    /// what it fills in is judged by the rules once more.
    package func admit(
        _ admitted: AdmittedStack,
        as answer: AgentAnswer
    ) throws(Rejection) -> AdmittedStack {
        let stack = admitted.stack
        var said = answer.denials.map { $0.finding(.error, in: stack) }
        if !answer.allows, said.isEmpty {
            said.append(Diagnostic(code: "opa/verdict", "the site's policy does not allow it"))
        }
        said += answer.warnings.map { $0.finding(.warning, in: stack) }
        var filled = stack
        filled.services = admitted.effective.mapValues(\.service)
        var mutations: [Mutation] = []
        for change in answer.changes {
            do throws(AgentFilling.Refusal) {
                mutations += try AgentFilling(change, in: stack).apply(to: &filled)
            } catch {
                said.append(change.refusal(error.description, in: stack))
            }
        }
        guard !said.contains(where: { $0.severity == .error }) else {
            throw Rejection(said.sorted())
        }
        guard !mutations.isEmpty else { return admitted.joined(with: said, by: answer) }
        return try admit(filled, admitted, mutations, said, by: answer)
    }

    /// Judges the stack as the agent filled it in.
    private func admit(
        _ filled: Stack,
        _ admitted: AdmittedStack,
        _ mutations: [Mutation],
        _ said: [Diagnostic],
        by answer: AgentAnswer
    ) throws(Rejection) -> AdmittedStack {
        let enforcement = enforcement(of: filled.id)
        let reviews = reviews(of: filled, enforcement)
        let judged = judge(filled, reviews, enforcement)
        let findings = (filled.warnings + judged.findings + said).sorted()
        guard !findings.contains(where: { $0.severity == .error }) else {
            throw Rejection(findings)
        }
        let effective = effective(reviews)
        return AdmittedStack(
            stack: admitted.stack,
            effective: effective,
            mutations: (admitted.mutations + mutations).sorted(),
            hardening: hardening(effective),
            warnings: findings,
            exceptions: judged.exceptions,
            policyDigest: admitted.policyDigest,
            decision: answer.decision
        )
    }
}

extension AdmittedStack {
    fileprivate func joined(with said: [Diagnostic], by answer: AgentAnswer) -> AdmittedStack {
        AdmittedStack(
            stack: stack,
            effective: effective,
            mutations: mutations,
            hardening: hardening,
            warnings: (warnings + said).sorted(),
            exceptions: exceptions,
            policyDigest: policyDigest,
            decision: answer.decision
        )
    }
}

extension AgentAnswer.Remark {
    /// As Gyre shows its own, with the place of the field in the tenant's files.
    fileprivate func finding(_ severity: Diagnostic.Severity, in stack: Stack) -> Diagnostic {
        let path = AgentFilling.path(field, in: stack)
        return Diagnostic(
            severity,
            code: "opa/\(rule)",
            Text.shown(message),
            at: path.flatMap { stack.places.location(of: $0) },
            field: path,
            fix: fix.map { Text.shown($0) }
        )
    }
}

extension AgentAnswer.Change {
    fileprivate func refusal(_ why: String, in stack: Stack) -> Diagnostic {
        let path = AgentFilling.path(field, in: stack)
        return Diagnostic(
            .error,
            code: "opa/\(rule)",
            "the site's policy fills in \(Text.shown(field.joined(separator: "."))), \(why)",
            at: path.flatMap { stack.places.location(of: $0) },
            field: path,
            fix: "tell the operator: it is the policy of the Open Policy Agent that has to change"
        )
    }
}
