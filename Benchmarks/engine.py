"""The bare Engine API: a client without comfort, and what is cleared away between trials."""

import asyncio
import json
import time
from urllib.parse import quote

API = "/v1.41"
PATIENCE = 60  # seconds for one call, and for a whole clearing away


class Connection:
    """One kept-alive connection; one call at a time."""

    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer

    @classmethod
    async def open(cls, socket):
        return cls(*await asyncio.open_unix_connection(socket, limit=1 << 22))

    async def call(self, method, path, body=None):
        try:
            async with asyncio.timeout(PATIENCE):
                return await self._call(method, path, body)
        except TimeoutError:
            raise TimeoutError(f"{method} {path}: no answer within {PATIENCE} s") from None

    async def _call(self, method, path, body):
        payload = b"" if body is None else body.encode()
        head = f"{method} {API}{path} HTTP/1.1\r\nHost: docker\r\n"
        if method != "GET":
            head += f"Content-Type: application/json\r\nContent-Length: {len(payload)}\r\n"
        self.writer.write(head.encode() + b"\r\n" + payload)
        answer = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        status = int(answer.split(" ", 2)[1])
        data = b""
        if "transfer-encoding: chunked" in answer:
            while size := int((await self.reader.readline()).strip() or b"0", 16):
                data += (await self.reader.readexactly(size + 2))[:-2]
            await self.reader.readline()
        elif "content-length: " in answer:
            data = await self.reader.readexactly(
                int(answer.split("content-length: ", 1)[1].split("\r\n", 1)[0])
            )
        if status >= 400:
            raise RuntimeError(f"{method} {path}: {status} {data.decode(errors='replace')}")
        return json.loads(data) if "application/json" in answer and data.strip() else None

    def close(self):
        self.writer.close()


async def at_once(socket, width, jobs, work):
    """Does `work(connection, job)` for all jobs over `width` connections; gives the results."""
    connections = [await Connection.open(socket) for _ in range(max(1, min(width, len(jobs))))]
    left, results = list(enumerate(jobs))[::-1], [None] * len(jobs)

    async def worker(connection):
        while left:
            index, job = left.pop()
            results[index] = await work(connection, job)

    try:
        await asyncio.gather(*(worker(connection) for connection in connections))
    finally:
        for connection in connections:
            connection.close()
    return results


async def replay(socket, operations, width):
    """Makes the recorded calls over `width` connections, each as soon as the one before it in
    the record is on its way and what it needs is done; gives the seconds that took.

    The connections are open before the clock starts.
    """
    connections = [await Connection.open(socket) for _ in range(width)]
    for connection in connections:
        await connection.call("GET", "/_ping")
    left = list(operations)
    done, changed = set(), asyncio.Condition()

    def ready():
        return next((one for one in left if one.needs is None or one.needs in done), None)

    async def worker(connection):
        while True:
            async with changed:
                while left and ready() is None:
                    await changed.wait()
                if not left:
                    return
                operation = ready()
                left.remove(operation)
            await perform(connection, operation)
            async with changed:
                done.add(operation)
                changed.notify_all()

    began = time.monotonic()
    await asyncio.gather(*(worker(connection) for connection in connections))
    took = time.monotonic() - began
    for connection in connections:
        connection.close()
    return took


async def perform(connection, operation):
    name = quote(operation.name, safe="")
    if operation.kind == "network":
        await connection.call("POST", "/networks/create", operation.body)
    elif operation.kind == "create":
        await connection.call("POST", f"/containers/create?name={name}", operation.body)
    else:
        await connection.call("POST", f"/containers/{name}/start")


class Engine:
    """The engine itself, past the proxy: for clearing away and for looking."""

    def __init__(self, socket):
        self.socket = socket

    def call(self, method, path, body=None):
        return asyncio.run(at_once(self.socket, 1, [path], self._caller(method, body)))[0]

    @staticmethod
    def _caller(method, body):
        async def call(connection, path):
            return await connection.call(method, path, body)

        return call

    def containers(self):
        return self.call("GET", "/containers/json?all=true")

    def running(self, project):
        """Names of running containers of a compose project."""
        return sorted(
            container["Names"][0].lstrip("/")
            for container in self.containers()
            if container["State"] == "running"
            and container["Labels"].get("com.docker.compose.project") == project
        )

    def clear(self):
        """Removes all containers and networks; the engine is the benchmark's own.

        Whoever was stopped may have had a call under way that ends only now, so this looks again
        until nothing is left.
        """
        for _ in range(40):
            try:
                self._remove_all()
            except RuntimeError as error:
                problem = error
                time.sleep(0.5)
            else:
                time.sleep(0.5)
                return
        raise problem

    def _remove_all(self):
        paths = [f"/containers/{one['Id']}?force=true&v=true" for one in self.containers()]
        if paths:
            asyncio.run(at_once(self.socket, 4, paths, self._caller("DELETE", None)))
        networks = [
            f"/networks/{one['Id']}"
            for one in self.call("GET", "/networks")
            if one["Name"] not in ("bridge", "host", "none")
        ]
        if networks:
            asyncio.run(at_once(self.socket, 4, networks, self._caller("DELETE", None)))

    def version(self):
        return self.call("GET", "/version")
