"""Results.md: what was measured, on what, and how each figure is meant."""

import datetime
import json
import os
import platform

import figures
import loading
import policy
from figures import Sample, milliseconds, ratio, seconds, table
from trials import WIDTHS


def machine(version, loads, programs):
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30)
    low, high = min(loads), max(loads)
    return (
        f"Measured on {datetime.date.today().isoformat()}: {os.cpu_count()} cores, "
        f"{memory:.0f} GiB, Linux {platform.release().split('-')[0]}, "
        f"Docker Engine {version['Version']} (API {version['ApiVersion']}), "
        f"{programs['compose']}, {programs['harbormaster']}, {programs['gyre']} "
        f"of the commit \"{programs['commit']}\". "
        f"Load average of a minute while it ran: {low:.1f} to {high:.1f}"
        + (" (other work ran on the machine).\n" if high > 2 * os.cpu_count() else ".\n")
    )


def bring_up(results):
    rows, wheres = [], []
    for size, result in results.items():
        rounds = result["rounds"]
        if not rounds:
            continue
        took = {name: Sample(one[name].took for one in rounds) for name in rounds[0]}
        best = min((f"bare {width}" for width in WIDTHS), key=lambda name: took[name].median)
        rows.append(
            [
                size,
                len(rounds),
                took["Compose"].text(seconds),
                took["Gyre"].text(seconds),
                *(took[f"bare {width}"].text(seconds) for width in WIDTHS),
                took["Gyre"].over(took[best]).text(ratio) + f" ({best})",
                took["Compose"].over(took["Gyre"]).text(ratio),
            ]
        )
        for name in ("Compose", "Gyre"):
            first = Sample(one[name].first for one in rounds)
            wheres.append([size, name, first.text(milliseconds), kinds_of(rounds, name)])
    header = ["services", "rounds", "Compose", "Gyre"]
    header += [f"bare, {width} at once" for width in WIDTHS]
    header += ["Gyre ÷ best bare", "Compose ÷ Gyre"]
    text = "## Bring up, image on the node\n\nUntil the last `start` was answered.\n\n"
    text += table(header, rows)
    text += "\nEngine calls until then, and how long after its start the first was made:\n\n"
    text += table(["services", "program", "before the first call", "calls"], wheres)
    for size, result in results.items():
        text += (
            f"\n`gyre apply` of {size} went on to judge every container through the stability "
            f"window and ended after {seconds(result['whole'])} (one run).\n"
        )
    return text


def kinds_of(rounds, name):
    return figures.kinds([one[name].calls for one in rounds])


def nothing_changed(results):
    rows, calls = [], []
    for size, result in results.items():
        for name, label in (("Compose", "`compose up -d`"), ("Gyre", "`gyre apply`")):
            one = result[name]
            rows.append(
                [size, label, len(one.wall), one.wall.text(milliseconds)]
                + [one.processor.text(milliseconds), one.writes]
            )
            calls.append([size, label, figures.kinds(one.calls)])
        one = result["controller"]
        mean = sum(one.processor.values) / max(1, len(one.processor))
        rows.append(
            [size, "a pass of `gyre serve`", len(one.wall), one.wall.text(milliseconds)]
            + [f"{milliseconds(mean)} (mean)", one.writes]
        )
        calls.append([size, "a pass of `gyre serve`", figures.kinds(one.calls)])
        floor = result["listings"]
        rows.append([size, "the two listings", len(floor), floor.text(milliseconds), "–", 0])
    text = "## Nothing changed\n\n"
    text += table(["services", "what", "times", "took", "processor", "writes"], rows)
    return text + "\nEngine calls of one time:\n\n" + table(["services", "what", "calls"], calls)


def one_changed(results):
    rows = []
    for size, result in results.items():
        if not len(result["Gyre"].took):
            continue
        factor = result["Compose"].took.over(result["Gyre"].took)
        for name, label in (("Compose", "`compose up -d`"), ("Gyre", "push, `gyre sync`")):
            one = result[name]
            most = max(one.touched, key=len)
            rows.append(
                [size, label, len(one.took), one.took.text(seconds), ", ".join(most)]
                + [figures.kinds(one.calls)]
            )
        bare = result["bare"]
        calls = "create, stop, start (and after that remove, rename)"
        rows.append([size, "bare calls", len(bare), bare.text(seconds), "1", calls])
        rows.append([size, "Compose ÷ Gyre", "", factor.text(ratio), "", ""])
        rows.append([size, "Gyre ÷ bare", "", result["Gyre"].took.over(bare).text(ratio), "", ""])
    text = "## One of many changed\n\nUntil the new container's `start` was answered.\n\n"
    header = ["services", "what", "times", "took", "touched (the most of any time)", "calls"]
    return text + table(header, rows)


def lost_and_found(results):
    rows = []
    for size, result in results.items():
        for how in ("killed", "removed"):
            ours, bare = result[how, "Gyre"], result[how, "bare"]
            if len(ours):
                rows.append(
                    [size, how, len(ours), ours.text(milliseconds), bare.text(milliseconds)]
                    + [ours.over(bare).text(ratio)]
                )
    text = "## A container is lost\n\n"
    text += "From the call that took it until a `start` was answered, `gyre serve` running.\n\n"
    header = ["services", "how", "times", "Gyre", "bare calls, at once", "Gyre ÷ bare"]
    return text + table(header, rows)


