# ctest-timeout: 420
"""kill -9 of both daemons under traffic: nothing accepted is lost, doubled, or claimed too early.

FLEET_KILLS=1000 makes it long; FLEET_SEED=n repeats one choice of moments.
"""

import os
import random
import time
import unittest

from e2e.support.node import Node, pair, stop_after
from e2e.support.processes import short_temp_dir
from e2e.support.storm import Sender, check, false_claims, settle

KILLS = int(os.environ.get("FLEET_KILLS", "20"))
SEED = int(os.environ.get("FLEET_SEED", str(random.SystemRandom().randrange(1 << 32))))
TIMING = {"timing": {"heartbeat_ms": 500, "probe_min_ms": 100, "probe_max_ms": 1000}}


class KillStorm(unittest.TestCase):
    def setUp(self):
        root = short_temp_dir(self)
        self.a, self.b = Node("mac1", root, TIMING), Node("mac2", root, TIMING)
        stop_after(self, self.a, self.b)
        self.a.start()
        pair(self.a, self.b)

    def test_every_accepted_message_is_stored_exactly_once(self):
        print(f"FLEET_SEED={SEED} FLEET_KILLS={KILLS}", flush=True)
        chance = random.Random(SEED)
        senders = [Sender(self.a, ["mac2", "mac2", "mac1"], SEED),
                   Sender(self.a, ["mac2"], SEED + 1), Sender(self.b, ["mac1"], SEED + 2)]
        for sender in senders:
            sender.start()
        try:
            for _ in range(KILLS):
                self.one_kill(chance)
        finally:
            for sender in senders:
                sender.stop()
        accepted = {i: to for sender in senders for i, to in sender.accepted.items()}
        print(f"{len(accepted)} messages accepted", flush=True)
        self.assertGreater(len(accepted), 10 * KILLS)
        for origin, receiver in ((self.a, self.b), (self.b, self.a)):
            ids = [i for i, to in accepted.items()
                   if to == receiver.name and i.startswith(origin.name + ".")]
            self.assertEqual(false_claims(origin, receiver, ids), [], "false `stored`")
        settle([self.a, self.b])
        check(self, accepted, [self.a, self.b])

    def one_kill(self, chance):
        victims = chance.choice(((self.a,), (self.b,), (self.a, self.b)))
        time.sleep(chance.uniform(0.05, 1.2))
        for node in victims:
            node.kill9()
        time.sleep(chance.uniform(0, 0.5))
        for node in victims:
            node.start()

    def test_killed_right_after_its_202_it_still_delivers(self):
        ids = []
        self.b.kill9()
        for n in range(10):
            ids.append(self.a.send("mac2", f"last words {n}"))
            self.a.kill9()
            self.a.start()
        self.b.start()
        settle([self.a, self.b])
        check(self, {i: "mac2" for i in ids}, [self.a, self.b])
        self.assertEqual({m["id"] for m in self.b.inbox()}, set(ids))

    def test_killed_right_after_its_receipt_the_receiver_has_it(self):
        for n in range(10):
            message = self.a.send("mac2", f"say {n}", until="stored", wait_s=20)
            self.b.kill9()
            self.b.start()
            self.assertEqual(false_claims(self.a, self.b, [message]), [])
        self.assertEqual(len(self.b.inbox()), 10)
