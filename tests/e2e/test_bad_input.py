# ctest-timeout: 300
"""Bad requests to the local listener: each is answered as promised, and nothing else happens."""

import json
import socket
import time
import unittest

from e2e.support.pairs import PairedCase
from e2e.support.processes import wait_until
from e2e.support.raw import raw_request, read_answer
from e2e.support.unchanged import open_files, resident_kib, sanitized, unchanged

GOOD = {"type": "context", "to": "mac2", "body": "x"}
KIB = 1024


def nested(depth):
    return b'{"to":' + b"[" * depth + b"]" * depth + b"}"


class Json(PairedCase):
    def refused(self, body, status, *words, **headers):
        """POST /message of these bytes; the error must say `status` and name `words`."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        with unchanged(self, self.a, self.b):
            answer = self.a.http("POST", "/message", raw=raw, headers=headers)
            self.assertEqual(answer.status, status, answer.body[:500])
            self.assertIn("message", answer.reply["error"])
            for word in words:
                self.assertIn(word, json.dumps(answer.reply["error"]))
        return answer.reply["error"]

    def test_broken_json(self):
        for body in (b"{", b"", b"nonsense", b'{"to":"mac2",}', b'{"to":"mac2"} trailing', b"[1]",
                     b'{"to":"\xff\xfe"}', b'{"to":"\xed\xa0\x80"}', b'{"to":"\\ud800"}',
                     b'{"to":1e999}', b"\x00", b"null", b'"text"', b"{'to':'mac2'}"):
            with self.subTest(body):
                status = 422 if body in (b"", b"[1]", b"null", b'"text"') else 400
                self.refused(body, status)

    def test_deep_wide_and_duplicate_keyed_json(self):
        self.refused(nested(40), 400)
        self.refused(nested(100_000), 400)
        self.refused(json.dumps({f"k{n}": 1 for n in range(1100)}).encode(), 400)
        self.refused(b'{"type":"context","to":"mac2","to":"mac1","body":"x"}', 400)
        self.refused(b'{"to":"mac2","payload":{"body":"a","body":"b"}}', 400)

    def test_oversized(self):
        self.refused(b'{"to":"mac2","body":"' + b"x" * (3 * KIB * KIB) + b'"}', 413)
        before = resident_kib(self.a)
        for _ in range(5):
            self.refused(b" " * (2 * KIB * KIB + 1), 413)
        if not sanitized(self.a):
            self.assertLess(resident_kib(self.a) - before, 24 * KIB)

    def test_mistyped_missing_and_unknown_fields_are_all_named(self):
        error = self.refused({"to": 5, "body": ["x"], "wait_s": "soon", "surprise": 1, "type": None},
                             422)
        paths = {f["path"] for f in error["fields"]}
        self.assertLessEqual({"to", "body", "wait_s", "surprise"}, paths, error)
        self.refused({"body": "x", "type": "context"}, 422, "to")
        self.refused({"to": "mac2", "type": "context"}, 422, "body")
        self.refused({"to": "mac2", "payload": {}}, 422, "payload.body")
        self.refused({"to": "mac2", "payload": "x"}, 422, "payload")
        self.refused({**GOOD, "wait_s": 1.5}, 422, "wait_s")
        self.refused({**GOOD, "wait_s": 2**60}, 400, "wait_s")

    def test_unknown_names(self):
        self.refused({**GOOD, "to": "nobody"}, 404, "nobody", "mac2")
        self.refused({**GOOD, "to": "../../etc"}, 404)
        self.refused({**GOOD, "to": ""}, 404)
        self.refused({**GOOD, "type": "telegram"}, 422, "type", "broadcast")
        self.refused({**GOOD, "until": "perhaps"}, 422, "until")
        self.refused({**GOOD, "via": "pigeon"}, 422, "via")
        self.refused({**GOOD, "ref": "not an id"}, 422, "ref")
        self.refused({**GOOD, "payload": {"body": "twice"}}, 422, "payload")
        self.refused({**GOOD, "ttl_s": -1}, 422, "ttl_s")
        self.refused({**GOOD, "ttl_s": 10**9}, 422, "ttl_s")
        self.refused({**GOOD, "subject": "s" * 10_000}, 413, "subject")
        for path in ("/message/no-such", "/message/mac1.0000000000000000.1", "/no/such/path"):
            self.assertEqual(self.a.http("GET", path).status, 404, path)
        self.assertEqual(self.a.http("POST", "/op/no_such", {}).status, 404)
        self.assertEqual(self.a.http("POST", "/ack", {"id": "no-such"}).status, 404)

    def test_a_key_that_is_no_key(self):
        for key in ("k" * 201, "snow☃".encode().decode("latin-1")):
            self.refused(GOOD, 422, **{"Idempotency-Key": key})


class Rules(PairedCase):
    def status(self, method, path="/message", body=GOOD, **headers):
        with unchanged(self, self.a):
            sent = None if body is None else json.dumps(body).encode()
            answer = self.a.http(method, path, headers=headers, raw=sent)
            for name in answer.headers:
                self.assertFalse(name.startswith("access-control"), name)
            return answer.status

    def test_wrong_content_type(self):
        for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""):
            self.assertEqual(self.status("POST", **{"Content-Type": kind}), 415, kind)
        bare = (b"POST /message HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}")
        answer = raw_request("127.0.0.1", self.a.port, bare)
        self.assertEqual(answer.status, 415)
        self.assertIn(b"-H 'Content-Type: application/json'", answer.body, "the remedy")

    def test_foreign_host_origin_referer(self):
        for host in ("evil.example", "localhost.evil.example", "127.0.0.1:1", "169.254.169.254",
                     "localhost:80@evil.example", "[::1].evil"):
            self.assertIn(self.status("POST", Host=host), (400, 403), host)
        for origin in ("http://evil.example", "null", "https://localhost",
                       "http://localhost.evil.example", f"http://127.0.0.1:{self.a.port + 1}"):
            self.assertEqual(self.status("POST", Origin=origin), 403, origin)
            self.assertEqual(self.status("GET", "/inbox", None, Origin=origin), 403, origin)
        for referer in ("http://evil.example/page", "https://127.0.0.1/"):
            self.assertEqual(self.status("POST", Referer=referer), 403, referer)
        for site in ("cross-site", "same-site"):
            self.assertEqual(self.status("POST", **{"Sec-Fetch-Site": site}), 403, site)
        own = f"http://127.0.0.1:{self.a.port}"
        self.assertEqual(self.status("POST", Origin=own), 403, "a page needs the token as well")
        self.assertEqual(self.status("POST", **{"X-Forwarded-For": "127.0.0.1"}), 403)

    def test_a_get_changes_nothing_and_options_grants_nothing(self):
        for path in ("/message", "/ack", "/op/fleet_send"):
            self.assertEqual(self.status("GET", path, None), 405, path)
        for path in ("/health", "/inbox", "/peers", "/stats"):
            self.assertEqual(self.status("POST", path, {}), 405, path)
            self.assertEqual(self.status("DELETE", path, {}), 405, path)
        answer = self.a.http("OPTIONS", "/message", headers={
            "Origin": "http://evil.example", "Access-Control-Request-Method": "POST"})
        self.assertIn(answer.status, (403, 405))
        self.assertEqual(self.status("OPTIONS", "/message", None), 405)


class Wire(PairedCase):
    def raw(self, sent, status):
        with unchanged(self, self.a):
            answer = raw_request("127.0.0.1", self.a.port, sent)
            self.assertEqual(answer.status, status, answer.body[:300])

    def test_requests_that_two_readers_could_read_differently(self):
        body = json.dumps(GOOD).encode()
        post = b"POST /message HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        length = b"Content-Length: %d\r\n" % len(body)
        for sent, status in (
                (b"CONNECT localhost:1 HTTP/1.1\r\nHost: localhost:1\r\n\r\n", 405),
                (post + length + b"Transfer-Encoding: chunked\r\n\r\n" + body, 400),
                (post + length + length + b"\r\n" + body, 400),
                (post + b"Content-Length: 2, 2\r\n\r\n{}", 400),
                (post + b"Content-Length: +2\r\n\r\n{}", 400),
                (post + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 400),
                (post.replace(b"\r\n", b"\n") + length + b"\r\n" + body, 400),
                (b"GET /health HTTP/1.1\nHost: localhost\n\n", 400),
                (b"GET /health HTTP/1.1\r\nHost: localhost\r\nX: a\r\n b\r\n\r\n", 400),
                (b"GET /health HTTP/1.1\r\nHost: localhost\r\nX: a\x00b\r\n\r\n", 400),
                (b"GET /health HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n", 400),
                (b"GET /health HTTP/1.1\r\n\r\n", 400),
                (b"GET http://evil.example/health HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
                (b"GET /health HTTP/1.1\r\nHost : localhost\r\n\r\n", 400),
                (b"GET /health HTTP/9.9\r\nHost: localhost\r\n\r\n", 505),
                (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400)):
            with self.subTest(sent[:90]):
                self.raw(sent, status)

    def test_upgrade_is_refused(self):
        with unchanged(self, self.a):
            answer = raw_request("127.0.0.1", self.a.port,
                                 b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade"
                                 b"\r\nUpgrade: websocket\r\n\r\n")
        self.assertIn(answer.status, (400, 426))

    def test_too_long_or_too_many(self):
        start = b"GET /health HTTP/1.1\r\nHost: localhost\r\n"
        self.raw(start + b"X: y\r\n" * 100_000 + b"\r\n", 431)
        self.raw(start + b"X: " + b"y" * 10_000 + b"\r\n\r\n", 431)
        self.raw(b"GET /" + b"y" * 10_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", 414)
        self.raw(start + b"y" * 5_000_000, 431)

    def test_slow_drips_end_within_the_deadline(self):
        with unchanged(self, self.a):
            slow = socket.create_connection(("127.0.0.1", self.a.port), 20)
            self.addCleanup(slow.close)
            begun = time.monotonic()
            try:
                for byte in b"GET /health HTTP/1.1\r\nHost: localhost\r\nX-Slow: yyyyyyyyyyyy":
                    slow.sendall(bytes((byte,)))
                    time.sleep(0.15)
            except OSError:
                pass
            answer = read_answer(slow)
            took = time.monotonic() - begun
        self.assertIn(answer.status, (0, 408))
        self.assertLess(took, 12)

    def test_five_hundred_idle_connections_leave_the_owner_fast(self):
        idle = []
        self.addCleanup(lambda: [c.close() for c in idle])
        before = open_files(self.a)
        for _ in range(500):
            connection = socket.socket()
            connection.settimeout(2)
            connection.connect(("127.0.0.1", self.a.port))
            idle.append(connection)
        times = []
        for _ in range(20):
            begun = time.monotonic()
            self.assertEqual(self.a.http("GET", "/health", timeout=5).status, 200)
            times.append(time.monotonic() - begun)
        self.assertLess(sorted(times)[10], 0.1)
        self.assertLess(max(times), 1)
        self.assertEqual(self.a.cli("status").exit, 0)
        self.assertLessEqual(open_files(self.a), before + 200)
        for connection in idle:
            connection.close()
        wait_until("the files are given back", lambda: open_files(self.a) <= before + 5)


class Bodies(PairedCase):
    def arrives(self, body):
        message = self.a.send("mac2", body, until="stored")
        self.assertEqual(self.received(self.b, message)["body"], body)

    def test_every_plane_of_unicode_arrives_byte_for_byte(self):
        for plane in range(17):
            start = plane << 16
            some = [c for c in range(start + 0x20, start + 0x10000, 0x101)
                    if not 0xD800 <= c <= 0xDFFF]
            with self.subTest(plane):
                self.arrives("".join(map(chr, some)))

    def test_control_characters_and_a_nul_arrive(self):
        self.arrives("".join(map(chr, range(1, 32))) + "\x7f\u2028\u202e\ufeff")

    def test_the_smallest_and_the_largest_and_one_byte_more(self):
        self.arrives("x")
        self.arrives("y" * 256 * KIB)
        self.arrives("😀" * (64 * KIB))
        for body in ("y" * (256 * KIB + 1), "😀" * (64 * KIB) + "x"):
            with unchanged(self, self.a, self.b):
                answer = self.a.http("POST", "/message", {**GOOD, "body": body})
                self.assertEqual(answer.status, 413, answer.body[:300])
                self.assertIn("262144", answer.reply["error"]["message"].replace(",", ""))
        with unchanged(self, self.a):
            self.assertEqual(self.a.http("POST", "/message", {**GOOD, "body": ""}).status, 422)

    def test_a_large_body_fits_however_it_is_escaped(self):
        body = "\x01" * (256 * KIB)  # six bytes each in JSON
        self.arrives(body)


if __name__ == "__main__":
    unittest.main()
