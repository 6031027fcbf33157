"""Several hosts on one machine: network namespaces on a bridge that stands in one of its own.

`with Lab("a", "b") as lab:` gives hosts with an eth0 on 10.77.0.0/24; nothing is added to the
machine's own network. A Host is a `place` for Program, Node and NatsServer, and `call` runs Python
inside it. Cuts are iptables rules of the cut host. Needs root; SkipTest with the reason without.
"""

import atexit
import ctypes
import os
import shutil
import signal
import subprocess
import threading
import unittest
from pathlib import Path

PREFIX = "fnlab"
COMMAND_S = 20
CLONE_NEWNET = 0x40000000
REFUSALS = {"RST": ["REJECT", "--reject-with", "tcp-reset"],
            "ICMP": ["REJECT", "--reject-with", "icmp-port-unreachable"], "DROP": ["DROP"]}


def missing():
    """Why there can be no lab here, or None."""
    if os.geteuid() != 0:
        return "a lab of network namespaces needs root"
    absent = [p for p in ("ip", "iptables", "ss") if not shutil.which(p)]
    if absent:
        return f"not installed: {', '.join(absent)} (apt install iproute2 iptables)"
    probe = f"{PREFIX}{os.getpid()}-probe"
    made = _run("ip", "netns", "add", probe, check=False)
    if made.returncode == 0:
        _run("ip", "netns", "del", probe, check=False)
        return None
    return f"ip netns add: {made.stderr.strip()}"


class Host:
    def __init__(self, lab, name, index):
        self.lab, self.name = lab, name
        self.address = f"10.77.0.{index}"
        self.namespace = f"{lab.tag}-{name}"
        self.prefix = ("ip", "netns", "exec", self.namespace)

    def run(self, *command, check=True, timeout=COMMAND_S):
        return _run(*self.prefix, *command, check=check, timeout=timeout)

    def call(self, function, *args, **kwargs):
        """Calls it on a thread that stands in this host's network: sockets it opens are here."""
        outcome = {}

        def inside():
            try:
                _enter(self.namespace)
                outcome["value"] = function(*args, **kwargs)
            except BaseException as fault:  # carried over to the caller, whatever it is
                outcome["fault"] = fault
        worker = threading.Thread(target=inside)
        worker.start()
        worker.join()
        if "fault" in outcome:
            raise outcome["fault"]
        return outcome["value"]

    def cut(self, kind="DROP", peer=None, proto=None, port=None, way="both", established=False):
        """Stops matching traffic at this host until heal(). `peer` is a Host; `port` is the port
        of either end; `way` is in, out or both; `established` hits only the TCP connections that
        exist at this moment, new ones pass."""
        proto = "tcp" if established or kind == "RST" else proto or ("tcp" if port else None)
        ways = {"in": ["INPUT"], "out": ["OUTPUT"], "both": ["INPUT", "OUTPUT"]}[way]
        matches = (self._connections(peer, port) if established else _ports(proto, port))
        for chain in ways:
            for match in matches:
                self._rule(chain, peer, match, REFUSALS[kind])
        return self

    def heal(self):
        """Takes back every cut of this host."""
        for chain in ("INPUT", "OUTPUT"):
            self.run("iptables", "-w", "-F", chain)
        return self

    def packets_cut(self):
        """How many packets the cuts of this host have stopped."""
        listed = self.run("iptables", "-w", "-nvxL").stdout.splitlines()
        return sum(int(x.split()[0]) for x in listed if " DROP " in x or " REJECT " in x)

    def _rule(self, chain, peer, match, target):
        inbound = chain == "INPUT"
        whom = (["-s" if inbound else "-d", peer.address] if peer else [])
        device = ["-i" if inbound else "-o", "eth0"]
        self.run("iptables", "-w", "-A", chain, *device, *whom, *match(inbound), "-j", *target)

    def _connections(self, peer, port):
        """Matches for the TCP connections that this host has open across eth0."""
        matches = []
        for line in self.run("ss", "-Htn", "state", "established").stdout.splitlines():
            own, other = line.split()[-2:]
            other_address, other_port = other.rsplit(":", 1)
            own_port = own.rsplit(":", 1)[1]
            wanted = port is None or str(port) in (own_port, other_port)
            if own.startswith(self.address) and wanted and peer in (None, *self._at(other_address)):
                matches.append(_between(own_port, other_address, other_port))
        return matches

    def _at(self, address):
        return [h for h in self.lab.hosts.values() if h.address == address]


