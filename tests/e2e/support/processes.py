"""Programs that a test starts, and what every test needs around them: ports, waiting, a short
temp dir. A Program ends only what it started itself; everything here has a time limit.
"""

import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from pathlib import Path

STOP_S = 10


def free_port():
    """A port free for TCP and UDP on loopback, below the range of outgoing connections."""
    for _ in range(200):
        port = random.SystemRandom().randrange(15_000, 32_000)
        if _is_free(port, socket.SOCK_STREAM) and _is_free(port, socket.SOCK_DGRAM):
            return port
    raise RuntimeError("no free loopback port in 200 tries")


def _is_free(port, kind):
    with socket.socket(socket.AF_INET, kind) as probe:
        try:
            probe.bind(("127.0.0.1", port))
            return True
        except OSError:
            return False


def wait_until(what, condition, timeout=15, every=0.02):
    """What `condition` returned once it was true; AssertionError naming `what` when time is up."""
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {timeout} s: {what}")
        time.sleep(every)


def short_temp_dir(test=None):
    """A private directory whose path leaves room for a unix socket; removed after the test."""
    path = Path(tempfile.mkdtemp(prefix="fn-", dir="/tmp"))
    if test:
        test.addCleanup(shutil.rmtree, path, ignore_errors=True)
    return path


class Here:
    """The machine itself, as a place to run programs (a lab host is another one)."""

    address = "127.0.0.1"
    prefix = ()

    def call(self, function, *args, **kwargs):
        return function(*args, **kwargs)


HERE = Here()


class Program:
    """One process with its output in a log file."""

    def __init__(self, argv, log, env=None, cwd=None, place=HERE):
        self.log = Path(log)
        self.argv = [*place.prefix, *_dies_with_the_test(), *map(str, argv)]
        with self.log.open("ab") as out:
            self._process = subprocess.Popen(self.argv, stdin=subprocess.DEVNULL, stdout=out,
                                             stderr=out, env=env, cwd=cwd, start_new_session=True)
        self.pid = self._process.pid

    def running(self):
        return self._process.poll() is None

    @property
    def exit(self):
        return self._process.poll()

    def wait(self, timeout=STOP_S):
        return self._process.wait(timeout)

    def signal(self, number):
        if self.running():
            self._process.send_signal(number)

    def pause(self):
        self.signal(signal.SIGSTOP)

    def resume(self):
        self.signal(signal.SIGCONT)

    def kill9(self):
        self.signal(signal.SIGKILL)
        return self.wait()

    def stop(self, timeout=STOP_S):
        """SIGTERM, and after `timeout` the end of the whole process group; the exit status."""
        self.resume()
        self.signal(signal.SIGTERM)
        try:
            return self.wait(timeout)
        except subprocess.TimeoutExpired:
            os.killpg(self.pid, signal.SIGKILL)  # not yet reaped: the group is still this one
            return self.wait()

    def tail(self, characters=4000):
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        return text[-characters:]


def _dies_with_the_test():
    """A prefix so that a killed test run leaves nothing behind. The kernel ties it to the starting
    thread, so programs started from a short-lived thread go without."""
    on_main = threading.current_thread() is threading.main_thread()
    return ["setpriv", "--pdeathsig", "KILL"] if on_main and shutil.which("setpriv") else []
