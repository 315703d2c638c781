"""Servers that misbehave, to try a git client on. See Testbed/README.md for each.

usage: hostile.py DIR ADDRESS OTHER-ADDRESS FIRST-PORT

FIRST-PORT is https and the next one http: /BEHAVIOUR/NAME.git there is DIR/git/NAME.git, served
badly. The ports behind them speak no protocol.
"""

import collections
import gzip
import http.server
import re
import socket
import socketserver
import ssl
import struct
import sys
import threading
import time
import urllib.parse
import zlib
from email.utils import formatdate

import streams

DIR, ADDRESS, OTHER = sys.argv[1:4]
HTTPS, HTTP, SILENT, DRIP, CUT, FLOOD, GREET = range(int(sys.argv[4]), int(sys.argv[4]) + 7)
REPOSITORY = re.compile(r"([A-Za-z0-9_-]+\.git)/(info/refs|git-upload-pack)")

REDIRECTS = {
    "redirect": f"https://{ADDRESS}:{HTTPS}/honest/",
    "redirect-host": f"https://{OTHER}:{HTTPS}/honest/",
    "redirect-http": f"http://{ADDRESS}:{HTTP}/honest/",
    "redirect-file": f"file://{DIR}/git/",
    "redirect-ssh": f"ssh://git@{ADDRESS}:2222/",
    "redirect-loop": f"https://{ADDRESS}:{HTTPS}/redirect-loop/",
}


class Hostile(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    seen = collections.Counter()

    def do_GET(self):
        self.close_connection = True
        _, behaviour, rest = (self.path + "//").split("/", 2)
        rest = rest.removesuffix("//")
        if behaviour == "as-told":
            behaviour = self.told(rest)
        if behaviour in REDIRECTS:
            self.redirect(REDIRECTS[behaviour] + rest)
        elif behaviour in streams.BEHAVIOURS:
            self.serve_git(behaviour, rest)
        elif behaviour.startswith("status-"):
            self.refuse(int(behaviour.removeprefix("status-")))
        elif special := getattr(self, "serve_" + behaviour.replace("-", "_"), None):
            special(rest)
        else:
            self.refuse(404)

    do_POST = do_HEAD = do_GET

    def told(self, rest):
        return streams.told(f"{DIR}/git/{rest.split('/')[0]}")

    def log_request(self, code="-", size="-"):
        with open(f"{DIR}/hostile.requests", "a", encoding="utf-8") as log:
            port = self.server.server_address[1]
            said = self.headers.get("Authorization", "-")
            host = self.connection.getsockname()[0]
            log.write(f"{host}:{port} {self.command} {self.path} {int(code)} {said}\n")

    def log_message(self, *_):
        pass

    # --- Whole answers ------------------------------------------------------------------------

    def whole(self, status, body=b"", kind="text/plain", **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def redirect(self, place):
        self.whole(302, Location=place)

    def refuse(self, status):
        """Retry-After in both its forms (RFC 9110, 10.2.3): a date with 503, else seconds."""
        later = formatdate(time.time() + 7, usegmt=True) if status == 503 else "7"
        self.whole(status, b"no\n", Retry_After=later)

    def serve_unauthorized(self, _):
        self.whole(401, b"who?\n", WWW_Authenticate='Basic realm="testbed"')

    def serve_login_page(self, _):
        self.whole(200, b"<html><form>Please log in</form></html>", "text/html")

    def serve_redirect_chain(self, rest):
        """Never the same address twice: /redirect-chain/1/NAME.git, /redirect-chain/2/..."""
        number, _, behind = rest.partition("/")
        behind = behind if number.isdigit() else rest
        number = int(number) + 1 if number.isdigit() else 1
        self.redirect(f"https://{ADDRESS}:{HTTPS}/redirect-chain/{number}/{behind}")

    def serve_redirect_pack(self, rest):
        """Git redirects the first request alone; here the second one is sent elsewhere."""
        if self.command == "POST":
            self.redirect(REDIRECTS["redirect-host"] + rest)
        else:
            self.serve_git("honest", rest)

    def serve_flaky(self, rest):
        """For each repository, two failures before a success, again and again."""
        Hostile.seen[self.path] += self.command == "GET"
        if Hostile.seen[self.path] % 3:
            self.refuse(503)
        else:
            self.serve_git("honest", rest)

    # --- Answers that don't end ---------------------------------------------------------------

    def serve_drip_headers(self, _):
        self.log_request(200)
        for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"z" * 3600:
            self.wfile.write(bytes((byte,)))
            time.sleep(1)

    def serve_endless_headers(self, _):
        self.log_request(200)
        self.wfile.write(b"HTTP/1.1 200 OK\r\n")
        while True:
            self.wfile.write(b"X-More: and more of the same\r\n" * 100)

    def serve_cut_headers(self, _):
        self.log_request(200)
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Ty")

    def serve_gzip_bomb(self, _):
        """A megabyte that becomes a gigabyte, and so on."""
        packer = zlib.compressobj(9, zlib.DEFLATED, 31)
        self.begin("application/x-git-upload-pack-advertisement", Content_Encoding="gzip")
        self.chunk(packer.compress(streams.line(b"# service=git-upload-pack\n") + b"0000"))
        while True:
            self.chunk(packer.compress(bytes(1 << 24)))

    # --- Git ----------------------------------------------------------------------------------

    def serve_git(self, behaviour, rest):
        url = urllib.parse.urlsplit(rest)
        asked = REPOSITORY.fullmatch(url.path)
        if not asked:
            self.refuse(404)
            return
        repository = f"{DIR}/git/{asked[1]}"
        refs, pack = streams.BEHAVIOURS[behaviour]
        request = self.read_body()
        if behaviour == "silent":
            self.log_request(0)
        elif self.command == "POST":
            self.begin("application/x-git-upload-pack-result")
        else:
            self.begin("application/x-git-upload-pack-advertisement")
            self.chunk(streams.line(b"# service=git-upload-pack\n") + streams.FLUSH)
        said = pack(repository, request) if self.command == "POST" else refs(repository)
        try:
            for piece in said:
                self.chunk(piece)
            self.wfile.write(b"0\r\n\r\n")
        except streams.Cut:
            pass

    def begin(self, kind, **headers):
        self.send_response(200)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Type", kind)
        self.send_header("Transfer-Encoding", "chunked")
        self.send_header("Connection", "close")
        self.end_headers()

    def chunk(self, data):
        if data:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))

    def read_body(self):
        body = b""
        if "chunked" in self.headers.get("Transfer-Encoding", ""):
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        else:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        return gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body


