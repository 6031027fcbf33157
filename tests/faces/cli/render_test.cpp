#include "faces/cli/render.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "faces/cli/suggest.h"

namespace fleet::cli {
namespace {

using nlohmann::json;

std::string shown(const char* text, std::size_t width = 100) {
  RenderStyle style;
  style.width = width;
  return render(json::parse(text), style);
}

TEST(Render, nested_objects_are_written_with_dots) {
  EXPECT_EQ(shown(R"({"a":{"b":1,"c":true},"d":null})"), "a.b: 1\na.c: yes\n");
}

TEST(Render, an_empty_reply_says_done_and_an_empty_list_says_so) {
  EXPECT_EQ(shown("{}"), "done\n");
  EXPECT_EQ(shown(R"({"messages":[],"next":null})"), "no messages\n");
}

TEST(Render, tables_fit_the_terminal_and_count_characters_not_bytes) {
  EXPECT_EQ(shown(R"({"m":[{"a":"ääää","b":"0123456789012345678901234567890"}]})", 24),
            "a     b\nääää  01234567890123456…\n");
}

TEST(Render, moments_are_times_and_spans_are_numbers) {
  EXPECT_EQ(shown(R"({"at_ms":1700000000000,"rtt_ms":12})"),
            "at_ms:  2023-11-14 22:13:20Z\nrtt_ms: 12\n");
}

TEST(Render, nothing_from_outside_reaches_the_terminal_as_control) {
  const std::string text = shown(R"({"body":"a\u001b[31mb\u0007\r\nstate: stored"})");
  EXPECT_EQ(text.find('\033'), std::string::npos);
  EXPECT_EQ(text.find('\007'), std::string::npos);
  EXPECT_NE(text.find("\n    state: stored"), std::string::npos);
}

TEST(Render, a_followed_item_takes_one_line) {
  EXPECT_EQ(render_line(json::parse(R"({"a":"x\ny","b":2})"), {}), "x y  2\n");
}

TEST(Suggest, finds_swaps_and_beginnings_and_leaves_strangers_alone) {
  const std::vector<std::string> known{"send", "inbox", "status", "peers"};
  EXPECT_EQ(nearest("sned", known), "send");
  EXPECT_EQ(nearest("stat", known), "status");
  EXPECT_EQ(nearest("zzz", known), "");
}

}  // namespace
}  // namespace fleet::cli
