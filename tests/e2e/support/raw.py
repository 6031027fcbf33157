"""Bytes on a socket, for requests that no client library would send."""

import itertools
import json
import socket
from dataclasses import dataclass

_sources = itertools.count(1)


@dataclass
class Answer:
    status: int  # 0: the connection was closed without one
    headers: dict
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)


def fresh_source():
    """A loopback address of its own, so that no rate limit of another test counts."""
    n = next(_sources)
    return f"127.{20 + n // 60_000}.{n // 250 % 240 + 1}.{n % 250 + 1}"


def raw_request(host, port, sent, source=None, timeout=15):
    """Sends the bytes and reads one answer."""
    local = (source, 0) if source else None
    with socket.create_connection((host, port), timeout, source_address=local) as connection:
        try:
            connection.sendall(sent)
        except (BrokenPipeError, ConnectionResetError):
            pass  # refused before we were done: the answer is there all the same
        return read_answer(connection)


def read_answer(connection):
    received = b""
    while b"\r\n\r\n" not in received:
        try:
            piece = connection.recv(65536)
        except ConnectionResetError:
            piece = b""
        if not piece:
            return Answer(0, {}, received)
        received += piece
    head, _, body = received.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    headers = {k.lower(): v for k, _, v in (line.partition(": ") for line in lines[1:])}
    while len(body) < int(headers.get("content-length", 0)):
        piece = connection.recv(65536)
        if not piece:
            break
        body += piece
    return Answer(int(lines[0].split()[1]), headers, body)
