"""One real fleet-nerve daemon with a home of its own, as a test drives it: CLI, HTTP, kill -9.

The program is `$FLEET_NERVE_BIN`. Nodes of one test differ in home and ports, or in lab host
(`place`). Knows the outside of the program only: config.json, commands, paths, exit statuses.
"""

import http.client
import json
import os
import pty
import subprocess
import unittest
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from .processes import HERE, Program, free_port, wait_until

START_S, STOP_S, CALL_S = 15, 15, 30
KEPT_ENV = ("PATH", "LANG", "LC_ALL", "TZ", "ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS",
            "LSAN_OPTIONS")


def program():
    """The program under test; SkipTest where none was given."""
    path = os.environ.get("FLEET_NERVE_BIN")
    if not path:
        raise unittest.SkipTest("FLEET_NERVE_BIN does not name the fleet-nerve program")
    if not os.access(path, os.X_OK):
        raise AssertionError(f"FLEET_NERVE_BIN={path} cannot be run")
    return str(Path(path).resolve())


@dataclass
class CliAnswer:
    """`exit, reply = node.cli(…)`; the texts are for the failure message."""

    exit: int
    reply: object  # the JSON on stdout, None where it is none
    out: str
    err: str

    def __iter__(self):
        return iter((self.exit, self.reply))


@dataclass
class HttpAnswer:
    """`status, reply = node.http(…)`."""

    status: int
    reply: object
    headers: dict = field(default_factory=dict)
    body: bytes = b""

    def __iter__(self):
        return iter((self.status, self.reply))


class Node:
    def __init__(self, name, root, config=None, env=None, place=HERE, wrap=()):
        """`config` is merged over the defaults; `wrap` goes before the program (strace …)."""
        self.name, self.place, self._wrap = name, place, tuple(wrap)
        self.program = program()
        self.root = Path(root) / name
        self.home = self.root / "fleet"
        self.home.mkdir(parents=True, mode=0o700)
        self.port, self.remote_port = free_port(), free_port()
        self._env, self._running = dict(env or {}), None
        self.write_config(_merged(self._defaults(), config or {}))

    @property
    def remote(self):
        """The address other nodes reach this one at."""
        return f"{self.place.address}:{self.remote_port}"

    def _defaults(self):
        return {"node_id": self.name,
                "listen": {"local": f"127.0.0.1:{self.port}", "remote": [self.remote],
                           "udp": self.remote}}

    # --- configuration and life ---------------------------------------------------------------

    @property
    def config(self):
        return json.loads((self.home / "config.json").read_text())

    def write_config(self, config):
        path = self.home / "config.json"
        path.write_text(json.dumps(config, indent=1))
        path.chmod(0o600)

    def configure(self, **changes):
        """Merges into config.json; a running node takes it up at its next start."""
        self.write_config(_merged(self.config, changes))

    def env(self):
        """Built from nothing: no variable of the caller's own fleet or client gets in."""
        kept = {k: os.environ[k] for k in KEPT_ENV if k in os.environ}
        return {**kept, "HOME": str(self.root), "FLEET_NERVE_HOME": str(self.home), **self._env}

    def start(self, wait=True):
        argv = [*self._wrap, self.program, "serve", "--allow-root"]
        self._running = Program(argv, self.log, env=self.env(), cwd=self.root, place=self.place)
        return self.wait_healthy() if wait else self

    def wait_healthy(self, timeout=START_S):
        try:
            wait_until(f"GET /health of {self.name}", self._healthy, timeout)
        except AssertionError as late:
            raise AssertionError(f"{late}\n{self.tail()}") from None
        return self

    def _healthy(self):
        if not self._running.running():
            raise AssertionError(f"{self.name} ended with {self._running.exit}")
        try:
            return self.http("GET", "/health", timeout=2).status == 200
        except (OSError, http.client.HTTPException):
            return False

    def running(self):
        return self._running is not None and self._running.running()

    @property
    def process(self):
        return self._running

    @property
    def pid(self):
        return self._running.pid

    def kill9(self):
        self._running.kill9()

    def pause(self):
        self._running.pause()

    def resume(self):
        self._running.resume()

    def stop(self):
        """SIGTERM; the exit status, which is 0 for a clean end."""
        return self._running.stop(STOP_S) if self._running else None

    def restart(self):
        self.stop()
        return self.start()

    def __enter__(self):
        return self.start()

    def __exit__(self, kind, *_):
        self.stop()
        if kind and kind is not unittest.SkipTest:
            print(f"--- log of {self.name} ---\n{self.tail()}")

    # --- talking to it ------------------------------------------------------------------------

    def cli(self, *args, stdin=None, timeout=CALL_S, env=None, cwd=None):
        """`fleet-nerve ARGS… --json`."""
        return self.run(*args, "--json", stdin=stdin, timeout=timeout, env=env, cwd=cwd)

    def run(self, *args, stdin=None, timeout=CALL_S, env=None, cwd=None):
        """`fleet-nerve ARGS…` as it stands, for hooks, mcp and human output."""
        argv = [*self.place.prefix, self.program, *map(str, args)]
        done = subprocess.run(argv, env={**self.env(), **(env or {})}, cwd=cwd or self.root,
                              input=stdin if stdin is not None else "", capture_output=True,
                              text=True, timeout=timeout)
        return CliAnswer(done.returncode, _json_or_none(done.stdout), done.stdout, done.stderr)

    def person(self, *args, timeout=CALL_S):
        """`fleet-nerve ARGS… --json` with a terminal as its input, as trust commands ask for."""
        ours, theirs = pty.openpty()
        try:
            done = subprocess.run([*self.place.prefix, self.program, *map(str, args), "--json"],
                                  env=self.env(), cwd=self.root, stdin=theirs, timeout=timeout,
                                  capture_output=True, text=True)
        finally:
            os.close(ours)
            os.close(theirs)
        return CliAnswer(done.returncode, _json_or_none(done.stdout), done.stdout, done.stderr)

    def http(self, method, path, body=None, headers=None, timeout=CALL_S, raw=None):
        """A request to the local listener; `raw` bytes go out as they are instead of `body`."""
        return self.place.call(self._http, method, path, body, headers, timeout, raw)

    def _http(self, method, path, body, headers, timeout, raw):
        sent = raw if raw is not None else None if body is None else json.dumps(body).encode()
        typed = {"Content-Type": "application/json"} if sent is not None else {}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request(method, path, sent, {**typed, **(headers or {})})
            answer = connection.getresponse()
            received = answer.read()
            return HttpAnswer(answer.status, _json_or_none(received),
                              {k.lower(): v for k, v in answer.getheaders()}, received)
        finally:
            connection.close()

    def send(self, to, body, **fields):
        """POST /message; the id, or an AssertionError with the refusal."""
        fields = {"type": "context", "to": to, "body": body, **fields}
        answer = self.http("POST", "/message", fields)
        if answer.status != 202:
            raise AssertionError(f"{self.name} refused: {answer.status} {answer.body[:500]!r}")
        return answer.reply["id"]

    def inbox(self, **query):
        """All messages of GET /inbox, page by page."""
        messages, after = [], None
        for _ in range(10_000):
            asked = {**query, **({"after": after} if after else {})}
            path = f"/inbox?{urlencode(asked)}" if asked else "/inbox"
            answer = self.http("GET", path)
            if answer.status != 200:
                raise AssertionError(f"GET {path}: {answer.status} {answer.body[:500]!r}")
            messages += answer.reply["messages"]
            after = answer.reply["next"]
            if after is None:
                return messages
        raise AssertionError("GET /inbox has no end")

    def wait_state(self, message, wanted, timeout=15):
        """Waits until GET /message/<id> says one of `wanted`; the reply."""
        wanted = (wanted,) if isinstance(wanted, str) else wanted

        def reached():
            reply = self.http("GET", f"/message/{message}").reply or {}
            return reply if reply.get("state") in wanted else None
        return wait_until(f"{message} is {' or '.join(wanted)} at {self.name}", reached, timeout)

    # --- traces -------------------------------------------------------------------------------

    @property
    def log(self):
        return self.root / "daemon.log"

    def tail(self, characters=4000):
        return self._running.tail(characters) if self._running else ""


