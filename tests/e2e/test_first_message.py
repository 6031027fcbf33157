# ctest-timeout: 300
"""From a fresh home to an answered message: everything a newcomer does in the first ten minutes."""

import json
import os
import re
import socket
import subprocess
import time
import unittest

from e2e.support.node import Node, stop_after
from e2e.support.pairs import PairedCase
from e2e.support.processes import free_port, short_temp_dir

ID = re.compile(r"^mac1\.[0-9a-f]{16}\.[0-9]+$")


class FreshHome(unittest.TestCase):
    def setUp(self):
        self.root = short_temp_dir(self)

    def test_serve_in_a_fresh_home_makes_a_fleet_of_one_and_says_so(self):
        node = Node("solo", self.root)
        stop_after(self, node)
        node.start()
        self.assertIn("made a fleet of one", node.tail())
        self.assertEqual([p["id"] for p in node.http("GET", "/peers").reply["peers"]], ["solo"])
        message = node.send("self", "a note to myself", until="stored")
        self.assertEqual(node.inbox()[0]["id"], message)

    def test_the_node_is_called_as_the_environment_says(self):
        node = Node("solo", self.root, env={"MULTIFLEET_NODE_ID": "from-env"})
        stop_after(self, node)
        node.start()
        self.assertEqual(node.http("GET", "/health").reply["node"], "from-env")

    def test_init_names_the_first_node_and_refuses_to_do_it_twice(self):
        node = Node("solo", self.root)
        self.assertEqual(node.cli("init", "--node", "desk").exit, 0)
        self.assertEqual(node.cli("init", "--node", "desk").exit, 1)

    def test_invite_needs_a_person_at_a_terminal(self):
        node = Node("solo", self.root)
        stop_after(self, node)
        node.start()
        self.assertEqual(node.cli("invite").exit, 1)
        self.assertEqual(node.http("POST", "/op/fleet_invite", {}).status, 403)
        lied = node.http("POST", "/op/fleet_invite", {}, {"X-Fleet-Tty": "1"})
        self.assertEqual(lied.status, 403, "the header counts on the unix socket only")
        self.assertTrue(node.person("invite").reply["token"].startswith("fn1."))

    def test_a_node_with_peers_does_not_join_another_fleet(self):
        first, second, third = (Node(name, self.root) for name in ("one", "two", "three"))
        stop_after(self, first, second, third)
        first.start()
        self.assertEqual(second.cli("join", first.person("invite").reply["token"]).exit, 0)
        third.start()
        refused = second.cli("join", third.person("invite").reply["token"])
        self.assertEqual(refused.exit, 1, refused)

    def test_a_name_that_is_taken_is_refused_with_another_one(self):
        first, second = Node("one", self.root), Node("two", self.root, {"node_id": "one"})
        stop_after(self, first)
        first.start()
        token = first.person("invite").reply["token"]
        refused = second.run("join", token)
        self.assertEqual(refused.exit, 1)
        self.assertIn("one-2", refused.err)
        self.assertEqual(second.cli("join", token, "--node", "one-2").exit, 0, "the token is unspent")


