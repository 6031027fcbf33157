# ctest-timeout: 300
# ctest-serial
"""`fleet-nerve demo`, which `./dev run` ends with: it says what it counted, and leaves nothing behind."""

import json
import os
import re
import signal
import subprocess
import unittest
from pathlib import Path

from e2e.support.node import program
from e2e.support.processes import short_temp_dir

PATIENCE_S = 120
PIDS = re.compile(r"pid (\d+)")


def alive(pid):
    try:
        os.kill(pid, 0)
        return True
    except ProcessLookupError:
        return False


class Demo(unittest.TestCase):
    def setUp(self):
        self.folder = Path(short_temp_dir(self))
        self.env = {**os.environ, "TMPDIR": str(self.folder)}

    def start(self, *words):
        child = subprocess.Popen([program(), "demo", *words], env=self.env, text=True,
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(lambda: (child.kill(), child.wait(), child.stdout.close(), child.stderr.close()))
        return child

    def nothing_is_left(self, pids=()):
        self.assertEqual(list(self.folder.glob("fleet-demo-*")), [])
        self.assertEqual([pid for pid in pids if alive(pid)], [])

    def test_every_accepted_message_is_stored_once_and_everything_is_put_away(self):
        child = self.start("--json")
        out, err = child.communicate(timeout=PATIENCE_S)
        self.assertEqual(child.returncode, 0, out + err)
        reply = json.loads(out)
        self.assertTrue(reply["ok"])
        self.assertGreater(reply["accepted"], 50)
        self.assertEqual(reply["stored"], reply["accepted"])
        for fault in ("lost", "twice", "altered", "unasked", "unproved"):
            self.assertEqual(reply[fault], 0, fault)
        self.assertLess(reply["took_s"], 60)
        self.nothing_is_left()

    def test_tells_its_story_without_colour_where_nobody_looks(self):
        child = self.start()
        out, err = child.communicate(timeout=PATIENCE_S)
        self.assertEqual(child.returncode, 0, out + err)
        self.assertNotIn("\033", out)
        self.assertRegex(out, r"(\d+) accepted, \1 stored, 0 lost, 0 twice")
        self.assertIn("of them parked", out)
        self.nothing_is_left(map(int, PIDS.findall(out)))

    def test_goes_on_when_asked_to_and_ends_with_an_interrupt(self):
        child = self.start("--keep")
        said = []
        for line in child.stdout:
            said.append(line)
            if "logs and homes" in line:
                break
        told = "".join(said)
        home = re.search(r"FLEET_NERVE_HOME=(\S+) fleet-nerve peers", told).group(1)
        peers = subprocess.run([program(), "peers", "--json"], env={**self.env, "FLEET_NERVE_HOME": home},
                               capture_output=True, text=True, timeout=30, check=True)
        self.assertEqual(len(json.loads(peers.stdout)["peers"]), 3)
        child.send_signal(signal.SIGINT)
        self.assertEqual(child.wait(timeout=30), 0)
        self.nothing_is_left(map(int, PIDS.findall(told)))

    def test_an_interrupt_in_the_middle_leaves_nothing(self):
        child = self.start()
        said = []
        for line in child.stdout:
            said.append(line)
            if line.startswith("2. "):
                break
        child.send_signal(signal.SIGINT)
        child.communicate(timeout=30)
        self.assertEqual(child.returncode, 1)
        self.nothing_is_left(map(int, PIDS.findall("".join(said))))


if __name__ == "__main__":
    unittest.main()
