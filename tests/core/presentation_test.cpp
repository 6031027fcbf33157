#include "fleet/core/presentation.h"

#include <gtest/gtest.h>

namespace fleet::core {
namespace {

using Numbers = std::vector<std::uint64_t>;
constexpr Tick kNow{5'000'000};

TEST(Presentation, shows_in_the_order_of_the_stream) {
  Presentation order;
  order.arrived(2, false, kNow);
  EXPECT_EQ(order.take_ready(kNow), Numbers{});
  order.arrived(1, false, kNow);
  EXPECT_EQ(order.take_ready(kNow), (Numbers{1, 2}));
  EXPECT_EQ(order.take_ready(kNow), Numbers{});
}

TEST(Presentation, waits_a_gap_out_once_and_two_seconds_at_most) {
  Presentation order;
  order.arrived(3, false, kNow);
  order.arrived(5, false, kNow + Seconds{1});
  EXPECT_EQ(order.next_due(), kNow + Seconds{2});
  EXPECT_EQ(order.take_ready(kNow + Millis{1'999}), Numbers{});
  EXPECT_EQ(order.take_ready(kNow + Seconds{2}), Numbers{3});
  order.arrived(4, false, kNow + Seconds{2});
  EXPECT_EQ(order.take_ready(kNow + Seconds{2}), (Numbers{4, 5}));
}

TEST(Presentation, nobody_waits_longer_because_an_earlier_gap_is_younger) {
  Presentation order;
  order.arrived(9, false, kNow);
  order.arrived(5, false, kNow + Seconds{1});
  EXPECT_EQ(order.take_ready(kNow + Seconds{2}), (Numbers{5, 9}));
}

TEST(Presentation, what_fills_a_gap_too_late_is_shown_at_once) {
  Presentation order;
  order.arrived(2, false, kNow);
  order.take_ready(kNow + Seconds{2});
  order.arrived(1, false, kNow + Seconds{3});
  EXPECT_EQ(order.take_ready(kNow + Seconds{3}), Numbers{1});
}

TEST(Presentation, alerts_bypass_and_are_shown_once) {
  Presentation order;
  order.arrived(3, true, kNow);
  EXPECT_EQ(order.take_ready(kNow), Numbers{3});
  order.arrived(1, false, kNow);
  order.arrived(2, false, kNow);
  order.arrived(4, false, kNow);
  EXPECT_EQ(order.take_ready(kNow), (Numbers{1, 2, 4}));
}

TEST(Presentation, a_void_or_refused_number_is_not_waited_for) {
  Presentation order;
  order.arrived(4, false, kNow);
  order.settled(1, 3);
  EXPECT_EQ(order.take_ready(kNow), Numbers{4});
  EXPECT_EQ(order.next_due(), std::nullopt);
}

TEST(Presentation, goes_on_where_it_was_left) {
  Presentation order(8);
  order.arrived(8, false, kNow);
  EXPECT_EQ(order.take_ready(kNow), Numbers{8});
}

}  // namespace
}  // namespace fleet::core
