"""Clients that go on sending whatever dies around them, and what must hold once all is quiet.

Only what was answered with 202 counts as accepted. What was sent and not answered may have been
taken or not: it may arrive, but not twice.
"""

import http.client
import random
import threading
import time
from collections import Counter

from .processes import wait_until

TYPES = ("context", "context", "context", "alert", "reply", "broadcast", "sync", "task")
SIZES = (1, 40, 40, 300, 300, 3_000, 30_000, 200_000)
PAUSE_S = 0.004


class Sender(threading.Thread):
    """One client of `node`: mixed messages to `targets` until stop()."""

    def __init__(self, node, targets, seed):
        super().__init__(daemon=True)
        self.accepted = {}  # id → recipient
        self._node, self._targets = node, targets
        self._random, self._over = random.Random(seed), threading.Event()

    def run(self):
        while not self._over.wait(PAUSE_S):
            try:
                self._send()
            except (OSError, http.client.HTTPException):
                time.sleep(0.02)  # the daemon is dead just now

    def _send(self):
        to, kind = self._random.choice(self._targets), self._random.choice(TYPES)
        message = {"to": to, "type": kind, "body": "x" * self._random.choice(SIZES)}
        answer = self._node.http("POST", "/message", message, timeout=10)
        if answer.status == 202:
            self.accepted[answer.reply["id"]] = to
        elif answer.status not in (429, 503):
            raise AssertionError(f"{answer.status} {answer.body[:300]!r}")

    def stop(self):
        self._over.set()
        self.join(30)


def settle(nodes, timeout=120):
    """Waits until nothing is on its way any more."""
    def quiet():
        return all(n.http("GET", "/stats").reply["outbox"]["open"] == 0 for n in nodes)
    wait_until("all outboxes are empty", quiet, timeout, every=0.2)


def check(test, accepted, nodes):
    """`accepted`: id → recipient node's name. The promise of the product, message by message."""
    inboxes = {n.name: n.inbox(limit=500) for n in nodes}
    for name, messages in inboxes.items():
        for what in ("id", "position"):
            twice = [k for k, n in Counter(m[what] for m in messages).items() if n > 1]
            test.assertEqual(twice, [], f"{what} twice at {name}")
    stored = {name: {m["id"] for m in messages} for name, messages in inboxes.items()}
    lost = [i for i, to in accepted.items() if i not in stored[to]]
    test.assertEqual(lost, [], "accepted and not stored")
    by_name = {n.name: n for n in nodes}
    wrong = {}
    for message in accepted:
        origin = by_name[message.split(".")[0]]
        state = (origin.http("GET", f"/message/{message}").reply or {}).get("state")
        if state not in ("stored", "seen", "done"):
            wrong[message] = state
    test.assertEqual(wrong, {}, "stored, and its sender does not know")


def false_claims(origin, receiver, ids):
    """Those of `ids` that the sender calls stored and the receiver does not have."""
    claimed = [i for i in ids if (origin.http("GET", f"/message/{i}").reply or {}).get("state")
               in ("stored", "seen", "done")]
    have = {m["id"] for m in receiver.inbox(limit=500)}
    return [i for i in claimed if i not in have]
