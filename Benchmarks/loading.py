"""Loading compose files: `compose config` of Docker Compose and of Gyre, as processes."""

import json
import os
import pathlib

from figures import Sample, ratio, seconds, table
from subjects import Process
from trials import say

SIZE = 1000


def large_file(size):
    """Services as people write them, each waiting for the one before it."""
    lines = ["services:"]
    for number in range(size):
        lines += [
            f"  s{number:04}:",
            f"    image: registry.example.org/team/app-{number}:1.{number}",
            '    command: [serve, --port, "8080"]',
            "    environment:",
            f"      NAME: s{number}",
            "      LEVEL: ${LEVEL:-info}",
            f"      UPSTREAM: http://s{(number + 1) % size:04}:8080/",
            '    labels: {team: astro, tier: "2"}',
            f'    ports: ["{20000 + number}:8080"]',
            f'    volumes: ["data{number % 50}:/data", "/etc/ssl:/etc/ssl:ro"]',
            f"    networks: [front, back{number % 20}]",
            "    healthcheck: {test: [CMD, curl, -f, http://localhost], interval: 30s, retries: 3}",
            '    deploy: {resources: {limits: {memory: 512m, cpus: "0.5"}}}',
            "    restart: unless-stopped",
        ]
        if number:
            lines.append(f"    depends_on: [s{number - 1:04}]")
    lines += ["networks:", "  front:"] + [f"  back{number}:" for number in range(20)]
    lines += ["volumes:"] + [f"  data{number}:" for number in range(50)]
    return "\n".join(lines) + "\n"


class Loader:
    """A program that prints the model of compose files."""

    def __init__(self, name, program, folder):
        self.name, self.program = name, [str(word) for word in program]
        self.output = pathlib.Path(folder) / f"{name}.output"

    def load(self, arguments, folder, variables):
        """Seconds, mebibytes at the most, and how it ended."""
        self.output.unlink(missing_ok=True)
        environment = {"PATH": os.environ["PATH"], "HOME": "/home/tester", "NO_COLOR": "1"}
        process = Process(
            self.program + arguments, environment | variables, str(self.output), str(folder)
        )
        ended = process.wait(120, pace=0.001)
        return ended.wall, ended.memory, ended.code


class Cost:
    """What one loader took, a value a round."""

    def __init__(self):
        self.time, self.memory = Sample(), Sample()


def loaders(options, folder):
    return [
        Loader("Compose", [options.compose], folder),
        Loader("Gyre", [options.gyre, "compose"], folder),
    ]


def one_large(options, folder):
    """The large file, whose model both must print alike."""
    place = pathlib.Path(folder) / "large"
    place.mkdir()
    (place / "compose.yaml").write_text(large_file(SIZE))
    return rounds(options, folder, [(["config"], place, {})], options.pairs, alike=True)


def corpus():
    """The cases of a corpus, where there is one."""
    own = pathlib.Path(__file__).resolve().parents[1]
    given = os.environ.get("GYRE_COMPOSE_CORPUS", own.parent / "shared/compose/corpus")
    cases = []
    for path in sorted(pathlib.Path(given).glob("open/*/args")):
        case = json.loads(path.read_text())
        place = (path.parent / case.get("cwd", ".")).resolve()
        cases.append((case["args"], place, case.get("env", {})))
    return cases


def whole_corpus(options, folder):
    cases = corpus()
    return cases and (len(cases), rounds(options, folder, cases, min(options.pairs, 3)))


def rounds(options, folder, cases, count, alike=False):
    """All `cases` by both loaders, one after the other; a case counts where both end alike."""
    contestants = loaders(options, folder)
    costs = {loader.name: Cost() for loader in contestants}
    for number in range(count):
        sums = {loader.name: [0.0, 0.0] for loader in contestants}
        for index, (arguments, place, variables) in enumerate(cases):
            codes = {}
            for loader in contestants[:: 1 if (number + index) % 2 == 0 else -1]:
                wall, memory, codes[loader.name] = loader.load(arguments, place, variables)
                one = sums[loader.name]
                one[0], one[1] = one[0] + wall, max(one[1], memory)
            if len({bool(code) for code in codes.values()}) > 1:
                say(f"{place} ended differently: {codes}")
        if alike and len({loader.output.read_bytes() for loader in contestants}) > 1:
            raise RuntimeError("the two print different models of the large file")
        for name, (wall, memory) in sums.items():
            costs[name].time.add(wall)
            costs[name].memory.add(memory)
    return costs


def measure(options, folder):
    say("loading")
    return {"large": one_large(options, folder), "corpus": whole_corpus(options, folder)}


def mebibytes(value):
    return f"{value:.0f} MiB"


def row(what, costs):
    ours, theirs = costs["Gyre"], costs["Compose"]
    return [
        what,
        len(ours.time),
        theirs.time.text(seconds),
        ours.time.text(seconds),
        ours.time.over(theirs.time).text(ratio),
        theirs.memory.text(mebibytes),
        ours.memory.text(mebibytes),
        ours.memory.over(theirs.memory).text(ratio),
    ]


def report(result):
    rows = [row(f"one file of {SIZE} services", result["large"])]
    if result["corpus"]:
        count, costs = result["corpus"]
        rows.append(row(f"{count} cases of the corpus, one process each", costs))
    header = ["what", "rounds", "Compose", "Gyre", "Gyre ÷ Compose"]
    header += ["memory of Compose", "of Gyre", "Gyre ÷ Compose"]
    return (
        "## Loading\n\n`compose config` of the same files by both, from start to end of the "
        "process; memory is the most that was resident, of many processes that of the largest. "
        "The aim is a third of Compose's time and memory for the large file.\n\n"
        + table(header, rows)
    )
