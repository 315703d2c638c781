internal import Model
internal import Reconciliation

/// Where stacks stand, as `gyre status` shows it.
struct StatusAnswer: Answer {
    let status: ControllerStatus
    /// Services are listed one by one.
    var isDetailed = false

    func encode(to encoder: any Encoder) throws { try status.encode(to: encoder) }

    func text(_ style: Style) -> String {
        var blocks = warnings(style)
        let orphans = status.orphans.flatMap { $0.lines(style) }
        // Whoever asks for one stack knows where it comes from.
        let isOther = isDetailed && !(status.stacks.isEmpty && orphans.isEmpty)
        let silent = isOther ? [] : status.silentRepositories.filter { !$0.isKnown }
        if status.stacks.isEmpty {
            let none = isOther ? [] : Unanswered.noStacks(silent, style, at: status.time)
            return (blocks + none + orphans).asLines
        }
        let lines = table.lines(style) { row, column in
            column == 1 ? status.stacks[row].state.face : nil
        }
        blocks.append(lines[0])
        for (stack, line) in zip(status.stacks, lines.dropFirst()) {
            blocks.append(line)
            blocks += details(of: stack, style)
        }
        return (blocks + orphans + Unanswered.lines(silent, style, at: status.time)).asLines
    }

    /// What to end with; a stack that is stuck counts only where `isStrict`.
    ///
    /// What never answered always counts: nothing that is shown is about it.
    func exit(isStrict: Bool) -> ExitCode {
        let unanswered =
            isDetailed ? status.unanswered.filter { $0.kind == .engine } : status.unanswered
        if unanswered.contains(where: { !$0.isKnown && !$0.isReached }) { return .unreachable }
        guard isStrict else { return .success }
        if status.frozen != nil || status.stacks.contains(where: \.isStuck) { return .notConverged }
        return ExitCode(unanswered)
    }

    private func warnings(_ style: Style) -> [String] {
        var lines: [String] = []
        if let problem = status.engineProblem {
            lines.append(style(.red, "engine \(status.engine): ") + problem)
            let meanwhile = hasNodes ? "its stacks are left as they are" : "nothing is changed"
            lines.append("  → \(Failure.engineRemedy); \(meanwhile) meanwhile")
        }
        if let remapping = status.users?.found {
            lines.append(
                style(.yellow, "engine \(status.engine): ") + "\(remapping): no uid of a container "
                    + "is the one it shows, so what rests on uids is denied"
            )
        }
        for (node, off) in status.clocks.sorted(by: { $0.key < $1.key }) {
            let name = hasNodes ? "node \(node): " : "engine \(status.engine): "
            lines.append(style(.yellow, name) + "its clock is \(off.clockOff)")
            lines.append(
                "  → let both machines ask a time server; nothing is judged by it meanwhile"
            )
        }
        if let refused = status.refused {
            let age = status.time.since(refused.since).age
            lines.append(
                style(.red, "gyre.yaml refused ") + "\(age) ago, the one before stays in force: "
                    + "\(refused.file): \(refused.reason)"
            )
            lines += refused.findings.map { Excerpt($0).text(style) }.indented()
            lines.append("  → mend it (gyre validate --config \(refused.file)), then SIGHUP again")
        }
        if let reason = status.frozen {
            lines.append(style(.red, "frozen: ") + reason)
            lines.append("  nothing is changed until a person has looked at what runs")
            lines.append("  → gyre recover, then gyre recover --confirm")
        }
        return lines
    }

    /// Whether stacks are on several nodes.
    private var hasNodes: Bool { status.stacks.contains { $0.node != nil } }

    private var table: Table {
        hasNodes ? tableWithNodes : plainTable
    }

    private var tableWithNodes: Table {
        var table = Table("STACK", "STATE", "NODE", "COMMIT", "SERVICES", "CHECKED")
        for stack in status.stacks {
            table.add(
                "\(stack.stack)",
                stack.state.rawValue,
                stack.node ?? "-",
                stack.served,
                stack.services.sum,
                stack.lastCheck.map { "\(status.time.since($0).age) ago" } ?? "never"
            )
        }
        return table
    }

