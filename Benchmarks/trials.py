"""The trials: what is done, how long it took, and which engine calls it made."""

import asyncio
import sys
import time

import calls
import engine
from figures import Sample
from subjects import CLAIM, PEER, PROJECT

WIDTHS = (4, 16)


def say(text):
    print(f"bench: {text}", file=sys.stderr, flush=True)


class Bench:
    """One engine behind one proxy, and those who are compared on it."""

    def __init__(self, compose, gyre, node, proxied, log, until):
        self.compose, self.gyre = compose, gyre
        self.node, self.proxied, self.log, self.until = node, proxied, log, until

    @property
    def is_late(self):
        return time.monotonic() > self.until

    def clear(self):
        self.node.clear()
        self.gyre.forget()
        self.log.settled()

    def expect(self, project, size):
        running = self.node.running(project)
        if len(running) != size:
            self.log.new()
            raise RuntimeError(
                f"{project} has {len(running)} containers running, not {size}: {running}; "
                f"the last calls at {time.monotonic():.3f}:\n{self.log.story()}"
            )

    def quiet(self, span=0.3, limit=30, until=lambda calls: True):
        """Calls from now until none has ended for `span` and `until` holds."""
        seen, began = [], time.monotonic()
        last = began
        while time.monotonic() - last < span or not until(seen):
            if time.monotonic() - began > limit:
                raise TimeoutError(f"no quiet within {limit} s; saw {calls.counts(seen)}")
            if new := self.log.new():
                seen += new
                last = time.monotonic()
            time.sleep(0.005)
        return seen


# --- Bringing up ----------------------------------------------------------------------------


class Up:
    """One bring-up: seconds until the last start was answered, and what led there."""

    def __init__(self, began, made, whole=None):
        starts = [call for call in made if call.kind == "start"]
        last = max(call.ended for call in starts)
        self.took = last - began
        self.first = min(call.began for call in made) - began
        self.calls = calls.counts(call for call in made if call.began <= last)
        self.made = made
        self.whole = whole


def up_by_program(bench, subject, size):
    """From the start of the process; one that goes on after the last start is let go."""
    process = subject.begin()
    made, until = [], time.monotonic() + 120
    ended = None
    while ended is None:
        ended = process.ended()
        made += bench.log.new()
        if sum(call.kind == "start" and call.status == 204 for call in made) >= size:
            break
        if time.monotonic() > until:
            process.stop()
            raise TimeoutError(f"{subject.name} did not start {size} containers; {process.tail()}")
        time.sleep(0.01)
    up = Up(process.began, made, ended)
    if up.whole is None:
        process.stop()
    bench.expect(subject.project, size)
    return up


def up_by_calls(bench, operations, size, width):
    """From the first call, over connections that are open already."""
    began = time.monotonic()
    took = asyncio.run(engine.replay(bench.proxied, operations, width))
    made = [call for call in bench.log.settled() if call.kind != "ping"]
    bench.expect(PROJECT, size)
    up = Up(began, made)
    up.took = took
    return up


def bring_up(bench, size, pairs):
    """Interleaved rounds over all contestants, each round beginning with another."""
    bench.compose.declare(size)
    bench.gyre.declare(size)
    bench.clear()
    say(f"bring up {size}: a first run of each, which warms caches and records the calls")
    whole = bench.gyre.apply()
    recorded = bench.log.settled()
    bench.expect(PROJECT, size)
    operations = calls.replayable(recorded, CLAIM)
    bench.clear()
    bench.compose.apply()
    contestants = {
        "Compose": lambda: up_by_program(bench, bench.compose, size),
        "Gyre": lambda: up_by_program(bench, bench.gyre, size),
    }
    for width in WIDTHS:
        contestants[f"bare {width}"] = lambda width=width: up_by_calls(
            bench, operations, size, width
        )
    rounds = []
    names = list(contestants)
    for number in range(pairs):
        if bench.is_late:
            say(f"out of time after {number} of {pairs} rounds")
            break
        turn = number % len(names)
        result = {}
        for name in names[turn:] + names[:turn]:
            bench.clear()
            result[name] = contestants[name]()
        rounds.append(result)
        say(
            f"bring up {size}, round {number + 1}: "
            + ", ".join(f"{name} {up.took:.2f} s" for name, up in sorted(result.items()))
        )
    bench.clear()
    return {"rounds": rounds, "whole": whole.wall, "recorded": recorded}


