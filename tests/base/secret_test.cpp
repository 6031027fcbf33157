#include "fleet/base/secret.h"

#include <gtest/gtest.h>

#include <sstream>
#include <type_traits>
#include <utility>

namespace fleet {
namespace {

template <class T>
concept Printable = requires(std::ostringstream& out, const T& value) {
  out << value;
};

TEST(Secret, can_be_moved_but_neither_copied_nor_printed) {
  static_assert(!std::is_copy_constructible_v<Secret> && !std::is_copy_assignable_v<Secret>);
  static_assert(std::is_nothrow_move_constructible_v<Secret>);
  static_assert(!Printable<Secret>);
  Secret first = Secret::copy_of("key");
  const Secret second = std::move(first);
  EXPECT_EQ(second.reveal(), "key");
  EXPECT_TRUE(first.empty());
  EXPECT_EQ(second.clone().reveal(), "key");
}

TEST(Secret, comes_from_the_rng_port) {
  SeededRng one(7), other(7);
  const Secret a = Secret::random(one, 32), b = Secret::random(other, 32);
  EXPECT_EQ(a.size(), 32u);
  EXPECT_EQ(a.reveal(), b.reveal());
  EXPECT_NE(Secret::random(one, 32).reveal(), b.reveal());
}

TEST(Secret, overwrites_what_it_drops) {
  std::string text = "a token that must not stay in memory";
  const char* const place = text.data();
  wipe(text);
  EXPECT_TRUE(text.empty());
  EXPECT_EQ(place[1], '\0');
}

TEST(ConstantTimeEqual, compares_all_bytes_and_lengths) {
  EXPECT_TRUE(constant_time_equal("", ""));
  EXPECT_TRUE(constant_time_equal("same", "same"));
  EXPECT_FALSE(constant_time_equal("same", "samf"));
  EXPECT_FALSE(constant_time_equal("same", "sam"));
}

}  // namespace
}  // namespace fleet