class Paired(PairedCase):
    def test_the_classic_call_works_as_the_reference_page_shows_it(self):
        call = ["curl", "-sS", "-X", "POST", f"http://127.0.0.1:{self.a.port}/message", "-H",
                "Content-Type: application/json", "-w", " %{http_code}", "-d",
                '{"type":"context","to":"mac2","payload":{"body":"Hello from mac1"}}']
        out = subprocess.run(call, capture_output=True, text=True, timeout=20).stdout
        body, status = out.rsplit(" ", 1)
        self.assertEqual(status, "202", out)
        reply = json.loads(body)
        self.assertRegex(reply["id"], ID)
        self.assertIn(reply["state"], ("accepted", "stored"))
        self.assertIsInstance(reply["attempts"], list)
        self.a.wait_state(reply["id"], "stored")
        self.assertEqual(self.received(self.b, reply["id"])["body"], "Hello from mac1")

    def test_send_until_stored_names_the_road_and_the_inbox_shows_the_message(self):
        status, sent = self.a.cli("send", "mac2", "green", "--subject", "build", "--until", "stored")
        self.assertEqual((status, sent["state"], sent["reached"]), (0, "stored", True))
        self.assertEqual([(t["channel"], t["outcome"]) for t in sent["attempts"]],
                         [("http", "receipted")])
        got = self.received(self.b, sent["id"])
        self.assertEqual((got["from"], got["type"], got["subject"], got["body"], got["via"]),
                         ("mac1", "context", "build", "green", "http"))
        self.assertEqual((got["state"], got["late_s"], got["verified"]), ("stored", 0, True))

    def test_ack_with_a_result_reaches_the_sender_as_done(self):
        message = self.a.send("mac2", "please merge", until="stored")
        status, acked = self.b.cli("ack", message, "--result", "merged")
        self.assertEqual((status, acked["state"]), (0, "done"))
        done = self.a.wait_state(message, "done")
        self.assertEqual(done["detail"], "merged")
        events = [(e["node"], e["event"]) for e in done["timeline"]]
        for expected in (("mac1", "accepted"), ("mac1", "attempt"), ("mac2", "stored"),
                         ("mac2", "done")):
            self.assertIn(expected, events)
        told = self.a.run("explain", message)
        self.assertEqual(told.exit, 0)
        self.assertRegex(told.out, r"(?s)accepted.*attempt by http.*stored.*done.*: merged")
        self.assertNotIn(message, [m["id"] for m in self.b.inbox(unread=1)])

    def test_a_rank_that_is_not_reached_in_time_is_said_in_every_face(self):
        status, reply = self.a.cli("send", "mac2", "x", "--until", "done", "--wait", "1")
        self.assertEqual((status, reply["reached"], reply["state"]), (1, False, "stored"))
        answer = self.a.http("POST", "/message", {"to": "mac2", "type": "context", "body": "x",
                                                  "until": "done", "wait_s": 0})
        self.assertEqual((answer.status, answer.reply["reached"]), (202, False))

    def test_a_message_to_self_is_a_real_delivery(self):
        status, sent = self.a.cli("send", "self", "note", "--until", "stored")
        self.assertEqual((status, sent["state"]), (0, "stored"))
        self.assertEqual(self.received(self.a, sent["id"])["via"], "self")
        self.a.cli("ack", sent["id"])
        self.a.wait_state(sent["id"], "done")

    def test_a_message_to_all_is_one_batch_whose_state_is_the_least(self):
        sent = self.a.http("POST", "/message", {"type": "broadcast", "to": "all", "body": "hi all"})
        self.assertEqual((sent.status, len(sent.reply["ids"])), (202, 1))
        batch = self.a.wait_state(sent.reply["batch"], "stored")
        self.assertEqual(batch["recipients"],
                         [{"id": sent.reply["ids"][0], "to": "mac2", "state": "stored"}])
        self.received(self.b, sent.reply["ids"][0])

    def test_a_reply_names_what_it_answers(self):
        asked = self.a.send("mac2", "which port?", until="stored")
        status, sent = self.b.cli("send", "mac1", "8855", "--type", "reply", "--ref", asked,
                                  "--until", "stored")
        self.assertEqual(status, 0, sent)
        got = self.received(self.a, sent["id"])
        self.assertEqual((got["re"], got["type"]), (asked, "reply"))

    def test_the_same_idempotency_key_returns_the_first_id(self):
        first = self.a.cli("send", "mac2", "once", "--key", "k-1", "--until", "stored").reply["id"]
        again = self.a.cli("send", "mac2", "once", "--key", "k-1")
        by_http = self.a.http("POST", "/message", {"type": "context", "to": "mac2", "body": "once"},
                              {"Idempotency-Key": "k-1"})
        self.assertEqual((again.reply["id"], by_http.reply["id"]), (first, first))
        self.assertEqual((again.exit, by_http.status), (0, 202))
        self.received(self.b, first)

    def test_the_body_may_come_from_standard_input(self):
        status, sent = self.a.cli("send", "mac2", "-", "--until", "stored", stdin="line 1\nline 2\n")
        self.assertEqual(status, 0, sent)
        self.assertEqual(self.received(self.b, sent["id"])["body"].rstrip("\n"), "line 1\nline 2")

    def test_a_type_picks_its_lifetime_and_a_task_waits_for_a_person(self):
        for kind in ("alert", "reply", "context", "broadcast", "sync"):
            with self.subTest(kind):
                message = self.a.send("mac2", kind, type=kind, until="stored")
                self.assertEqual(self.received(self.b, message)["type"], kind)
        task = self.a.send("mac2", "do it", type="task", until="stored")
        self.assertEqual(self.received(self.b, task)["state"], "held")
        self.assertEqual(self.a.wait_state(task, "stored")["flag"], "held")

    def test_the_inbox_is_read_page_by_page_oldest_first(self):
        ids = [self.a.send("mac2", f"page {n}", until="stored") for n in range(5)]
        first = self.b.http("GET", "/inbox?limit=2").reply
        self.assertEqual(len(first["messages"]), 2)
        second = self.b.http("GET", f"/inbox?limit=2&after={first['next']}").reply
        self.assertNotEqual(first["messages"], second["messages"])
        whole = self.b.http("GET", "/inbox?limit=500").reply
        self.assertIn("next", whole, "null at the end, not absent")
        self.assertIsNone(whole["next"])
        self.assertEqual([m["id"] for m in whole["messages"] if m["id"] in ids], ids)
        self.assertEqual([m["id"] for m in self.b.inbox(limit=2)],
                         [m["id"] for m in whole["messages"]])

    def test_every_reading_command_speaks_json(self):
        for words in (["inbox"], ["status"], ["peers"], ["channels"], ["channels", "mac2"],
                      ["events"], ["doctor"], ["metrics"], ["roster"], ["policy", "show"]):
            with self.subTest(words):
                answer = self.a.cli(*words)
                self.assertIsInstance(answer.reply, dict, answer)
                self.assertEqual(answer.err, "")
                human = self.a.run(*words)
                self.assertEqual(human.exit, answer.exit)
                self.assertNotIn("\x1b", human.out, "no colour off a terminal")

    def test_peers_shows_each_machine_with_its_roads(self):
        self.a.send("mac2", "x", until="stored")
        peers = {p["id"]: p for p in self.a.http("GET", "/peers").reply["peers"]}
        self.assertTrue(peers["mac1"]["self"])
        other = peers["mac2"]
        self.assertEqual((other["online"], other["role"]), (True, "worker"))
        self.assertEqual(other["channels"]["http"]["state"], "healthy")
        self.assertIsNotNone(other["channels"]["http"]["rtt_ms"])
        self.assertEqual(other["addresses"]["http"], [self.b.remote])


