# ctest-timeout: 300
"""The fast road and the way around it: a real nats-server that works, dies, and turns black."""

import shutil
import statistics
import time
import unittest

from e2e.support.nats import Listener, NatsServer
from e2e.support.node import Node, pair
from e2e.support.processes import short_temp_dir, wait_until
from e2e.support.unchanged import unchanged

TIMING = {"heartbeat_ms": 1000}


class Nats(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.root = short_temp_dir()
        cls.addClassCleanup(shutil.rmtree, cls.root, ignore_errors=True)
        cls.nats = NatsServer(cls.root).start()
        cls.addClassCleanup(cls.nats.stop)
        config = {"timing": TIMING, "channels": {"nats": {"url": cls.nats.url}}}
        cls.a, cls.b = (Node(name, cls.root, config) for name in ("mac1", "mac2"))
        for node in (cls.a, cls.b):
            cls.addClassCleanup(node.stop)
        cls.a.start()
        pair(cls.a, cls.b)

    def setUp(self):
        self.nats.resume()
        if not self.nats._running.running():
            self.nats.restart()
        self.back_on_nats()

    def one(self):
        """Sends one message until it is stored; the road it came by, and the milliseconds."""
        begun = time.monotonic()
        message = self.a.send("mac2", "which road?", until="stored", wait_s=20)
        took = (time.monotonic() - begun) * 1000
        came = [m["via"] for m in self.b.inbox(limit=500) if m["id"] == message]
        self.assertEqual(len(came), 1, "stored exactly once")
        return came[0], took

    def back_on_nats(self, timeout=30):
        begun = time.monotonic()
        wait_until("messages go by NATS again", lambda: self.one()[0] == "nats", timeout, every=0.25)
        return time.monotonic() - begun

    def channel(self, node=None):
        rows = (node or self.a).http("GET", "/channels").reply["channels"]
        return next(r for r in rows if r["channel"] == "nats")

    def test_both_directions_go_by_nats_and_are_sealed(self):
        ear = Listener(self.nats)
        self.addCleanup(ear.close)
        message = self.a.send("mac2", "not for the server's eyes", until="stored")
        subject, reply, data = ear.next()
        self.assertRegex(subject, r"^fn\.[a-z2-7]+\.mac2\.mac1$")
        self.assertTrue(reply)
        self.assertIn(b"FleetV1", data)
        self.assertNotIn(b"not for the server", data)
        back = self.b.send("mac1", "and back", until="stored")
        self.assertEqual([m["via"] for m in self.a.inbox(limit=500) if m["id"] == back], ["nats"])
        self.assertEqual(self.a.http("GET", f"/message/{message}").reply["state"], "stored")

    def test_killed_nats_is_left_at_once_and_taken_up_again(self):
        self.nats.kill9()
        times = []
        for _ in range(20):
            via, took = self.one()
            self.assertEqual(via, "http")
            times.append(took)
        self.assertLess(statistics.median(times), 300, times)
        self.assertLess(max(times), 2500, times)
        wait_until("the road is called broken", lambda: self.channel()["state"] != "healthy")
        self.nats.restart()
        self.assertLess(self.back_on_nats(), 20)

    def test_a_black_hole_costs_no_more_than_its_stagger(self):
        self.nats.pause()
        times = [self.one() for _ in range(20)]
        self.assertEqual({via for via, _ in times}, {"http"})
        self.assertLess(statistics.median(took for _, took in times), 350, times)
        self.assertLess(max(took for _, took in times), 2500, times)
        self.nats.resume()
        self.assertLess(self.back_on_nats(), 25)
        ids = [m["id"] for m in self.b.inbox(limit=500)]
        self.assertEqual(len(ids), len(set(ids)), "what the hole gave back came twice")

    def test_a_stranger_on_the_server_stores_nothing(self):
        ear = Listener(self.nats)
        self.addCleanup(ear.close)
        self.a.send("mac2", "once", until="stored")
        subject, _, frame = ear.next()
        with unchanged(self, self.b):
            for said in (frame, b"", b"garbage", b"FleetV1 \n" + b"x" * 1000, frame[:-1],
                         frame.replace(b"FleetV1", b"FleetV2"), b"\xff" * 100_000):
                ear.publish(subject, said, "answers.here")
            ear.publish(subject.replace("mac1", "mac3"), frame, "answers.here")
            answers = []
            while len(answers) < 7:
                where, _, data = ear.next()
                if where == "answers.here":
                    answers.append(data)
            self.assertEqual(answers[0][:3], b"401", "a replay")
            for answer in answers:
                self.assertIn(answer[:3], (b"400", b"401"), answer[:80])

    def test_without_the_server_at_start_http_carries_and_nats_joins_later(self):
        self.nats.kill9()
        self.a.restart()
        self.b.restart()
        self.assertEqual(self.one()[0], "http")
        doctor = {c["code"]: c for c in self.a.http("GET", "/doctor").reply["checks"]}
        self.assertFalse(all(c["ok"] for c in doctor.values()), "the doctor knows")
        self.nats.restart()
        self.back_on_nats()
        self.assertEqual(self.channel()["state"], "healthy")

    def test_what_the_fast_road_cannot_carry_goes_by_the_other(self):
        body = "x" * (256 * 1024)
        message = self.a.send("mac2", body, until="stored", wait_s=20)
        got = [m for m in self.b.inbox(limit=500) if m["id"] == message]
        self.assertEqual(got[0]["body"], body)

    def test_via_names_the_only_road(self):
        for road in ("http", "nats"):
            message = self.a.send("mac2", "by " + road, via=road, until="stored", wait_s=20)
            got = [m["via"] for m in self.b.inbox(limit=500) if m["id"] == message]
            self.assertEqual(got, [road])


if __name__ == "__main__":
    unittest.main()
