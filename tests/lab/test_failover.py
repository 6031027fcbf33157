# ctest-timeout: 600
# ctest-serial
"""NATS becomes a black hole under traffic: what the next message pays, and the way back.

FLEET_ROUNDS=200 takes the figures of docs/BENCHMARKS.md; FLEET_FIGURES=FILE collects them. A
message's time is what its sender waits, from the request to the answer "stored": it holds the
accepting as well. The limits asserted here only catch what is broken on any machine.
"""

import http.client
import os
import random
import threading
import time
import unittest
from dataclasses import dataclass

from e2e.support.processes import wait_until
from lab.support.figures import quantiles, report
from lab.support.hosts import NATS_PORT, Client, paired_hosts, road

ROUNDS = int(os.environ.get("FLEET_ROUNDS", "20"))
SEED = int(os.environ.get("FLEET_SEED", str(random.SystemRandom().randrange(1 << 32))))
WARM_UP, PAUSE_S, SETTLED = 200, 0.01, 5
CUT_S, LONG_CUT_S, LONG_EVERY = (0.5, 4.0), (11.0, 14.0), 10  # a long one ends the connection
LONGEST_S, BACK_S, TEST_S = 2.0, 30, 540 if ROUNDS <= 20 else 6 * 3600


@dataclass
class Sent:
    at: float
    took: float
    road: str
    id: str


class Stream(threading.Thread):
    """Sends one message after the other and keeps what each of them took."""

    def __init__(self, node, to):
        super().__init__(daemon=True)
        self.sent, self.faults = [], []
        self._client, self._to, self._over = Client(node), to, threading.Event()

    def run(self):
        while not self._over.wait(PAUSE_S):
            message = {"to": self._to, "type": "context", "body": f"number {len(self.sent)}",
                       "until": "stored"}
            at = time.monotonic()
            try:
                status, reply = self._client.post(message)
            except (OSError, http.client.HTTPException) as fault:
                self.faults.append(fault)
                return
            if status != 202 or reply.get("state") != "stored":
                self.faults.append((status, reply))
                return
            self.sent.append(Sent(at, time.monotonic() - at, road(reply), reply["id"]))

    def stop(self):
        self._over.set()
        self.join(30)
        self._client.close()

    def since(self, at):
        return [s for s in self.sent[-5000:] if s.at >= at]


class Failover(unittest.TestCase):
    def setUp(self):
        self.lab, self.a, self.b = paired_hosts(self)
        self.nats = self.lab["nats"]
        self.stream = Stream(self.a, "b")
        self.addCleanup(self.stream.stop)
        self.stream.start()

    def on_nats(self, since=0.0):
        """The last messages all went by NATS."""
        self.assertEqual(self.stream.faults, [])
        last = self.stream.since(since)[-SETTLED:]
        return len(last) == SETTLED and all(s.road == "nats" for s in last)

    def test_the_next_message_goes_by_http_and_traffic_returns(self):
        print(f"FLEET_SEED={SEED} FLEET_ROUNDS={ROUNDS}", flush=True)
        wait_until("warm", lambda: len(self.stream.sent) >= WARM_UP and self.on_nats(), 60)
        chance, deadline = random.Random(SEED), time.monotonic() + TEST_S
        first, later, back = [], [], []
        quiet = [s.took for s in self.stream.sent if s.road == "nats"]
        for n in range(ROUNDS):
            self.assertLess(time.monotonic(), deadline, f"only {n} rounds in {TEST_S} s")
            long = n % LONG_EVERY == LONG_EVERY - 1
            fell, away = self.one_round(chance, LONG_CUT_S if long else CUT_S)
            first.append(fell[0].took)
            later += [s.took for s in fell[1:]]
            back.append(away)
            if n % LONG_EVERY == LONG_EVERY - 1:
                print(f"{n + 1} rounds: {quantiles(first)}, back {quantiles(back)}", flush=True)
        report("failover", rounds=ROUNDS, seed=SEED, nats_before=quantiles(quiet),
               next_message=quantiles(first), those_after_it=quantiles(later),
               back_on_nats=quantiles(back))
        self.assertLess(max(first + later), LONGEST_S)

    def one_round(self, chance, cut_s):
        """What was sent by HTTP while NATS was away, and how long NATS stayed unused after that."""
        time.sleep(chance.uniform(0.3, 1.0))
        cut_at = time.monotonic()
        self.nats.cut("DROP", port=NATS_PORT)
        time.sleep(chance.uniform(*cut_s))
        heal_from = time.monotonic()
        self.nats.heal()
        healed = time.monotonic()
        wait_until("traffic is back on NATS", lambda: self.on_nats(healed), BACK_S)
        # The one under way when the cut came is the first that NATS did not carry.
        fell = [s for s in self.stream.since(cut_at - LONGEST_S)
                if s.at + s.took > cut_at and s.at < heal_from and s.road != "nats"]
        self.assertTrue(fell, "nothing was sent while NATS was away")
        self.assertEqual({s.road for s in fell}, {"http"})
        by_nats = [s for s in self.stream.since(healed) if s.road == "nats"]
        return fell, by_nats[0].at + by_nats[0].took - healed


if __name__ == "__main__":
    unittest.main()
