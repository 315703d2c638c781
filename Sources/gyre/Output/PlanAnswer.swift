internal import ControlAPI
internal import Model
internal import Planning
internal import Reconciliation

/// What passes would do, for one stack or several.
struct PlansAnswer: Answer {
    var plans: [StackPlan]
    var unanswered: [Unanswered] = []

    func text(_ style: Style) -> String {
        guard !plans.isEmpty else { return Unanswered.noStacks(unanswered, style).asLines }
        let silent = Unanswered.beside(unanswered, style)
        return (plans.map { $0.text(style) } + silent).joined(separator: "\n\n")
    }
}

extension PlansAnswer: FindingAnswer {
    var codes: [String] { plans.flatMap(\.codes) }
}

extension StackPlan {
    /// The kinds of all findings.
    var codes: [String] { warnings.map(\.code) + problems.codes }
}

extension [Problem] {
    /// The kinds of all findings.
    var codes: [String] { flatMap(\.diagnostics).map(\.code) }
}

extension StackPlan: Answer {
    func text(_ style: Style) -> String {
        var lines = [headline(style)]
        lines += section("takes over what runs already", adoption, style)
        lines += steps.map { $0.text(style) }
        lines += pending.map { "  pending: \($0)" }
        lines += section("rollouts", steps.isEmpty ? [] : rollouts, style)
        lines += section("ports", steps.isEmpty ? [] : ports.map(\.text), style)
        lines += section("policy fills in", steps.isEmpty ? [] : mutations, style)
        lines += section("policy confines", steps.isEmpty ? [] : hardening, style)
        lines += warnings.map { Excerpt($0).text(style) }.indented()
        if let confirmation {
            lines.append("  \(style(.yellow, "waits:")) \(confirmation.why)")
            let command = "gyre confirm \(stack) \(confirmation.change)"
            lines.append("  → \(Confirmation.remedy(command, names: confirmation.names))")
        }
        lines += problems.flatMap { $0.lines(style) }.indented()
        return lines.asLines
    }

    private func headline(_ style: Style) -> String {
        let name = style(.bold, "plan \(stack)")
        guard let target else { return "\(name): nothing can be planned" }
        let count =
            switch steps.count {
            case 0: "nothing to do"
            case 1: "1 step"
            default: "\(steps.count) steps"
            }
        return "\(name) at \(target): \(count)"
    }

    private func section(_ title: String, _ lines: [String], _ style: Style) -> [String] {
        lines.isEmpty ? [] : ["  \(style(.dim, "\(title):"))"] + lines.indented(4)
    }
}

extension PlannedStep {
    /// `   3  create container shop-web-1, because there is none (after 1, 2)`.
    fileprivate func text(_ style: Style) -> String {
        let number = String(repeating: " ", count: max(0, 4 - "\(id)".count)) + "\(id)"
        let order = after.map(String.init).joined(separator: ", ")
        let tail = ", because \(reason)" + (after.isEmpty ? "" : " (after \(order))")
        return "\(number)  \(text)\(style(.dim, tail))"
    }
}
