"""`fleet-nerve mcp` as an MCP client drives it: one JSON-RPC message a line, both eras."""

import json
import queue
import subprocess
import threading

STATELESS = "2026-07-28"
VERSION_KEY = "io.modelcontextprotocol/protocolVersion"
ANSWER_S = 20


class Mcp:
    def __init__(self, node, *options):
        argv = [*node.place.prefix, node.program, "mcp", *options]
        self._errors = (node.root / "mcp.log").open("wb")
        self._process = subprocess.Popen(argv, env=node.env(), cwd=node.root, text=True,
                                         stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                         stderr=self._errors, encoding="utf-8")
        self._lines, self._next = queue.Queue(), 0
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self._process.stdout:
            self._lines.put(line)
        self._lines.put(None)

    def write(self, line):
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def line(self, timeout=ANSWER_S):
        """The next line, which must be JSON; None at the end."""
        text = self._lines.get(timeout=timeout)
        return None if text is None else json.loads(text)

    def request(self, method, params=None, stateless=False):
        """The whole answer to one request; notifications on the way are dropped."""
        self._next += 1
        params = dict(params or {})
        if stateless:
            params["_meta"] = {VERSION_KEY: STATELESS}
        self.write(json.dumps({"jsonrpc": "2.0", "id": self._next, "method": method,
                               "params": params}))
        while (answer := self.line()) is not None:
            if answer.get("id") == self._next:
                return answer
        raise AssertionError(f"mcp ended with {self._process.wait(5)} instead of answering")

    def call(self, tool, **arguments):
        """The result of tools/call; an AssertionError with the JSON-RPC error."""
        answer = self.request("tools/call", {"name": tool, "arguments": arguments})
        if "result" not in answer:
            raise AssertionError(f"{tool}: {answer}")
        return answer["result"]

    def close(self, timeout=10):
        """End of input; the exit status."""
        try:
            self._process.stdin.close()
            return self._process.wait(timeout)
        finally:
            self._process.kill()
            self._process.wait()
            self._process.stdout.close()
            self._errors.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self._process.poll() is None:
            self.close()
