"""The model server that real AI clients talk to in the tests: it records, and obeys the prompt.

`with FakeModel() as model:` serves on a free loopback port from threads of the test;
`host.call(FakeModel)` serves on a lab host's loopback. It knows no model and no key:
authentication headers are neither checked nor recorded.
"""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from . import anthropic_messages, script

PROTOCOLS = (anthropic_messages,)
MAX_BODY = 32 * 1024 * 1024
MAX_RECORDS = 10_000
SOCKET_TIMEOUT_S = 60
KEPT_HEADERS = ("x-claude-code-session-id", "user-agent", "anthropic-version", "anthropic-beta",
                "content-type")


class FakeModel:
    def __init__(self, port=0, record=None):
        self.records = []  # every request as a dict: at_ms, method, path, session, headers, body
        self._record = Path(record) if record else None
        self._arrived = threading.Condition()
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _Handler)
        self._server.daemon_threads = True
        self._server.model = self
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def start(self):
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def stop(self):
        self._server.shutdown()
        self._server.server_close()

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    def note(self, record):
        with self._arrived:
            if len(self.records) >= MAX_RECORDS:
                return
            self.records.append(record)
            if self._record:
                with self._record.open("a") as out:
                    out.write(json.dumps(record) + "\n")
            self._arrived.notify_all()

    def asked(self, session=None):
        """The requests that asked the model for an answer, oldest first."""
        with self._arrived:
            return [r for r in self.records if r["prompt"] is not None
                    and session in (None, r["session"])]

    def wait_for(self, wanted, timeout=20):
        """The first record for which `wanted` is true, or None when time is up."""
        deadline = time.monotonic() + timeout
        with self._arrived:
            while True:
                hit = next((r for r in self.records if wanted(r)), None)
                left = deadline - time.monotonic()
                if hit or left <= 0:
                    return hit
                self._arrived.wait(left)


def shown(record):
    """All text the model was shown in one recorded request."""
    return "\n".join(anthropic_messages.texts(record["body"]))


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = SOCKET_TIMEOUT_S

    def do_HEAD(self):
        self._note(None, None)
        self._send(200, b"")

    def do_GET(self):
        self._note(None, None)
        self._send(404, b'{"type":"error","error":{"type":"not_found_error","message":"none"}}')

    def do_POST(self):
        length = int(self.headers.get("content-length") or 0)
        if length > MAX_BODY:
            self.close_connection = True
            return self._send(413, b"{}")
        try:
            body = json.loads(self.rfile.read(length) or b"null")
        except ValueError:
            return self._send(400, b"{}")
        protocol = next((p for p in PROTOCOLS if p.matches("POST", self.path)), None)
        if not protocol or not isinstance(body, dict):
            self._note(body, None)
            return self._send(404, b"{}")
        self._reply(protocol, body)

    def _reply(self, protocol, body):
        turn = protocol.turn(body)
        self._note(body, turn.prompt)
        answer = script.answer(turn)
        if answer.sleep_ms:
            time.sleep(answer.sleep_ms / 1000)
        if answer.status >= 400 or not body.get("stream"):
            return self._send(answer.status, json.dumps(protocol.whole(answer, body)).encode())
        self._stream(protocol.stream(answer, body))

    def _stream(self, events):
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("connection", "close")
        self.end_headers()
        self.close_connection = True
        for event in events:
            self.wfile.write(event)
            self.wfile.flush()

    def _send(self, status, body):
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _note(self, body, prompt):
        headers = {k: self.headers[k] for k in KEPT_HEADERS if k in self.headers}
        self.server.model.note({
            "at_ms": int(time.time() * 1000), "method": self.command, "path": self.path,
            "session": headers.get("x-claude-code-session-id"), "headers": headers,
            "prompt": prompt, "body": body})

    def log_message(self, *_):
        pass
