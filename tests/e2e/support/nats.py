"""A real nats-server on a port of its own, to be stopped, killed, or turned into a black hole."""

import json
import shutil
import socket
import unittest
from pathlib import Path

from .processes import HERE, Program, free_port, wait_until

START_S = 10


class NatsServer:
    """`pause()` is the black hole: the kernel still accepts connections, nobody answers."""

    def __init__(self, root, place=HERE, port=None):
        self.program = shutil.which("nats-server")
        if not self.program:
            raise unittest.SkipTest("nats-server is not installed (apt install nats-server)")
        self.root, self.place = Path(root), place
        self.port = port or free_port()
        self.url = f"nats://{place.address}:{self.port}"
        self._running = None

    def start(self):
        argv = [self.program, "-a", self.place.address, "-p", str(self.port)]
        self._running = Program(argv, self.root / "nats.log", cwd=self.root, place=self.place)
        try:
            wait_until(f"nats-server greets on {self.url}", self._greets, START_S)
        except AssertionError as late:
            raise AssertionError(f"{late}\n{self._running.tail()}") from None
        return self

    def greeting(self):
        """What the server says of itself to a new connection; OSError where it does not."""
        return self.place.call(self._greeting)

    def pause(self):
        self._running.pause()

    def resume(self):
        self._running.resume()

    def kill9(self):
        self._running.kill9()

    def stop(self):
        if self._running:
            self._running.stop()

    def restart(self):
        self.stop()
        return self.start()

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    def _greets(self):
        if not self._running.running():
            raise AssertionError(f"nats-server ended: {self._running.tail()}")
        try:
            return self.greeting()
        except OSError:
            return None

    def _greeting(self):
        return greeting(self.place.address, self.port)


def greeting(address, port, timeout=2):
    """The INFO line that a NATS server opens a connection with."""
    with socket.create_connection((address, port), timeout) as connection:
        line = connection.makefile("rb").readline(64 * 1024)
    if not line.startswith(b"INFO "):
        raise OSError(f"not a NATS server: {line[:40]!r}")
    return json.loads(line[5:])


class Listener:
    """A client of the plain protocol that hears everything on a server, and may say anything."""

    def __init__(self, server, subject=">", timeout=10):
        self._socket = socket.create_connection((server.place.address, server.port), timeout)
        self._lines = self._socket.makefile("rb")
        self._lines.readline()  # INFO
        hello = {"verbose": False, "pedantic": False, "headers": True, "no_responders": True}
        self._say(f"CONNECT {json.dumps(hello)}\r\nSUB {subject} 1\r\nPING\r\n".encode())
        while self._lines.readline() != b"PONG\r\n":
            pass

    def _say(self, data):
        self._socket.sendall(data)

    def publish(self, subject, data, reply=""):
        self._say(f"PUB {subject} {reply} {len(data)}\r\n".replace("  ", " ").encode()
                  + data + b"\r\n")

    def next(self):
        """The next message: (subject, reply, data)."""
        while line := self._lines.readline():
            words = line.decode().split()
            if words[0] == "PING":
                self._say(b"PONG\r\n")
            elif words[0] in ("MSG", "HMSG"):
                data = self._lines.read(int(words[-1]) + 2)[:-2]
                extra = 4 if words[0] == "MSG" else 5
                return words[1], words[3] if len(words) > extra else "", data
        raise AssertionError("the NATS server closed the connection")

    def close(self):
        self._lines.close()
        self._socket.close()
