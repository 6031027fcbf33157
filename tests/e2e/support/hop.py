"""Hop proofs made outside the program, from key files of the test's own nodes.

So that a test can be a member of the fleet that lies: a valid proof around any body. Written from
docs/SECURITY.md alone, with nothing but the standard library; slow, and good for tests only.
"""

import base64
import hashlib
import hmac
import json
import os
import sqlite3
import struct
import time

from . import ed25519
from .raw import raw_request

FRAME = "application/x-fleet-frame"
_P = 2**255 - 19


def x25519(scalar, point):
    """RFC 7748, the ladder as it stands there."""
    k = (int.from_bytes(scalar, "little") & ~7 & ((1 << 255) - 1)) | (1 << 254)
    x1 = int.from_bytes(point, "little") & ((1 << 255) - 1)
    x2, z2, x3, z3, swap = 1, 0, x1, 1, 0
    for t in reversed(range(255)):
        bit = (k >> t) & 1
        if swap ^ bit:
            x2, x3, z2, z3 = x3, x2, z3, z2
        swap = bit
        a, b, c, d = x2 + z2, x2 - z2, x3 + z3, x3 - z3
        aa, bb, da, cb = a * a % _P, b * b % _P, d * a % _P, c * b % _P
        e = aa - bb
        x3, z3 = (da + cb) ** 2 % _P, x1 * (da - cb) ** 2 % _P
        x2, z2 = aa * bb % _P, e * (aa + 121665 * e) % _P
    if swap:
        x2, z2 = x3, z3
    return (x2 * pow(z2, _P - 2, _P) % _P).to_bytes(32, "little")


def pae(*fields):
    fields = [f.encode() if isinstance(f, str) else f for f in fields]
    return b"FNSIG1" + struct.pack("<Q", len(fields)) + b"".join(
        struct.pack("<Q", len(f)) + f for f in fields)


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _hkdf(secret, info):
    return hmac.digest(hmac.digest(b"\0" * 32, secret, "sha256"), info + b"\1", "sha256")


def _seed(node, name):
    return unb64((node.home / "keys" / f"{name}.key").read_text().split()[0])


def envelope_of(node, message):
    """The sealed and signed line that stands in the outbox of `node` under that id."""
    database = sqlite3.connect(f"file:{node.home}/fleet.db?mode=ro", uri=True, timeout=10)
    try:
        row = database.execute("SELECT wire FROM outbox_message WHERE id = ?", (message,))
        return bytes(row.fetchone()[0])
    finally:
        database.close()


def signed(node, line, outer=None, **changes):
    """The envelope with other fields in its payload, signed anew by `node`."""
    envelope = json.loads(line)
    payload = json.dumps({**json.loads(unb64(envelope["p"])), **changes},
                         separators=(",", ":"), sort_keys=True).encode()
    envelope = {**envelope, "p": b64(payload), **(outer or {})}
    text = pae(envelope["t"], envelope["k"], payload)
    envelope["s"] = b64(ed25519.sign(_seed(node, "sign"), text))
    return json.dumps(envelope, separators=(",", ":")).encode()


class Hop:
    """What `sender` would say to `receiver`, proved with the keys of both."""

    def __init__(self, sender, receiver):
        base = (9).to_bytes(32, "little")
        mine, theirs = (x25519(_seed(n, "box"), base) for n in (sender, receiver))
        shared = x25519(_seed(sender, "box"), theirs)
        self._key = _hkdf(shared, pae("fn/hop/1", *sorted((mine, theirs))))
        self._receiver = receiver
        rows = receiver.http("GET", "/roster").reply["nodes"]
        self._key_id = next(r["key_id"] for r in rows if r["id"] == sender.name)
        self._boot, self._count = os.urandom(8).hex(), 0

    def header(self, body, path="/frame", **lies):
        """The Authorization line; `lies` replace single fields after or before the MAC."""
        self._count += 1
        f = {"k": self._key_id, "b": self._boot, "n": str(self._count),
             "ts": str(int(time.time() * 1000)), "d": self._receiver.name, "c": "",
             "method": "POST", "type": FRAME, **lies}
        mac = hmac.digest(self._key, pae(
            "fn/hop-http/1", f["method"], path, f["type"], hashlib.sha256(body).digest(), f["d"],
            f["b"], f["n"], f["ts"], f["c"]), "sha256")
        m = f.get("m") or b64(mac)
        return (f"FleetV1 k={f['k']},b={f['b']},n={f['n']},ts={f['ts']},d={f['d']},c={f['c']},"
                f"m={m}")

    def post(self, body, header=None, **more):
        """POST /frame at the receiver's remote listener; an Answer of raw.py."""
        return post_frame(self._receiver, body, header or self.header(body), **more)


def post_frame(receiver, body, authorization, path="/frame", content_type=FRAME, source=None):
    head = [f"POST {path} HTTP/1.1", f"Host: {receiver.remote}", f"Content-Type: {content_type}",
            f"Content-Length: {len(body)}", "Connection: close"]
    if authorization:
        head.append(f"Authorization: {authorization}")
    sent = ("\r\n".join(head) + "\r\n\r\n").encode() + body
    return raw_request(receiver.place.address, receiver.remote_port, sent, source=source)
