"""Many repositories: 20 beside Harbormaster and the bare API, 200 polled each minute."""

import asyncio
import json
import shutil
import time

import calls
import engine
from controllers import Controller, Gauge, Harbormaster
from figures import Sample
from repositories import Repositories, Servers
from subjects import IMAGE, Process
from trials import WIDTHS, Idle, say


class Node:
    """What all contestants work on, and where."""

    def __init__(self, options, bench, folder):
        self.options, self.bench, self.folder = options, bench, folder
        self.servers = Servers(options.testbed)

    def running(self):
        """Names of projects of which a container runs, once for each container."""
        return sorted(
            one["Labels"].get("com.docker.compose.project") or one["Labels"].get("bare", "")
            for one in self.bench.node.containers()
            if one["State"] == "running"
        )

    def expect(self, names):
        running = self.running()
        missing = [name for name in names if running.count(name) != 1]
        if missing:
            raise RuntimeError(f"not exactly one container runs of {missing[:5]}")


# --- 20 beside Harbormaster -------------------------------------------------------------------


class Pair:
    """Gyre and Harbormaster with as many repositories each, by paths or over https."""

    def __init__(self, node, kind, count):
        self.node, self.kind = node, kind
        options, socket = node.options, node.bench.proxied
        home = node.servers.folder if kind == "https" else node.folder
        environment, rules = {}, "{}"
        if kind == "https":
            node.servers.start("https")
            environment = {"GIT_SSL_CAINFO": node.servers["CA"]}
            rules = f"{{ca: {node.servers['CA']}}}"
        # A prefix of no other's: names of projects are names on the engine.
        self.ours = Repositories(home, f"gyre-{kind}", count, IMAGE)
        self.peers = Repositories(home, f"peer-{kind}", count, IMAGE)
        folder = node.folder / kind
        self.gyre = Controller(
            options.gyre,
            socket,
            folder / "gyre",
            f"fleet-{kind}",
            [(name, f"{{url: {self.url(self.ours, name)}}}") for name in self.ours.names],
            git=rules,
        )
        self.peer = Harbormaster(
            options.harbormaster,
            options.compose,
            socket,
            folder / "peer",
            [(name, self.url(self.peers, name)) for name in self.peers.names],
            environment,
        )

    def url(self, repositories, name):
        if self.kind == "https":
            return f"{self.node.servers['HTTPS']}/{name}.git"
        return repositories.path(name)

    def begin(self):
        """Everything is brought up once; gives the calls that Gyre made for it."""
        say(f"{len(self.ours.names)} repositories by {self.kind}: bringing all up")
        log = self.node.bench.log
        log.settled()
        self.gyre.ready(240)
        made = log.settled()
        self.peer.apply()
        self.node.expect(self.ours.names + self.peers.names)
        return made


def nothing_changed(pair, rounds):
    result = {"Gyre": Idle(), "Harbormaster": Idle()}
    bench = pair.node.bench
    gauge = Gauge(pair.gyre.process, "127.0.0.1")

    def ours():
        before = sum(gauge.processor())
        took = pair.gyre.sync()
        return took, sum(gauge.processor()) - before

    def peer():
        ended = pair.peer.apply()
        return ended.wall, ended.processor

    order = [("Gyre", ours), ("Harbormaster", peer)]
    for number in range(rounds):
        if bench.is_late:
            break
        for name, look in order if number % 2 else order[::-1]:
            bench.log.settled()
            took, processor = look()
            result[name].add(took, processor, bench.log.settled())
        say(
            f"nothing changed by {pair.kind}, round {number + 1}: "
            + ", ".join(f"{name} {one.wall.values[-1]:.3f} s" for name, one in result.items())
        )
    return result


class Bare:
    """Stacks as Gyre makes them, without Gyre: their containers are replaced by bare calls."""

    def __init__(self, bench, made, prefix):
        """`made` are Gyre's calls that brought its stacks up."""
        self.bench, self.revision = bench, 0
        self.networks, self.bodies, self.ids = [], {}, {}
        for call in made:
            if call.kind not in ("create network", "create container"):
                continue
            text = call.body.replace(prefix, "bare-")
            body = json.loads(text)
            # Nothing of them is Gyre's, or it would say so.
            body["Labels"] = {}
            if call.kind == "create network":
                self.networks.append(json.dumps(body))
            else:
                name = call.query["name"][0].replace(prefix, "bare-")
                body["Labels"] = {"bare": name.rsplit("-web-", 1)[0]}
                self.bodies[name] = body

    def body(self, name):
        body = self.bodies[name]
        rest = [one for one in body.get("Env") or [] if not one.startswith("REVISION=")]
        return json.dumps(body | {"Env": [*rest, f"REVISION={self.revision}"]})

    def begin(self):
        for network in self.networks:
            self.bench.node.call("POST", "/networks/create", network)
        self.replace(4)
        self.clear()

    def replace(self, width):
        """New container, old one stopped, new one started, for each; seconds of it."""
        self.revision += 1
        self.old, began = dict(self.ids), time.monotonic()

        async def one(connection, name):
            path = f"/containers/create?name={name}-{self.revision}"
            made = await connection.call("POST", path, self.body(name))
            if name in self.old:
                await connection.call("POST", f"/containers/{self.old[name]}/stop")
            await connection.call("POST", f"/containers/{made['Id']}/start")
            self.ids[name] = made["Id"]

        asyncio.run(engine.at_once(self.bench.proxied, width, list(self.bodies), one))
        return time.monotonic() - began

    def clear(self):
        for container in self.old.values():
            self.bench.node.call("DELETE", f"/containers/{container}?force=true")
        self.bench.log.settled()


