"""What is measured: Docker Compose and Gyre as people start them."""

import os
import pathlib
import shutil
import signal
import subprocess
import time

IMAGE = "web:1.0"
PROJECT = "bench"  # of Gyre
PEER = "peer"  # of Compose: both can stand side by side
CLAIM = "io.gyre.claim"


def compose_file(size, revisions=None):
    """`size` services of one container each; those with a revision have it as a variable."""
    lines = ["services:"]
    for number in range(size):
        lines += [f"  s{number:02}:", f"    image: {IMAGE}"]
        if revisions and number in revisions:
            lines += ["    environment:", f"      REVISION: '{revisions[number]}'"]
    return "\n".join(lines) + "\n"


class Ended:
    """A process that has ended: seconds of wall clock and of processor, and when it began."""

    def __init__(self, began, code, usage):
        self.began, self.code = began, code
        self.wall = time.monotonic() - began
        self.processor = usage.ru_utime + usage.ru_stime
        self.memory = usage.ru_maxrss / 1024  # MiB


class Process:
    """A process started now, in a group of its own."""

    running = set()

    def __init__(self, arguments, environment, log, folder):
        self.log = log
        self.arguments = arguments
        self.end = None
        with open(log, "ab") as output:
            self.began = time.monotonic()
            self.child = subprocess.Popen(
                arguments,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=environment,
                cwd=folder,
                start_new_session=True,
            )
        Process.running.add(self)

    @classmethod
    def stop_all(cls):
        for process in list(cls.running):
            process.stop()

    def ended(self):
        """None while it runs; what it used once it has ended, however often it is asked."""
        if self.end is not None:
            return self.end
        pid, status, usage = os.wait4(self.child.pid, os.WNOHANG)
        if not pid:
            return None
        self.child.returncode = os.waitstatus_to_exitcode(status)
        Process.running.discard(self)
        self.end = Ended(self.began, self.child.returncode, usage)
        return self.end

    def wait(self, seconds, pace=0.002):
        until = time.monotonic() + seconds
        while (ended := self.ended()) is None:
            if time.monotonic() > until:
                self.stop()
                raise TimeoutError(f"{' '.join(self.arguments)} ran for {seconds} s; {self.tail()}")
            time.sleep(pace)
        return ended

    def stop(self):
        """SIGTERM, and SIGKILL for what does not listen."""
        for number, patience in ((signal.SIGTERM, 15), (signal.SIGKILL, 15)):
            if self.child.returncode is not None:
                return
            # Past Popen, which would look whether it has ended and keep what it used to itself.
            os.kill(self.child.pid, number)
            until = time.monotonic() + patience
            while time.monotonic() < until and self.ended() is None:
                time.sleep(0.01)

    def processor(self):
        """Seconds of processor so far, in ticks of the kernel's accounting (10 ms)."""
        fields = pathlib.Path(f"/proc/{self.child.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def tail(self):
        return "it wrote:\n" + "\n".join(
            pathlib.Path(self.log).read_text(errors="replace").splitlines()[-15:]
        )


class Subject:
    """A program, its files, and how it is run."""

    def __init__(self, program, socket, folder):
        self.program, self.socket = str(program), str(socket)
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True)
        self.log = str(self.folder / "output.log")
        # Nothing of whoever runs this: no configuration, no proxy, no colours.
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "TMPDIR": str(self.folder),
            "NO_COLOR": "1",
            "DOCKER_HOST": f"unix://{self.socket}",
        }

    def start(self, *arguments):
        return Process([self.program, *arguments], self.environment, self.log, str(self.folder))

    def run(self, *arguments, seconds=60):
        process = self.start(*arguments)
        ended = process.wait(seconds)
        if ended.code:
            raise RuntimeError(
                f"{' '.join(process.arguments)} ended with {ended.code}; {process.tail()}"
            )
        return ended


class Compose(Subject):
    """Docker Compose, which applies a file."""

    name, project = "Compose", PEER

    def declare(self, size, revisions=None):
        (self.folder / "compose.yaml").write_text(compose_file(size, revisions))

    def begin(self):
        return self.start("-p", PEER, "-f", "compose.yaml", "up", "-d")

    def apply(self):
        return self.run("-p", PEER, "-f", "compose.yaml", "up", "-d", seconds=180)

    def forget(self):
        """It keeps nothing."""


class Gyre(Subject):
    """Gyre, which applies a commit."""

    name, project = "Gyre", PROJECT

    def __init__(self, program, socket, folder):
        super().__init__(program, socket, folder)
        self.work = self.folder / "work"
        self.git("init", "-q", "-b", "main", str(self.work))
        (self.folder / "gyre.yaml").write_text(
            f"controller: bench\nstate: {self.folder}/state\nengine: unix://{self.socket}\n"
            f"socket: {self.folder}/gyre.sock\n"
            # Only what is asked for happens: no poll in the midst of a measurement.
            "polling: 1h\n"
            f"projects:\n  {PROJECT}:\n    repositories: [{{url: {self.work}}}]\n"
        )

    def git(self, *arguments):
        identity = ["-c", "user.name=bench", "-c", "user.email=bench@localhost"]
        subprocess.run(
            ["git", *identity, *arguments],
            check=True,
            capture_output=True,
            timeout=60,
            env=self.environment | {"GIT_CONFIG_NOSYSTEM": "1"},
            cwd=self.folder,
        )

    def declare(self, size, revisions=None):
        (self.work / "compose.yaml").write_text(compose_file(size, revisions))
        self.git("-C", str(self.work), "add", "compose.yaml")
        self.git("-C", str(self.work), "commit", "-q", "--allow-empty", "-m", f"{size} services")

    def begin(self):
        return self.start("apply", PROJECT, "--config", "gyre.yaml")

    def apply(self):
        return self.run("apply", PROJECT, "--config", "gyre.yaml", seconds=240)

    def serve(self):
        return self.start("serve", "--config", "gyre.yaml")

    def sync(self):
        return self.run("sync", PROJECT, "--config", "gyre.yaml", seconds=30)

    def forget(self):
        """As on a machine where it never ran."""
        shutil.rmtree(self.folder / "state", ignore_errors=True)