def fleet(result):
    count = result["count"]
    rows, made = [], []
    for kind, names in result["idle"].items():
        for name, one in names.items():
            mean = sum(one.processor.values) / max(1, len(one.processor))
            rows.append(
                [kind, name, len(one.wall), one.wall.text(milliseconds)]
                + [f"{milliseconds(mean)} (mean)", one.writes]
            )
            made.append([kind, name, figures.kinds(one.calls)])
        factor = names["Harbormaster"].wall.over(names["Gyre"].wall)
        rows.append([kind, "Harbormaster ÷ Gyre", "", factor.text(ratio), "", ""])
    text = f"## {count} repositories of one container each\n\nNothing changed:\n\n"
    text += table(["repositories by", "program", "times", "took", "processor", "writes"], rows)
    text += "\nEngine calls of one time:\n\n" + table(["by", "program", "calls"], made)
    if "changed" in result:
        text += all_changed(result["changed"], count)
    return text


def all_changed(changed, count):
    best = min(
        (f"bare {width}" for width in WIDTHS), key=lambda name: changed[name].took.median
    )
    rows = [
        [name, len(one.took), one.took.text(seconds), one.took.over(changed[best].took).text(ratio)]
        + [figures.kinds(one.calls)]
        for name, one in changed.items()
    ]
    text = f"\nAll {count} changed, repositories by path, to the last `start` was answered:\n\n"
    return text + table(["who", "rounds", "took", f"÷ {best}", "calls"], rows)


def polling(result):
    looks, minutes = result["looks"], result["minutes"]

    def most(key):
        values = Sample(look[key] for look in looks)
        return f"{values.median:.0f} median, {max(values.values)} at most"

    def mebibytes(value):
        return f"{value / (1 << 20):.0f} MiB"

    memory = Sample(look["memory"] for look in looks)
    asked = Sample(minute["asked"] for minute in minutes)
    git = result["git"]
    rows = [
        ["processor a minute, Gyre's own", Sample(m["own"] for m in minutes).text(seconds)],
        ["processor a minute, its children", Sample(m["children"] for m in minutes).text(seconds)],
        [
            f"processor of {result['count']} × `git ls-remote`, one after the other",
            f"{seconds(git.processor)} (in {seconds(git.wall)})",
        ],
        ["requests and sessions a minute", asked.text("{:.0f}".format)],
        ["memory, resident", memory.text(mebibytes)],
        ["memory at most, while all came up", mebibytes(result["memory at most, coming up"])],
        ["memory at most, in all", mebibytes(result["memory at most"])],
        ["children at once", most("children")],
        ["TCP connections with the server at once", most("connections")],
        ["file descriptors", most("descriptors")],
        ["threads", most("threads")],
        ["oldest good check at the end", f"{result['oldest']:.0f} s"],
        ["engine calls a minute", figures.kinds([m["calls"] for m in minutes])],
        ["of them writes", sum(m["writes"] for m in minutes)],
    ]
    text = f"## {result['count']} repositories polled each minute\n\n"
    text += "Half over https, half over ssh, all on one server, one container each; nothing\n"
    text += f"changed for {len(minutes)} minutes. All came up in {seconds(result['up'])}.\n\n"
    return text + table(["what", "figure"], rows)


def differences(peer, ours):
    """The fields in which two create bodies differ, labels and names aside."""
    lines = []

    def walk(path, a, b):
        if isinstance(a, dict) or isinstance(b, dict):
            a, b = a or {}, b or {}
            for key in sorted(a.keys() | b.keys()):
                if path or key not in ("Labels", "NetworkingConfig"):
                    walk(f"{path}.{key}" if path else key, a.get(key), b.get(key))
        elif a != b and (a or b):
            lines.append([f"`{path}`", f"`{json.dumps(a)}`", f"`{json.dumps(b)}`"])

    walk("", peer, ours)
    return table(["field", "Compose", "Gyre and bare"], lines)


def whole(results, version, loads, programs, bodies):
    text = (
        "# Results\n\nMade by `make bench`; [README](README.md) says how it is measured and what "
        "can be compared. A figure is a median, with the least and the most in brackets; a "
        "ratio is the median of the ratios of rounds that ran side by side.\n\n"
    )
    text += machine(version, loads, programs)
    parts = {
        "loading": loading.report,
        "policy": policy.report,
        "up": bring_up,
        "idle": nothing_changed,
        "changed": one_changed,
        "lost": lost_and_found,
        "fleet": fleet,
        "polling": polling,
    }
    for name, part in parts.items():
        if results.get(name):
            text += "\n" + part(results[name])
    if bodies:
        text += (
            "\n## What is asked of the engine differs\n\n"
            "Fields of the create bodies, but for labels and names:\n\n" + differences(*bodies)
        )
    return text
