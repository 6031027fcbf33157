# ctest-timeout: 600
"""Two hosts, two roads, killed daemons and cut links: every accepted message is stored once.

FLEET_MESSAGES=10000 is the whole storm; FLEET_SEED=n repeats one choice of moments.
"""

import os
import random
import time
import unittest

from e2e.support.storm import check, false_claims, settle
from lab.support.figures import report
from lab.support.hosts import NATS_PORT, PORT, paired_hosts
from lab.support.traffic import Traffic

MESSAGES = int(os.environ.get("FLEET_MESSAGES", "1000"))
SEED = int(os.environ.get("FLEET_SEED", str(random.SystemRandom().randrange(1 << 32))))
TIMING = {"heartbeat_ms": 500, "probe_min_ms": 100, "probe_max_ms": 1000}
STORM_S = 120 + 0.1 * MESSAGES  # at most; at 50 messages a second it takes a fifth
KILL_SHARE, CUT_SHARE = 0.6, 0.6


class Storm(unittest.TestCase):
    def setUp(self):
        self.lab, self.a, self.b = paired_hosts(self, TIMING)
        self.chance = random.Random(SEED)
        self.kills = self.cuts = 0

    def test_every_accepted_message_is_stored_exactly_once(self):
        print(f"FLEET_SEED={SEED} FLEET_MESSAGES={MESSAGES}", flush=True)
        began = time.monotonic()
        each = MESSAGES // 4 + 1
        clients = [Traffic(self.a, "b", each, SEED), Traffic(self.a, "b", each, SEED + 1),
                   Traffic(self.b, "a", each, SEED + 2), Traffic(self.b, "a", each, SEED + 3)]
        self.blow(clients, began + STORM_S)
        accepted = {i: to for client in clients for i, to in client.accepted.items()}
        self.assertGreaterEqual(len(accepted), MESSAGES, "the storm took too long")
        calm = time.monotonic()
        self.no_false_claim(accepted)
        settle([self.a, self.b], timeout=120)
        report("storm", seed=SEED, accepted=len(accepted), kills=self.kills, cuts=self.cuts,
               storm_s=round(calm - began), settled_within_s=round(time.monotonic() - calm, 1))
        check(self, accepted, [self.a, self.b])

    def blow(self, clients, deadline):
        for client in clients:
            client.start()
        try:
            while not all(c.done() for c in clients) and time.monotonic() < deadline:
                self.one_gust()
        finally:
            for client in clients:
                client.stop()
        self.assertEqual([f for c in clients for f in c.faults], [])

    def one_gust(self):
        """A cut and a death, either alone or both; the dead may come back before the link does."""
        time.sleep(self.chance.uniform(0.05, 0.8))
        if self.chance.random() < CUT_SHARE:
            self.cut_something()
        victims = []
        if self.chance.random() < KILL_SHARE:
            victims = self.chance.choice(([self.a], [self.b], [self.a, self.b]))
        for node in victims:
            time.sleep(self.chance.uniform(0, 0.3))
            node.kill9()
            self.kills += 1
        time.sleep(self.chance.uniform(0, 0.6))
        early = self.chance.random() < 0.5
        if not early:
            self.lab.heal()
        for node in victims:
            node.start()
        if early:
            time.sleep(self.chance.uniform(0, 1.0))
            self.lab.heal()

    def cut_something(self):
        self.cuts += 1
        a, b, nats = (self.lab[name] for name in ("a", "b", "nats"))
        self.chance.choice((
            lambda: nats.cut("DROP", port=NATS_PORT),
            lambda: nats.cut("RST", port=NATS_PORT, way="in"),
            lambda: a.cut("DROP", port=PORT),
            lambda: a.cut("DROP", peer=b, way="in"),
            lambda: b.cut("DROP", peer=a, way="out"),
            lambda: b.cut("DROP", established=True),
            lambda: b.cut("DROP"),
            lambda: a.cut("RST", way="in", port=PORT),
        ))()

    def no_false_claim(self, accepted):
        for origin, receiver in ((self.a, self.b), (self.b, self.a)):
            ids = [i for i, to in accepted.items() if to == receiver.name]
            self.assertEqual(false_claims(origin, receiver, ids), [], "false `stored`")


if __name__ == "__main__":
    unittest.main()
