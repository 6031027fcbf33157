#include "app/config.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "support/temp_dir.h"

namespace fleet::app {
namespace {

struct Configuration : testing::Test {
  test::TempDir dir{};
  Places places{dir.path() / "home"};

  void SetUp() override { std::filesystem::create_directories(dir.path() / "home"); }

  void own(const std::string& text) { test::write_file(places.config(), text); }
  void classic(const std::string& text) {
    std::filesystem::create_directories(dir.path() / "work" / ".multifleet");
    test::write_file(dir.path() / "work" / ".multifleet" / "config.json", text);
  }
  Result<Config> load(std::map<std::string, std::string> environment = {}) {
    std::filesystem::create_directories(dir.path() / "work" / "deep");
    return load_config(places, Environment(std::move(environment)), dir.path() / "work" / "deep");
  }
  static std::vector<std::string> paths(const Error& error) {
    std::vector<std::string> all;
    for (const FieldFault& fault : error.fields) all.push_back(fault.path);
    std::sort(all.begin(), all.end());
    return all;
  }
};

TEST_F(Configuration, a_fresh_home_needs_no_file) {
  const auto config = load();
  ASSERT_TRUE(config.ok());
  EXPECT_TRUE(valid_node_id(config->node_id)) << "after the host";
  EXPECT_FALSE(config->node_named);
  EXPECT_EQ(config->listen.local, "127.0.0.1:8855");
  EXPECT_TRUE(config->nats.url.empty());
}

TEST_F(Configuration, the_nearest_multifleet_file_beats_the_homes_and_the_environment_beats_both) {
  own(R"({"node_id":"mac1","listen":{"local":"127.0.0.1:1000"}})");
  classic(R"({"node_id":"mac2"})");
  const auto files = load();
  ASSERT_TRUE(files.ok());
  EXPECT_EQ(files->node_id, "mac2");
  EXPECT_EQ(files->listen.local, "127.0.0.1:1000") << "what the nearer one leaves out stays";
  const auto all = load({{"MULTIFLEET_NODE_ID", "mac3"}});
  ASSERT_TRUE(all.ok());
  EXPECT_EQ(all->node_id, "mac3");
}

TEST_F(Configuration, every_fault_is_told_at_once_with_its_path) {
  own(R"({"node_id":"Mac!","colour":1,"listen":{"local":"nowhere","remot":[]},
          "nodes":{"B":{"http":5}},"timing":{"heartbeat_ms":0,"nap_ms":5},
          "channels":{"nats":{"url":"http://x"}},"engine":"steam"})");
  const auto config = load({{"FLEET_NERVE_LOG", "loud"}});
  ASSERT_FALSE(config.ok());
  EXPECT_EQ(config.error().code, Code::config);
  const std::vector<std::string> expected{
      "FLEET_NERVE_LOG", "channels.nats.url",   "colour",       "engine",
      "listen.local",    "listen.remot",        "node_id",      "nodes.B",
      "nodes.B.http",    "timing.heartbeat_ms", "timing.nap_ms"};
  EXPECT_EQ(paths(config.error()), expected);
}

TEST_F(Configuration, the_shape_of_the_whole_specification_is_read) {
  own(R"({"node_id":"mac2","chief":"mac1",
    "listen":{"local":"127.0.0.1:8855","remote":["192.168.1.5:8855"],"udp":"192.168.1.5:8855",
              "relay":"192.168.1.5:8844"},
    "nodes":{"mac1":{"role":"chief","http":["192.168.1.4:8855","100.64.0.4:8855"],
              "relay":"192.168.1.4:8844","udp":"192.168.1.4:8855","ssh":"me@192.168.1.4:22",
              "mac":"aa:bb:cc:dd:ee:ff","wol_broadcast":"192.168.1.255:9"}},
    "channels":{"nats":{"url":"nats://192.168.1.4:4222"},"git":{"remote":"git@host:fleet.git"},
              "ssh":{},"cloud":{},"text":{"enabled":false}},
    "engine":"embedded","agents":{"claude":{"command":["claude"]}},"tasks":{"roots":{}},
    "timing":{"heartbeat_ms":5000,"cap_http_ms":4000}})");
  const auto config = load();
  ASSERT_TRUE(config.ok()) << config.error().message;
  EXPECT_EQ(config->nodes.at("mac1").http.size(), 2U);
  EXPECT_EQ(config->nodes.at("mac1").role, NodeRole::chief);
  EXPECT_EQ(config->timing.heartbeat, Millis{5000});
  EXPECT_EQ(config->timing.cap(ChannelId::http), Millis{4000});
  const std::vector<std::string> unserved{"channels.git",  "channels.ssh", "channels.cloud",
                                          "channels.text", "agents",       "tasks"};
  EXPECT_EQ(config->unserved, unserved);
}

TEST_F(Configuration, broken_json_is_a_fault_that_names_the_file) {
  own("{\"node_id\":");
  const auto config = load();
  ASSERT_FALSE(config.ok());
  EXPECT_NE(config.error().message.find("config.json"), std::string::npos);
}

}  // namespace
}  // namespace fleet::app
