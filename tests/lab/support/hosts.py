"""Nodes on lab hosts: one daemon a host, on the ports a person would have, told nothing but a name.

The daemon finds its own addresses, as it does on a person's machine. `paired_hosts` gives two
nodes that know each other, and a third host with a NATS server between them.
"""

import http.client
import json

from e2e.support.nats import NatsServer
from e2e.support.node import Node, pair, stop_after
from e2e.support.processes import short_temp_dir

from .netns import Lab

PORT, NATS_PORT = 8855, 4222


class HostNode(Node):
    """A node with the default configuration; `config` holds what a test changes in it."""

    def __init__(self, host, root, config=None, env=None):
        super().__init__(host.name, root, config, env, place=host)
        self.port = self.remote_port = PORT

    def _defaults(self):
        return {"node_id": self.name}


class Client:
    """A busy client of a node: one connection that stays open, and is made anew when it broke."""

    def __init__(self, node, timeout=30):
        self._node, self._timeout, self._connection = node, timeout, None

    def post(self, message):
        """POST /message; the status and the reply. OSError or HTTPException: no answer came."""
        if self._connection is None:
            self._connection = self._node.place.call(self._connected)
        try:
            self._connection.request("POST", "/message", json.dumps(message).encode(),
                                     {"Content-Type": "application/json"})
            answer = self._connection.getresponse()
            return answer.status, json.loads(answer.read())
        except (OSError, http.client.HTTPException):
            self.close()
            raise

    def close(self):
        if self._connection:
            self._connection.close()
        self._connection = None

    def _connected(self):
        connection = http.client.HTTPConnection("127.0.0.1", self._node.port,
                                                timeout=self._timeout)
        connection.connect()  # here, because the socket belongs to the network it was made in
        return connection


def start_lab(test, *names):
    lab = Lab(*names)
    test.addCleanup(lab.close)
    return lab.start()


def paired_hosts(test, timing=None):
    """(lab, a, b): both nodes run and are paired; the host "nats" has the server."""
    lab, root = start_lab(test, "a", "b", "nats"), short_temp_dir(test)
    server = NatsServer(root, place=lab["nats"], port=NATS_PORT)
    test.addCleanup(server.stop)
    server.start()
    config = {"channels": {"nats": {"url": server.url}}, "timing": timing or {}}
    a, b = (HostNode(lab[name], root, config) for name in ("a", "b"))
    stop_after(test, a, b)
    a.start()
    pair(a, b)
    return lab, a, b


def road(reply):
    """By which channel the message of a send reply or of GET /message got its receipt."""
    winners = [t["channel"] for t in reply.get("attempts", []) if t["outcome"] == "receipted"]
    winners += [e.get("channel") for e in reply.get("timeline", []) if e["event"] == "stored"]
    return winners[-1] if winners else None
