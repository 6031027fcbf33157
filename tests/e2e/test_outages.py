# ctest-timeout: 300
"""Peers that are away, one-way roads, lifetimes, restored backups, a full disk: nothing is lost."""

import os
import shutil
import subprocess
import time
import unittest

from e2e.support.node import Node, pair, stop_after
from e2e.support.processes import free_port, short_temp_dir, wait_until
from e2e.support.storm import settle

QUICK = {"timing": {"heartbeat_ms": 500, "probe_min_ms": 100, "probe_max_ms": 1000}}


class Case(unittest.TestCase):
    def setUp(self):
        self.root = short_temp_dir(self)
        self.a, self.b = (Node(n, self.root, QUICK) for n in ("mac1", "mac2"))
        stop_after(self, self.a, self.b)
        self.a.start()
        pair(self.a, self.b)

    def ids(self, node):
        return [m["id"] for m in node.inbox(limit=500)]


class Away(Case):
    def test_mail_for_a_machine_that_is_away_waits_and_leaves_at_its_first_sign_of_life(self):
        self.b.stop()
        sent = [self.a.send("mac2", f"while you were out {n}") for n in range(5)]
        wait_until("it is parked", lambda: "parked" in [
            e["event"] for e in self.a.http("GET", f"/message/{sent[0]}").reply["timeline"]])
        self.assertEqual(self.a.http("GET", f"/message/{sent[0]}").reply["state"], "accepted")
        self.b.start()
        begun = time.monotonic()
        wait_until("it is there", lambda: self.ids(self.b) == sent, 10)
        self.assertLess(time.monotonic() - begun, 3)

    def test_a_machine_that_sleeps_and_wakes_gets_everything_once(self):
        self.b.pause()
        sent = [self.a.send("mac2", f"zzz {n}") for n in range(20)]
        time.sleep(3)
        self.b.resume()
        settle([self.a], 30)
        self.assertEqual(sorted(self.ids(self.b)), sorted(sent))

    def test_what_is_worthless_by_then_expires_and_blocks_nothing_after_it(self):
        self.b.stop()
        stale = self.a.send("mac2", "old news", ttl_s=1)
        fresh = self.a.send("mac2", "still true")
        wait_until("it expired", lambda: self.a.http(
            "GET", f"/message/{stale}").reply.get("flag") == "expired", 10)
        self.b.start()
        self.a.wait_state(fresh, "stored")
        self.assertEqual(self.ids(self.b), [fresh])

    def test_a_machine_that_can_only_call_out_gets_its_mail_when_it_calls(self):
        self.a.stop()
        nowhere = f"127.0.0.1:{free_port()}"
        self.a.configure(nodes={"mac2": {"http": [nowhere], "udp": nowhere}})
        self.b.stop()
        self.b.configure(listen={"remote": [f"127.0.0.1:{free_port()}"], "udp": ""})
        self.a.start()
        self.b.start()
        waiting = self.a.send("mac2", "come and get it")
        asked = self.b.send("mac1", "anything for me?", until="stored", wait_s=20)
        self.assertIn(asked, self.ids(self.a))
        wait_until("the mail came back with the answer", lambda: waiting in self.ids(self.b), 15)
        self.a.wait_state(waiting, "stored", 15)


class Restored(Case):
    def keep(self, node):
        node.stop()
        kept = self.root / f"{node.name}.kept"
        shutil.rmtree(kept, ignore_errors=True)
        shutil.copytree(node.home, kept, ignore=shutil.ignore_patterns("sock", "lock"))
        node.start()
        return kept

    def restore(self, node, kept):
        node.kill9()
        for old in node.home.glob("fleet.db*"):
            old.unlink()
        for file in kept.glob("fleet.db*"):
            shutil.copy2(file, node.home)
        node.start()

    def test_a_restored_sender_reuses_no_id_and_doubles_nothing(self):
        before = self.a.send("mac2", "before", until="stored")
        kept = self.keep(self.a)
        forgotten = [self.a.send("mac2", f"later {n}", until="stored") for n in range(3)]
        self.restore(self.a, kept)
        after = [self.a.send("mac2", f"after {n}", until="stored", wait_s=20) for n in range(3)]
        self.assertEqual(len({before, *forgotten, *after}), 7, "no id twice")
        self.assertEqual(sorted(self.ids(self.b)), sorted([before, *forgotten, *after]))

    def test_a_restored_sender_sends_what_its_outbox_still_holds_without_doubling_it(self):
        self.b.stop()
        waiting = self.a.send("mac2", "on its way when the backup was taken")
        kept = self.keep(self.a)
        self.b.start()
        self.a.wait_state(waiting, "stored")
        self.restore(self.a, kept)
        self.a.wait_state(waiting, "stored")
        self.assertEqual(self.ids(self.b), [waiting])

    def test_a_restored_receiver_is_offered_again_what_it_lost(self):
        first = self.a.send("mac2", "first", until="stored")
        kept = self.keep(self.b)
        lost = [self.a.send("mac2", f"lost {n}", until="stored", wait_s=20) for n in range(3)]
        self.a.pause()
        self.restore(self.b, kept)
        self.assertEqual(self.ids(self.b), [first])
        self.a.resume()
        more = self.a.send("mac2", "and one more", until="stored", wait_s=20)
        wait_until("all are there again",
                   lambda: sorted(self.ids(self.b)) == sorted([first, *lost, more]), 15)


class FullDisk(unittest.TestCase):
    def setUp(self):
        if os.geteuid() != 0:
            self.skipTest("needs root, to mount a small disk")
        root = short_temp_dir(self)
        self.node = Node("solo", root)
        made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m,mode=700", "none",
                               str(self.node.home)], capture_output=True, text=True)
        if made.returncode:
            self.skipTest(f"no tmpfs here: {made.stderr.strip()}")
        self.addCleanup(subprocess.run, ["umount", "-l", str(self.node.home)], check=False)
        stop_after(self, self.node)
        self.node.write_config(self.node._defaults())

    def test_a_full_disk_is_said_and_nothing_acknowledged_is_lost(self):
        self.node.start()
        accepted, refused = [], None
        for _ in range(200):
            answer = self.node.http("POST", "/message",
                                    {"to": "self", "type": "context", "body": "x" * 50_000})
            if answer.status != 202:
                refused = answer
                break
            accepted.append(answer.reply["id"])
        self.assertIsNotNone(refused, "3 MiB were enough for 10 MB")
        self.assertEqual(refused.status, 507, refused.body[:300])
        self.assertTrue(accepted)
        self.assertEqual(self.node.http("GET", "/stats").status, 200, "reading still works")
        self.assertNotEqual(self.node.http("GET", "/health").status, 500)
        subprocess.run(["mount", "-o", "remount,size=64m", str(self.node.home)], check=True)
        wait_until("it accepts again", lambda: self.node.http(
            "POST", "/message", {"to": "self", "type": "context", "body": "y"}).status == 202, 20)
        settle([self.node], 30)
        have = {m["id"] for m in self.node.inbox(limit=500)}
        self.assertLessEqual(set(accepted), have)
        self.node.kill9()
        self.node.start()
        self.assertLessEqual(set(accepted), {m["id"] for m in self.node.inbox(limit=500)})


if __name__ == "__main__":
    unittest.main()