# --- Nothing changed ------------------------------------------------------------------------


class Idle:
    """Repetitions of "nothing changed"."""

    def __init__(self):
        self.wall, self.processor, self.calls, self.writes = Sample(), Sample(), [], 0

    def add(self, wall, processor, made):
        self.wall.add(wall)
        self.processor.add(processor)
        self.calls.append(calls.counts(made))
        self.writes += sum(call.is_write for call in made)


def both_up(bench, size):
    """Both stacks side by side; gives the create bodies of Compose's by name."""
    bench.compose.declare(size)
    bench.gyre.declare(size)
    bench.clear()
    bench.compose.apply()
    bodies = {
        call.query["name"][0]: call.body
        for call in bench.log.settled()
        if call.kind == "create container"
    }
    bench.gyre.apply()
    bench.expect(PEER, size)
    bench.expect(PROJECT, size)
    bench.log.settled()
    return bodies


def idle_programs(bench, pairs):
    result = {"Compose": Idle(), "Gyre": Idle()}
    for number in range(pairs):
        order = [bench.compose, bench.gyre]
        for subject in order if number % 2 else order[::-1]:
            ended = subject.apply()
            result[subject.name].add(ended.wall, ended.processor, bench.log.settled())
    return result


class Listings:
    """The two listings of a pass, made over connections that stay open: the floor of any pass."""

    filters = "filters=%7B%22label%22%3A%5B%22io.gyre.controller%3Dbench%22%5D%7D"

    def __init__(self, bench):
        self.bench, self.loop = bench, asyncio.new_event_loop()
        self.connections = [
            self.loop.run_until_complete(engine.Connection.open(bench.proxied)) for _ in range(2)
        ]

    def span(self):
        """Seconds that both took, at once; the proxy's times, as those of a pass are."""
        self.bench.log.new()
        self.loop.run_until_complete(self._both())
        made = self.bench.quiet(0.2, 15, lambda made: len(made) >= 2)
        return max(c.ended for c in made) - min(c.began for c in made)

    async def _both(self):
        await asyncio.gather(
            self.connections[0].call("GET", f"/containers/json?all=true&{self.filters}"),
            self.connections[1].call("GET", f"/networks?{self.filters}"),
        )

    def close(self):
        for connection in self.connections:
            connection.close()
        self.loop.close()


class Serving:
    """A controller that runs, and has looked at everything."""

    def __init__(self, bench):
        self.bench = bench

    def __enter__(self):
        self.process = self.bench.gyre.serve()
        # The events stream has no end, so the listings that follow it are the sign of life.
        self.bench.quiet(1.5, 60, lambda made: any(c.kind == "list containers" for c in made))
        return self.process

    def __exit__(self, *_):
        self.process.stop()


def idle_controller(bench, passes):
    """Passes of a controller and the listings alone, in turn: both come after the same rest."""
    result, floor = Idle(), Sample()
    with Serving(bench) as process:
        bench.gyre.sync()
        bench.quiet(0.5)
        listings = Listings(bench)
        for _ in range(passes):
            if bench.is_late:
                break
            bench.log.new()
            before = process.processor()
            bench.gyre.sync()
            made = bench.quiet(0.2, 15, lambda made: any(c.kind == "list networks" for c in made))
            span = max(c.ended for c in made) - min(c.began for c in made)
            result.add(span, process.processor() - before, made)
            floor.add(listings.span())
        listings.close()
    return result, floor


def nothing_changed(bench, size, pairs, passes):
    say(f"nothing changed, {size}")
    bodies = both_up(bench, size)
    result = idle_programs(bench, pairs)
    result["bodies"] = bodies
    result["controller"], result["listings"] = idle_controller(bench, passes)
    bench.log.settled()
    return result


# --- One changed, one lost ------------------------------------------------------------------


class Change:
    """One changed service of many."""

    def __init__(self):
        self.took, self.calls, self.touched = Sample(), [], []

    def add(self, began, made, names):
        self.took.add(max(call.ended for call in made if call.kind == "start") - began)
        self.calls.append(calls.counts(made))
        touched = {names.get(call.container, call.container) for call in made if call.container}
        self.touched.append(sorted(touched))


