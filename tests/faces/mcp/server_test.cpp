#include "faces/mcp/server.h"

#include <gtest/gtest.h>

#include "support/toy_catalogue.h"

namespace fleet::mcp {
namespace {

using nlohmann::json;

struct Lines final : LineWriter {
  std::vector<json> list;
  void write(std::string line) override { list.push_back(json::parse(line)); }
};

struct McpTest : testing::Test {
  toy::World world;
  Lines out;
  Server server{{world.catalogue, *world.dispatcher, world.clock, out},
                catalogue::Caller{catalogue::Caller::Kind::session, "", "s1"},
                "what to know"};

  void turn() {
    world.loop.restart();
    world.loop.poll();
  }
  void send(std::string line) {
    asio::co_spawn(world.loop, server.receive(std::move(line)), asio::detached);
    turn();
  }
  static std::string request(int id, const std::string& method, json params) {
    return json{{"jsonrpc", "2.0"}, {"id", id}, {"method", method}, {"params", std::move(params)}}
        .dump();
  }
  // The only line that answers.
  json answer_to(std::string line) {
    out.list.clear();
    send(std::move(line));
    return out.list.size() == 1 ? out.list[0] : json(out.list);
  }
  json ask(const std::string& method, json params = json::object()) {
    return answer_to(request(1, method, std::move(params)));
  }
  static json modern(json params = json::object(), const std::string& version = "2026-07-28") {
    params["_meta"]["io.modelcontextprotocol/protocolVersion"] = version;
    return params;
  }
  static json call(const std::string& tool, json arguments) {
    return json{{"name", tool}, {"arguments", std::move(arguments)}};
  }
};

TEST_F(McpTest, a_known_revision_is_taken_and_an_unknown_one_answered_with_the_latest) {
  for (const char* version : {"2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"}) {
    const json answer = ask("initialize", json{{"protocolVersion", version}});
    EXPECT_EQ(answer["result"]["protocolVersion"], version);
  }
  const json answer = ask("initialize", json{{"protocolVersion", "1999-01-01"}});
  EXPECT_EQ(answer["result"]["protocolVersion"], "2025-11-25");
  EXPECT_EQ(answer["result"]["serverInfo"]["name"], "fleet-nerve");
  EXPECT_EQ(answer["result"]["instructions"], "what to know");
  EXPECT_FALSE(answer["result"].contains("resultType"));
}

TEST_F(McpTest, discover_answers_with_what_the_stateless_revision_asks_for) {
  const json result = ask("server/discover", modern())["result"];
  EXPECT_EQ(result["resultType"], "complete");
  EXPECT_EQ(result["supportedVersions"][0], "2026-07-28");
  EXPECT_EQ(result["cacheScope"], "private");
  EXPECT_EQ(result["ttlMs"], 60000);
  EXPECT_EQ(result["_meta"]["io.modelcontextprotocol/serverInfo"]["name"], "fleet-nerve");
  EXPECT_FALSE(result["capabilities"].contains("logging"));
}

TEST_F(McpTest, discover_without_a_revision_is_answered_all_the_same) {
  EXPECT_EQ(ask("server/discover")["result"]["resultType"], "complete");
}

TEST_F(McpTest, a_wrong_stateless_revision_is_refused_with_the_supported_ones) {
  const json error = ask("tools/list", modern(json::object(), "2099-01-01"))["error"];
  EXPECT_EQ(error["code"], -32022);
  EXPECT_EQ(error["data"]["requested"], "2099-01-01");
  EXPECT_EQ(error["data"]["supported"][0], "2026-07-28");
}

TEST_F(McpTest, stateless_results_carry_their_marks_and_ping_is_gone) {
  const json list = ask("tools/list", modern())["result"];
  EXPECT_EQ(list["resultType"], "complete");
  EXPECT_EQ(list["ttlMs"], 60000);
  const json result = ask("tools/call", modern(call("toy_get", json{{"id", "a"}})))["result"];
  EXPECT_EQ(result["resultType"], "complete");
  EXPECT_FALSE(result.contains("ttlMs"));
  EXPECT_EQ(ask("ping", modern())["error"]["code"], -32601);
  EXPECT_EQ(ask("logging/setLevel", modern(json{{"level", "info"}}))["error"]["code"], -32601);
}

TEST_F(McpTest, before_initialized_everything_answers) {
  EXPECT_EQ(ask("ping")["result"], json::object());
  EXPECT_EQ(ask("logging/setLevel", json{{"level", "info"}})["result"], json::object());
  EXPECT_EQ(ask("logging/setLevel", json{{"level", "loud"}})["error"]["code"], -32602);
  EXPECT_TRUE(ask("tools/list")["result"]["tools"].is_array());
}

TEST_F(McpTest, the_tools_are_the_catalogue_without_trust_in_its_order) {
  const json tools = ask("tools/list")["result"]["tools"];
  std::vector<std::string> names;
  for (const json& tool : tools) names.push_back(tool["name"]);
  EXPECT_EQ(names, (std::vector<std::string>{"toy_send", "toy_list", "toy_get", "toy_wait"}));
  EXPECT_EQ(tools[0]["inputSchema"]["required"], json{"to"});
  EXPECT_EQ(tools[0]["outputSchema"]["type"], "object");
  EXPECT_EQ(tools[1]["annotations"]["readOnlyHint"], true);
  EXPECT_EQ(tools[0]["title"], "Toy send");
  EXPECT_EQ(tools.dump(), ask("tools/list")["result"]["tools"].dump());
}

TEST_F(McpTest, a_call_answers_structured_and_as_text_with_the_same_facts) {
  const json result = ask("tools/call", call("toy_send", json{{"to", "mac2"}}))["result"];
  EXPECT_EQ(result["isError"], false);
  EXPECT_EQ(result["structuredContent"]["id"], "mac1.1.1");
  EXPECT_EQ(json::parse(std::string(result["content"][0]["text"])), result["structuredContent"]);
  EXPECT_EQ(world.service.callers.at(0).session, "s1");
}

TEST_F(McpTest, a_refusal_is_a_result_that_the_model_can_read) {
  const json result = ask("tools/call", call("toy_send", json{{"to", "nobody"}}))["result"];
  EXPECT_EQ(result["isError"], true);
  EXPECT_FALSE(result.contains("structuredContent"));
  const json said = json::parse(std::string(result["content"][0]["text"]));
  EXPECT_EQ(said["error"]["code"], "unknown_peer");
  const json wrong = ask("tools/call", call("toy_send", json{{"too", 1}}))["result"];
  const json faults = json::parse(std::string(wrong["content"][0]["text"]));
  EXPECT_EQ(faults["error"]["fields"].size(), 2U);
}

TEST_F(McpTest, unknown_and_trust_tools_do_not_exist) {
  EXPECT_EQ(ask("tools/call", call("toy_fly", json::object()))["error"]["code"], -32602);
  EXPECT_EQ(ask("tools/call", call("toy_policy", json{{"state", "accept"}}))["error"]["code"],
            -32602);
  EXPECT_EQ(ask("tools/call", call("toy_send", json::array()))["error"]["code"], -32602);
  EXPECT_EQ(ask("tools/call")["error"]["code"], -32602);
}

TEST_F(McpTest, codex_names_its_session_in_each_call) {
  Server other{{world.catalogue, *world.dispatcher, world.clock, out}, catalogue::Caller{}};
  json params = call("toy_send", json{{"to", "mac2"}});
  params["_meta"]["x-codex-turn-metadata"]["session_id"] = "c1";
  asio::co_spawn(world.loop, other.receive(request(1, "tools/call", params)), asio::detached);
  turn();
  EXPECT_EQ(world.service.callers.at(0).session, "c1");
}

TEST_F(McpTest, resources_read_their_operations) {
  EXPECT_EQ(ask("resources/list")["result"]["resources"][0]["uri"], "toy://list");
  const json templates = ask("resources/templates/list")["result"]["resourceTemplates"];
  EXPECT_EQ(templates[0]["uriTemplate"], "toy://item/{id}");
  const json read = ask("resources/read", json{{"uri", "toy://item/x.y"}})["result"];
  EXPECT_EQ(json::parse(std::string(read["contents"][0]["text"]))["id"], "x.y");
  EXPECT_EQ(ask("resources/read", json{{"uri", "toy://none"}})["error"]["code"], -32002);
  EXPECT_EQ(ask("resources/read", modern(json{{"uri", "toy://none"}}))["error"]["code"], -32602);
}

TEST_F(McpTest, prompts_are_filled_with_their_argument) {
  EXPECT_GE(ask("prompts/list")["result"]["prompts"].size(), 2U);
  const json params{{"name", "handoff"}, {"arguments", {{"to", "mac2"}}}};
  const std::string text = ask("prompts/get", params)["result"]["messages"][0]["content"]["text"];
  EXPECT_NE(text.find("mac2"), std::string::npos);
  EXPECT_EQ(ask("prompts/get", json{{"name", "handoff"}})["error"]["code"], -32602);
  EXPECT_EQ(ask("prompts/get", json{{"name", "none"}})["error"]["code"], -32602);
}

TEST_F(McpTest, broken_lines_are_answered_and_the_next_one_works) {
  const std::vector<std::pair<std::string, int>> lines{
      {"{", -32700},
      {"\xff\xfe", -32700},
      {R"({"a":1,"a":2})", -32700},
      {"[]", -32600},
      {"7", -32600},
      {R"({"jsonrpc":"2.0","id":1})", -32600},
      {R"({"jsonrpc":"2.0","id":[],"method":"ping"})", -32600},
      {R"({"jsonrpc":"2.0","id":1,"method":7})", -32600},
      {R"({"jsonrpc":"2.0","id":1,"method":"ping","params":[]})", -32602},
      {R"({"jsonrpc":"2.0","id":1,"method":"nonsense"})", -32601},
  };
  for (const auto& [line, code] : lines) EXPECT_EQ(answer_to(line)["error"]["code"], code) << line;
  EXPECT_EQ(answer_to("{")["id"], nullptr);
  EXPECT_EQ(ask("ping")["result"], json::object());
}

TEST_F(McpTest, notifications_and_responses_are_met_with_silence) {
  EXPECT_EQ(answer_to(R"({"jsonrpc":"2.0","method":"notifications/initialized"})"), json::array());
  EXPECT_EQ(answer_to(R"({"jsonrpc":"2.0","method":"notifications/unheard"})"), json::array());
  EXPECT_EQ(answer_to(R"({"jsonrpc":"2.0","id":9,"result":{}})"), json::array());
}

TEST_F(McpTest, a_long_call_does_not_hold_up_the_next) {
  send(request(1, "tools/call", call("toy_wait", json::object())));
  EXPECT_EQ(answer_to(request(2, "ping", json::object()))["id"], 2);
  world.service.go.notify();
  turn();
  EXPECT_EQ(out.list.back()["id"], 1);
  EXPECT_EQ(server.calls_under_way(), 0U);
}

TEST_F(McpTest, a_cancelled_call_is_never_answered) {
  send(request(1, "tools/call", call("toy_wait", json::object())));
  send(R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}})");
  world.service.go.notify();
  turn();
  EXPECT_TRUE(out.list.empty());
  EXPECT_EQ(server.calls_under_way(), 0U);
}

