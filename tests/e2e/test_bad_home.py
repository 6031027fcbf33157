# ctest-timeout: 300
"""Bad homes: open key files, faulty configuration, damaged and foreign databases, other users.

A start that cannot be right ends at once, with a message that says what to run or to change.
"""

import concurrent.futures
import json
import os
import pwd
import shutil
import sqlite3
import subprocess
import unittest

from e2e.support.node import Node, stop_after
from e2e.support.processes import short_temp_dir
from e2e.support.unchanged import unchanged


class Case(unittest.TestCase):
    def setUp(self):
        self.node = Node("solo", short_temp_dir(self))
        stop_after(self, self.node)

    def refused(self, exit, *words):
        """`serve` ends with this status and names the words."""
        ended = self.node.run("serve", "--allow-root", timeout=10)
        self.assertEqual(ended.exit, exit, ended)
        for word in words:
            self.assertIn(word, ended.err)
        return ended.err


class Keys(Case):
    def setUp(self):
        super().setUp()
        self.assertEqual(self.node.run("init").exit, 0)
        self.keys = self.node.home / "keys"

    def test_a_key_file_with_open_bits_ends_with_78_and_the_command_to_run(self):
        for name in ("sign.key", "box.key", "fleet.key", "root.key"):
            for mode in (0o640, 0o604, 0o644, 0o660):
                with self.subTest(f"{name} {mode:o}"):
                    (self.keys / name).chmod(mode)
                    self.refused(78, "chmod 600", str(self.keys / name))
                    (self.keys / name).chmod(0o600)
        self.keys.chmod(0o755)
        self.refused(78, "chmod 700", str(self.keys))
        self.keys.chmod(0o700)
        self.node.start()

    def test_a_key_that_is_a_link_somebody_elses_or_no_key_ends_with_78(self):
        key, kept = self.keys / "sign.key", self.node.root / "sign.key"
        secret = key.read_text().split()[0]
        shutil.copy(key, kept)
        key.unlink()
        key.symlink_to(kept)
        self.refused(78, "sign.key")
        key.unlink()
        for text in ("", "not a key", secret[:-3], secret + "\nmore"):
            key.write_text(text)
            key.chmod(0o600)
            with self.subTest(text[:10]):
                said = self.refused(78, "sign.key")
                self.assertNotIn(secret[:12], said, "a key is never shown")
        if os.geteuid() == 0:
            key.write_text(secret + "\n")
            os.chown(key, pwd.getpwnam("nobody").pw_uid, -1)
            self.refused(78, "sign.key")

    def test_a_half_key_folder_is_not_filled_up_with_new_keys(self):
        (self.keys / "box.key").unlink()
        self.refused(78, "box.key")
        self.assertFalse((self.keys / "box.key").exists())


class Configuration(Case):
    def test_several_faults_are_reported_at_once_with_their_paths(self):
        self.node.write_config({
            "node_id": "Bad Name", "surprise": 1, "engine": "steam",
            "listen": {"local": "nowhere", "remote": 5, "typo": True},
            "nodes": {"UPPER": {}, "mac2": {"role": "queen", "http": [1]}},
            "channels": {"nats": {"url": "http://x"}, "pigeon": {}},
            "timing": {"heartbeat_ms": 0, "cap_pigeon_ms": 5, "probe_min_ms": "soon"}})
        self.refused(78, "node_id", "surprise", "engine", "listen.local", "listen.remote",
                     "listen.typo", "nodes.UPPER", "nodes.mac2.role", "nodes.mac2.http",
                     "channels.nats.url", "channels.pigeon", "timing.heartbeat_ms",
                     "timing.cap_pigeon_ms", "timing.probe_min_ms")
        self.assertFalse((self.node.home / "fleet.db").exists(), "nothing was made")

    def test_a_file_that_is_no_json_object(self):
        path = self.node.home / "config.json"
        for text in ("", "{", "[]", "null", '{"node_id":"a","node_id":"b"}', "{" * 1000, "\xff"):
            with self.subTest(text[:10]):
                path.write_bytes(text.encode("latin-1"))
                self.refused(78, "config.json")

    def test_a_wildcard_needs_to_be_said_twice(self):
        for address in ("0.0.0.0:0", "[::]:0", "0:0", "*:0", "[::0]:0", "[0::]:0"):
            with self.subTest(address):
                self.node.configure(listen={"remote": [address], "local": address})
                ended = self.node.run("serve", "--allow-root", timeout=10)
                self.assertIn(ended.exit, (1, 78), ended)

    def test_a_clock_offset_that_is_no_number(self):
        bad = self.node.run("serve", "--allow-root", env={"FLEET_NERVE_CLOCK_OFFSET_MS": "soon"})
        self.assertEqual(bad.exit, 78)

    def test_the_nearest_classic_file_is_read_over_the_own_one(self):
        folder = self.node.root / "work" / "deep"
        (self.node.root / "work" / ".multifleet").mkdir(parents=True)
        folder.mkdir()
        (self.node.root / "work" / ".multifleet" / "config.json").write_text('{"node_id":"BAD"}')
        bad = self.node.run("serve", "--allow-root", cwd=folder)
        self.assertEqual(bad.exit, 78, bad)
        self.assertIn("BAD", bad.err)


