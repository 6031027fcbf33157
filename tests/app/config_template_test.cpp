// What stands in config/ is what this program reads.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "app/config.h"

namespace fleet::app {
namespace {

TEST(ConfigTemplate, is_read_without_a_fault) {
  std::ifstream file(FLEET_SOURCE_DIR "/config/config.template.json");
  ASSERT_TRUE(file);
  Config config;
  std::vector<FieldFault> faults;
  apply_config(nlohmann::json::parse(file), config, faults);
  for (const FieldFault& fault : faults) ADD_FAILURE() << fault.path << ' ' << fault.problem;
  EXPECT_EQ(config.node_id, "mac2");
  EXPECT_EQ(config.nodes.at("mac1").role, NodeRole::chief);
  EXPECT_FALSE(config.nats.url.empty());
  EXPECT_TRUE(config.unserved.empty());
}

}  // namespace
}  // namespace fleet::app
