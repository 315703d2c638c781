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
        if status.stacks.isEmpty {
            let problems = silentRepositories(style)
            blocks.append(
                problems.isEmpty
                    ? "no stacks: no repository of gyre.yaml holds a compose file yet"
                    : "no stacks are known, and repositories do not answer:"
            )
            blocks += problems
            return blocks.asLines
        }
        let lines = table.lines(style) { row, column in
            column == 1 ? status.stacks[row].state.face : nil
        }
        blocks.append(lines[0])
        for (stack, line) in zip(status.stacks, lines.dropFirst()) {
            blocks.append(line)
            blocks += details(of: stack, style)
        }
        return (blocks + silentRepositories(style)).asLines
    }

    /// Those that never answered, of whose stacks nothing is known.
    private func silentRepositories(_ style: Style) -> [String] {
        status.repositories.filter { $0.head == nil }.compactMap { repository in
            repository.problem.map { "  \(repository.repository): \(style(.red, $0))" }
        }
    }

    private func warnings(_ style: Style) -> [String] {
        var lines: [String] = []
        if let problem = status.engineProblem {
            lines.append(style(.red, "engine \(status.engine): ") + problem)
        }
        if let reason = status.frozen {
            lines.append(style(.red, "frozen: ") + reason)
            lines.append("  nothing is changed until a person has looked at what runs")
            lines.append("  → gyre recover, then gyre recover --confirm")
        }
        return lines
    }

    private var table: Table {
        var table = Table("STACK", "STATE", "COMMIT", "SERVICES", "CHECKED")
        for stack in status.stacks {
            table.add(
                "\(stack.stack)",
                stack.state.rawValue,
                String((stack.target ?? stack.head?.id)?.prefix(8) ?? "-"),
                stack.services.sum,
                stack.lastCheck.map { "\(status.time.since($0).age) ago" } ?? "never"
            )
        }
        return table
    }

    private func details(of stack: StackStatus, _ style: Style) -> [String] {
        var lines = isDetailed ? services(of: stack, style) : []
        if isDetailed, let head = stack.head { lines.append("head \(head)") }
        lines += stack.problems.filter { !isToldAbove($0) }.flatMap { $0.lines(style) }
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
        case .engine: status.engineProblem == problem.message
        default: false
        }
    }

    private func services(of stack: StackStatus, _ style: Style) -> [String] {
        guard !stack.services.isEmpty else { return [] }
        var table = Table("SERVICE", "RUNNING", "UNHEALTHY", "COMPLETED")
        for service in stack.services {
            table.add(
                service.name,
                "\(service.running)/\(service.wanted)",
                "\(service.unhealthy)",
                "\(service.completed)"
            )
        }
        return table.lines(style)
    }
}

extension StackStatus {
    /// When both the repository and the engine were last looked at with success.
    var lastCheck: Instant? {
        guard let checked, let observed else { return nil }
        return min(checked, observed)
    }

    /// Whether it stays where it is unless somebody helps.
    var isStuck: Bool { state == .stalled || state == .unknown }
}

extension StackStatus.State {
    var face: Style.Face {
        switch self {
        case .ready: .green
        case .reconciling: .yellow
        case .stalled, .unknown: .red
        }
    }
}

extension [ServiceStatus] {
    /// Containers that do what they should, of those wanted.
    fileprivate var sum: String {
        let good = reduce(0) { $0 + Swift.min($1.wanted, $1.running + $1.completed) }
        return "\(good)/\(reduce(0) { $0 + $1.wanted })"
    }
}
