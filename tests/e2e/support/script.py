"""What a test writes into a prompt to make the fake model act, and how one request is answered.

A prompt is a script: `[[say TEXT]] [[call TOOL {json}]] [[sleep MS]] [[error STATUS]]`. The server
keeps no state: how many tool results follow the prompt says how far the script has got. Knows no
wire format; anthropic_messages.py (and its later siblings) translate.
"""

import json
import re
from dataclasses import dataclass, field

MAX_SLEEP_MS = 30_000
_OPENING = re.compile(r"\[\[(say|call|sleep|error)\s+")


@dataclass
class Turn:
    """One request as every protocol can state it."""

    prompt: str  # the text of the last user prompt, without what hooks put beside it
    results: list  # texts of the tool results that came after it, oldest first
    tools: list  # names of the tools that were offered


@dataclass
class Answer:
    status: int = 200
    sleep_ms: int = 0
    text: str = ""
    call: tuple | None = None  # (tool name as offered, arguments)


@dataclass
class _Step:
    verb: str
    text: str
    arguments: dict = field(default_factory=dict)


def steps(prompt):
    """The directives of a prompt in order; anything malformed is not a directive."""
    found, at = [], 0
    while opening := _OPENING.search(prompt, at):
        step, at = _step(prompt, opening)
        if step:
            found.append(step)
    return found


def _step(prompt, opening):
    verb, start = opening.group(1), opening.end()
    if verb == "call":
        return _call_step(prompt, start)
    end = prompt.find("]]", start)
    if end < 0:
        return None, len(prompt)
    text = prompt[start:end].strip()
    if verb in ("sleep", "error") and not text.isdigit():
        return None, end
    return _Step(verb, text), end + 2


def _call_step(prompt, start):
    named = re.compile(r"([A-Za-z0-9_.-]+)\s*").match(prompt, start)
    if not named:
        return None, start
    if prompt.startswith("]]", named.end()):
        return _Step("call", named.group(1)), named.end() + 2
    try:  # the arguments may hold "]]" themselves, so JSON says where they end
        arguments, end = json.JSONDecoder().raw_decode(prompt, named.end())
    except ValueError:
        return None, named.end()
    return _Step("call", named.group(1), arguments), end


def answer(turn):
    """The answer to one request: the directives between the last result and the next call."""
    reply, calls_done, said = Answer(), 0, []
    for step in steps(turn.prompt):
        if calls_done < len(turn.results):
            calls_done += step.verb == "call"
        elif step.verb == "call":
            return _with_call(reply, said, step, turn.tools)
        elif step.verb == "sleep":
            reply.sleep_ms = min(reply.sleep_ms + int(step.text), MAX_SLEEP_MS)
        elif step.verb == "error":
            reply.status = int(step.text)
        else:
            said.append(step.text)
    reply.text = " ".join(said) or "FAKE-OK " + " | ".join(turn.results)
    return reply


def _with_call(reply, said, step, offered):
    reply.text = " ".join(said)
    tool = next((t for t in offered if t == step.text or t.endswith("__" + step.text)), None)
    if tool:
        reply.call = (tool, step.arguments)
    else:
        reply.text = f"FAKE-NO-TOOL {step.text}"
    return reply
