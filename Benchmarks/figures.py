"""Figures and how they are put: medians with their spread, in Markdown."""

import statistics


class Sample:
    """Values of one kind, in the order of the rounds."""

    def __init__(self, values=()):
        self.values = list(values)

    def add(self, value):
        self.values.append(value)

    def __len__(self):
        return len(self.values)

    @property
    def median(self):
        return statistics.median(self.values)

    def text(self, form):
        if not self.values:
            return "–"
        low, high = min(self.values), max(self.values)
        if low == high:
            return form(low)
        return f"{form(self.median)} ({form(low)}–{form(high)})"

    def over(self, other):
        """The ratios, round by round."""
        return Sample(a / b for a, b in zip(self.values, other.values) if b)


def seconds(value):
    return f"{value:.2f} s"


def milliseconds(value):
    return f"{value * 1000:.1f} ms" if value < 0.1 else f"{value * 1000:.0f} ms"


def ratio(value):
    return f"{value:.2f}"


def table(header, rows):
    lines = ["| " + " | ".join(header) + " |", "|" + " --- |" * len(header)]
    return "\n".join(lines + ["| " + " | ".join(map(str, row)) + " |" for row in rows]) + "\n"


def kinds(counters):
    """Engine calls of several runs by kind: the median of each."""
    names = {name for counter in counters for name in counter}
    medians = {
        name: statistics.median_high([counter.get(name, 0) for counter in counters])
        for name in names
    }
    ordered = sorted(medians.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{count} {name}" for name, count in ordered if count) or "none"
