"""Measures Gyre against Docker Compose and the bare Engine API; started by `run`."""

import argparse
import faulthandler
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

import calls
import fleet
import loading
import policy
import report
import trials
from engine import Engine
from subjects import Compose, Gyre, Process

PARTS = "loading,policy,up,idle,changed,lost"
HERE = pathlib.Path(__file__).resolve().parent


def arguments():
    parser = argparse.ArgumentParser(prog="Benchmarks/run", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="3 rounds of everything")
    parser.add_argument("--pairs", type=int, default=15, help="rounds of each comparison (15)")
    parser.add_argument("--pairs-50", type=int, help="rounds of bringing up the largest size")
    parser.add_argument("--sizes", default="1,10,50", help="numbers of services (1,10,50)")
    parser.add_argument(
        "--only", default=PARTS, help=f"which parts: {PARTS}; and fleet,polling ({PARTS})"
    )
    parser.add_argument("--fleet", type=int, default=20, help="repositories of the fleet (20)")
    parser.add_argument("--polled", type=int, default=200, help="repositories polled (200)")
    parser.add_argument("--minutes", type=float, default=90, help="begin nothing after (90)")
    parser.add_argument("--out", default=str(HERE / "Results.md"), help="where the tables go")
    parser.add_argument("--calls", help="keep the notes of all engine calls in this file")
    # Set by `run`.
    for name in ("gyre", "compose", "harbormaster", "engine", "testbed", "folder"):
        parser.add_argument(f"--{name}", required=True, help=argparse.SUPPRESS)
    options = parser.parse_args()
    options.sizes = [int(size) for size in options.sizes.split(",")]
    options.only = options.only.split(",")
    if options.quick:
        options.pairs = min(options.pairs, 3)
    options.pairs_50 = options.pairs_50 or options.pairs
    return options


def first_line(*command):
    answer = subprocess.run(command, capture_output=True, text=True, timeout=30)
    return (answer.stdout.strip().splitlines() or ["?"])[0]


class Proxy:
    """The counting proxy, as a process beside us."""

    def __init__(self, engine, folder):
        self.socket, self.log = folder / "counted.sock", folder / "calls.log"
        self.log.touch()
        command = [sys.executable, str(HERE / "proxy.py"), str(self.socket), engine, str(self.log)]
        self.process = Process(command, os.environ, str(folder / "proxy.log"), str(folder))
        for _ in range(500):
            if self.socket.exists():
                return
            time.sleep(0.02)
        raise RuntimeError(f"the proxy does not start; {self.process.tail()}")


def measure(options, bench, sizes, results, loads):
    """Everything that was asked for, as far as the time goes, into `results` part by part."""
    loads.append(os.getloadavg()[0])
    if "loading" in options.only:
        results["loading"] = loading.measure(options, options.folder)
        loads.append(os.getloadavg()[0])
    if "policy" in options.only:
        results["policy"] = policy.measure(options, options.folder)
        loads.append(os.getloadavg()[0])
    passes = 10 if options.quick else 40
    for size in sizes:
        if "up" in options.only and not bench.is_late:
            pairs = options.pairs_50 if size == max(sizes) else options.pairs
            results["up"][size] = trials.bring_up(bench, size, pairs)
            loads.append(os.getloadavg()[0])
    for size in sizes:
        if not {"idle", "changed", "lost"} & set(options.only) or bench.is_late:
            continue
        results["idle"][size] = trials.nothing_changed(bench, size, options.pairs, passes)
        if size == max(sizes):
            if "changed" in options.only:
                results["changed"][size] = trials.one_changed(
                    bench, size, options.pairs, results["idle"][size]["bodies"]
                )
            if "lost" in options.only:
                bodies = results["idle"][size]["bodies"]
                results["lost"][size] = trials.lost_and_found(bench, size, bodies, options.pairs)
        loads.append(os.getloadavg()[0])
        bench.clear()
    node = fleet.Node(options, bench, pathlib.Path(options.folder))
    if "fleet" in options.only and not bench.is_late:
        results["fleet"] = fleet.beside_harbormaster(node, options.fleet, options.pairs)
        loads.append(os.getloadavg()[0])
    if "polling" in options.only and not bench.is_late:
        results["polling"] = fleet.polled(node, options.polled, 1 if options.quick else 5)
        loads.append(os.getloadavg()[0])


def examples(results):
    """A create body of Compose and one of Gyre, of the same service."""
    for result in results["up"].values():
        for one in result["rounds"][:1]:
            return [
                next(json.loads(c.body) for c in one[name].made if c.kind == "create container")
                for name in ("Compose", "Gyre")
            ]
    return None


def tell(options, results, loads, node):
    """The report, to the file that was asked for and to the terminal."""
    if not any(results.values()):
        return
    programs = {
        "compose": first_line(options.compose, "version"),
        "gyre": first_line(options.gyre, "--version"),
        "commit": first_line("git", "-C", str(HERE), "log", "-1", "--format=%s"),
        "harbormaster": first_line(options.harbormaster, "--version"),
    }
    text = report.whole(results, node.version(), loads, programs, examples(results))
    pathlib.Path(options.out).write_text(text)
    print(text)


def main():
    options = arguments()
    folder = pathlib.Path(options.folder)
    node = Engine(options.engine.removeprefix("unix://"))
    # A hang shows where, and ends within the hour that `run` allows.
    faulthandler.register(signal.SIGUSR1)
    # So that what was started is stopped on a signal, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        proxy = Proxy(node.socket, folder)
        bench = trials.Bench(
            Compose(options.compose, proxy.socket, folder / "compose"),
            Gyre(options.gyre, proxy.socket, folder / "gyre"),
            node,
            str(proxy.socket),
            calls.Log(proxy.log),
            time.monotonic() + options.minutes * 60,
        )
        results = {"loading": {}, "policy": {}, "up": {}, "idle": {}, "changed": {}, "lost": {}}
        loads = []
        try:
            measure(options, bench, options.sizes, results, loads)
        finally:
            # What was measured before something failed is not lost.
            tell(options, results, loads, node)
    finally:
        Process.stop_all()
        if options.calls:
            shutil.copy(folder / "calls.log", options.calls)


if __name__ == "__main__":
    main()
