#include "fleet/base/pae.h"

#include <gtest/gtest.h>

namespace fleet {
namespace {

using namespace std::string_literals;

TEST(Pae, writes_count_and_lengths_before_the_bytes) {
  EXPECT_EQ(pae({}), "FNSIG1\0\0\0\0\0\0\0\0"s);
  EXPECT_EQ(pae({"ab"}), "FNSIG1\1\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0ab"s);
}

TEST(Pae, separates_fields_that_concatenation_would_confuse) {
  EXPECT_NE(pae({"ab", "c"}), pae({"a", "bc"}));
  EXPECT_NE(pae({"abc"}), pae({"abc", ""}));
  EXPECT_NE(pae({""}), pae({}));
}

}  // namespace
}  // namespace fleet
