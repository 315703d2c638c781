"""What the proxy wrote down: calls, their kinds, and a run's calls made ready to be replayed."""

import collections
import json
import re
import time
from urllib.parse import parse_qs, unquote, urlsplit

READS = {"GET", "HEAD"}


class Call:
    """One call that has ended."""

    def __init__(self, record):
        self.method = record["method"]
        parts = urlsplit(record["target"])
        self.path = re.sub(r"^/v1\.\d+", "", parts.path)
        self.query = parse_qs(parts.query)
        self.status = record.get("status", 0)
        self.began, self.ended = record["began"], record["ended"]
        self.body = record.get("body")
        self.answer = record.get("answer")
        self.is_cut = record.get("cut", False)

    @property
    def words(self):
        return [unquote(word) for word in self.path.strip("/").split("/")]

    @property
    def kind(self):
        """`list containers`, `inspect image`, `start`, …: who was asked is left out."""
        words = self.words
        objects, rest = words[0], words[1:]
        one = objects.rstrip("s")
        if not rest:
            return f"list {objects}" if objects in ("networks", "volumes") else objects.strip("_")
        if objects == "images" and rest[-1] == "json":
            return "list images" if len(rest) == 1 else "inspect image"
        if rest == ["json"]:
            return f"list {objects}"
        if rest[-1] == "create":
            return f"create {one}"
        if self.method in READS and (rest[-1] == "json" or len(rest) == 1):
            return f"inspect {one}"
        if self.method == "DELETE":
            return f"remove {one}"
        return rest[-1] if objects == "containers" else f"{rest[-1]} {one}"

    @property
    def is_write(self):
        return self.method not in READS

    @property
    def container(self):
        """The container that a call changes, by id or name."""
        words = self.words
        if not self.is_write or words[0] != "containers":
            return None
        return self.query["name"][0] if words[1] == "create" else words[1]

    @property
    def created_id(self):
        return json.loads(self.answer)["Id"] if self.answer and self.status == 201 else None


class Log:
    """The proxy's log, read on from where it was read last."""

    def __init__(self, path):
        self.file = open(path, encoding="utf-8")
        self.rest = ""
        self.last = collections.deque(maxlen=40)

    def new(self):
        """Calls that have ended since the last look, in the order in which they did."""
        text = self.rest + self.file.read()
        *lines, self.rest = text.split("\n")
        made = [Call(json.loads(line)) for line in lines]
        self.last.extend(made)
        return made

    def settled(self):
        """As `new`, after a moment: an answer is passed on before it is written down."""
        time.sleep(0.05)
        return self.new()

    def story(self):
        """The last calls, for whoever wants to know what went wrong."""
        return "\n".join(
            f"{call.began:.3f} {(call.ended - call.began) * 1000:6.0f} ms {call.status} "
            f"{call.kind} {'/'.join(call.words)[:80]} {call.query.get('name', '')}"
            for call in self.last
        )


def counts(calls):
    """How many of each kind, most first."""
    return collections.Counter(call.kind for call in calls if call.kind != "events")


class Operation:
    """One call of a recorded run; `needs` is the one that has to be done before."""

    def __init__(self, kind, name, body=None, needs=None):
        self.kind, self.name, self.body, self.needs = kind, name, body, needs


def replayable(calls, dropped_label):
    """The creates and starts of a run in the order in which they were sent.

    `dropped_label` differs in every run and is left out.
    """
    operations, made, network = [], {}, None
    for call in sorted(calls, key=lambda call: call.began):
        if call.kind == "create network":
            network = Operation("network", json.loads(call.body)["Name"], call.body)
            operations.append(network)
        elif call.kind == "create container":
            body = json.loads(call.body)
            body.get("Labels", {}).pop(dropped_label, None)
            operation = Operation(
                "create", call.query["name"][0], json.dumps(body, separators=(",", ":")), network
            )
            made[call.created_id] = operation
            operations.append(operation)
        elif call.kind == "start":
            creation = made[call.words[1]]
            operations.append(Operation("start", creation.name, needs=creation))
    return operations
