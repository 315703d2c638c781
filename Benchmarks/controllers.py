"""Controllers of many repositories: Gyre, which goes on, and Harbormaster, which is run."""

import http.client
import json
import os
import pathlib
import socket
import time

from subjects import Subject


class Control(http.client.HTTPConnection):
    """Gyre's control socket."""

    def __init__(self, path):
        super().__init__("gyre", timeout=60)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(60)
        self.sock.connect(self.path)

    def ask(self, method, route):
        self.request(method, route)
        answer = self.getresponse()
        data = json.loads(answer.read())
        if answer.status != 200:
            raise RuntimeError(f"{method} {route}: {answer.status} {data}")
        return data


class Controller(Subject):
    """`gyre serve` over repositories that are one project each."""

    def __init__(self, program, engine, folder, name, entries, git="{}", polling="1h"):
        super().__init__(program, engine, folder)
        self.name, self.projects = name, [project for project, _ in entries]
        lines = [
            f"controller: {name}",
            f"state: {folder}/state",
            f"engine: unix://{engine}",
            f"socket: {folder}/gyre.sock",
            f"polling: {polling}",
            "defaults: {stability: 2s}",
            f"git: {git}",
            "projects:",
        ]
        lines += [f"  {project}: {{repositories: [{entry}]}}" for project, entry in entries]
        (self.folder / "gyre.yaml").write_text("\n".join(lines) + "\n")
        self.process = None

    def __enter__(self):
        self.process = self.start("serve", "--config", "gyre.yaml", "--log-level", "warning")
        return self

    def __exit__(self, *_):
        self.process.stop()

    def ask(self, method, route):
        control = Control(f"{self.folder}/gyre.sock")
        try:
            return control.ask(method, route)
        finally:
            control.close()

    def status(self):
        return self.ask("GET", "/v1/status")

    def ready(self, seconds):
        """Waits until every stack runs its head, stable."""
        until, status = time.monotonic() + seconds, {}
        while time.monotonic() < until:
            if self.process.ended():
                raise RuntimeError(f"gyre serve ended; {self.process.tail()}")
            try:
                status = self.status()
            except OSError:
                status = {}
            stacks = status.get("stacks", [])
            if len(stacks) == len(self.projects) and all(s["state"] == "ready" for s in stacks):
                return
            time.sleep(0.5)
        poor = [s for s in status.get("stacks", []) if s["state"] != "ready"][:3]
        raise TimeoutError(f"not all stacks are ready after {seconds} s: {json.dumps(poor)}")

    def sync(self):
        """Asks for everything to be looked at; seconds until all of it was.

        Times are the controller's own, of each repository's answer and of each stack's listing.
        """
        began = time.time()
        self.ask("POST", "/v1/sync")
        until = time.monotonic() + 60
        while time.monotonic() < until:
            time.sleep(0.02)
            status = self.status()
            times = [one.get("checked", 0) for one in status["repositories"]]
            times += [one.get("observed", 0) for one in status["stacks"]]
            # Milliseconds, of which the first may have begun before the question.
            if min(times) > began * 1000:
                return max(times) / 1000 - began
        raise TimeoutError("not everything was looked at within 60 s")


class Harbormaster(Subject):
    """Harbormaster, which pulls, compares and calls `docker compose`, once each time it is run."""

    def __init__(self, program, compose, engine, folder, entries, environment):
        super().__init__(program, engine, folder)
        plugins = self.folder / ".docker" / "cli-plugins"
        plugins.mkdir(parents=True)
        (plugins / "docker-compose").symlink_to(compose)
        # Its git asks nobody for a password, and takes the testbed's own repositories.
        (self.folder / ".gitconfig").write_text("[safe]\n\tdirectory = *\n")
        self.environment |= environment | {"GIT_TERMINAL_PROMPT": "0"}
        (self.folder / "work").mkdir()
        apps = {name: {"url": url, "branch": "main"} for name, url in entries}
        (self.folder / "harbormaster.yml").write_text(json.dumps({"apps": apps}))

    def begin(self):
        return self.start("run", "-c", "harbormaster.yml", "-d", "work")

    def apply(self):
        process = self.begin()
        ended = process.wait(300)
        if ended.code:
            raise RuntimeError(f"harbormaster ended with {ended.code}; {process.tail()}")
        return ended


class Gauge:
    """What a process and its children use, looked at again and again."""

    def __init__(self, process, address):
        self.pid, self.address = process.child.pid, address
        self.looks = []

    def read(self, name):
        return pathlib.Path(f"/proc/{self.pid}/{name}").read_text()

    def processor(self):
        """Seconds of its own and of children that have ended."""
        fields = self.read("stat").rsplit(")", 1)[1].split()
        tick = os.sysconf("SC_CLK_TCK")
        return [(int(a) + int(b)) / tick for a, b in (fields[11:13], fields[13:15])]

    def memory(self):
        """Resident now and at most, in bytes."""
        lines = dict(line.split(":", 1) for line in self.read("status").splitlines())
        return [int(lines[key].split()[0]) << 10 for key in ("VmRSS", "VmHWM")]

    def children(self):
        tasks = pathlib.Path(f"/proc/{self.pid}/task")
        found = []
        for task in tasks.iterdir():
            try:
                found += (task / "children").read_text().split()
            except OSError:
                continue
        return len(found)

    def connections(self):
        """TCP connections of this machine with the testbed, those of children included."""
        number = "".join(f"{int(part):02X}" for part in reversed(self.address.split(".")))
        lines = pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]
        fields = [line.split() for line in lines]
        return sum(f[2].startswith(number) and f[3] == "01" for f in fields)

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def threads(self):
        return len(os.listdir(f"/proc/{self.pid}/task"))

    def look(self):
        self.looks.append(
            {
                "memory": self.memory()[0],
                "children": self.children(),
                "connections": self.connections(),
                "descriptors": self.descriptors(),
                "threads": self.threads(),
            }
        )