    private var plainTable: Table {
        var table = Table("STACK", "STATE", "COMMIT", "SERVICES", "CHECKED")
        for stack in status.stacks {
            table.add(
                "\(stack.stack)",
                stack.state.rawValue,
                stack.served,
                stack.services.sum,
                stack.lastCheck.map { "\(status.time.since($0).age) ago" } ?? "never"
            )
        }
        return table
    }

    private func details(of stack: StackStatus, _ style: Style) -> [String] {
        var lines = isDetailed ? services(of: stack, style) : []
        if isDetailed, let node = stack.node { lines.append("node \(node)") }
        if isDetailed, !stack.dependencies.isEmpty {
            lines.append("depends on \(stack.dependencies.joined(separator: ", "))")
        }
        if isDetailed { lines += stack.ports.map { "port \($0.text)" } }
        if isDetailed, let head = stack.head { lines.append("head \(head)") }
        if let run = stack.run {
            let step = run.step.map { ": \($0), for \(status.time.since(run.since).age)" } ?? ""
            lines.append("step \(Swift.min(run.done + 1, run.steps)) of \(run.steps)\(step)")
        }
        if stack.state == .outOfSync, stack.problems.isEmpty {
            lines.append("→ gyre apply, or gyre serve to keep it so")
        }
        lines += stack.problems.filter { !isToldAbove($0) }.flatMap { $0.lines(style) }
        if let outage = stack.outage { lines.append(outage.text(at: status.time)) }
        lines += stack.pending.map { "pending: \($0)" }
        if let next = stack.nextTry, next > status.time {
            lines.append("tried again in \(next.since(status.time).age)")
        }
        return lines.indented()
    }

    /// What is the matter with the whole controller is said once, not at each stack.
    private func isToldAbove(_ problem: Problem) -> Bool {
        switch problem.kind {
        case .frozen: status.frozen != nil
        case .engine:
            // Of several nodes one may be silent, and the stack's trouble be another's.
            status.engineProblem.map { !hasNodes || $0.contains(problem.message) } ?? false
        default: false
        }
    }

    private func services(of stack: StackStatus, _ style: Style) -> [String] {
        guard !stack.services.isEmpty else { return [] }
        var table = Table("SERVICE", "RUNNING", "UNHEALTHY", "COMPLETED")
        for service in stack.services {
            table.add(
                service.name,
                "\(service.running)/\(service.wanted.map(String.init) ?? "?")",
                "\(service.unhealthy)",
                "\(service.completed)"
            )
        }
        return table.lines(style)
    }
}

extension StatusAnswer: FindingAnswer {
    var codes: [String] { status.stacks.flatMap(\.problems).codes }
}

extension StackStatus {
    /// When both the repository and the engine were last looked at with success.
    var lastCheck: Instant? {
        guard let checked, let observed else { return nil }
        return min(checked, observed)
    }

    /// Whether it stays where it is unless somebody helps.
    var isStuck: Bool {
        switch state {
        case .stalled, .unknown, .outOfSync: true
        case .ready, .reconciling: false
        }
    }

    /// The commit that is meant to run, as far as that is known.
    fileprivate var served: String {
        let isLost = problems.contains { $0.kind == .frozen }
        return (target ?? good).map { String($0.prefix(8)) } ?? (isLost ? "?" : "-")
    }
}

extension ReservedPort {
    /// `web/1 80/tcp at 127.0.0.1:31007, chosen by Gyre`.
    var text: String {
        let host = place.address.map { $0.contains(":") ? "[\($0)]:" : "\($0):" } ?? ""
        return "\(place) at \(host)\(number)" + (isChosen ? ", chosen by Gyre" : "")
    }
}

extension StackStatus.State {
    var face: Style.Face {
        switch self {
        case .ready: .green
        case .reconciling, .outOfSync: .yellow
        case .stalled, .unknown: .red
        }
    }
}

extension [ServiceStatus] {
    /// Containers that do what they should, of those wanted; `?` for what nobody knows.
    fileprivate var sum: String {
        let good = reduce(0) { sum, service in
            let serving = service.running - service.unhealthy + service.completed
            return sum + Swift.min(service.wanted ?? serving, serving)
        }
        let wanted = compactMap(\.wanted)
        let isKnown = !isEmpty && wanted.count == count
        return isEmpty ? "?" : "\(good)/\(isKnown ? "\(wanted.reduce(0, +))" : "?")"
    }
}
