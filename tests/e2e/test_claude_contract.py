# ctest-timeout: 420
"""What fleet-nerve takes for granted about the real Claude Code, held against the real program.

`seen` rests on these lines: `hook_additional_context` is evidence, `hook_success` is not.
"""

import json
import unittest

from e2e.setup.claude_code import CURRENT, OLDEST, claude_program
from e2e.support.fake_model import FakeModel
from e2e.support.processes import short_temp_dir
from e2e.support.real_claude import ClaudeHome, hook_contexts

TEXT = 'id="01JD0A" "quoted" \\ tab\there\n| é ☃ 😀 \u2028 <b>&amp;</b>'


class Contract:
    def setUp(self):
        self.program = claude_program(self.version)
        self.root = short_temp_dir(self)
        self.model = FakeModel().start()
        self.addCleanup(self.model.stop)

    def prints(self, event, text, then=""):
        """A hook command that answers with that context."""
        answer = self.root / f"{event}.json"
        answer.write_text(json.dumps({"hookSpecificOutput": {
            "hookEventName": event, "additionalContext": text}}))
        return f"cat > {self.root}/{event}.stdin; cat {answer}{then}"

    def claude(self, **hooks):
        return ClaudeHome(self.root, self.program, self.model, hooks)

    def test_context_of_both_hooks_is_in_the_request_and_in_the_transcript(self):
        for event in ("SessionStart", "UserPromptSubmit"):
            with self.subTest(event):
                claude = self.claude(**{event: self.prints(event, TEXT)})
                run = claude.run_print("hello [[say HI]]")
                self.assertEqual((run.exit, run.result), (0, "HI"), run.stderr)
                self.assertIn(f"{event} hook additional context: {TEXT}", run.shown())
                self.assertEqual(hook_contexts(run.transcript_lines(), event), [TEXT])
                told = json.loads((self.root / f"{event}.stdin").read_text())
                self.assertEqual(told["session_id"], run.session)
                self.assertEqual(told["transcript_path"], str(run.transcript))

    def test_the_prompt_id_a_hook_is_told_names_the_line_its_context_follows(self):
        run = self.claude(UserPromptSubmit=self.prints("UserPromptSubmit", TEXT)).run_print("hello")
        prompt_id = json.loads((self.root / "UserPromptSubmit.stdin").read_text())["prompt_id"]
        kinds = [(line["type"], line.get("promptId") or line.get("attachment", {}).get("type"))
                 for line in run.transcript_lines()]
        prompt = kinds.index(("user", prompt_id))
        context = kinds.index(("attachment", "hook_additional_context"))
        answer = next(i for i, (kind, _) in enumerate(kinds) if kind == "assistant")
        self.assertLess(prompt, context)
        self.assertLess(context, answer)

    def test_what_a_timed_out_hook_printed_leaves_no_trace(self):
        command = self.prints("UserPromptSubmit", TEXT, then="; sleep 4")
        entry = {"type": "command", "command": command, "timeout": 1}
        run = self.claude(UserPromptSubmit=[{"hooks": [entry]}]).run_print("hello [[say HI]]")
        self.assertEqual(run.result, "HI")
        self.assertNotIn("01JD0A", run.shown() + run.transcript.read_text())

    def test_what_is_printed_beside_a_blocking_hook_leaves_no_trace(self):
        entries = [{"type": "command", "command": c} for c in
                   (self.prints("UserPromptSubmit", TEXT), "echo no >&2; exit 2")]
        run = self.claude(UserPromptSubmit=[{"hooks": entries}]).run_print("hello")
        self.assertEqual(run.requests, [])
        self.assertNotIn("01JD0A", run.transcript.read_text())

    def test_above_ten_thousand_characters_only_a_preview_is_shown(self):
        text = TEXT + "x" * 10_001 + "END-OF-IT"
        run = self.claude(SessionStart=self.prints("SessionStart", text)).run_print("hello")
        context, = hook_contexts(run.transcript_lines(), "SessionStart")
        self.assertTrue(context.startswith("<persisted-output>\n"), context[:200])
        self.assertNotIn("END-OF-IT", run.shown())
        self.assertIn("END-OF-IT", run.transcript.read_text())  # in a hook_success line

    def test_nine_thousand_characters_are_shown_whole(self):
        text = "é" * 9_000
        run = self.claude(SessionStart=self.prints("SessionStart", text)).run_print("hello")
        self.assertEqual(hook_contexts(run.transcript_lines(), "SessionStart"), [text])
        self.assertIn(text, run.shown())


class CurrentClaude(Contract, unittest.TestCase):
    version = CURRENT


class OldestClaude(Contract, unittest.TestCase):
    version = OLDEST


if __name__ == "__main__":
    unittest.main()