# --- Without a protocol -----------------------------------------------------------------------

class Silent(socketserver.BaseRequestHandler):
    def handle(self):
        while self.request.recv(4096):
            pass


class Drip(socketserver.BaseRequestHandler):
    """To TLS the start of a long record, to ssh a name without an end."""

    def handle(self):
        start = b"\x16\x03\x03\x40\x00\x02" if self.request.recv(1) == b"\x16" else b"SSH-2.0-"
        for byte in start + b"z" * 3600:
            self.request.sendall(bytes((byte,)))
            time.sleep(1)


class Cut(socketserver.BaseRequestHandler):
    def handle(self):
        reset = struct.pack("ii", 1, 0)
        self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, reset)


class Flood(socketserver.BaseRequestHandler):
    def handle(self):
        while True:
            self.request.sendall(b"Nobody expects so many lines before the first word.\r\n" * 100)


class Greet(socketserver.BaseRequestHandler):
    """Greets as ssh does, and then agrees on no keys: only packets that say nothing (RFC 4253)."""

    def handle(self):
        self.request.sendall(b"SSH-2.0-Endless\r\n")
        # Its length, padding of five, SSH_MSG_IGNORE with a string of one.
        packet = struct.pack(">IBBI", 12, 5, 2, 1) + b"z" + bytes(5)
        while True:
            self.request.sendall(packet)
            time.sleep(0.05)


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 64

    def handle_error(self, *_):
        """Clients hang up on hostile servers all the time."""


def serve(port, handler, context=None):
    server = Server(("0.0.0.0", port), handler)
    if context:
        # The handshake happens with the first read, in the thread of that client.
        server.socket = context.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever).start()


def main():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(f"{DIR}/ca/server.crt", f"{DIR}/ca/server.key")
    for port, handler in ((GREET, Greet), (FLOOD, Flood), (CUT, Cut), (DRIP, Drip),
                          (SILENT, Silent), (HTTP, Hostile)):
        serve(port, handler)
    serve(HTTPS, Hostile, context)


if __name__ == "__main__":
    main()
