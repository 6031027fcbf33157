# ctest-timeout: 120
"""docs/COMMS-PROTOCOL.md is enough: this file was written from that page alone. It joins a real node's fleet,
sends it a message over HTTP, reads the receipt, takes a message back and receipts it, and says that it lives."""

import base64
import hashlib
import hmac
import http.client
import json
import os
import socket
import sys
import time
import unittest

from e2e.support.node import Node, stop_after
from e2e.support.processes import free_port, short_temp_dir, wait_until

try:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF
except ImportError:
    print("skipped: python's cryptography is not installed")
    sys.exit(77)

NONCE = bytes(12)


def b64(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def unb64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def le64(number):
    return number.to_bytes(8, "little")


def pae(*fields):
    parts = [f if isinstance(f, bytes) else str(f).encode() for f in fields]
    return b"FNSIG1" + le64(len(parts)) + b"".join(le64(len(p)) + p for p in parts)


def sha(data):
    return hashlib.sha256(data).digest()


def mac(key, data):
    return hmac.new(key, data, hashlib.sha256).digest()


def hkdf(secret, salt, info):
    return HKDF(SHA256(), 32, salt, info).derive(secret)


def key_id(public):
    return base64.b32encode(sha(public)[:16]).decode().lower().rstrip("=")


def now_ms():
    return int(time.time() * 1000)


def opened(line, keys):
    """The type and payload of an envelope, its hash, and the check of its signature."""
    e = json.loads(line)
    assert set(e) == {"fn", "t", "k", "p", "s"} and e["fn"] == 1
    payload = unb64(e["p"])
    text = pae(e["t"], e["k"], payload)
    Ed25519PublicKey.from_public_bytes(keys[e["k"]]).verify(unb64(e["s"]), text)
    return e["t"], json.loads(payload), sha(text), e["k"]


class Peer:
    """A node of the fleet in a page of python."""

    def __init__(self, name):
        self.name = name
        self.sign, self.box = Ed25519PrivateKey.generate(), X25519PrivateKey.generate()
        self.sign_public = self.sign.public_key().public_bytes_raw()
        self.box_public = self.box.public_key().public_bytes_raw()
        self.boot, self.epoch = os.urandom(8).hex(), os.urandom(8).hex()
        self.counter = self.seq = 0

    def envelope(self, kind, payload):
        k, p = key_id(self.sign_public), json.dumps(payload).encode()
        return json.dumps({"fn": 1, "t": kind, "k": k, "p": b64(p), "s": b64(self.sign.sign(pae(kind, k, p)))})

    # --- pairing ---

    def post_pair(self, address, body):
        connection = http.client.HTTPConnection(address, timeout=10)
        connection.request("POST", "/pair", body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        assert answer.status == 200, (answer.status, answer.read())
        return json.loads(answer.read())

    def join(self, token, http_address, udp_address):
        t = json.loads(unb64(token.removeprefix("fn1.")))
        secret, ephemeral = unb64(t["secret"]), X25519PrivateKey.generate()
        key = b64(ephemeral.public_key().public_bytes_raw())
        hello_key = hkdf(secret, b"", pae("fn/pair/1", "hello"))
        hello = json.dumps({"v": 1, "step": "hello", "invite": t["invite"], "key": key,
                            "mac": b64(mac(hello_key, pae("fn/pair/1", "hello", t["invite"], key)))}).encode()
        welcome = self.post_pair(t["at"][0], hello)
        theirs = unb64(welcome["key"])
        transcript = sha(pae("fn/pair/1", t["fleet"], unb64(t["root"]), hello, welcome["session"], theirs))
        shared = ephemeral.exchange(X25519PublicKey.from_public_bytes(theirs)) + secret
        keys = {p: hkdf(shared, transcript, pae("fn/pair/1", p)) for p in ("confirm", "claim", "grant")}
        assert welcome["mac"] == b64(mac(keys["confirm"], pae("fn/pair/1", "welcome", transcript)))
        letter = {"transcript": b64(transcript), "node": self.name, "sign_key": b64(self.sign_public),
                  "box_key": b64(self.box_public), "role": "", "http": [http_address], "udp": udp_address}
        box = ChaCha20Poly1305(keys["claim"]).encrypt(NONCE, self.envelope("fn/pair/1", letter).encode(),
                                                      pae("fn/pair/1", "claim", transcript))
        claim = json.dumps({"v": 1, "step": "claim", "session": welcome["session"], "box": b64(box)}).encode()
        grant = self.post_pair(t["at"][0], claim)
        g = sha(pae("fn/pair/1", "grant", transcript, claim))
        line = ChaCha20Poly1305(keys["grant"]).decrypt(NONCE, unb64(grant["box"]), g)
        self.take_grant(line, g, unb64(t["root"]), t["fleet"])

    def take_grant(self, line, transcript, root_print, fleet):
        grant = json.loads(unb64(json.loads(line)["p"]))
        assert grant["transcript"] == b64(transcript) and grant["refused"] == ""
        unproved = json.loads(unb64(json.loads(grant["roster"])["p"]))
        root = unb64(unproved["root_key"])
        assert sha(root) == root_print and key_id(root) == fleet == unproved["fleet"]
        _, roster, _, _ = opened(grant["roster"], {key_id(root): root})
        self.fleet, self.fleet_key = fleet, unb64(grant["fleet_key"])
        self.members = {n["id"]: n for n in roster["nodes"]}
        self.keys = {key_id(unb64(n["sign_key"])): unb64(n["sign_key"]) for n in roster["nodes"]}
        opened(line, self.keys)  # signed by the inviter, whom the roster names
        assert self.members[self.name]["box_key"] == b64(self.box_public)

    # --- frames ---

    def pair_key(self, other):
        theirs = unb64(self.members[other]["box_key"])
        shared = self.box.exchange(X25519PublicKey.from_public_bytes(theirs))
        return hkdf(shared, b"", pae("fn/hop/1", *sorted([self.box_public, theirs])))

    def post_frame(self, address, to, frame):
        key, kind, ts = self.pair_key(to), "application/x-fleet-frame", now_ms()
        self.counter += 1
        m = mac(key, pae("fn/hop-http/1", "POST", "/frame", kind, sha(frame), to, self.boot, self.counter, ts, ""))
        head = f"FleetV1 k={key_id(self.sign_public)},b={self.boot},n={self.counter},ts={ts},d={to},c=,m={b64(m)}"
        connection = http.client.HTTPConnection(address, timeout=10)
        connection.request("POST", "/frame", frame, {"Content-Type": kind, "Authorization": head})
        answer = connection.getresponse()
        body = answer.read()
        proof = b64(mac(key, pae("fn/hop-reply/1", m, answer.status, sha(body))))
        assert answer.status == 200 and answer.headers["Fleet-Reply"] == proof
        return [opened(line, self.keys) for line in body.decode().splitlines()]

    # --- messages ---

    def aad(self, m, sender_key):
        return pae("fn/body/1", m["fleet"], m["from"], m["to"], m["id"], m["dseq"], m["type"], m["ts"], m["exp"],
                   sender_key)

    def message(self, to, text):
        self.seq += 1
        m = {"v": 1, "id": f"{self.name}.{self.epoch}.{self.seq}", "dseq": self.seq, "fleet": self.fleet,
             "from": self.name, "to": to, "type": "context", "ts": now_ms(), "exp": now_ms() + 60_000}
        theirs, ephemeral = unb64(self.members[to]["box_key"]), X25519PrivateKey.generate()
        public = ephemeral.public_key().public_bytes_raw()
        aad = self.aad(m, key_id(self.sign_public))
        key = hkdf(ephemeral.exchange(X25519PublicKey.from_public_bytes(theirs)), b"",
                   pae("fn/wrap/1", public, theirs, sha(aad)))
        plain = le64(3) + b"".join(le64(len(f)) + f for f in (b"a subject", text.encode(), b""))
        plain += bytes(-len(plain) % 256)
        m["body"] = b64(public + ChaCha20Poly1305(key).encrypt(NONCE, plain, aad))
        return self.envelope("fn/msg/1", m)

    def text_of(self, m, sender_key):
        sealed, aad = unb64(m["body"]), self.aad(m, sender_key)
        key = hkdf(self.box.exchange(X25519PublicKey.from_public_bytes(sealed[:32])), b"",
                   pae("fn/wrap/1", sealed[:32], self.box_public, sha(aad)))
        plain = ChaCha20Poly1305(key).decrypt(NONCE, sealed[32:], aad)
        assert len(plain) % 256 == 0
        count, at, fields = int.from_bytes(plain[:8], "little"), 8, []
        for _ in range(count):
            size = int.from_bytes(plain[at:at + 8], "little")
            fields.append(plain[at + 8:at + 8 + size].decode())
            at += 8 + size
        return fields[1]

    def receipt(self, m, envelope_hash):
        epoch = m["id"].split(".")[1]
        return self.envelope("fn/receipt/1", {
            "v": 1, "from": self.name, "to": m["from"], "epoch": self.epoch, "ts": now_ms(),
            "facts": [{"e": epoch, "d": m["dseq"], "rank": "stored", "at": now_ms(), "hash": b64(envelope_hash)}],
            "streams": [{"e": epoch, "settled": [[1, m["dseq"], b64(envelope_hash[:16])]]}]})

    def heartbeat(self):
        beat = self.envelope("fn/hb/1", {"v": 1, "from": self.name, "boot": self.boot, "n": 1, "ts": now_ms(),
                                         "state": "up", "branch": "second", "commit": "abc"})
        nonce, number = os.urandom(12), b"\x01"
        sealed = ChaCha20Poly1305(self.fleet_key).encrypt(nonce, beat.encode(), pae("fn/hb-seal/1", self.fleet, 1))
        return number + nonce + sealed


class SecondImplementation(unittest.TestCase):
    def setUp(self):
        self.node = Node("mac1", short_temp_dir(self))
        stop_after(self, self.node)
        self.node.start()
        self.peer = Peer("python")
        invite = self.node.person("invite").reply["token"]
        self.peer.join(invite, f"127.0.0.1:{free_port()}", f"127.0.0.1:{free_port()}")

    def peer_row(self):
        return next(p for p in self.node.http("GET", "/peers").reply["peers"] if p["id"] == "python")

    def test_its_message_is_stored_and_receipted(self):
        line = self.peer.message("mac1", "hello from another program")
        _, _, envelope_hash, _ = opened(line, self.peer.keys)
        answers = self.peer.post_frame(self.node.remote, "mac1", (line + "\n").encode())
        receipt = next(payload for kind, payload, _, _ in answers if kind == "fn/receipt/1")
        self.assertEqual((receipt["from"], receipt["to"]), ("mac1", "python"))
        fact = receipt["facts"][0]
        self.assertEqual((fact["e"], fact["d"], fact["rank"]), (self.peer.epoch, 1, "stored"))
        self.assertEqual(fact["hash"], b64(envelope_hash))
        self.assertEqual(receipt["streams"][0]["settled"], [[1, 1, b64(envelope_hash[:16])]])
        inbox = self.node.inbox()
        self.assertEqual([(m["from"], m["body"], m["via"]) for m in inbox],
                         [("python", "hello from another program", "http")])

    def test_a_duplicate_gets_the_same_receipt_and_no_second_row(self):
        frame = (self.peer.message("mac1", "twice") + "\n").encode()
        facts = [self.peer.post_frame(self.node.remote, "mac1", frame)[0][1]["facts"] for _ in range(2)]
        self.assertEqual(facts[0], facts[1])
        self.assertEqual(len(self.node.inbox()), 1)

    def test_what_waits_for_it_comes_with_the_answer_and_its_receipt_is_believed(self):
        message = self.node.http("POST", "/message", {"to": "python", "type": "context", "body": "for you"}).reply["id"]

        def handed_over():
            return [a for a in self.peer.post_frame(self.node.remote, "mac1", b"") if a[0] == "fn/msg/1"]

        _, payload, envelope_hash, sender_key = wait_until("the parked message", handed_over)[0]
        self.assertEqual(payload["id"], message)
        self.assertEqual(self.peer.text_of(payload, sender_key), "for you")
        self.peer.post_frame(self.node.remote, "mac1", (self.peer.receipt(payload, envelope_hash) + "\n").encode())
        self.assertEqual(self.node.http("GET", f"/message/{message}").reply["state"], "stored")

    def test_its_heartbeat_is_heard(self):
        host, port = self.node.remote.rsplit(":", 1)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            udp.sendto(self.peer.heartbeat(), (host, int(port)))
        wait_until("life", lambda: self.peer_row()["git"]["branch"] == "second")
        self.assertTrue(self.peer_row()["online"])


if __name__ == "__main__":
    unittest.main()
