#include "fleet/base/encoding.h"

#include <gtest/gtest.h>

#include <string>

#include "fleet/base/rng.h"

namespace fleet {
namespace {

using namespace std::string_literals;

TEST(Base64url, encodes_as_rfc_4648_without_padding) {
  EXPECT_EQ(to_base64url(""), "");
  EXPECT_EQ(to_base64url("f"), "Zg");
  EXPECT_EQ(to_base64url("fo"), "Zm8");
  EXPECT_EQ(to_base64url("foo"), "Zm9v");
  EXPECT_EQ(to_base64url("foobar"), "Zm9vYmFy");
  EXPECT_EQ(to_base64url("\xFB\xFF\xFE"), "-__-");
}

TEST(Base64url, refuses_what_is_not_the_one_text_of_its_bytes) {
  for (const std::string text : {"Zg==", "Zg=", "Z", "Zm9vY", "Zh", "Zm9", "Zm 8", "Zm9v\n", "+/+/",
                                 "Zm9v====", "Zm\xC3\xA9"})
    EXPECT_FALSE(from_base64url(text)) << text;
  EXPECT_FALSE(from_base64url("Zm9\0"s));
}

TEST(Base32, encodes_in_lower_case_without_padding) {
  EXPECT_EQ(to_base32("foobar"), "mzxw6ytboi");
  EXPECT_EQ(to_base32(std::string(16, '\xFF')).size(), 26u);
  EXPECT_FALSE(from_base32("MZXW6YTBOI"));
  EXPECT_FALSE(from_base32("mzxw6ytboj")) << "stray bits";
  EXPECT_FALSE(from_base32("mzx")) << "no byte string has this length";
  EXPECT_FALSE(from_base32("mzxw6ytboi======"));
}

TEST(Hex, takes_lower_case_pairs_only) {
  EXPECT_EQ(to_hex("\x00\xFF\x10"s), "00ff10");
  EXPECT_EQ(from_hex("00ff10"), "\x00\xFF\x10"s);
  EXPECT_FALSE(from_hex("00FF10"));
  EXPECT_FALSE(from_hex("00ff1"));
  EXPECT_FALSE(from_hex("0x"));
}

TEST(Encoding, gives_back_any_bytes_of_any_length) {
  SeededRng rng(1);
  for (std::size_t size = 0; size < 200; ++size) {
    std::string bytes(size, '\0');
    rng.fill(std::as_writable_bytes(std::span(bytes)));
    EXPECT_EQ(from_base64url(to_base64url(bytes)), bytes);
    EXPECT_EQ(from_base32(to_base32(bytes)), bytes);
    EXPECT_EQ(from_hex(to_hex(bytes)), bytes);
  }
}

TEST(Encoding, has_exactly_one_text_for_each_pair_of_last_digits) {
  constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  int accepted = 0;
  for (const char a : digits)
    for (const char b : digits) accepted += from_base64url(std::string{a, b}).has_value() ? 1 : 0;
  EXPECT_EQ(accepted, 256);
}

TEST(Le64, puts_the_least_significant_byte_first) {
  EXPECT_EQ(le64(0x0102030405060708ULL), "\x08\x07\x06\x05\x04\x03\x02\x01");
  std::string_view in = "\x08\x07\x06\x05\x04\x03\x02\x01rest";
  EXPECT_EQ(take_le64(in), 0x0102030405060708ULL);
  EXPECT_EQ(in, "rest");
  EXPECT_FALSE(take_le64(in));
  EXPECT_EQ(in, "rest") << "nothing is taken where too little is left";
}

}  // namespace
}  // namespace fleet
