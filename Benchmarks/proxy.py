"""A transparent proxy between a client and a Docker engine that writes down every call.

    proxy.py LISTEN ENGINE LOG

Bytes pass unchanged and at once, in both directions; a tap beside each direction reads the
HTTP that goes by. One line of JSON is written to LOG when a response has ended, or when its
connection has. Times are CLOCK_MONOTONIC, which all processes of a machine share.
"""

import asyncio
import json
import os
import signal
import sys
import time

KEPT = 64 << 10  # of a body that is written down


class Message:
    """One request or response as it goes by: a head, then a body, then the next one."""

    def __init__(self, on_head, on_end):
        self.on_head, self.on_end = on_head, on_end
        self.head = bytearray()
        self.opaque = False
        self.reset()

    def reset(self):
        self.head.clear()
        self.state = "head"
        self.left = 0
        self.body = bytearray()

    def feed(self, data):
        view = memoryview(data)
        while len(view) and not self.opaque:
            view = view[getattr(self, "feed_" + self.state)(view) :]

    def feed_head(self, view):
        known = len(self.head)
        self.head += view
        end = self.head.find(b"\r\n\r\n", max(0, known - 3))
        if end < 0:
            return len(view)
        del self.head[end:]
        first, *lines = self.head.decode("latin-1").split("\r\n")
        headers = {}
        for line in lines:
            name, _, value = line.partition(":")
            headers[name.strip().lower()] = value.strip()
        self.begin_body(self.on_head(first, headers), headers)
        return end + 4 - known

    def begin_body(self, kind, headers):
        """`kind` is what the head's reader says: none, opaque, or as the headers have it."""
        if kind == "opaque":
            self.opaque = True
        elif kind == "none":
            self.end()
        elif "chunked" in headers.get("transfer-encoding", "").lower():
            self.state, self.line = "size", bytearray()
        elif "content-length" in headers:
            self.left = int(headers["content-length"])
            self.state = "body"
            if not self.left:
                self.end()
        elif kind == "until close":
            self.state = "rest"
        else:
            self.end()

    def keep(self, view):
        if len(self.body) < KEPT:
            self.body += view[: KEPT - len(self.body)]

    def feed_body(self, view):
        taken = min(self.left, len(view))
        self.keep(view[:taken])
        self.left -= taken
        if not self.left:
            self.end()
        return taken

    def feed_rest(self, view):
        return len(view)

    def feed_size(self, view):
        """The line before a chunk; one of size 0 is followed by trailers and an empty line."""
        end = bytes(view).find(b"\n")
        if end < 0:
            self.line += view
            return len(view)
        self.line += view[: end + 1]
        self.left = int(self.line.split(b";")[0].strip() or b"0", 16)
        self.line.clear()
        self.state = "chunk" if self.left else "trailer"
        return end + 1

    def feed_chunk(self, view):
        taken = min(self.left, len(view))
        self.keep(view[:taken])
        self.left -= taken
        if not self.left:
            self.state = "gap"
        return taken

    def feed_gap(self, view):
        self.line += view[:1]
        if self.line[-1:] == b"\n":
            self.line.clear()
            self.state = "size"
        return 1

    def feed_trailer(self, view):
        self.line += view[:1]
        if self.line[-1:] == b"\n":
            if not self.line.strip():
                self.end()
            else:
                self.line.clear()
        return 1

    def end(self):
        body = bytes(self.body)
        self.reset()
        self.on_end(body)


class Tap:
    """What goes by on one connection of a client."""

    def __init__(self, log, number):
        self.log, self.number = log, number
        self.waiting = []  # requests whose responses have not ended, oldest first
        self.request = Message(self.request_head, self.request_end)
        self.response = Message(self.response_head, self.response_end)

    def request_head(self, first, headers):
        method, target, _ = first.split(" ", 2)
        self.waiting.append(
            {"conn": self.number, "method": method, "target": target, "began": time.monotonic()}
        )
        self.upgrades = "upgrade" in headers
        return "opaque" if self.upgrades else ""

    def request_end(self, body):
        call = self.waiting[-1]
        if call["method"] == "POST" and body:
            call["body"] = body.decode("utf-8", "replace")

    def response_head(self, first, headers):
        call = self.waiting[0]
        status = int(first.split(" ", 2)[1])
        if status == 101:
            call["status"] = status
            self.written(call)
            return "opaque"
        if status < 200:
            return "none"
        call["status"] = status
        call["head"] = time.monotonic()
        return "none" if call["method"] == "HEAD" or status in (204, 304) else "until close"

    def response_end(self, body):
        if "status" not in self.waiting[0]:
            return  # 100 Continue
        call = self.waiting.pop(0)
        if call["method"] == "POST" and "/create" in call["target"]:
            call["answer"] = body.decode("utf-8", "replace")
        self.written(call)

    def written(self, call):
        call["ended"] = time.monotonic()
        self.log.write(json.dumps(call) + "\n")
        self.log.flush()

    def closed(self):
        for call in self.waiting:
            if call.get("status") != 101:
                call["cut"] = True
                self.written(call)
        self.waiting.clear()


class Side(asyncio.Protocol):
    """One of the two ends of a connection: what it receives goes to its peer."""

    def __init__(self, note, closed):
        self.note, self.closed = note, closed
        self.peer = self.transport = None
        self.early = []

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        if self.peer is None:
            self.early.append(data)
            return
        # A request is noted before it is passed on, a response after: the times are the
        # client's.
        if self.note.is_request:
            self.note(data)
            self.peer.transport.write(data)
        else:
            self.peer.transport.write(data)
            self.note(data)

    def join(self, peer):
        self.peer = peer
        early, self.early = self.early, []
        for data in early:
            self.data_received(data)

    def eof_received(self):
        if self.peer and not self.peer.transport.is_closing():
            self.peer.transport.write_eof()
        return True

    def pause_writing(self):
        self.peer.transport.pause_reading()

    def resume_writing(self):
        self.peer.transport.resume_reading()

    def connection_lost(self, _):
        self.closed()
        if self.peer:
            self.peer.transport.close()


class Note:
    """Feeds one direction to its tap; a tap that fails must never disturb the traffic."""

    def __init__(self, message, is_request):
        self.message, self.is_request = message, is_request

    def __call__(self, data):
        if self.message is None:
            return
        try:
            self.message.feed(data)
        except Exception as error:  # noqa: BLE001
            self.message = None
            print(f"proxy: lost track of a connection: {error!r}", file=sys.stderr)


async def serve(listen, engine, log):
    loop = asyncio.get_running_loop()
    count = 0
    joining = set()

    def accept():
        nonlocal count
        count += 1
        tap = Tap(log, count)
        side = Side(Note(tap.request, True), tap.closed)

        async def join():
            try:
                _, other = await loop.create_unix_connection(
                    lambda: Side(Note(tap.response, False), lambda: None), engine
                )
            except OSError as error:
                print(f"proxy: {error}", file=sys.stderr)
                side.transport.close()
                return
            other.join(side)
            side.join(other)

        task = loop.create_task(join())
        joining.add(task)
        task.add_done_callback(joining.discard)
        return side

    server = await loop.create_unix_server(accept, listen, backlog=512)
    stop = loop.create_future()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, lambda: stop.done() or stop.set_result(None))
    await stop
    server.close()


if __name__ == "__main__":
    listen, engine, path = sys.argv[1:]
    if os.path.exists(listen):
        os.unlink(listen)
    with open(path, "a", encoding="utf-8") as log:
        asyncio.run(serve(listen, engine, log))
