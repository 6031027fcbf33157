# ctest-timeout: 180
"""Every road is cut: the message waits, says so, and leaves with the first sign of life."""

import time
import unittest

from e2e.support.processes import wait_until
from lab.support.figures import report
from lab.support.hosts import paired_hosts

HEARTBEAT_MS, SILENT_AFTER = 1000, 3
ARRIVES_S = 2.0
LIFE_S = 1.3 * HEARTBEAT_MS / 1000  # the other's next heartbeat, spread and a little work


class Parked(unittest.TestCase):
    def setUp(self):
        self.lab, self.a, self.b = paired_hosts(self, {"heartbeat_ms": HEARTBEAT_MS})
        self.a.send("b", "before", until="stored")
        self.silent_ms = None

    def events(self, message):
        reply = self.a.http("GET", f"/message/{message}").reply
        return [(e["event"], e.get("detail")) for e in reply["timeline"]]

    def wait_parked(self, message):
        wait_until("its timeline says that it is parked",
                   lambda: "parked" in [e for e, _ in self.events(message)], 30)
        reply = self.a.http("GET", f"/message/{message}").reply
        self.assertEqual(reply["state"], "accepted", "no rank above the truth")
        self.assertIn("parked", self.a.run("explain", message).out)

    def wait_silent(self):
        wait_until("a sees that b is silent", lambda: self.peer_b()["online"] is False,
                   10 * SILENT_AFTER * HEARTBEAT_MS / 1000)
        self.silent_ms = time.time() * 1000

    def peer_b(self):
        return next(p for p in self.a.http("GET", "/peers").reply["peers"] if p["id"] == "b")

    def life_of_b(self):
        """When a, having missed b, heard of it again; None where it never missed it."""
        page = self.a.http("GET", "/events?types=peer.online&limit=500").reply["events"]
        heard = [e["at_ms"] for e in page if e["data"].get("peer") == "b"]
        return next((ms for ms in heard if self.silent_ms and ms >= self.silent_ms), None)

    def arrived(self, name, messages, began, limit):
        """All are stored within the limit, and within ARRIVES_S of the life that a saw."""
        for message in messages:
            self.a.wait_state(message, "stored", limit + 30)
        took, life = time.monotonic() - began, self.life_of_b()
        stored = [e["at_ms"] for m in messages for e in
                  self.a.http("GET", f"/message/{m}").reply["timeline"] if e["event"] == "stored"]
        report(name, after_ms=round(1000 * took),
               after_life_ms=None if life is None else max(stored) - life)
        self.assertEqual(life is None, self.silent_ms is None, "the life sign is an event")
        self.assertLess(took, limit, f"{[self.events(m) for m in messages[:3]]}")
        if life is not None:
            self.assertLess(max(stored) - life, 1000 * ARRIVES_S)
        self.assertEqual([m["id"] for m in self.b.inbox() if m["id"] in messages], messages)

    def test_a_link_that_heals_brings_what_was_parked(self):
        self.lab["b"].cut("DROP")
        messages = [self.a.send("b", f"patience {n}") for n in range(20)]
        self.wait_parked(messages[0])
        self.wait_silent()
        began = time.monotonic()
        self.lab.heal()
        self.arrived("parked, link healed", messages, began, LIFE_S + ARRIVES_S)

    def test_a_cut_too_short_to_be_noticed_as_silence_is_no_long_wait(self):
        self.lab["b"].cut("DROP")
        message = self.a.send("b", "briefly")
        self.wait_parked(message)
        began = time.monotonic()
        self.lab.heal()
        self.arrived("parked, short cut", [message], began, LIFE_S + ARRIVES_S)

    def test_a_peer_that_starts_gets_what_was_parked_for_it(self):
        self.b.kill9()
        messages = [self.a.send("b", f"good morning {n}") for n in range(20)]
        self.wait_parked(messages[0])
        self.wait_silent()
        self.b.start()
        self.arrived("parked, peer started", messages, time.monotonic(), LIFE_S + ARRIVES_S)

    def test_what_was_parked_survives_a_restart_of_its_sender(self):
        self.lab["b"].cut("DROP")
        message = self.a.send("b", "over the night")
        self.wait_parked(message)
        self.a.kill9()
        self.a.start()
        self.wait_silent()
        began = time.monotonic()
        self.lab.heal()
        self.arrived("parked, sender restarted", [message], began, LIFE_S + ARRIVES_S)

    def test_a_peer_that_is_heard_but_not_reached_is_no_life_for_what_needs_a_road(self):
        self.lab["b"].cut("DROP", proto="tcp", way="in")
        message = self.a.send("b", "one way")
        self.wait_parked(message)
        time.sleep(5 * HEARTBEAT_MS / 1000)
        tries = [e for e, _ in self.events(message) if e == "attempt"]
        self.assertLess(len(tries), 30, "heartbeats of a peer that nothing reaches start a storm")
        began = time.monotonic()
        self.lab.heal()
        self.a.wait_state(message, "stored", 60)
        report("parked, heard but not reached", after_ms=round(1000 * (time.monotonic() - began)),
               attempts=len(tries))


if __name__ == "__main__":
    unittest.main()
