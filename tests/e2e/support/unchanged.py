"""What must be the same after bad input: the process, its health, and every row it keeps."""

import os
import sqlite3
from contextlib import contextmanager

OWN_LIFE = ("heartbeat_mark", "outbox_event")  # tables that also grow by themselves


def rows(node):
    """Row counts, read beside the daemon."""
    database = sqlite3.connect(f"file:{node.home}/fleet.db?mode=ro", uri=True, timeout=10)
    try:
        tables = [t for (t,) in database.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table'") if t not in OWN_LIFE]
        return {t: database.execute(f"SELECT count(*) FROM {t}").fetchone()[0] for t in tables}
    finally:
        database.close()


def standing(node):
    stats = node.http("GET", "/stats").reply
    return {"pid": node.pid, "running": node.running(), "rows": rows(node),
            "health": node.http("GET", "/health").status, "epoch": stats["epoch"],
            "outbox": stats["outbox"], "inbox": stats["inbox"], "refused": stats["store"]["refused"]}


@contextmanager
def unchanged(test, *nodes):
    before = [standing(n) for n in nodes]
    yield
    for node, was in zip(nodes, before):
        test.assertEqual(standing(node), was, f"{node.name} changed:\n{node.tail()}")


def open_files(node):
    return len(os.listdir(f"/proc/{node.pid}/fd"))


def resident_kib(node):
    with open(f"/proc/{node.pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))


def sanitized(node):
    """Whether the program carries AddressSanitizer, whose memory says nothing about the node's."""
    with open(node.program, "rb") as program:
        return b"__asan_init" in program.read()
