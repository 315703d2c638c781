internal import Model

/// Runs, newest first.
struct HistoryAnswer: Answer {
    var runs: [RunRecord]

    func text(_ style: Style) -> String {
        guard !runs.isEmpty else { return "no runs yet" }
        var table = Table("RUN", "STARTED", "TOOK", "STACK", "RESULT", "COMMIT", "SUMMARY")
        for run in runs {
            table.add(
                String(run.id.prefix(8)),
                run.started.stamp,
                run.finished.since(run.started).spoken,
                "\(run.stack)",
                run.result.rawValue,
                run.commit?.short ?? "-",
                run.shortHeadline
            )
        }
        return table.lines(style) { row, column in
            column == 4 ? runs[row].result.face : nil
        }.asLines
    }
}

/// One run with its steps.
struct RunAnswer: Answer {
    var run: RunRecord

    func encode(to encoder: any Encoder) throws { try run.encode(to: encoder) }

    func text(_ style: Style) -> String {
        let commit = run.commit.map { " \($0)" } ?? ""
        var lines = [
            "\(style(.bold, "run \(run.id)")) of \(run.stack)\(commit)",
            "  \(style(run.result.face, run.result.rawValue)): \(run.headline)",
            "  \(run.started.stamp), took \(run.finished.since(run.started).spoken)",
        ]
        for step in run.steps {
            lines.append(
                "  \(step.mark(style)) \(step.text)\(style(.dim, ", because \(step.reason)"))"
            )
            if let message = step.message { lines += [message].indented(6) }
        }
        return lines.asLines
    }
}

extension RunRecord {
    /// The first line of its summary; a container's last words follow in the run itself.
    var headline: String { String(summary.prefix { $0 != "\n" }) }

    /// As much of it as fits into a table.
    fileprivate var shortHeadline: String {
        headline.count > 100 ? headline.prefix(99) + "…" : headline
    }
}

extension RunRecord.Result {
    var face: Style.Face {
        switch self {
        case .deployed, .repaired, .removed: .green
        case .superseded, .interrupted: .yellow
        case .failed, .rolledBack: .red
        }
    }
}

extension StepRecord {
    fileprivate func mark(_ style: Style) -> String {
        switch result {
        case "done": style(.green, "✓")
        case "failed": style(.red, "✗")
        default: style(.yellow, "-")
        }
    }
}