class Change:
    """Repetitions of "all changed"."""

    def __init__(self):
        self.took, self.calls = Sample(), []

    def add(self, took, made):
        self.took.add(took)
        self.calls.append(calls.counts(made))


def until_started(began, made):
    return max(call.ended for call in made if call.kind == "start") - began


def all_changed(pair, made, rounds):
    bench, count = pair.node.bench, len(pair.ours.names)
    bare = Bare(bench, made, "gyre-")
    bare.begin()

    def ours():
        pair.ours.change()
        bench.log.settled()
        began = time.monotonic()
        pair.gyre.ask("POST", "/v1/sync")
        seen = bench.quiet(
            1.5, 120, lambda made: sum(call.kind == "remove container" for call in made) >= count
        )
        pair.gyre.ready(60)
        return until_started(began, seen), seen

    def peer():
        pair.peers.change()
        bench.log.settled()
        ended = pair.peer.apply()
        seen = bench.log.settled()
        return until_started(ended.began, seen), seen

    def calls_alone(width):
        took = bare.replace(width)
        seen = bench.log.settled()
        bare.clear()
        return took, seen

    contestants = {"Gyre": ours, "Harbormaster": peer}
    for width in WIDTHS:
        contestants[f"bare {width}"] = lambda width=width: calls_alone(width)
    result = {name: Change() for name in contestants}
    names = list(contestants)
    for number in range(rounds):
        if bench.is_late:
            say(f"out of time after {number} of {rounds} rounds")
            break
        turn = number % len(names)
        for name in names[turn:] + names[:turn]:
            result[name].add(*contestants[name]())
        pair.node.expect(pair.ours.names + pair.peers.names)
        say(
            f"all of {count} changed, round {number + 1}: "
            + ", ".join(f"{name} {result[name].took.values[-1]:.2f} s" for name in names)
        )
    return result


def beside_harbormaster(node, count, rounds):
    result = {"count": count, "idle": {}}
    for kind in ("path", "https"):
        if node.bench.is_late:
            continue
        node.bench.clear()
        pair = Pair(node, kind, count)
        with pair.gyre:
            made = pair.begin()
            result["idle"][kind] = nothing_changed(pair, rounds)
            if kind == "path":
                result["changed"] = all_changed(pair, made, rounds)
    node.bench.clear()
    return result


# --- 200 polled each minute -------------------------------------------------------------------


def ls_remote(servers, urls):
    """What git itself needs for one question to each: seconds of processor and of clock."""
    ssh = (
        f"ssh -F none -i {servers['SSH_KEY']} -o IdentitiesOnly=yes "
        f"-o UserKnownHostsFile={servers['SSH_KNOWN_HOSTS']}"
    )
    script = "\n".join(f"git ls-remote -q '{url}' HEAD >/dev/null || exit 1" for url in urls)
    environment = {
        "PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "GIT_SSH_COMMAND": ssh,
        "GIT_SSL_CAINFO": servers["CA"], "GIT_CONFIG_NOSYSTEM": "1",
    }
    log = f"{servers.testbed}/ls-remote.log"
    ended = Process(["bash", "-c", script], environment, log, "/").wait(600, pace=0.01)
    if ended.code:
        raise RuntimeError("git ls-remote failed")
    return ended


def polled(node, count, minutes):
    """Half over https, half over ssh; all on one host, as with a company's own server."""
    servers = node.servers.start("https", "ssh")
    node.bench.clear()
    repositories = Repositories(servers.folder, "many", count, IMAGE)
    keys = f"credentials: {{key_file: {servers['SSH_KEY']}}}"
    entries, urls = [], []
    for number, name in enumerate(repositories.names):
        place = servers["SSH"] if number % 2 else servers["HTTPS"]
        urls.append(f"{place}/{name}.git")
        entries.append((name, f"{{url: {urls[-1]}{', ' + keys if number % 2 else ''}}}"))
    rules = f"{{ca: {servers['CA']}, known_hosts: {servers['SSH_KNOWN_HOSTS']}}}"
    gyre = Controller(
        node.options.gyre, node.bench.proxied, node.folder / "many", "many", entries,
        git=rules, polling="60s",
    )
    say(f"{count} repositories over https and ssh: bringing all up")
    with gyre:
        began = time.monotonic()
        gyre.ready(900)
        result = {"count": count, "up": time.monotonic() - began, "minutes": []}
        gauge = Gauge(gyre.process, servers.address)
        result["memory at most, coming up"] = gauge.memory()[1]
        for _ in range(minutes):
            result["minutes"].append(one_minute(node, gyre, gauge))
        result["looks"] = gauge.looks
        result["memory at most"] = gauge.memory()[1]
        status = gyre.status()
        result["oldest"] = status["time"] / 1000 - min(
            one.get("checked", 0) for one in status["repositories"]
        ) / 1000
    result["git"] = ls_remote(servers, urls)
    shutil.rmtree(node.folder / "many", ignore_errors=True)
    return result


def one_minute(node, gyre, gauge):
    log = node.bench.log
    log.settled()
    before, asked, began = gauge.processor(), node.servers.requests(), time.monotonic()
    made = []
    while time.monotonic() - began < 60:
        gauge.look()
        made += log.new()
        time.sleep(0.1)
    span = time.monotonic() - began
    after = gauge.processor()
    return {
        "own": (after[0] - before[0]) * 60 / span,
        "children": (after[1] - before[1]) * 60 / span,
        "asked": node.servers.requests() - asked,
        "calls": calls.counts(made),
        "writes": sum(call.is_write for call in made),
    }