def names_by_id(bench):
    return {one["Id"]: one["Names"][0].lstrip("/") for one in bench.node.containers()}


def started(made):
    return any(call.kind == "start" for call in made)


def replaced(made):
    """Gyre watches the new container through its stability window, then removes the old one."""
    return started(made) and any(call.kind == "remove container" for call in made)


async def replace(socket, name, body):
    """What the engine needs for one changed container: until the new one's start was answered."""
    connection = await engine.Connection.open(socket)
    began = time.monotonic()
    await connection.call("POST", f"/containers/create?name={name}-next", body)
    await connection.call("POST", f"/containers/{name}/stop")
    await connection.call("POST", f"/containers/{name}-next/start")
    took = time.monotonic() - began
    await connection.call("DELETE", f"/containers/{name}")
    await connection.call("POST", f"/containers/{name}-next/rename?name={name}")
    connection.close()
    return took


def one_changed(bench, size, pairs, bodies):
    """On what nothing_changed left up: a push and `gyre sync`, and Compose's `up` again.

    Bare calls replace one of Compose's that no revision changes, by one of the same body: Compose
    takes it for its own.
    """
    say(f"one of {size} changed")
    result = {"Compose": Change(), "Gyre": Change(), "bare": Sample()}
    revisions = {}
    half = size // 2
    names = [name for name, _ in by_name(bench, PEER)]
    with Serving(bench):
        for number in range(min(pairs, half)):
            if bench.is_late:
                break
            revisions[number] = number
            peer = names[half + number]
            result["bare"].add(asyncio.run(replace(bench.proxied, peer, bodies[peer])))
            bench.log.settled()
            order = ["Compose", "Gyre"]
            for name in order if number % 2 else order[::-1]:
                subject = bench.compose if name == "Compose" else bench.gyre
                before = names_by_id(bench)
                subject.declare(size, revisions)
                bench.log.new()
                if name == "Compose":
                    began, made = subject.apply().began, bench.log.settled()
                else:
                    began, made = subject.sync().began, bench.quiet(2.5, 60, replaced)
                result[name].add(began, made, names_by_id(bench) | before)
                bench.expect(PEER, size)
                bench.expect(PROJECT, size)
    return result


def by_name(bench, project):
    return sorted(
        (one["Names"][0].lstrip("/"), one["Id"])
        for one in bench.node.containers()
        if one["Labels"].get("com.docker.compose.project") == project
    )


def lose(node, how, container):
    if how == "killed":
        node.call("POST", f"/containers/{container}/kill")
    else:
        node.call("DELETE", f"/containers/{container}?force=true")


async def bring_back(socket, how, name, body):
    """What the engine needs for it when somebody knows at once what to do."""
    connection = await engine.Connection.open(socket)
    if how == "removed":
        await connection.call("POST", f"/containers/create?name={name}", body)
    await connection.call("POST", f"/containers/{name}/start")
    connection.close()


def lost_and_found(bench, size, bodies, times):
    """Containers killed, and removed, behind the controller's back; each time another one.

    Each time the same is done to one of Compose's, which nobody keeps, and it is brought back
    by bare calls at once.
    """
    say(f"killed and removed of {size}")
    result = {(how, who): Sample() for how in ("killed", "removed") for who in ("Gyre", "bare")}
    with Serving(bench):
        ours, peers = by_name(bench, PROJECT), by_name(bench, PEER)
        half = max(1, size // 2)
        for number in range(min(times, half)):
            if bench.is_late:
                break
            for how, index in (("killed", number), ("removed", (half + number) % size)):
                name, victim = peers[index]
                began = time.monotonic()
                lose(bench.node, how, victim)
                asyncio.run(bring_back(bench.proxied, how, name, bodies.get(name)))
                result[how, "bare"].add(time.monotonic() - began)
                bench.log.settled()
                began = time.monotonic()
                lose(bench.node, how, ours[index][1])
                made = bench.quiet(0.5, 30, started)
                back = next(call.ended for call in made if call.kind == "start")
                result[how, "Gyre"].add(back - began)
                bench.expect(PROJECT, size)
    return result
