internal import Model
internal import Reconciliation

/// What happens in a run, line by line, while it happens.
struct StepLine {
    let event: RunEvent
    /// With the stack in front, where several are at it.
    var namesStack = false

    /// nil for what is not worth a line.
    func text(_ style: Style) -> String? {
        switch event {
        case .planned(let stack, let plan):
            guard plan.changesAnything else { return nil }
            let commit = plan.commit.map { " at \($0.prefix(8))" } ?? ""
            let count = plan.steps.count == 1 ? "1 step" : "\(plan.steps.count) steps"
            return style(.bold, "\(stack)\(commit): \(count)")
        case .began: return nil
        case .progress(let stack, let step, let text):
            let name = namesStack ? "[\(stack)] " : ""
            return style(.dim, "  \(name)\(step.operation), \(text)")
        case .finished(let stack, let step, let result, let milliseconds):
            let span = style(.dim, Nanoseconds.milliseconds(milliseconds).spoken)
            let name = namesStack ? style(.dim, "[\(stack)] ") : ""
            let line = "\(result.mark(style)) \(name)\(step.operation)  \(span)"
            guard let why = result.why else { return line }
            return ([line] + [why].indented(4)).asLines
        }
    }
}

extension StepResult {
    fileprivate func mark(_ style: Style) -> String {
        switch self {
        case .done: style(.green, "✓")
        case .failed: style(.red, "✗")
        case .skipped, .cancelled: style(.yellow, "-")
        }
    }

    /// Why it was not done.
    fileprivate var why: String? {
        switch self {
        case .done: nil
        case .failed(let failure): failure.text
        case .skipped(let cause): "step \(cause) was not done"
        case .cancelled: "interrupted, or something newer came first"
        }
    }
}
