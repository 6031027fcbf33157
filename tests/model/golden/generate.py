#!/usr/bin/env python3
"""Writes the golden vectors beside it, from the specification and python-cryptography alone.

A second implementation in another language: that both agree byte for byte is the point. The tests
only read the JSON; run this again only where the wire format is meant to change.
"""
import base64, hashlib, hmac, json, pathlib

from cryptography.hazmat.primitives.asymmetric import ed25519, x25519
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

HERE = pathlib.Path(__file__).parent


def le64(n):
    return n.to_bytes(8, "little")


def pae(*fields):
    parts = [f if isinstance(f, bytes) else str(f).encode() for f in fields]
    return b"FNSIG1" + le64(len(parts)) + b"".join(le64(len(p)) + p for p in parts)


def b64(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def key_id(public):
    return base64.b32encode(hashlib.sha256(public).digest()[:16]).decode().lower().rstrip("=")


def hkdf(secret, info):
    return HKDF(SHA256(), 32, b"", info).derive(secret)


def pae_vectors():
    cases = [[], [""], ["", ""], ["ab", "c"], ["a", "bc"], ["fn/msg/1", "key", bytes(range(256))]]
    as_bytes = [[f if isinstance(f, bytes) else f.encode() for f in case] for case in cases]
    return [{"fields": [f.hex() for f in case], "pae": pae(*case).hex()} for case in as_bytes]


def envelope_vector(name, kind, payload):
    key = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    public = key.public_key().public_bytes_raw()
    signed = pae(kind, key_id(public), payload)
    signature = key.sign(signed)
    wire = '{"fn":1,"t":"%s","k":"%s","p":"%s","s":"%s"}' % (
        kind, key_id(public), b64(payload), b64(signature))
    return {"name": name, "seed": bytes(range(32)).hex(), "public": public.hex(),
            "key_id": key_id(public), "type": kind, "payload": payload.hex(),
            "signed_bytes": signed.hex(), "hash": hashlib.sha256(signed).hexdigest(), "wire": wire}


def psk_vector():
    key, payload = bytes(range(32, 64)), b'{"v":1}'
    signed = pae("fn/hb/1", "psk:k1", payload)
    wire = '{"fn":1,"t":"fn/hb/1","k":"psk:k1","p":"%s","s":"%s"}' % (
        b64(payload), b64(hmac.digest(key, signed, "sha256")))
    return {"key": key.hex(), "fleet_key_id": "k1", "payload": payload.hex(), "wire": wire}


def public_of(private):
    return x25519.X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def exchange(private, public):
    return x25519.X25519PrivateKey.from_private_bytes(private).exchange(
        x25519.X25519PublicKey.from_public_bytes(public))


def sealed_vector(name, subject, body, session, refs):
    ephemeral, recipient, sender = b"\x11" * 32, b"\x22" * 32, key_id(b"\x33" * 32)
    aad = pae("fn/body/1", "fleet-a", "mac1", "mac2", "mac1.00f3a9c2b4d5e6f7.42", 7, "task",
              1700000000000, 1700000600000, sender)
    fields = [f.encode() for f in [subject, body, session, *refs]]
    plain = le64(len(fields)) + b"".join(le64(len(f)) + f for f in fields)
    plain += bytes(-len(plain) % 256)
    info = pae("fn/wrap/1", public_of(ephemeral), public_of(recipient), hashlib.sha256(aad).digest())
    key = hkdf(exchange(ephemeral, public_of(recipient)), info)
    sealed = public_of(ephemeral) + ChaCha20Poly1305(key).encrypt(bytes(12), plain, aad)
    return {"name": name, "ephemeral_private": ephemeral.hex(), "recipient_private": recipient.hex(),
            "sender_key_id": sender, "subject": subject, "body": body, "session": session,
            "refs": refs, "sealed": sealed.hex()}


def hop_vector():
    mine, theirs = b"\x44" * 32, b"\x55" * 32
    low, high = sorted([public_of(mine), public_of(theirs)])
    key = hkdf(exchange(mine, public_of(theirs)), pae("fn/hop/1", low, high))
    digest = hashlib.sha256(b"body").digest()
    rest = ["mac2", "00f3a9c2b4d5e6f7", 9, 1700000000000, "chal-1"]
    http = hmac.digest(key, pae("fn/hop-http/1", "POST", "/fleet/in", "application/json", digest,
                                *rest), "sha256")
    nats = hmac.digest(key, pae("fn/hop-nats/1", "fn.a.mac2.mac1", digest, *rest), "sha256")
    reply = hmac.digest(key, pae("fn/hop-reply/1", http, 200, digest), "sha256")
    header = "FleetV1 k=%s,b=00f3a9c2b4d5e6f7,n=9,ts=1700000000000,d=mac2,c=chal-1,m=%s" % (
        key_id(b"\x66" * 32), b64(http))
    return {"mine_private": mine.hex(), "theirs_private": theirs.hex(), "key": key.hex(),
            "http_mac": http.hex(), "nats_mac": nats.hex(), "reply_mac": reply.hex(),
            "http_header": header}


def write(name, vectors):
    text = json.dumps(vectors, indent=1, ensure_ascii=False) + "\n"
    (HERE / name).write_text(text, encoding="utf-8")


write("pae.json", pae_vectors())
write("envelope.json", {
    "signed": [envelope_vector("message", "fn/msg/1", '{"v":1,"to":"mac2","ü":"🚀"}'.encode()),
               envelope_vector("empty payload", "fn/receipt/1", b""),
               envelope_vector("any bytes", "fn/roster/1", bytes(range(256)))],
    "psk": psk_vector()})
write("sealed_body.json", [
    sealed_vector("plain", "Build", "Please build main.", "", []),
    sealed_vector("all fields", "Grüße 🚀", "zwei\nZeilen\t…", "s-1", ["git:abc", "file:notes.md"]),
    sealed_vector("fills a step exactly", "", "x" * 224, "", []),
    sealed_vector("one byte into the next step", "", "x" * 225, "", [])])
write("hop.json", hop_vector())
