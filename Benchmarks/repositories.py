"""Git repositories of one compose file each, and the servers of the testbed that serve them."""

import os
import pathlib
import shutil
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
IDENTITY = ["-c", "user.name=bench", "-c", "user.email=bench@localhost"]


def git(*arguments):
    """Nothing of whoever runs this gets in."""
    return subprocess.run(
        ["git", *IDENTITY, "-c", "safe.directory=*", *map(str, arguments)],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
        env={"PATH": os.environ["PATH"], "HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1"},
    ).stdout


def compose_file(image, revision):
    return (
        f"services:\n  web:\n    image: {image}\n    environment:\n      REVISION: '{revision}'\n"
    )


class Repositories:
    """Repositories below a folder, `PREFIX-00.git` and so on, each with a work tree beside it."""

    def __init__(self, folder, prefix, count, image):
        self.folder, self.image = pathlib.Path(folder), image
        self.names = [f"{prefix}-{number:02}" for number in range(count)]
        self.revision = 0
        first = self.folder / f"{self.names[0]}.git"
        git("init", "-q", "-b", "main", first)
        self.commit(first)
        for name in self.names[1:]:
            shutil.copytree(first, self.folder / f"{name}.git")

    def commit(self, place):
        (place / "compose.yaml").write_text(compose_file(self.image, self.revision))
        git("-C", place, "add", "compose.yaml")
        git("-C", place, "commit", "-q", "-m", f"Revision {self.revision}")

    def change(self):
        """A new commit in each of them."""
        self.revision += 1
        for name in self.names:
            self.commit(self.folder / f"{name}.git")

    def path(self, name):
        return str(self.folder / f"{name}.git")


class Servers:
    """The testbed's git servers; what they serve lies in `folder`."""

    def __init__(self, testbed):
        self.testbed = testbed
        self.folder = pathlib.Path(testbed) / "git"
        self.settings = {}

    def start(self, *names):
        script = str(HERE.parent / "Testbed" / "testbed")
        for name in names:
            answer = subprocess.run(
                [script, "start", name, "--dir", self.testbed],
                check=True,
                capture_output=True,
                text=True,
                timeout=180,
            )
            for line in answer.stdout.splitlines():
                key, _, value = line.partition("=")
                self.settings[key] = value
        return self

    def __getitem__(self, name):
        return self.settings[f"GYRE_TEST_{name}"]

    @property
    def address(self):
        return self["HTTPS"].removeprefix("https://").split(":")[0].split("/")[0]

    def requests(self):
        """How many requests and sessions the servers have noted so far."""
        logs = [self[name] for name in ("HTTPS_LOG", "SSH_LOG")]
        return sum(
            pathlib.Path(log).read_text(errors="replace").count("\n")
            for log in logs
            if os.path.exists(log)
        )