def pair(a, b, timeout=20):
    """`invite` at a, which runs; `join` at b, which must not; b runs once each lists the other."""
    invited = a.person("invite")
    if invited.exit != 0 or not invited.reply:
        raise AssertionError(f"invite at {a.name}: {invited.exit} {invited.out}{invited.err}")
    joined = b.cli("join", invited.reply["token"])
    if joined.exit != 0:
        raise AssertionError(f"join at {b.name}: {joined.exit} {joined.out}{joined.err}")
    b.start()
    wait_until(f"{a.name} and {b.name} list each other",
               lambda: _knows(a, b.name) and _knows(b, a.name), timeout)


def _knows(node, other):
    reply = node.http("GET", "/peers").reply or {}
    return any(peer.get("id") == other for peer in reply.get("peers", []))


def stop_after(test, *nodes):
    """Stops the nodes when the test ends, and prints their logs where it failed."""
    def finish():
        for node in nodes:
            node.stop()
            if _failed(test):
                print(f"--- log of {node.name} ---\n{node.tail()}")
    test.addCleanup(finish)


def _failed(test):
    """unittest tells a cleanup nothing, so the run's own list of failures is asked."""
    result = test._outcome.result
    return any(getattr(t, "test_case", t) is test for t, _ in result.failures + result.errors)


def _merged(base, over):
    both = dict(base)
    for key, value in over.items():
        nested = isinstance(value, dict) and isinstance(both.get(key), dict)
        both[key] = _merged(both[key], value) if nested else value
    return both


def _json_or_none(text):
    try:
        return json.loads(text)
    except ValueError:
        return None
