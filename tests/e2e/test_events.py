"""The event stream of a real daemon: SSE, long poll, cursors, and a slow reader."""

import http.client
import json
import threading
import time
import unittest

from e2e.support.pairs import PairedCase


class Stream:
    """GET /events as a browser's EventSource reads it."""

    def __init__(self, node, query="", headers=None):
        self._connection = http.client.HTTPConnection("127.0.0.1", node.port, timeout=15)
        self._connection.request("GET", f"/events{query}", headers={
            "Accept": "text/event-stream", **(headers or {})})
        self.answer = self._connection.getresponse()

    def next(self):
        """The next event that carries data: (id, name, data)."""
        found = {}
        while True:
            line = self.answer.readline().decode()
            if not line:
                raise AssertionError("the stream ended")
            name, _, value = line.rstrip("\n").partition(": ")
            if line == "\n" and "data" in found:
                return found.get("id"), found.get("event"), json.loads(found["data"])
            if line != "\n":
                found[name] = value

    def until(self, name):
        while True:
            event = self.next()
            if event[1] == name:
                return event

    def close(self):
        self._connection.close()


class Events(PairedCase):
    def stream(self, node, query="", headers=None):
        stream = Stream(node, query, headers)
        self.addCleanup(stream.close)
        return stream

    def newest(self, node):
        return node.http("GET", "/events?limit=1").reply["cursor"]

    def test_a_reader_sees_a_message_from_accepted_to_done(self):
        here, there = self.stream(self.a), self.stream(self.b)
        self.assertEqual(here.answer.status, 200)
        self.assertIn("text/event-stream", here.answer.headers["Content-Type"])
        message = self.a.send("mac2", "a secret body", until="stored")
        self.assertEqual(here.until("message.accepted")[2]["data"]["id"], message)
        self.assertEqual(there.until("message.stored")[2]["data"]["id"], message)
        self.assertEqual(here.until("message.stored")[2]["data"]["id"], message)
        self.b.cli("ack", message)
        _, _, done = here.until("message.done")
        self.assertEqual(done["data"]["id"], message)
        everything = self.a.http("GET", "/events?after=0&limit=500").body
        self.assertNotIn(b"a secret body", everything)

    def test_a_reader_goes_on_after_its_last_id(self):
        before = self.newest(self.a)
        ids = [self.a.send("self", "x", until="stored") for _ in range(3)]
        first = self.stream(self.a, f"?after={before}&types=message.accepted")
        cursor, _, event = first.next()
        self.assertEqual(event["data"]["id"], ids[0])
        first.close()
        again = self.stream(self.a, "?types=message.accepted", {"Last-Event-ID": cursor})
        self.assertEqual([again.next()[2]["data"]["id"] for _ in range(2)], ids[1:])

    def test_a_long_poll_waits_for_the_first_event_and_answers_at_once(self):
        before = self.newest(self.a)
        sender = threading.Timer(0.3, lambda: self.a.send("self", "x"))
        sender.start()
        self.addCleanup(sender.join)
        asked = time.monotonic()
        page = self.a.http("GET", f"/events?after={before}&types=message.accepted&wait_s=20").reply
        waited = time.monotonic() - asked
        self.assertEqual([e["type"] for e in page["events"]], ["message.accepted"])
        self.assertTrue(0.2 < waited < 5, waited)
        self.assertGreater(page["cursor"], before)

    def test_a_long_poll_without_events_ends_with_its_time(self):
        page = self.a.http("GET", f"/events?after={self.newest(self.a)}&types=no.such&wait_s=1")
        self.assertEqual((page.status, page.reply["events"]), (200, []))

    def test_a_broken_cursor_is_refused(self):
        for query in ("?after=x", "?after=-1", "?limit=0", "?limit=501", "?wait_s=61", "?nope=1"):
            with self.subTest(query):
                self.assertEqual(self.a.http("GET", f"/events{query}").status, 422)
        self.assertEqual(self.stream(self.a, "?after=x").answer.status, 422)

    def test_a_reader_that_never_reads_holds_nobody_up(self):
        self.stream(self.a)
        for _ in range(200):
            self.a.send("self", "y" * 1000)
        before = time.monotonic()
        self.assertEqual(self.a.http("GET", "/health").status, 200)
        self.assertLess(time.monotonic() - before, 1)

    def test_the_seventeenth_reader_is_told_to_wait(self):
        streams = [self.stream(self.b) for _ in range(17)]
        statuses = [s.answer.status for s in streams]
        self.assertEqual(statuses[:16], [200] * 16)
        self.assertIn(statuses[16], (429, 503))
        for stream in streams:
            stream.close()


if __name__ == "__main__":
    unittest.main()
