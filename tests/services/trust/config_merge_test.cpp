#include "services/trust/config_merge.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "support/temp_dir.h"

namespace fleet::trust {
namespace {

using nlohmann::json;

ConfigPatch patch() {
  ConfigPatch patch{"mac2", "mac1", {}};
  patch.nodes.push_back(
      {"mac1", NodeRole::chief, {"192.168.1.4:8855", "100.64.0.4:8855"}, "192.168.1.4:8855"});
  patch.nodes.push_back({"mac3", NodeRole::worker, {}, ""});
  return patch;
}

json merged(std::string_view before) { return json::parse(merged_config(before, patch()).value()); }

TEST(ConfigMerge, writes_a_file_that_one_could_have_written_by_hand) {
  EXPECT_EQ(merged(""), json::parse(R"({"node_id":"mac2","chief":"mac1","nodes":{
      "mac1":{"role":"chief","http":["192.168.1.4:8855","100.64.0.4:8855"],
              "udp":"192.168.1.4:8855"},
      "mac3":{"role":"worker"}}})"));
}

TEST(ConfigMerge, keeps_every_other_key_and_the_persons_own_addresses_first) {
  const json after = merged(R"({"engine":"embedded","nodes":{
      "mac1":{"ssh":"me@192.168.1.4:22","http":["10.9.9.9:8855","100.64.0.4:8855"],
              "udp":"10.9.9.9:8855"},
      "mac7":{"role":"worker"}},"timing":{"heartbeat_ms":500}})");
  EXPECT_EQ(after["engine"], "embedded");
  EXPECT_EQ(after["timing"]["heartbeat_ms"], 500);
  EXPECT_EQ(after["nodes"]["mac7"]["role"], "worker");
  EXPECT_EQ(after["nodes"]["mac1"]["ssh"], "me@192.168.1.4:22");
  EXPECT_EQ(after["nodes"]["mac1"]["udp"], "10.9.9.9:8855");
  EXPECT_EQ(after["nodes"]["mac1"]["http"],
            json::parse(R"(["10.9.9.9:8855","100.64.0.4:8855","192.168.1.4:8855"])"));
}

TEST(ConfigMerge, keeps_the_order_of_what_stands_there) {
  const std::string after = merged_config(R"({"zebra":1,"apple":2})", patch()).value();
  EXPECT_LT(after.find("zebra"), after.find("apple"));
  EXPECT_LT(after.find("apple"), after.find("node_id"));
}

TEST(ConfigMerge, changes_nothing_the_second_time) {
  const std::string once = merged_config("", patch()).value();
  EXPECT_EQ(merged_config(once, patch()).value(), once);
}

TEST(ConfigMerge, refuses_what_it_would_have_to_guess_about) {
  for (const char* before :
       {"[]", "{", R"({"nodes":[]})", R"({"nodes":{"mac1":"x"}})",
        R"({"nodes":{"mac1":{"http":"10.9.9.9:8855"}}})", R"({"chief":"a","chief":"b"})"}) {
    const auto after = merged_config(before, patch());
    ASSERT_FALSE(after) << before;
    EXPECT_EQ(after.error().code, Code::config);
  }
}

TEST(ConfigMerge, leaves_a_file_alone_that_it_cannot_read) {
  const test::TempDir home;
  test::write_file(home / "config.json", "{ // mine\n}");
  EXPECT_FALSE(merge_config(home.path(), patch()));
  EXPECT_EQ(test::read_file(home / "config.json"), "{ // mine\n}");
}

}  // namespace
}  // namespace fleet::trust