class ExitStatus(unittest.TestCase):
    def test_statuses_tell_usage_refusal_no_daemon_and_configuration_apart(self):
        node = Node("solo", short_temp_dir(self))
        stop_after(self, node)
        for words in (["send"], ["nonsense"], ["send", "x", "y", "--no-such"], ["inbox", "extra"],
                      ["send", "x", "y", "--until", "perhaps"]):
            self.assertEqual(node.run(*words).exit, 2, words)
        for words in (["inbox"], ["status"], ["send", "self", "x"]):
            down = node.run(*words)
            self.assertEqual(down.exit, 69, words)
            self.assertIn("fleet-nerve serve", down.err, "the remedy")
        node.start()
        for words in (["send", "nobody", "x"], ["message", "no-such-id"], ["ack", "no-such-id"]):
            self.assertEqual(node.run(*words).exit, 1, words)
        for words in ([], ["--help"], ["--version"], ["send", "--help"], ["help", "send"]):
            self.assertEqual(node.run(*words).exit, 0, words)
        node.configure(surprise=True)
        bad = node.run("serve", "--allow-root")
        self.assertEqual(bad.exit, 78, bad)
        self.assertIn("surprise", bad.err)


class Life(unittest.TestCase):
    def setUp(self):
        self.root = short_temp_dir(self)
        self.node = Node("solo", self.root)
        stop_after(self, self.node)
        self.node.start()

    def test_a_second_daemon_with_the_same_home_says_so_and_exits(self):
        second = self.node.run("serve", "--allow-root", timeout=5)
        self.assertNotEqual(second.exit, 0)
        self.assertIn(str(self.node.pid), second.err)
        self.assertEqual(self.node.http("GET", "/health").status, 200)

    def test_a_second_daemon_on_the_same_port_says_so_and_exits(self):
        other = Node("other", self.root, {"listen": {"local": f"127.0.0.1:{self.node.port}"}})
        second = other.run("serve", "--allow-root", timeout=5)
        self.assertNotEqual(second.exit, 0)
        self.assertIn(str(self.node.port), second.err)
        self.assertEqual(self.node.http("GET", "/health").reply["node"], "solo")

    def test_sigterm_ends_it_cleanly_with_readers_and_waiters_attached(self):
        reader = socket.create_connection(("127.0.0.1", self.node.port), 5)
        self.addCleanup(reader.close)
        reader.sendall(b"GET /events HTTP/1.1\r\nHost: localhost\r\n"
                       b"Accept: text/event-stream\r\n\r\n")
        self.assertIn(b"200", reader.recv(4096))
        idle = socket.create_connection(("127.0.0.1", self.node.port), 5)
        self.addCleanup(idle.close)
        before = time.monotonic()
        self.assertEqual(self.node.stop(), 0)
        self.assertLess(time.monotonic() - before, 3)
        self.assertFalse((self.node.home / "run" / "sock").exists(), "the socket is gone")
        self.node.start()
        self.assertNotIn("unclean", self.node.tail())

    def test_what_was_accepted_survives_a_restart(self):
        message = self.node.send("self", "before", until="stored")
        self.node.restart()
        self.assertEqual([m["id"] for m in self.node.inbox()], [message])
        self.assertEqual(self.node.http("GET", f"/message/{message}").reply["state"], "stored")
        later = self.node.send("self", "after", until="stored")
        self.assertNotEqual(message.split(".")[1], later.split(".")[1], "a new epoch")

    def test_root_must_be_told(self):
        if os.geteuid() != 0:
            self.skipTest("only root is refused")
        self.node.stop()
        refused = self.node.run("serve", timeout=5)
        self.assertEqual(refused.exit, 78)
        self.assertIn("--allow-root", refused.err)

    def test_a_port_that_is_free_again_is_taken_at_once(self):
        port = free_port()
        self.node.stop()
        self.node.configure(listen={"local": f"127.0.0.1:{port}"})
        self.node.port = port
        for _ in range(3):
            self.node.start()
            self.assertEqual(self.node.stop(), 0)
