"""What is measured: the floor's two processes, the real fleet, and the servers they need.

Each is a context manager that starts its processes in a folder of its own and ends exactly those.
"""
import json
import os
import pathlib
import pty
import shutil
import signal
import socket
import subprocess
import time


class Unready(Exception):
    """A subject did not start or pair; the message says what to look at."""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(port, path=None):
    """True once something listens on the port (and, with a path, answers GET with 200)."""
    try:
        with socket.create_connection(("127.0.0.1", port), 0.5) as link:
            if path is None:
                return True
            link.settimeout(2)
            link.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n"
                         .encode())
            return b" 200 " in link.recv(64)
    except OSError:
        return False


def wait_for(port, path=None, seconds=10.0, step=0.02):
    end = time.monotonic() + seconds
    while not answers(port, path):
        if time.monotonic() > end:
            raise Unready(f"nothing answers on 127.0.0.1:{port} after {seconds:.0f} s")
        time.sleep(step)


class Processes:
    """The processes of one subject, ended in reverse order of their start."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.running = []

    def start(self, words, name, env=None):
        with open(self.folder / f"{name}.log", "ab") as log:
            process = subprocess.Popen([str(w) for w in words], stdout=log, stderr=log, env=env,
                                       stdin=subprocess.DEVNULL)
        self.running.append(process)
        return process

    def end(self, process):
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.running.remove(process)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in list(reversed(self.running)):
            self.end(process)


class NatsServer(Processes):
    def __init__(self, folder, jetstream=False):
        super().__init__(folder)
        self.port = free_port()
        self.url = f"nats://127.0.0.1:{self.port}"
        store = ["-js", "-sd", self.folder / "js"] if jetstream else []
        program = shutil.which("nats-server") or "/usr/sbin/nats-server"
        self.start([program, "-a", "127.0.0.1", "-p", self.port, *store], "nats")
        wait_for(self.port)


class RedisServer(Processes):
    def __init__(self, folder):
        super().__init__(folder)
        self.port = free_port()
        self.start(["redis-server", "--port", self.port, "--bind", "127.0.0.1", "--dir", self.folder,
                    "--save", "", "--appendonly", "yes", "--appendfsync", "always"], "redis")
        wait_for(self.port)


class Floor(Processes):
    """Two processes of bench-floor; `port` takes POST /message."""

    def __init__(self, folder, program, nats_url=None):
        super().__init__(folder)
        self.port, inner = free_port(), free_port()
        bus = [nats_url] if nats_url else []
        self.start([program, "receiver", inner, self.folder / "b.db", *bus], "b")
        wait_for(inner)
        self.start([program, "sender", self.port, self.folder / "a.db", inner, *bus], "a")
        wait_for(self.port)


class Node:
    """One home of the real program, with a local and a remote port."""

    def __init__(self, fleet, name):
        self.fleet, self.name = fleet, name
        self.home = fleet.folder / name
        self.home.mkdir(mode=0o700)
        self.port, self.remote = free_port(), free_port()
        self.process = None
        remote = f"127.0.0.1:{self.remote}"
        config = {"node_id": name, "listen": {"local": f"127.0.0.1:{self.port}", "remote": [remote],
                                              "udp": remote}}
        if fleet.nats_url:
            config["channels"] = {"nats": {"url": fleet.nats_url}}
        path = self.home / "config.json"
        path.write_text(json.dumps(config, indent=2))
        path.chmod(0o600)
        self.env = {k: v for k, v in os.environ.items()
                    if not k.startswith(("FLEET_NERVE_", "MULTIFLEET_", "XDG_RUNTIME_DIR"))}
        self.env["FLEET_NERVE_HOME"] = str(self.home)

    def command(self, *words):
        ours, theirs = pty.openpty()  # inviting is for a person at a terminal
        try:
            ran = subprocess.run([self.fleet.program, *words], env=self.env, cwd=self.home,
                                 timeout=60, capture_output=True, text=True, stdin=theirs)
        finally:
            os.close(ours)
            os.close(theirs)
        if ran.returncode != 0:
            said = (ran.stderr or ran.stdout).strip()[:400]
            raise Unready(f"node {self.name}: `{words[0]}` ended with {ran.returncode}: {said}")
        return ran.stdout

    def serve(self):
        words = [self.fleet.program, "serve"] + (["--allow-root"] if os.geteuid() == 0 else [])
        self.process = self.fleet.start(words, self.name, self.env)

    def stop(self):
        self.fleet.end(self.process)

    def ready(self):
        wait_for(self.port, "/health")


class Fleet(Processes):
    """Real nodes, paired as a person pairs them: init, invite, join. `port` is node a's."""

    def __init__(self, folder, program, names=("a", "b"), nats_url=None):
        super().__init__(folder)
        self.program, self.nats_url = str(program), nats_url
        self.nodes = [Node(self, name) for name in names]
        self.port = self.nodes[0].port
        try:
            self.pair()
        except Exception:
            self.__exit__()
            raise

    def pair(self):
        first, *others = self.nodes
        first.command("init", "--node", first.name)
        first.serve()
        first.ready()
        for node in others:
            token = json.loads(first.command("invite", "--json"))["token"]
            node.command("join", token)
            node.serve()
            node.ready()