def _ports(proto, port):
    tcp_or_udp = ["-p", proto] if proto else []
    if port is None:
        return [lambda inbound: tcp_or_udp]
    return [lambda inbound: [*tcp_or_udp, "--dport", str(port)],
            lambda inbound: [*tcp_or_udp, "--sport", str(port)]]


def _between(own_port, address, other_port):
    def match(inbound):
        if inbound:
            return ["-p", "tcp", "-s", address, "--sport", other_port, "--dport", own_port]
        return ["-p", "tcp", "-d", address, "--sport", own_port, "--dport", other_port]
    return match


class Lab:
    def __init__(self, *names):
        reason = missing()
        if reason:
            raise unittest.SkipTest(reason)
        _remove_leftovers()
        self.tag = f"{PREFIX}{os.getpid()}x{_next_number()}"
        self._bridge = f"{self.tag}-bridge"
        self.hosts = {n: Host(self, n, i + 1) for i, n in enumerate(names)}

    def __getitem__(self, name):
        return self.hosts[name]

    def start(self):
        atexit.register(self.close)
        try:
            self._build_bridge()
            for index, host in enumerate(self.hosts.values()):
                self._build_host(host, f"port{index}")
        except BaseException:
            self.close()
            raise
        return self

    def heal(self):
        for host in self.hosts.values():
            host.heal()

    def close(self):
        """Ends what still runs in the hosts and removes them; may be called twice."""
        atexit.unregister(self.close)
        for namespace in [*(h.namespace for h in self.hosts.values()), self._bridge]:
            _remove(namespace)

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.close()

    def _build_bridge(self):
        _run("ip", "netns", "add", self._bridge)
        _run("ip", "-n", self._bridge, "link", "add", "br0", "type", "bridge")
        _run("ip", "-n", self._bridge, "link", "set", "br0", "up")

    def _build_host(self, host, port):
        """The pair is made inside the two namespaces, so the machine never sees an end of it."""
        _run("ip", "netns", "add", host.namespace)
        _run("ip", "-n", host.namespace, "link", "add", "eth0", "type", "veth",
             "peer", "name", port, "netns", self._bridge)
        _run("ip", "-n", self._bridge, "link", "set", port, "master", "br0", "up")
        _run("ip", "-n", host.namespace, "addr", "add", f"{host.address}/24", "dev", "eth0")
        for device in ("lo", "eth0"):
            _run("ip", "-n", host.namespace, "link", "set", device, "up")


_labs = 0


def _next_number():
    global _labs
    _labs += 1
    return _labs


def _remove(namespace):
    """Only processes inside a namespace that a lab made are ended: nothing else can be in there."""
    listed = _run("ip", "netns", "pids", namespace, check=False)
    for pid in listed.stdout.split() if listed.returncode == 0 else []:
        try:
            os.kill(int(pid), signal.SIGKILL)
        except ProcessLookupError:
            continue
    _run("ip", "netns", "del", namespace, check=False)


def _remove_leftovers():
    """Labs of test runs that were killed: their names hold the pid of a test that is gone."""
    folder = Path("/run/netns")
    for entry in sorted(folder.glob(f"{PREFIX}*")) if folder.exists() else []:
        pid = entry.name.removeprefix(PREFIX).split("x")[0].split("-")[0]
        if pid.isdigit() and not Path(f"/proc/{pid}").exists():
            _remove(entry.name)


def _enter(namespace):
    libc = ctypes.CDLL(None, use_errno=True)
    with open(f"/run/netns/{namespace}") as handle:
        if libc.setns(handle.fileno(), CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), f"cannot enter {namespace}")


def _run(*command, check=True, timeout=COMMAND_S):
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, timeout=timeout)
    if check and done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))}: {done.stderr.strip()}")
    return done
