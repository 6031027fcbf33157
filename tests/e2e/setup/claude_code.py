"""Installs the pinned Claude Code from npm, once, into a cache outside the repository.

`python3 tests/e2e/setup/claude_code.py [VERSION]` prints the path of the program, or says why it
is SKIPPED and exits 77. Tests call `claude_program(version)`, which raises unittest.SkipTest.
"""

import fcntl
import os
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

CURRENT = "2.1.330"
OLDEST = "2.1.197"
PACKAGE = "@anthropic-ai/claude-code"
INSTALL_TIMEOUT_S = 300
SKIPPED = 77


def cache_root():
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "fleet-nerve-tests"


def claude_program(version=CURRENT):
    """The native program of that version; SkipTest with the reason where it cannot be had."""
    place = cache_root() / f"claude-code-{version}"
    place.parent.mkdir(parents=True, exist_ok=True)
    with open(f"{place}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # test programs that run side by side install once
        if not (place / "complete").exists():
            _install(version, place)
        program = _native(place)
    if not program:
        raise unittest.SkipTest(f"{PACKAGE}@{version} has no program for this machine")
    return program


def _install(version, place):
    if not shutil.which("npm"):
        raise unittest.SkipTest("npm is not installed (apt install npm)")
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    # The install script only moves the native program to another place, so it is not run.
    command = ["npm", "install", "--prefix", str(place), "--ignore-scripts", "--no-audit",
               "--no-fund", "--no-save", f"{PACKAGE}@{version}"]
    try:
        done = subprocess.run(command, cwd=place, capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=INSTALL_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        raise unittest.SkipTest(f"npm did not finish in {INSTALL_TIMEOUT_S} s") from None
    if done.returncode != 0:
        why = next((x for x in done.stderr.splitlines() if "npm error" in x), "no reason given")
        raise unittest.SkipTest(f"npm cannot install {PACKAGE}@{version}: {why}")
    (place / "complete").touch()


def _native(place):
    """npm installs only the platform package that fits: `claude-code-<platform>/claude`."""
    found = sorted((place / "node_modules" / "@anthropic-ai").glob("claude-code-*/claude"))
    return found[0] if found else None


def main():
    try:
        print(claude_program(*sys.argv[1:2]))
        return 0
    except unittest.SkipTest as reason:
        print(f"SKIPPED: {reason}")
        return SKIPPED


if __name__ == "__main__":
    sys.exit(main())
