"""The real Claude Code in a private home, talking to the fake model and to nothing else.

A ClaudeHome is one user of Claude on one machine: its HOME, its project directory and its hooks.
`run_print` is `claude -p`; the result holds what the model was asked and where the transcript is.
"""

import json
import os
import subprocess
import uuid
from dataclasses import dataclass
from pathlib import Path

from .fake_model import shown
from .processes import HERE

KEY = "sk-ant-fake-0000000000000000000000000000"
QUIET = {"DISABLE_AUTOUPDATER": "1", "DISABLE_TELEMETRY": "1", "DISABLE_ERROR_REPORTING": "1",
         "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1", "ENABLE_TOOL_SEARCH": "false",
         "CLAUDE_CODE_MAX_RETRIES": "0"}


@dataclass
class PrintRun:
    exit: int
    session: str
    result: str  # the final answer as Claude printed it
    events: list  # its stream-json lines
    stderr: str
    requests: list  # what the model was asked in this run, oldest first
    transcript: Path

    def shown(self):
        """All text that the model was shown in this run."""
        return "\n".join(shown(r) for r in self.requests)

    def transcript_lines(self):
        return transcript_lines(self.transcript)


class ClaudeHome:
    def __init__(self, root, program, model, hooks=None, plugin_dir=None, env=None, place=HERE):
        self.root, self.program, self.model, self.place = Path(root), program, model, place
        self.plugin_dir, self._env = plugin_dir, env or {}
        self.home, self.project = self.root / "home", self.root / "project"
        self.temporary = self.root / "tmp"
        for folder in (self.home / ".claude", self.project, self.temporary):
            folder.mkdir(parents=True, exist_ok=True)
        self._write(".claude.json", {
            "hasCompletedOnboarding": True, "theme": "dark",
            "customApiKeyResponses": {"approved": [KEY[-20:]], "rejected": []},
            "projects": {str(self.project): {"hasTrustDialogAccepted": True,
                                             "hasCompletedProjectOnboarding": True}}})
        self.set_hooks(hooks or {})

    def set_hooks(self, hooks):
        """`{"SessionStart": "shell command", …}`; a value may also be Claude's own list."""
        own = {event: value if isinstance(value, list) else
               [{"hooks": [{"type": "command", "command": value, "timeout": 10}]}]
               for event, value in hooks.items()}
        self._write(".claude/settings.json", {"hooks": own})

    def env(self):
        """Built from nothing, so that no CLAUDE* variable or key of the caller gets in."""
        kept = {k: os.environ[k] for k in ("PATH", "LANG", "LC_ALL") if k in os.environ}
        return {**kept, **QUIET, "HOME": str(self.home), "TMPDIR": str(self.temporary),
                "CLAUDE_CODE_TMPDIR": str(self.temporary), "ANTHROPIC_API_KEY": KEY,
                "ANTHROPIC_BASE_URL": self.model.url, **self._env}

    def run_print(self, prompt, allowed_tools=(), resume=None, extra=(), timeout=90):
        session = resume or str(uuid.uuid4())
        argv = [str(self.program), "-p", prompt, "--output-format", "stream-json", "--verbose",
                "--debug-file", str(self.root / "debug.log"),
                *(["--resume", session] if resume else ["--session-id", session]),
                *(["--plugin-dir", str(self.plugin_dir)] if self.plugin_dir else []),
                *(["--allowedTools", ",".join(allowed_tools)] if allowed_tools else []), *extra]
        already = len(self.model.asked(session))
        done = subprocess.run([*self.place.prefix, *argv], cwd=self.project, env=self.env(),
                              stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=timeout)
        events = _json_lines(done.stdout)
        final = next((e for e in reversed(events) if e.get("type") == "result"), {})
        return PrintRun(done.returncode, session, final.get("result", ""), events, done.stderr,
                        self.model.asked(session)[already:], self.transcript(session))

    def transcript(self, session):
        """Where Claude keeps the session; under the slug of the project if it is not there yet."""
        projects = self.home / ".claude" / "projects"
        found = next(projects.glob(f"*/{session}.jsonl"), None)
        return found or projects / slug(self.project) / f"{session}.jsonl"

    def _write(self, name, content):
        (self.home / name).write_text(json.dumps(content, indent=1))


def slug(path):
    return "".join(c if c.isascii() and c.isalnum() else "-" for c in str(path))


def transcript_lines(path):
    """The whole lines of a transcript; a last line without its newline is not written yet."""
    text = Path(path).read_text() if Path(path).exists() else ""
    return _json_lines(text[:text.rfind("\n") + 1])


def hook_contexts(lines, event):
    """What hooks of that event put beside the conversation, from the transcript's lines."""
    attached = [line["attachment"] for line in lines if line.get("type") == "attachment"]
    return [text for a in attached if a.get("type") == "hook_additional_context"
            and a.get("hookEvent") == event for text in a.get("content", [])]


def _json_lines(text):
    lines = []
    for line in text.split("\n"):  # not splitlines: U+2028 stands raw inside these strings
        try:
            lines.append(json.loads(line))
        except ValueError:
            continue  # claude prints warnings between its lines
    return lines
