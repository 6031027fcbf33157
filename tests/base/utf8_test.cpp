#include "fleet/base/utf8.h"

#include <gtest/gtest.h>

namespace fleet {
namespace {

using namespace std::string_literals;

TEST(Utf8, takes_well_formed_text_of_every_length) {
  for (const auto& text : {""s, "plain"s, "gr\u00FC\u00DFe"s, "\u65E5\u672C\u8A9E"s,
                           "\U0001F680 and \U0010FFFF"s, "nul \0 inside"s})
    EXPECT_TRUE(valid_utf8(text)) << text;
}

TEST(Utf8, refuses_overlong_surrogate_cut_and_stray_bytes) {
  for (const auto& text :
       {"\xC0\x80"s, "\xC1\xBF"s, "\xE0\x80\x80"s, "\xE0\x9F\xBF"s, "\xF0\x80\x80\x80"s,
        "\xF0\x8F\xBF\xBF"s, "\xED\xA0\x80"s, "\xED\xBF\xBF"s, "\xF4\x90\x80\x80"s,
        "\xF5\x80\x80\x80"s, "\xFF"s, "\x80"s, "\xC3"s, "\xE2\x82"s, "\xF0\x9F\x9A"s, "\xC3\x28"s,
        "12345678\xC3"s})
    EXPECT_FALSE(valid_utf8(text)) << "bytes of size " << text.size();
}

TEST(Utf8, is_cut_at_a_code_point_only) {
  EXPECT_EQ(truncate_utf8("abc", 5), "abc");
  EXPECT_EQ(truncate_utf8("abc", 2), "ab");
  EXPECT_EQ(truncate_utf8("a\u00FCb", 2), "a");
  EXPECT_EQ(truncate_utf8("a\u00FCb", 3), "a\u00FC");
  EXPECT_EQ(truncate_utf8("\U0001F680", 3), "");
}

TEST(CleanForPrompt, keeps_text_and_its_lines) {
  const std::string text = "Gr\u00FC\u00DFe,\n\t\u65E5\u672C \U0001F680";
  EXPECT_EQ(clean_for_prompt(text), text);
}

TEST(CleanForPrompt, drops_what_a_terminal_or_a_model_would_obey_unseen) {
  EXPECT_EQ(clean_for_prompt("a\x1B[31mb\x07\x7F"s), "a[31mb");
  EXPECT_EQ(clean_for_prompt("nul\0x"s), "nulx");
  EXPECT_EQ(clean_for_prompt("c1\u009B31m\u0080"), "c131m");
  EXPECT_EQ(clean_for_prompt("\u202Ebidi\u202C\u2066x\u2069\u200E\u061C"), "bidix");
  EXPECT_EQ(clean_for_prompt("zero\u200Bwidth\u200D\u2060\uFEFF\u00AD"), "zerowidth");
  EXPECT_EQ(clean_for_prompt("tag\U000E0041\U000E007F\U000E0100\uFE0F"), "tag");
}

TEST(CleanForPrompt, makes_one_line_break_of_every_kind) {
  EXPECT_EQ(clean_for_prompt("a\r\nb\rc\u2028d\u2029e\u0085f\vg\fh"), "a\nb\nc\nd\ne\nf\ng\nh");
}

TEST(CleanForPrompt, always_answers_with_valid_utf8) {
  EXPECT_EQ(clean_for_prompt("a\xFF\xC3z"), "a\uFFFD\uFFFDz");
  std::string every_byte;
  for (int i = 0; i < 256; ++i) every_byte.push_back(static_cast<char>(i));
  EXPECT_TRUE(valid_utf8(clean_for_prompt(every_byte)));
}

}  // namespace
}  // namespace fleet
