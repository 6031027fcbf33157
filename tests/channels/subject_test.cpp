#include "channels/p1_nats/subject.h"

#include <gtest/gtest.h>

namespace fleet::channels {
namespace {

TEST(NatsSubject, names_fleet_destination_and_source) {
  EXPECT_EQ(nats_subject("f1", "mac2", "mac1"), "fn.f1.mac2.mac1");
  EXPECT_EQ(nats_inbox("f1", "mac2"), "fn.f1.mac2.*");
}

TEST(NatsSubject, the_source_is_read_back_only_where_it_is_a_node_id) {
  const std::string inbox = nats_inbox("f1", "mac2");
  EXPECT_EQ(nats_source("fn.f1.mac2.mac1", inbox), "mac1");
  EXPECT_FALSE(nats_source("fn.f1.mac2.MAC1", inbox));
  EXPECT_FALSE(nats_source("fn.f1.mac2.", inbox));
  EXPECT_FALSE(nats_source("fn.f1.mac3.mac1", inbox));
  EXPECT_FALSE(nats_source("fn.f1.mac2.a.b", inbox));
}

TEST(NatsSubject, a_fleet_id_that_would_widen_the_subject_does_not_fit) {
  EXPECT_TRUE(fits_subject("f1-x"));
  for (const auto* bad : {"", "a.b", "*", ">", "a b", "a\n"})
    EXPECT_FALSE(fits_subject(bad)) << bad;
}

}  // namespace
}  // namespace fleet::channels