TEST_F(McpTest, progress_is_told_only_to_whom_asked_for_it) {
  send(request(1, "tools/call", call("toy_wait", json::object())));
  json params = call("toy_wait", json::object());
  params["_meta"]["progressToken"] = "t";
  send(request(2, "tools/call", params));
  world.clock.advance(Micros(Server::kProgressEvery));
  world.clock.advance(Micros(Server::kProgressEvery));
  ASSERT_EQ(out.list.size(), 2U);
  EXPECT_EQ(out.list[1]["method"], "notifications/progress");
  EXPECT_EQ(out.list[1]["params"]["progressToken"], "t");
  EXPECT_EQ(out.list[1]["params"]["progress"], 2);
  world.service.go.notify();
  turn();
  out.list.clear();
  world.clock.advance(Micros(Server::kProgressEvery));
  EXPECT_TRUE(out.list.empty());
}

TEST_F(McpTest, a_subscription_is_acknowledged_first_and_stays_open_until_cancelled) {
  json params = modern(json{{"notifications", {{"toolsListChanged", true}, {"odd", true}}}});
  send(json{
      {"jsonrpc", "2.0"}, {"id", "l:0"}, {"method", "subscriptions/listen"}, {"params", params}}
           .dump());
  ASSERT_EQ(out.list.size(), 1U);
  EXPECT_EQ(out.list[0]["method"], "notifications/subscriptions/acknowledged");
  EXPECT_EQ(out.list[0]["params"]["_meta"]["io.modelcontextprotocol/subscriptionId"], "l:0");
  EXPECT_EQ(out.list[0]["params"]["notifications"], (json{{"toolsListChanged", true}}));
  EXPECT_EQ(server.calls_under_way(), 0U);
  send(R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"l:0"}})");
  EXPECT_EQ(out.list.size(), 1U);
}

TEST_F(McpTest, the_number_of_calls_at_once_is_bounded) {
  for (int id = 1; id <= 65; ++id) {
    send(request(id, "tools/call", call("toy_wait", json::object())));
  }
  ASSERT_EQ(out.list.size(), 1U);
  EXPECT_EQ(out.list[0]["id"], 65);
  EXPECT_EQ(out.list[0]["error"]["code"], -32600);
  EXPECT_EQ(answer_to(request(1, "ping", json::object()))["error"]["code"], -32600);
}

}  // namespace
}  // namespace fleet::mcp
