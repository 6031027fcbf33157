# ctest-timeout: 240
"""Machines become a fleet by one command and one paste each; their configuration is empty."""

import time
import unittest

from e2e.support.node import pair, stop_after
from e2e.support.processes import short_temp_dir, wait_until
from lab.support.hosts import PORT, HostNode, start_lab

PAIRING_S = 60
THREE_HOURS_MS = 3 * 3600 * 1000


class Pairing(unittest.TestCase):
    def setUp(self):
        self.lab, self.root = start_lab(self, "a", "b", "c"), short_temp_dir(self)

    def node(self, name, **env):
        node = HostNode(self.lab[name], self.root, env=env)
        stop_after(self, node)
        return node

    def pair(self, a, b):
        began = time.monotonic()
        pair(a, b, PAIRING_S)
        self.assertLess(time.monotonic() - began, PAIRING_S)

    def talk(self, sender, receiver):
        """A message that is stored there, and stands in the inbox under its own words."""
        words = f"{sender.name} to {receiver.name}"
        status, sent = sender.cli("send", receiver.name, words, "--until", "stored")
        self.assertEqual((status, sent["state"]), (0, "stored"), sent)
        got = [m for m in receiver.inbox() if m["id"] == sent["id"]]
        self.assertEqual([(m["from"], m["body"], m["verified"]) for m in got],
                         [(sender.name, words, True)])

    def test_two_hosts_with_the_default_configuration_pair_and_talk(self):
        a, b = self.node("a").start(), self.node("b")
        self.pair(a, b)
        self.assertNotIn("listen", b.config)
        self.talk(a, b)
        self.talk(b, a)
        rows = {p["id"]: p for p in a.http("GET", "/peers").reply["peers"]}
        self.assertEqual(rows["b"]["addresses"]["http"], [f"{self.lab['b'].address}:{PORT}"])

    def test_a_third_host_is_known_to_the_second_without_being_told(self):
        a, b, c = self.node("a").start(), self.node("b"), self.node("c")
        self.pair(a, b)
        self.pair(a, c)
        names = {"a", "b", "c"}
        for node in (a, b, c):
            wait_until(f"{node.name} lists all three", lambda at=node: names == {
                p["id"] for p in at.http("GET", "/peers").reply["peers"]}, PAIRING_S)
        for sender in (a, b, c):
            for receiver in (a, b, c):
                if sender is not receiver:
                    self.talk(sender, receiver)
        for node in (a, b, c):
            node.restart()
        self.talk(b, c)
        self.talk(c, b)

    def test_a_host_whose_clock_is_three_hours_ahead_pairs_and_talks(self):
        self.wrong_clock(THREE_HOURS_MS)

    def test_a_host_whose_clock_is_three_hours_behind_pairs_and_talks(self):
        self.wrong_clock(-THREE_HOURS_MS)

    def wrong_clock(self, offset_ms):
        a, b = self.node("a").start(), self.node("b", FLEET_NERVE_CLOCK_OFFSET_MS=str(offset_ms))
        self.pair(a, b)
        self.talk(a, b)
        self.talk(b, a)

    def test_a_host_that_cannot_be_reached_is_named_in_the_refusal(self):
        a, b = self.node("a").start(), self.node("b")
        token = a.person("invite").reply["token"]
        self.lab["b"].cut("DROP", peer=self.lab["a"])
        refused = b.run("join", token)
        self.assertEqual(refused.exit, 1, refused)
        self.assertIn(f"{self.lab['a'].address}:{PORT}", refused.err)
        self.lab.heal()
        self.assertEqual(b.cli("join", token).exit, 0, "the invite was not spent")


if __name__ == "__main__":
    unittest.main()
