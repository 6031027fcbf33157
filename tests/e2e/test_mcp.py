# ctest-timeout: 300
"""MCP over stdio with the real program: beside a daemon, and as a node of its own."""

import json
import unittest

from e2e.support.mcp import STATELESS, Mcp
from e2e.support.node import Node, stop_after
from e2e.support.pairs import PairedCase
from e2e.support.processes import short_temp_dir

TOOLS = {"fleet_send", "fleet_inbox", "fleet_ack", "fleet_message", "fleet_discover",
         "fleet_status", "fleet_channels", "fleet_events", "fleet_doctor"}
TRUST = ("fleet_invite", "fleet_policy_set")


def said(result):
    """The facts of the text content, which must be those of the structured one."""
    return json.loads(result["content"][0]["text"])


class Speaks:
    """What holds wherever the operations come from; `node` and `mcp` are set up by the classes."""

    def test_every_revision_in_use_is_agreed_on(self):
        for asked, agreed in (("2025-11-25", "2025-11-25"), ("2025-06-18", "2025-06-18"),
                              ("2025-03-26", "2025-03-26"), ("2024-11-05", "2024-11-05"),
                              ("1999-01-01", "2025-11-25")):
            with self.subTest(asked):
                result = self.mcp.request("initialize", {
                    "protocolVersion": asked, "capabilities": {},
                    "clientInfo": {"name": "test", "version": "1"}})["result"]
                self.assertEqual(result["protocolVersion"], agreed)
                self.assertEqual(result["serverInfo"]["name"], "fleet-nerve")
                self.assertIn("tools", result["capabilities"])

    def test_a_stateless_client_discovers_the_server_first(self):
        found = self.mcp.request("server/discover", stateless=True)["result"]
        self.assertEqual(found["resultType"], "complete")
        self.assertIn(STATELESS, found["supportedVersions"])
        tools = self.mcp.request("tools/list", stateless=True)["result"]
        self.assertEqual(tools["resultType"], "complete")
        self.assertIn("ttlMs", tools)

    def test_the_tools_are_there_and_none_of_trust(self):
        tools = {t["name"]: t for t in self.mcp.request("tools/list")["result"]["tools"]}
        self.assertLessEqual(TOOLS, set(tools))
        for name, tool in tools.items():
            with self.subTest(name):
                self.assertLessEqual(len(name), 30)
                self.assertEqual(tool["inputSchema"]["type"], "object")
                self.assertEqual(tool["outputSchema"]["type"], "object")
        for name in TRUST:
            self.assertNotIn(name, tools)
            refused = self.mcp.request("tools/call", {"name": name, "arguments": {}})
            self.assertTrue("error" in refused or refused["result"]["isError"], refused)

    def test_a_message_is_sent_and_read_with_the_same_facts_twice(self):
        sent = self.mcp.call("fleet_send", to="self", body="by mcp ☃", until="stored")
        self.assertFalse(sent.get("isError", False), sent)
        self.assertEqual(sent["structuredContent"]["state"], "stored")
        self.assertEqual(said(sent), sent["structuredContent"])
        inbox = self.mcp.call("fleet_inbox", limit=500)
        mine = [m for m in inbox["structuredContent"]["messages"]
                if m["id"] == sent["structuredContent"]["id"]]
        self.assertEqual([m["body"] for m in mine], ["by mcp ☃"])
        acked = self.mcp.call("fleet_ack", id=mine[0]["id"], result="read")
        self.assertEqual(acked["structuredContent"]["state"], "done")
        self.assertEqual(self.mcp.call("fleet_message", id=mine[0]["id"])
                         ["structuredContent"]["state"], "done")

    def test_every_reading_tool_answers(self):
        for tool in ("fleet_status", "fleet_discover", "fleet_channels", "fleet_events",
                     "fleet_doctor", "fleet_inbox"):
            with self.subTest(tool):
                result = self.mcp.call(tool)
                self.assertIsInstance(result["structuredContent"], dict)
                self.assertFalse(result.get("isError", False), result)

    def test_a_refusal_is_a_result_that_names_the_remedy(self):
        refused = self.mcp.call("fleet_send", to="nobody", body="x")
        self.assertTrue(refused["isError"])
        self.assertIn("nobody", refused["content"][0]["text"])
        missing = self.mcp.call("fleet_send", body="x", surprise=1)
        self.assertTrue(missing["isError"])
        for path in ("to", "surprise"):
            self.assertIn(path, missing["content"][0]["text"])

    def test_bad_lines_are_answered_and_the_server_goes_on(self):
        for line, code in (("{broken", -32700), ("[]", -32600), ("17", -32600),
                           ('{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}', -32700),
                           ("[" * 200, -32700), ('"\\ud800"', -32700), ("x" * 1_100_000, -32700),
                           ('{"jsonrpc":"2.0","id":null,"method":"ping"}', -32600)):
            with self.subTest(line[:40]):
                self.mcp.write(line)
                answer = self.mcp.line()
                self.assertEqual((answer["id"], answer["error"]["code"]), (None, code), answer)
        for method, params, code in (("no/such", {}, -32601),
                                     ("tools/call", {"name": "no_such"}, -32602),
                                     ("tools/call", {"name": "fleet_send", "arguments": 5}, -32602)):
            self.assertEqual(self.mcp.request(method, params)["error"]["code"], code, method)
        self.mcp.write('{"jsonrpc":"2.0","method":"notifications/never-heard-of"}')
        self.assertEqual(self.mcp.request("ping")["result"], {})

    def test_resources_show_the_same_as_the_tools(self):
        listed = {r["uri"] for r in self.mcp.request("resources/list")["result"]["resources"]}
        self.assertIn("fleet://status", listed)
        read = self.mcp.request("resources/read", {"uri": "fleet://status"})["result"]
        self.assertEqual(json.loads(read["contents"][0]["text"])["node"], self.node.name)


class BesideADaemon(Speaks, PairedCase):
    def setUp(self):
        super().setUp()
        self.node, self.mcp = self.a, Mcp(self.a)
        self.addCleanup(self.mcp.close)

    def test_a_tool_reaches_the_other_machine(self):
        sent = self.mcp.call("fleet_send", to="mac2", body="over there", until="stored")
        self.assertEqual(sent["structuredContent"]["state"], "stored")
        self.assertEqual(self.received(self.b, sent["structuredContent"]["id"])["body"],
                         "over there")

    def test_what_is_not_reached_is_no_error(self):
        sent = self.mcp.call("fleet_send", to="mac2", body="x", until="done", wait_s=0)
        self.assertFalse(sent.get("isError", False))
        self.assertEqual(sent["structuredContent"]["reached"], False)

    def test_the_end_of_input_ends_it_and_leaves_the_daemon(self):
        other = Mcp(self.a)
        other.request("ping")
        self.assertEqual(other.close(), 0)
        self.assertEqual(self.a.http("GET", "/health").status, 200)


class WithoutADaemon(Speaks, unittest.TestCase):
    def setUp(self):
        self.node = Node("solo", short_temp_dir(self))
        stop_after(self, self.node)
        self.mcp = Mcp(self.node, "--allow-root")
        self.addCleanup(self.mcp.close)

    def test_the_node_it_hosts_is_a_whole_one(self):
        self.mcp.request("ping")
        self.assertEqual(self.node.http("GET", "/health").reply["node"], "solo")
        self.assertEqual(self.mcp.close(), 0)
        self.node.start()
        self.assertNotIn("unclean", self.node.tail())
