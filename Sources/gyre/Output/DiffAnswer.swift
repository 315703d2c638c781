internal import ControlAPI
internal import Model
internal import Reconciliation

/// What heads would change, for one stack or several.
struct DiffsAnswer: Answer {
    var diffs: [StackDiff]
    var unanswered: [Unanswered] = []

    func text(_ style: Style) -> String {
        guard !diffs.isEmpty else { return Unanswered.noStacks(unanswered, style).asLines }
        let silent = Unanswered.beside(unanswered, style)
        return (diffs.map { $0.text(style) } + silent).joined(separator: "\n\n")
    }
}

extension DiffsAnswer: FindingAnswer {
    var codes: [String] { diffs.flatMap(\.plan.codes) }
}

extension StackDiff: Answer {
    func text(_ style: Style) -> String {
        let from = from.map(\.description) ?? "nothing"
        let to = to.map(\.description) ?? "nothing"
        var lines = ["\(style(.bold, "diff \(stack)")): \(from) -> \(to)"]
        switch changes {
        case nil: lines.append("  the files of one of the two can't be loaded; the plan says why")
        case let changes? where changes.isEmpty: lines.append("  the files mean the same")
        case let changes?: lines += changes.map { $0.text(style) }
        }
        lines.append(plan.text(style))
        return lines.asLines
    }
}

extension ModelChange {
    /// `  ~ services.web.image: "httpd:2.4" -> "httpd:2.5"`.
    fileprivate func text(_ style: Style) -> String {
        switch (from, to) {
        case (let from?, let to?): "  \(style(.yellow, "~")) \(path): \(from) -> \(to)"
        case (nil, let to?): "  \(style(.green, "+")) \(path): \(to)"
        case (let from?, nil): "  \(style(.red, "-")) \(path): \(from)"
        case (nil, nil): "  \(path)"
        }
    }
}
