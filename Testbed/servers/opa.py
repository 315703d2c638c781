#!/usr/bin/env python3
"""Open Policy Agent's own engine behind the part of OPA's REST API that Gyre speaks.

    opa.py PATH-OF-ENGINE POLICY.rego PORT-FILE [CERTIFICATE KEY AUTHORITIES]

Listens at 127.0.0.1, at any free port, which it writes to PORT-FILE. With a certificate it speaks
TLS, and lets in only clients that the authorities have certified. Where OPA_TOKEN is set, only
those that show it. POLICY.rego is read anew for each question.

Source: OPA's REST API, "Get a Document (with Input)".
"""
import json
import os
import ssl
import sys
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

sys.path.insert(0, sys.argv[1])
from opa_bindings.engine import OpaEngine, OpaError, OpaUndefinedError  # noqa: E402


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        question = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        token = os.environ.get("OPA_TOKEN")
        if token and self.headers.get("Authorization") != f"Bearer {token}":
            return self.answer(401, {"code": "unauthorized"})
        prefix = "/v1/data/"
        if not self.path.startswith(prefix):
            return self.answer(404, {"code": "not_found"})
        rule = self.path[len(prefix) :].replace("/", ".")
        answer = {"decision_id": str(uuid.uuid4())}
        with OpaEngine() as engine, open(sys.argv[2], encoding="utf-8") as policy:
            try:
                engine.add_policy("policy.rego", policy.read())
                answer["result"] = engine.eval_document(rule, json.loads(question)["input"])
            except OpaUndefinedError:
                pass
            except OpaError as error:
                return self.answer(500, {"code": "internal_error", "message": str(error)})
        with open(sys.argv[3] + ".log", "a", encoding="utf-8") as log:
            log.write(json.dumps({"answer": answer, **json.loads(question)}) + "\n")
        self.answer(200, answer)

    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
if len(sys.argv) > 4:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[4], sys.argv[5])
    context.load_verify_locations(sys.argv[6])
    context.verify_mode = ssl.CERT_REQUIRED
    server.socket = context.wrap_socket(server.socket, server_side=True)
with open(sys.argv[3] + ".new", "w", encoding="utf-8") as place:
    place.write(str(server.server_address[1]))
os.rename(sys.argv[3] + ".new", sys.argv[3])
server.serve_forever()
