"""The lab does to a connection what its name says; tests of two hosts rest on it."""

import os
import socket
import time
import unittest
from pathlib import Path

from e2e.support.nats import NatsServer, greeting
from e2e.support.processes import short_temp_dir
from lab.support.netns import Lab

SHORT_S = 0.5


class NetnsTest(unittest.TestCase):
    def setUp(self):
        self.lab = Lab("a", "b")
        self.addCleanup(self.lab.close)
        self.lab.start()
        self.a, self.b = self.lab["a"], self.lab["b"]
        self.nats = NatsServer(short_temp_dir(self), place=self.a, port=4222)
        self.addCleanup(self.nats.stop)
        self.nats.start()

    def greets(self):
        return self.b.call(greeting, self.a.address, 4222, SHORT_S)["port"] == 4222

    def talking(self):
        """A NATS connection from b that has been greeted."""
        talk = self.b.call(socket.create_connection, (self.a.address, 4222), SHORT_S)
        self.addCleanup(talk.close)
        self.assertTrue(talk.recv(4096).startswith(b"INFO"))
        return talk

    def answers(self, talk):
        talk.sendall(b'CONNECT {"verbose":false}\r\nPING\r\n')
        return b"PONG" in talk.recv(4096)

    def test_hosts_reach_each_other_and_the_machine_reaches_neither(self):
        self.assertTrue(self.greets())
        with self.assertRaises(OSError):
            greeting(self.a.address, 4222, SHORT_S)

    def test_a_drop_is_silence_until_it_is_healed(self):
        talk = self.talking()
        self.b.cut("DROP", peer=self.a)
        with self.assertRaises(TimeoutError):
            self.greets()
        with self.assertRaises(TimeoutError):
            self.answers(talk)
        self.assertGreater(self.b.packets_cut(), 0)
        self.lab.heal()
        self.assertTrue(self.greets())

    def test_a_reset_refuses_at_once(self):
        self.a.cut("RST", port=4222, way="in")
        began = time.monotonic()
        with self.assertRaises(ConnectionRefusedError):
            self.greets()
        self.assertLess(time.monotonic() - began, SHORT_S)

    def test_a_cut_port_leaves_the_others(self):
        other = NatsServer(short_temp_dir(self), place=self.a, port=4333)
        self.addCleanup(other.stop)
        other.start()
        self.b.cut("DROP", port=4333)
        self.assertTrue(self.greets())
        with self.assertRaises(TimeoutError):
            self.b.call(greeting, self.a.address, 4333, SHORT_S)

    def test_cutting_what_is_established_lets_new_connections_pass(self):
        talk = self.talking()
        self.a.cut("DROP", established=True, port=4222)
        with self.assertRaises(TimeoutError):
            self.answers(talk)
        self.assertTrue(self.answers(self.talking()))

    def test_a_one_way_cut_lets_the_other_way_pass(self):
        self.b.cut("DROP", proto="udp", way="in")
        heard = self.a.call(_bound_udp, self.a.address)
        deaf = self.b.call(_bound_udp, self.b.address)
        self.addCleanup(heard.close)
        self.addCleanup(deaf.close)
        deaf.sendto(b"there", heard.getsockname())
        heard.sendto(b"back", deaf.getsockname())
        self.assertEqual(heard.recv(100), b"there")
        with self.assertRaises(TimeoutError):
            deaf.recv(100)

    def test_a_stopped_server_accepts_and_stays_silent(self):
        self.nats.pause()
        with self.assertRaises(TimeoutError):
            self.greets()
        self.nats.resume()
        self.assertTrue(self.greets())

    def test_closing_leaves_no_namespace_and_no_process(self):
        pid = self.nats._running.pid
        self.lab.close()
        self.nats._running.wait(5)
        self.assertEqual(list(Path("/run/netns").glob(f"{self.lab.tag}*")), [])
        with self.assertRaises(ProcessLookupError):
            os.kill(pid, 0)


def _bound_udp(address):
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.settimeout(SHORT_S)
    udp.bind((address, 0))
    return udp


if __name__ == "__main__":
    unittest.main()
