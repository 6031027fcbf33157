// Every file of tests/scenarios is a test of that name.
#include "scenarios/player.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

namespace fleet::core {
namespace {

const std::filesystem::path kFolder = FLEET_SOURCE_DIR "/tests/scenarios";

std::vector<std::string> scenario_names() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder)) {
    if (entry.path().extension() == ".txt") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string read(const std::string& name) {
  std::ifstream in(kFolder / (name + ".txt"));
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

class Scenario : public testing::TestWithParam<std::string> {};

TEST_P(Scenario, goes_as_it_is_written) {
  const std::string expected = read(GetParam());
  const std::string actual = play(expected);
  EXPECT_TRUE(expected == actual) << difference(expected, actual);
}

INSTANTIATE_TEST_SUITE_P(Scenarios, Scenario, testing::ValuesIn(scenario_names()),
                         [](const auto& scenario) { return scenario.param; });

}  // namespace
}  // namespace fleet::core
