# ctest-timeout: 420
"""The main job: a message from one machine stands in the prompt of a live Claude Code session on
another, and the sender's `message ID` then says `seen`, and not before.

Two daemons on loopback, the real `claude -p` with the project's own plugin, the fake model.
"""

import json
import os
import threading
import time
import unittest
from pathlib import Path

from e2e.setup.claude_code import CURRENT, OLDEST, claude_program
from e2e.support.fake_model import FakeModel, shown
from e2e.support.node import Node, pair, program, stop_after
from e2e.support.processes import short_temp_dir
from e2e.support.real_claude import ClaudeHome

PLUGIN = Path(__file__).resolve().parents[2]
# The hook's 80 ms are for people; a sanitized program on a busy machine needs more.
PATIENT = {"FLEET_NERVE_HOOK_MS": "3000"}


class Seen:
    def setUp(self):
        program()
        self.claude_program = claude_program(self.version)
        self.root = short_temp_dir(self)
        self.model = FakeModel().start()
        self.addCleanup(self.model.stop)
        self.a, self.b = (Node(name, self.root) for name in ("mac1", "mac2"))
        stop_after(self, self.a, self.b)
        self.a.start()
        pair(self.a, self.b)
        self.tools = self.root / "bin"
        self.tools.mkdir()
        (self.tools / "fleet-nerve").symlink_to(self.b.program)

    def claude(self, plugin=PLUGIN, hooks=None):
        """A person on B, whose home lies in B's as on a real machine."""
        env = {**PATIENT, **{k: v for k, v in self.b.env().items() if k.startswith("FLEET_")},
               "PATH": f"{self.tools}:{os.environ['PATH']}"}
        return ClaudeHome(self.b.root / "person", self.claude_program, self.model, env=env,
                          plugin_dir=plugin, hooks=hooks)

    def state(self, message):
        return self.a.http("GET", f"/message/{message}").reply["state"]

    def hook(self, event, **fields):
        """The hook as a client runs it; what it would put before the model."""
        told = {"session_id": "11111111-2222-3333-4444-555555555555", "hook_event_name": event,
                "transcript_path": str(self.b.root / "none.jsonl"), "cwd": str(self.b.root),
                "prompt_id": "p", "prompt": "hello", **fields}
        name = {"SessionStart": "session-start", "UserPromptSubmit": "user-prompt-submit",
                "SessionEnd": "session-end"}[event]
        answer = self.b.run("hook", name, stdin=json.dumps(told), env=PATIENT)
        self.assertEqual((answer.exit, answer.err), (0, ""))
        if not answer.out:
            return ""
        self.assertEqual(answer.reply["hookSpecificOutput"]["hookEventName"], event)
        return answer.reply["hookSpecificOutput"]["additionalContext"]

    def arrived(self, body="Hello from mac1", **fields):
        message = self.a.send("mac2", body, **fields)
        self.a.wait_state(message, "stored")
        return message

    def test_the_message_stands_in_the_request_and_is_seen_then_and_not_before(self):
        message = self.arrived("Hello from mac1: \u00e9 \u2603 \U0001F600\nsecond line")
        states, done = [], threading.Event()

        def follow():
            while not done.is_set():
                states.append((self.state(message), int(time.time() * 1000)))
                time.sleep(0.02)

        watcher = threading.Thread(target=follow)
        watcher.start()
        try:
            run = self.claude().run_print("hello [[sleep 2000]] [[say HI]]")
            self.assertEqual((run.exit, run.result), (0, "HI"), run.stderr)
            told = run.shown()
            self.assertIn(f'id="{message}" from="mac1"', told)
            self.assertIn("\n| Hello from mac1: \u00e9 \u2603 \U0001F600\n| second line\n", told)
            self.assertIn("not by your user", told)
            self.assertEqual(told.count(f'id="{message}"'), 1)
            reached = self.a.wait_state(message, "seen")
        finally:
            done.set()
            watcher.join()
        asked = run.requests[0]["at_ms"]
        early = [state for state, at in states if at < asked]
        self.assertEqual(set(early), {"stored"})
        self.assertIn("seen", [entry["event"] for entry in reached["timeline"]])

    def test_it_is_shown_once_whatever_is_asked_next(self):
        message = self.arrived()
        claude = self.claude()
        first = claude.run_print("hello [[say ONE]]")
        self.assertIn(message, first.shown())
        self.a.wait_state(message, "seen")
        again = claude.run_print("and [[say TWO]]", resume=first.session)
        # The first turn's context is in the conversation; the second turn brings no other.
        self.assertEqual([shown(r).count(f'id="{message}"') for r in again.requests], [1])
        other = claude.run_print("hello [[say THREE]]")
        self.assertNotIn(message, other.shown())

    def test_that_a_hook_printed_it_is_no_evidence(self):
        message = self.arrived()
        self.assertIn(f'id="{message}"', self.hook("UserPromptSubmit"))
        time.sleep(2.5)
        self.assertEqual(self.state(message), "stored")
        self.assertEqual(self.hook("UserPromptSubmit", prompt_id="q"), "")

    def test_a_blocked_prompt_leaves_it_for_the_next(self):
        message = self.arrived()
        entries = [{"type": "command", "command": c} for c in
                   ("fleet-nerve hook user-prompt-submit", "sleep 0.3; echo no >&2; exit 2")]
        claude = self.claude(plugin=None, hooks={"UserPromptSubmit": [{"hooks": entries}]})
        self.assertEqual(claude.run_print("hello").requests, [])
        time.sleep(1.5)  # what is never to come has time to
        self.assertEqual(self.state(message), "stored")
        self.assertIn(message, self.claude().run_print("hello [[say HI]]").shown())
        self.a.wait_state(message, "seen")

    def test_a_hook_without_a_daemon_is_silent_and_quick(self):
        self.b.stop()
        self.assertEqual(self.hook("UserPromptSubmit"), "")
        begun = time.monotonic()
        for _ in range(5):
            self.hook("UserPromptSubmit")
        print(f"a hook without a daemon: {(time.monotonic() - begun) / 5 * 1000:.0f} ms")
        for bad in ("", "{", "[]", '{"session_id":7}', "\x00", '{"hook_event_name":"Nothing"}'):
            answer = self.b.run("hook", "user-prompt-submit", stdin=bad)
            self.assertEqual((answer.exit, answer.out, answer.err), (0, "", ""), bad)


class SeenByTheCurrentClaude(Seen, unittest.TestCase):
    version = CURRENT


class SeenByTheOldestClaude(Seen, unittest.TestCase):
    version = OLDEST


if __name__ == "__main__":
    unittest.main()
