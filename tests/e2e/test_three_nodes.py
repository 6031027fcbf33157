# ctest-timeout: 300
"""Three machines: the second hears of the third without being told, and `all` is everybody else."""

import unittest

from e2e.support.node import Node, pair, stop_after
from e2e.support.processes import short_temp_dir, wait_until

QUICK = {"timing": {"heartbeat_ms": 500}}


class Three(unittest.TestCase):
    def setUp(self):
        root = short_temp_dir(self)
        self.nodes = [Node(f"mac{n}", root, QUICK) for n in (1, 2, 3)]
        stop_after(self, *self.nodes)
        self.first, self.second, self.third = self.nodes
        self.first.start()
        pair(self.first, self.second)
        pair(self.first, self.third)

    def members(self, node):
        return [p["id"] for p in node.http("GET", "/peers").reply["peers"]]

    def everybody_knows_everybody(self):
        for node in self.nodes:
            wait_until(f"{node.name} lists all three", lambda n=node: len(self.members(n)) == 3)

    def test_those_who_joined_by_the_first_write_to_each_other(self):
        self.everybody_knows_everybody()
        for origin, to in ((self.second, self.third), (self.third, self.second)):
            message = origin.send(to.name, "neighbour", until="stored", wait_s=20)
            self.assertEqual(origin.http("GET", f"/message/{message}").reply["state"], "stored")
            self.assertIn(message, [m["id"] for m in to.inbox()])

    def test_all_is_one_batch_and_a_role_is_those_who_have_it(self):
        self.everybody_knows_everybody()
        sent = self.second.http("POST", "/message", {"to": "all", "type": "broadcast", "body": "x"})
        self.assertEqual((sent.status, len(sent.reply["ids"])), (202, 2))
        batch = self.second.wait_state(sent.reply["batch"], "stored", 20)
        self.assertEqual({r["to"] for r in batch["recipients"]}, {"mac1", "mac3"})
        chief = self.second.send("chief", "to the first", until="stored", wait_s=20)
        self.assertIn(chief, [m["id"] for m in self.first.inbox()])

    def test_a_batch_is_no_further_than_its_slowest(self):
        self.everybody_knows_everybody()
        self.third.stop()
        sent = self.first.http("POST", "/message", {"to": "all", "type": "context", "body": "x"})
        one = next(i for i in sent.reply["ids"] if self.first.http(
            "GET", f"/message/{i}").reply["to"] == "mac2")
        self.first.wait_state(one, "stored")
        self.assertEqual(self.first.http(
            "GET", f"/message/{sent.reply['batch']}").reply["state"], "accepted")
        self.third.start()
        self.first.wait_state(sent.reply["batch"], "stored", 20)

    def test_the_second_can_still_write_to_the_third_while_the_first_is_away(self):
        self.everybody_knows_everybody()
        self.first.stop()
        message = self.second.send("mac3", "without the chief", until="stored", wait_s=20)
        self.assertIn(message, [m["id"] for m in self.third.inbox()])

    def test_only_the_holder_of_the_root_key_invites(self):
        refused = self.second.person("invite")
        self.assertEqual(refused.exit, 1)
        self.assertIn("mac1", refused.reply["error"]["message"])


if __name__ == "__main__":
    unittest.main()
