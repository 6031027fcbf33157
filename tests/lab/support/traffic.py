"""Mixed messages from several clients that go on whatever dies around them.

Only what was answered with 202 counts as accepted; what got no answer may arrive, but not twice.
"""

import http.client
import random
import threading
import time

from .hosts import Client

TYPES = ("context", "context", "context", "alert", "reply", "broadcast", "task", "sync")
SIZES, WEIGHTS = (1, 40, 300, 3_000, 30_000, 262_144), (10, 40, 40, 8, 2, 0.2)
ALPHABET = "aß→😀\n\"\\ "
BURST, PAUSE_S, DEAD_S = 5, 0.2, 0.05


class Traffic(threading.Thread):
    """Sends until `quota` messages were accepted, in bursts; `to` is the recipient's name."""

    def __init__(self, node, to, quota, seed):
        super().__init__(daemon=True)
        self.accepted, self.faults = {}, []  # id → recipient
        self._client, self._to, self._quota = Client(node), to, quota
        self._random, self._over = random.Random(seed), threading.Event()

    def done(self):
        return len(self.accepted) >= self._quota or bool(self.faults)

    def run(self):
        while not self.done() and not self._over.wait(PAUSE_S):
            for _ in range(self._random.randint(1, BURST)):
                self._send()
        self._client.close()

    def stop(self):
        self._over.set()
        self.join(60)

    def _send(self):
        message = {"to": self._to, "type": self._random.choice(TYPES), "body": self._body()}
        try:
            status, reply = self._client.post(message)
        except (OSError, http.client.HTTPException):
            time.sleep(DEAD_S)  # the daemon is dead just now
            return
        if status == 202:
            self.accepted[reply["id"]] = self._to
        elif status not in (429, 503, 507):
            self.faults.append((status, str(reply)[:300]))

    def _body(self):
        size = self._random.choices(SIZES, WEIGHTS)[0]
        mixed = "".join(self._random.choices(ALPHABET, k=min(size, 20)))
        return (mixed * size).encode()[:size].decode(errors="ignore") or "x"
