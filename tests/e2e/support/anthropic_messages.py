"""Anthropic's Messages API, as much of it as Claude Code uses: a request read, an answer streamed.

A protocol is a module with `matches`, `turn`, `whole` and `stream`, listed in fake_model.PROTOCOLS.
"""

import json
import uuid

from .script import Turn


def matches(method, path):
    return method == "POST" and path.split("?")[0] == "/v1/messages"


def turn(body):
    prompt, results = "", []
    for message in body.get("messages", []):
        if message.get("role") != "user":
            continue
        blocks = _blocks(message.get("content"))
        own = [b["text"] for b in blocks if b.get("type") == "text" and not _is_reminder(b["text"])]
        if own:
            prompt, results = "\n".join(own), []
        results += [_result_text(b) for b in blocks if b.get("type") == "tool_result"]
    return Turn(prompt, results, [t.get("name", "") for t in body.get("tools", [])])


def texts(body):
    """Every piece of text the model was shown, in order: system, messages, tool results."""
    shown = [b.get("text", "") for b in _blocks(body.get("system"))]
    for message in body.get("messages", []):
        for block in _blocks(message.get("content")):
            is_result = block.get("type") == "tool_result"
            shown.append(_result_text(block) if is_result else block.get("text", ""))
    return [t for t in shown if t]


def whole(answer, body):
    """The reply to a request that did not ask for a stream."""
    if answer.status >= 400:
        return {"type": "error", "error": {"type": "api_error", "message": "asked for by the test"}}
    return _message(body, _content(answer), _stop_reason(answer))


def stream(answer, body):
    """The server-sent events of one reply, as bytes."""
    yield _event("message_start", message=_message(body, [], None))
    for index, block in enumerate(_content(answer)):
        yield from _block_events(index, block)
    stop = {"stop_reason": _stop_reason(answer), "stop_sequence": None}
    yield _event("message_delta", delta=stop, usage={"output_tokens": 5})
    yield _event("message_stop")


def _block_events(index, block):
    if block["type"] == "text":
        opened, delta = dict(block, text=""), {"type": "text_delta", "text": block["text"]}
    else:
        opened = dict(block, input={})
        delta = {"type": "input_json_delta", "partial_json": json.dumps(block["input"])}
    yield _event("content_block_start", index=index, content_block=opened)
    yield _event("content_block_delta", index=index, delta=delta)
    yield _event("content_block_stop", index=index)


def _content(answer):
    content = [{"type": "text", "text": answer.text}] if answer.text else []
    if answer.call:
        tool, arguments = answer.call
        content.append({"type": "tool_use", "id": _id("toolu"), "name": tool, "input": arguments})
    return content


def _stop_reason(answer):
    return "tool_use" if answer.call else "end_turn"


def _message(body, content, stop_reason):
    return {"id": _id("msg"), "type": "message", "role": "assistant",
            "model": body.get("model", "fake"), "content": content, "stop_reason": stop_reason,
            "stop_sequence": None, "usage": {"input_tokens": 10, "output_tokens": 5}}


def _blocks(content):
    if isinstance(content, str):
        return [{"type": "text", "text": content}]
    return [b for b in content or [] if isinstance(b, dict)]


def _result_text(block):
    return "\n".join(b.get("text", "") for b in _blocks(block.get("content")))


def _is_reminder(text):
    return text.lstrip().startswith("<system-reminder>")


def _event(kind, **fields):
    return f"event: {kind}\ndata: {json.dumps(dict(type=kind, **fields))}\n\n".encode()


def _id(kind):
    return f"{kind}_{uuid.uuid4().hex[:24]}"
