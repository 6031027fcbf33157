# ctest-timeout: 300
"""What another machine may try at the remote listener: forged, replayed, changed, or not its own.

The frames are made by the test with the keys of its own nodes (support/hop.py), so that everything
but the lie is right.
"""

import concurrent.futures
import json
import time
import unittest

from e2e.support.hop import Hop, b64, envelope_of, post_frame, signed, unb64
from e2e.support.node import Node, pair, stop_after
from e2e.support.pairs import PairedCase
from e2e.support.processes import short_temp_dir, wait_until
from e2e.support.raw import fresh_source, raw_request
from e2e.support.storm import settle
from e2e.support.unchanged import unchanged

DAY_MS = 86_400_000


class Frames(PairedCase):
    """mac1 wrote an envelope for mac2 that has not arrived: the test brings it, in its own way."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.hop = Hop(cls.a, cls.b)

    def unsent(self, **fields):
        """An envelope of mac1 for mac2 that mac2 has never seen, and its id."""
        self.b.stop()
        message = self.a.send("mac2", "carried by hand", **fields)
        self.a.kill9()
        self.addCleanup(settle, [self.a], 20)  # after the start below
        self.addCleanup(self.a.start)
        self.b.start()
        return envelope_of(self.a, message), message

    def events_after(self, cursor):
        return self.b.http("GET", f"/events?after={cursor}&limit=500").reply["events"]

    def ignored(self, line, event):
        """Posts the line with a valid hop proof: an answer, one event, no row."""
        cursor = self.b.http("GET", "/events?limit=1").reply["cursor"]
        with unchanged(self, self.b):
            answer = self.hop.post(line)
            self.assertEqual(answer.status, 200)
        types = [e["type"] for e in self.events_after(cursor)]
        self.assertIn(event, types)

    def stranger(self, *args, **more):
        return post_frame(self.b, *args, source=fresh_source(), **more)

    def test_without_a_proof_everything_is_the_same_401(self):
        line, _ = self.unsent()
        good = self.hop.header(line)
        boot = good.split("b=")[1][:16]
        bodies, now = set(), int(time.time() * 1000)
        with unchanged(self, self.b):
            for authorization in (
                    "", "FleetV1 nonsense", good + ",x=1", good.replace("FleetV1", "Bearer"),
                    self.hop.header(line, k="a" * 26), self.hop.header(line, d="mac3"),
                    self.hop.header(line, d="mac1"), self.hop.header(line, m=b64(b"\0" * 32)),
                    self.hop.header(line, ts=str(now - 400_000)),
                    self.hop.header(line, ts=str(now + 400_000)),
                    self.hop.header(line, ts=str(now - 400_000), c="60.AAAAAAAAAAAAAAAAAAAAAA"),
                    self.hop.header(line, path="/other"), self.hop.header(line, method="PUT"),
                    self.hop.header(line + b" "), good.replace(boot, "0" * 16)):
                with self.subTest(authorization[:60]):
                    answer = self.stranger(line, authorization)
                    self.assertEqual(answer.status, 401)
                    self.assertIn("fleet-challenge", answer.headers)
                    bodies.add(answer.body)
            answer = self.stranger(line, self.hop.header(line, type="text/plain"),
                                   content_type="text/plain")
            self.assertEqual(answer.status, 401)
        self.assertEqual(len(bodies), 1, "no reason leaks")

    def test_a_frame_is_taken_once_and_its_replay_refused(self):
        line, message = self.unsent()
        header = self.hop.header(line)
        first = self.hop.post(line, header)
        self.assertEqual(first.status, 200)
        self.assertIn(b"fn/receipt/1", first.body)
        self.assertEqual(self.received(self.b, message)["body"], "carried by hand")
        with unchanged(self, self.b):
            self.assertEqual(self.hop.post(line, header).status, 401, "the same frame again")
            again = self.hop.post(line)
            self.assertEqual(again.status, 200, "the same envelope in a new frame")
            self.assertIn(b"fn/receipt/1", again.body, "is receipted again")
        self.received(self.b, message)

    def test_every_flipped_bit_of_an_envelope_is_noticed(self):
        line, message = self.unsent()
        step = max(1, len(line) // 60)
        with unchanged(self, self.b):
            for at in range(0, len(line), step):
                flipped = bytearray(line)
                flipped[at] ^= 1 << at % 7
                if b"\n" in flipped:
                    continue
                answer = self.hop.post(bytes(flipped))
                self.assertEqual(answer.status, 200, at)
        self.assertEqual(self.b.http("GET", f"/message/{message}").status, 404)
        self.assertIn(b"fn/receipt/1", self.hop.post(line).body, "the true one still counts")
        self.received(self.b, message)

    def test_forged_envelopes(self):
        line, _ = self.unsent()
        envelope = json.loads(line)
        for change in ({"k": "a" * 26}, {"s": b64(b"\0" * 64)}, {"t": "fn/receipt/1"},
                       {"t": "fn/none/1"}, {"fn": 2}, {"extra": 1}, {"p": envelope["p"] + "="},
                       {"s": envelope["s"][:-2]}, {"k": "psk:k1"}):
            with self.subTest(change):
                self.ignored(json.dumps({**envelope, **change}).encode(), "envelope.refused")
        for text in (b"garbage", b"{}", b"[]", b"\xff" * 100, b"[" * 1000, line + b"trailing",
                     line.replace(b'{"fn":1', b'{"fn":1,"fn":1')):
            with self.subTest(text[:30]):
                self.ignored(text, "envelope.refused")

    def test_a_member_cannot_speak_for_another_or_to_another(self):
        line, _ = self.unsent()
        own = self.a
        for change in ({"to": "mac3"}, {"fleet": "other"}):
            with self.subTest(change):
                self.ignored(signed(own, line, **change), "message.ignored")
        with unchanged(self, self.b):
            for change in ({"from": "mac2"}, {"id": "mac2.0000000000000001.1"}, {"crit": ["x"]},
                           {"v": 2}, {"dseq": -1}, {"dseq": "1"}, {"type": "telegram"},
                           {"body": 5}, {"from": "mac2", "id": "mac2.0000000000000001.1"}):
                with self.subTest(change):
                    answer = self.hop.post(signed(own, line, **change))
                    self.assertEqual(answer.status, 200)
                    self.assertNotIn(b'"stored"', unpack(answer.body))

    def test_an_envelope_for_another_node_is_no_mail_here(self):
        message = self.a.send("self", "my own", until="stored")
        self.ignored(envelope_of(self.a, message), "message.ignored")

    def test_expired_future_and_endless_envelopes_are_refused_by_receipt(self):
        line, _ = self.unsent()
        now = int(time.time() * 1000)
        for dseq, change in enumerate((
                {"ts": now - 2 * DAY_MS, "exp": now - DAY_MS},
                {"ts": now + 2 * DAY_MS, "exp": now + 3 * DAY_MS},
                {"ts": now, "exp": now + 300 * DAY_MS},
                {"ts": now, "exp": now - 1},
                {"ts": now, "exp": now + 1000, "body": b64(b"\0" * 400)}), start=900_000):
            with self.subTest(change):
                epoch = f"{dseq:016x}"
                lied = signed(self.a, line, dseq=1, id=f"mac1.{epoch}.1", **change)
                before = len(self.b.inbox())
                answer = self.hop.post(lied)
                self.assertEqual(answer.status, 200)
                self.assertIn("refused", unpack(answer.body).decode())
                self.assertEqual(len(self.b.inbox()), before)

    def test_the_same_number_with_other_bytes_is_a_conflict_and_an_alert(self):
        line, message = self.unsent()
        self.assertIn(b"fn/receipt/1", self.hop.post(line).body)
        cursor = self.b.http("GET", "/events?limit=1").reply["cursor"]
        with unchanged(self, self.b):
            answer = self.hop.post(signed(self.a, line, re=message))
            self.assertIn("conflict", unpack(answer.body).decode())
        self.assertIn("message.conflict", [e["type"] for e in self.events_after(cursor)])
        self.assertEqual(self.received(self.b, message)["body"], "carried by hand")

    def test_other_paths_and_methods_of_the_remote_listener(self):
        host, port = self.b.place.address, self.b.remote_port
        with unchanged(self, self.b):
            for request in ("GET /inbox", "GET /stats", "POST /message", "GET /events", "POST /pair",
                            "POST /op/fleet_invite", "GET /openapi.json", "OPTIONS /frame"):
                with self.subTest(request):
                    sent = (f"{request} HTTP/1.1\r\nHost: {self.b.remote}\r\n"
                            "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}")
                    answer = raw_request(host, port, sent.encode(), source=fresh_source())
                    self.assertIn(answer.status, (401, 405), answer)
            healthy = f"GET /health HTTP/1.1\r\nHost: {self.b.remote}\r\n\r\n".encode()
            answer = raw_request(host, port, healthy, source=fresh_source())
            self.assertEqual((answer.status, answer.json), (200, {"ok": True}), "and not a word more")
            source = fresh_source()
            statuses = [raw_request(host, port, healthy, source=source).status for _ in range(12)]
            self.assertIn(429, statuses)
            local = raw_request("127.0.0.1", self.b.port, healthy.replace(
                self.b.remote.encode(), b"localhost"))
            self.assertEqual(local.status, 200, "the owner is not counted with strangers")

    def test_an_oversized_frame_is_refused_by_its_length(self):
        body = b"x" * (2 * 1024 * 1024 + 1)
        with unchanged(self, self.b):
            self.assertEqual(self.hop.post(body).status, 413)


class Clocks(unittest.TestCase):
    def test_a_machine_whose_clock_is_a_day_ahead_is_heard_by_challenge(self):
        root = short_temp_dir(self)
        quick = {"timing": {"heartbeat_ms": 1000}}
        a = Node("mac1", root, quick)
        b = Node("mac2", root, quick)
        stop_after(self, a, b)
        a.start()
        pair(a, b)
        a.stop()
        a._env["FLEET_NERVE_CLOCK_OFFSET_MS"] = str(20 * 3600 * 1000)
        a.start()
        message = a.send("mac2", "from tomorrow", until="stored", wait_s=20)
        a.wait_state(message, "stored")
        a.stop()
        a._env["FLEET_NERVE_CLOCK_OFFSET_MS"] = str(2 * DAY_MS)
        a.start()
        late = a.send("mac2", "from the day after", until="stored", wait_s=20)
        wait_until("it is refused", lambda: a.http(
            "GET", f"/message/{late}").reply.get("flag") == "refused")
        self.assertEqual([m["id"] for m in b.inbox()], [message])


class Invites(unittest.TestCase):
    def setUp(self):
        root = short_temp_dir(self)
        self.first, self.second, self.third = (Node(n, root) for n in ("one", "two", "three"))
        stop_after(self, self.first, self.second, self.third)
        self.first.start()

    def test_a_used_invite_lets_nobody_in(self):
        token = self.first.person("invite").reply["token"]
        self.assertEqual(self.second.cli("join", token).exit, 0)
        with unchanged(self, self.first):
            refused = self.third.run("join", token)
        self.assertEqual(refused.exit, 1)
        self.assertIn("invite", refused.err)
        self.assertFalse((self.third.home / "keys" / "sign.key").exists())
        nodes = self.first.http("GET", "/roster").reply["nodes"]
        self.assertEqual([n["id"] for n in nodes], ["one", "two"])

    def test_an_expired_invite_lets_nobody_in(self):
        token = self.first.person("invite").reply["token"]
        self.first.stop()
        self.first._env["FLEET_NERVE_CLOCK_OFFSET_MS"] = str(16 * 60 * 1000)
        self.first.start()
        self.assertEqual(self.second.cli("join", token).exit, 1)

    def test_a_changed_invite_lets_nobody_in(self):
        token = self.first.person("invite").reply["token"]
        middle = len(token) // 2
        other = "A" if token[middle] != "A" else "B"
        for wrong in (token[:middle] + other + token[middle + 1:], token[:-5], "fn1.", "nonsense",
                      token + "A"):
            with self.subTest(wrong[:20]):
                refused = self.second.run("join", wrong)
                self.assertNotEqual(refused.exit, 0)
                self.assertNotIn(token[20:60], refused.err + refused.out, "secrets stay silent")
        self.assertEqual(self.second.cli("join", token).exit, 0)

    def test_two_joiners_with_one_invite_and_one_gets_in(self):
        token = self.first.person("invite").reply["token"]
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            exits = list(pool.map(lambda n: n.cli("join", token).exit, (self.second, self.third)))
        self.assertEqual(sorted(exits), [0, 1])
        self.assertEqual(len(self.first.http("GET", "/roster").reply["nodes"]), 2)


def unpack(frame):
    """The payloads of the envelopes in a frame."""
    return b"\n".join(unb64(json.loads(line)["p"]) for line in frame.splitlines() if line)
