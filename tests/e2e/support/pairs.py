"""Test classes that share two paired nodes: starting them costs more than most tests do.

A test of such a class leaves messages behind, so it looks for its own by id, never by count.
"""

import shutil
import unittest

from .node import Node, pair
from .processes import short_temp_dir

# A second machine's habits, faster than on a person's desk so that tests need not wait.
QUICK = {"timing": {"heartbeat_ms": 1000}}


class PairedCase(unittest.TestCase):
    config = QUICK

    @classmethod
    def setUpClass(cls):
        cls.root = short_temp_dir()
        cls.addClassCleanup(shutil.rmtree, cls.root, ignore_errors=True)
        cls.a, cls.b = (Node(name, cls.root, cls.config) for name in ("mac1", "mac2"))
        for node in (cls.a, cls.b):
            cls.addClassCleanup(node.stop)
        cls.a.start()
        pair(cls.a, cls.b)

    def setUp(self):
        self.addCleanup(self._still_alive)  # the first one runs last, after a test's own

    def _still_alive(self):
        for node in (self.a, self.b):
            self.assertTrue(node.running(), f"{node.name} died:\n{node.tail()}")

    def received(self, node, message):
        """What stands in the inbox of `node` under that id; an AssertionError where nothing does."""
        found = [one for one in node.inbox() if one["id"] == message]
        self.assertEqual(len(found), 1, f"{message} at {node.name}")
        return found[0]
