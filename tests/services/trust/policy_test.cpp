#include "services/trust/policy.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "services/trust/kept_policy.h"
#include "support/temp_dir.h"

namespace fleet::trust {
namespace {

using nlohmann::json;

TEST(Policy, takes_messages_holds_tasks_and_refuses_what_acts_by_itself) {
  const Policy policy;
  EXPECT_EQ(policy.stance("mac1", Kind::message), Stance::accept);
  EXPECT_EQ(policy.stance("mac1", Kind::task), Stance::hold);
  EXPECT_EQ(policy.stance("mac1", Kind::repair), Stance::refuse);
  EXPECT_EQ(policy.stance("mac1", Kind::typing), Stance::refuse);
}

TEST(Policy, of_a_sender_wins_over_the_default_for_that_kind_alone) {
  struct Row {
    const char* file;
    const char* sender;
    Kind kind;
    Stance stance;
  };
  const std::vector<Row> table{
      {R"({})", "mac1", Kind::task, Stance::hold},
      {R"({"default":{"task":"accept"}})", "mac1", Kind::task, Stance::accept},
      {R"({"senders":{"mac1":{"task":"accept"}}})", "mac1", Kind::task, Stance::accept},
      {R"({"senders":{"mac1":{"task":"accept"}}})", "mac2", Kind::task, Stance::hold},
      {R"({"senders":{"mac1":{"task":"accept"}}})", "mac1", Kind::message, Stance::accept},
      {R"({"default":{"message":"refuse"},"senders":{"mac1":{"message":"accept"}}})", "mac1",
       Kind::message, Stance::accept},
      {R"({"default":{"message":"refuse"},"senders":{"mac1":{"message":"hold"}}})", "mac2",
       Kind::message, Stance::refuse},
      {R"({"default":{"message":"accept"},"senders":{"mac1":{"message":"hold"}}})", "mac1",
       Kind::message, Stance::hold},
  };
  for (const Row& row : table) {
    const auto policy = Policy::from_json(json::parse(row.file));
    ASSERT_TRUE(policy) << row.file;
    EXPECT_EQ(policy->stance(row.sender, row.kind), row.stance) << row.file << " " << row.sender;
  }
}

TEST(Policy, names_every_fault_of_its_file_at_once) {
  const auto policy = Policy::from_json(json::parse(
      R"({"default":{"task":"maybe","tea":"accept"},"senders":{"Mac 1":{}},"other":1})"));
  ASSERT_FALSE(policy);
  EXPECT_EQ(policy.error().code, Code::config);
  EXPECT_EQ(policy.error().fields.size(), 4u);
}

TEST(KeptPolicy, is_the_default_where_there_is_no_file_and_private_where_there_is) {
  const test::TempDir home;
  auto policy = load_policy(home.path());
  ASSERT_TRUE(policy);
  policy->set("mac1", Kind::task, Stance::accept);
  ASSERT_TRUE(save_policy(home.path(), *policy));
  EXPECT_EQ(load_policy(home.path())->stance("mac1", Kind::task), Stance::accept);

  std::filesystem::permissions(home / "policy.json", std::filesystem::perms(0644));
  const auto open_file = load_policy(home.path());
  ASSERT_FALSE(open_file);
  EXPECT_EQ(open_file.error().code, Code::config);
  EXPECT_NE(open_file.error().message.find("chmod 600"), std::string::npos);
}

TEST(KeptPolicy, refuses_a_doubled_key_that_two_readers_would_read_differently) {
  const test::TempDir home;
  ASSERT_TRUE(save_policy(home.path(), Policy{}));
  test::write_file(home / "policy.json", R"({"default":{"task":"refuse","task":"accept"}})");
  EXPECT_EQ(load_policy(home.path()).error().code, Code::config);
}

}  // namespace
}  // namespace fleet::trust
