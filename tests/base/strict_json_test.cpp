#include "fleet/base/strict_json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

namespace fleet {
namespace {

using namespace std::string_literals;

std::string problem(std::string_view bytes, const JsonLimits& limits = {}) {
  const auto parsed = parse_strict_json(bytes, limits);
  return parsed ? "accepted" : parsed.error().message;
}

std::string nested(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

TEST(StrictJson, reads_every_kind_of_value) {
  const auto doc = parse_strict_json(
      R"( {"a":[1,-2,3.5,true,false,null,"t\u00fc\ud83d\ude80"],"b":{"a":{}},"c":[[],[{}]]} )");
  ASSERT_TRUE(doc) << doc.error().message;
  EXPECT_EQ(*doc, nlohmann::json::parse(
                      R"({"a":[1,-2,3.5,true,false,null,"tü🚀"],"b":{"a":{}},"c":[[],[{}]]})"));
  EXPECT_EQ(*parse_strict_json("7"), 7);
}

TEST(StrictJson, refuses_a_key_that_stands_twice_and_says_where) {
  EXPECT_EQ(problem(R"({"nodes":[{"id":1},{"id":1,"id":2}]})"),
            "JSON at /nodes/1/id: the key stands twice");
  EXPECT_EQ(problem(R"({"a":{"b":1},"a":2})"), "JSON at /a: the key stands twice");
  EXPECT_EQ(problem(R"({"a":1,"\u0061":2})"), "JSON at /a: the key stands twice");
  EXPECT_EQ(problem(R"({"a":{"a":{"a":1}},"b":{"a":1}})"), "accepted");
}

TEST(StrictJson, bounds_depth_keys_values_and_bytes) {
  EXPECT_EQ(problem(nested(32)), "accepted");
  EXPECT_NE(problem(nested(33)).find("nested deeper than 32"), std::string::npos);
  EXPECT_NE(problem(std::string(100'000, '[')).find("nested"), std::string::npos);
  EXPECT_NE(problem(R"({"a":1,"b":{"c":1}})", {.keys = 2}).find("more than 2 keys"),
            std::string::npos);
  EXPECT_EQ(problem(R"({"a":1,"b":1})", {.keys = 2}), "accepted");
  EXPECT_NE(problem("[0,0,0]", {.values = 3}).find("more than 3 values"), std::string::npos);
  const auto large = parse_strict_json("[0,0]", {.bytes = 4});
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error().code, Code::too_large);
}

TEST(StrictJson, refuses_integers_that_some_reader_would_round) {
  EXPECT_EQ(problem("[9007199254740992,-9007199254740992]"), "accepted");
  EXPECT_NE(problem("9007199254740993"), "accepted");
  EXPECT_NE(problem("-9007199254740993"), "accepted");
  EXPECT_NE(problem("18446744073709551615"), "accepted");
  EXPECT_NE(problem("[1,100000000000000000000000]"), "accepted");
  EXPECT_EQ(problem("1.5e10"), "accepted");
}

TEST(StrictJson, refuses_what_is_not_json) {
  for (const auto& text : {""s,
                           "{"s,
                           "[1,]"s,
                           "{\"a\":1,}"s,
                           "NaN"s,
                           "Infinity"s,
                           "1e999"s,
                           "01"s,
                           "'a'"s,
                           "// c\n1"s,
                           "1 2"s,
                           "{}x"s,
                           "{}\0"s,
                           "\xEF\xBB\xBF{}"s,
                           "\"\n\""s,
                           "\"\xC3\""s,
                           "\"\xED\xA0\x80\""s,
                           "\"\\ud800\""s,
                           "\"\\x41\""s,
                           "[1] "s + "]"})
    EXPECT_NE(problem(text), "accepted") << text;
}

TEST(StrictJson, names_the_byte_but_never_a_value) {
  const std::string said = problem(R"({"body":"a secret text" nonsense})");
  EXPECT_NE(said.find("at byte"), std::string::npos);
  EXPECT_EQ(said.find("secret"), std::string::npos);
  EXPECT_EQ(problem("{\"\\u001b[31m\":1,\"\\u001b[31m\":1}"),
            "JSON at /[31m: the key stands twice");
}

}  // namespace
}  // namespace fleet
