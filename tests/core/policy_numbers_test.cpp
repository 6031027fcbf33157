#include "fleet/core/policy_numbers.h"

#include <gtest/gtest.h>

#include "fleet/core/retry.h"

namespace fleet::core {
namespace {

TEST(PolicyNumbers, every_key_of_the_configuration_can_be_set) {
  EXPECT_EQ(timing_keys().size(), 13U + kChannelCount);
  for (const std::string_view key : timing_keys()) {
    Timing timing;
    EXPECT_TRUE(override_timing(timing, key, Millis{7})) << key;
  }
}

TEST(PolicyNumbers, a_cap_is_set_for_its_own_channel) {
  Timing timing;
  ASSERT_TRUE(override_timing(timing, "cap_http_ms", Millis{1'234}));
  EXPECT_EQ(timing.cap(ChannelId::http), Millis{1'234});
  EXPECT_EQ(timing.cap(ChannelId::nats), Millis{3'000});
}

TEST(PolicyNumbers, an_unknown_key_is_refused) {
  Timing timing;
  EXPECT_FALSE(override_timing(timing, "heartbeat", Millis{1}));
  EXPECT_FALSE(override_timing(timing, "cap_pigeon_ms", Millis{1}));
}

TEST(PolicyNumbers, a_receipt_is_awaited_by_road_unless_one_wait_is_configured) {
  Timing timing;
  EXPECT_EQ(receipt_wait(ChannelId::relay, timing), Seconds{30});
  EXPECT_EQ(receipt_wait(ChannelId::git, timing), std::chrono::minutes(10));
  timing.hold_back = Millis{50};
  EXPECT_EQ(receipt_wait(ChannelId::git, timing), Millis{50});
}

TEST(Retry, the_wait_doubles_from_twice_the_latency_up_to_a_quarter_of_an_hour) {
  const Timing timing;
  const auto wait = [&](unsigned n) { return resend_after(Millis{100}, n, 0.5, timing); };
  EXPECT_EQ(wait(0), Millis{200});
  EXPECT_EQ(wait(1), Millis{400});
  EXPECT_EQ(wait(5), Millis{6'400});
  EXPECT_EQ(wait(13), std::chrono::minutes(15));
  EXPECT_EQ(wait(4'000'000'000U), std::chrono::minutes(15));
}

TEST(Retry, the_wait_is_spread_by_a_fifth) {
  const Timing timing;
  EXPECT_EQ(resend_after(Millis{100}, 0, 0.0, timing), Millis{160});
  EXPECT_EQ(resend_after(Millis{100}, 0, 1.0, timing), Millis{240});
}

TEST(Retry, a_road_is_worth_a_resend_only_where_it_is_faster_than_the_last_hand_off) {
  EXPECT_TRUE(worth_resending(Millis{20}, Seconds{30}));
  EXPECT_FALSE(worth_resending(Seconds{30}, Seconds{30}));
  EXPECT_TRUE(worth_resending(Seconds{600}, std::nullopt));
}

}  // namespace
}  // namespace fleet::core