class Database(Case):
    def setUp(self):
        super().setUp()
        self.node.start()
        self.message = self.node.send("self", "kept", until="stored")
        self.node.stop()
        self.file = self.node.home / "fleet.db"

    def aside(self):
        return [p.name for p in self.node.home.iterdir() if ".damaged-" in p.name]

    def test_a_truncated_database_is_set_aside_and_never_overwritten(self):
        whole, mark = self.file.read_bytes(), self.file.with_name("fleet.db.clean")
        clean = mark.read_bytes()
        for size in (len(whole) // 2, 3000, 50, 0):
            with self.subTest(size):
                for name in self.aside():
                    (self.node.home / name).unlink()
                self.file.write_bytes(whole[:size])
                self.node.start()
                kept = [n for n in self.aside() if not n.endswith(("-wal", "-shm"))]
                self.assertEqual(len(kept), 1, "the damaged file is kept")
                self.assertEqual((self.node.home / kept[0]).stat().st_size, size)
                self.node.send("self", "it works", until="stored")
                self.node.stop()
                for tail in ("-wal", "-shm"):
                    self.file.with_name(f"fleet.db{tail}").unlink(missing_ok=True)
                mark.write_bytes(clean)

    def test_a_database_with_flipped_pages_is_set_aside_after_an_unclean_stop(self):
        self.node.start()
        self.node.kill9()
        data = bytearray(self.file.read_bytes())
        for at in range(4096, len(data) - 4096, 4096):
            data[at:at + 64] = b"\xa5" * 64
        self.file.write_bytes(data)
        self.node.start()
        self.assertTrue(self.aside())

    def test_a_foreign_database_is_refused_and_left_alone(self):
        self.file.unlink()
        other = sqlite3.connect(self.file)
        other.execute("CREATE TABLE recipes (name TEXT)")
        other.commit()
        other.close()
        before = self.file.read_bytes()
        self.refused(1, "fleet.db")
        self.assertEqual(self.file.read_bytes(), before)
        self.file.write_bytes(b"this is a diary" * 100)
        self.refused(1, "fleet.db")
        self.assertEqual(self.file.read_bytes(), b"this is a diary" * 100)

    def test_a_newer_database_is_refused_with_the_remedy(self):
        newer = sqlite3.connect(self.file)
        newer.execute("UPDATE schema_version SET version = version + 1")
        newer.commit()
        newer.close()
        self.refused(1, "newer", "install that version")
        newer = sqlite3.connect(self.file)
        newer.execute("UPDATE schema_version SET version = version - 1")
        newer.commit()
        newer.close()
        self.node.start()
        self.assertEqual([m["id"] for m in self.node.inbox()], [self.message])


class OtherUser(Case):
    """As root only: a second user's curl at the first one's node."""

    def as_nobody(self, *argv):
        if os.geteuid() != 0 or not shutil.which("setpriv"):
            self.skipTest("needs root, to become another user")
        nobody = pwd.getpwnam("nobody")
        become = ["setpriv", f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}",
                  "--clear-groups"]
        return subprocess.run([*become, *argv], capture_output=True, text=True, timeout=20)

    def status(self, *argv):
        done = self.as_nobody("curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", *argv)
        return done.stdout

    def test_another_user_hears_401_and_learns_nothing(self):
        self.node.start()
        base = f"http://127.0.0.1:{self.node.port}"
        with unchanged(self, self.node):
            for path in ("/inbox", "/stats", "/health", "/events?after=0", "/peers"):
                self.assertEqual(self.status(base + path), "401", path)
            sent = self.status("-X", "POST", base + "/message", "-H",
                               "Content-Type: application/json", "-d", '{"to":"self","body":"x"}')
            self.assertEqual(sent, "401")
            lied = self.status(base + "/inbox", "-H", "X-Fleet-Token: guess")
            self.assertEqual(lied, "401")
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(lambda _: self.status(base + "/inbox"), range(12)))
        self.assertNotIn("200", answers)
        self.assertEqual(self.node.http("GET", "/health").status, 200)

    def test_another_user_cannot_reach_the_socket_or_read_the_home(self):
        self.node.start()
        self.node.root.parent.chmod(0o755)
        self.node.root.chmod(0o755)
        socket = self.node.home / "run" / "sock"
        self.assertNotEqual(self.as_nobody(
            "curl", "-sS", "--unix-socket", str(socket), "http://localhost/inbox").returncode, 0)
        for name in ("config.json", "fleet.db", "keys/sign.key"):
            self.assertNotEqual(self.as_nobody("cat", str(self.node.home / name)).returncode, 0)


if __name__ == "__main__":
    unittest.main()
