#include "services/trust/signed_roster.h"

#include <gtest/gtest.h>

#include "fleet/base/hash.h"
#include "services/trust/membership.h"

namespace fleet::trust {
namespace {

struct SignedRosterTest : testing::Test {
  OpenSslCrypto crypto{};
  SigningKeyPtr root = crypto.signing_key(Secret::copy_of(std::string(32, 'r')));
  SignedRoster first = sign_roster(*root, one_node());

  RosterNode row(const NodeId& name) const {
    const Secret seed = Secret::copy_of(sha256(name));
    return {name, crypto.signing_key(seed)->public_key(), crypto.box_key(seed)->public_key(),
            NodeRole::worker, Stamp{1}};
  }
  Identity self() const {
    const Secret seed = Secret::copy_of(sha256("mac1"));
    return {"mac1", crypto.signing_key(seed), crypto.box_key(seed)};
  }
  Roster one_node() const {
    Roster roster;
    roster.seq = 1;
    roster.nodes.push_back(row("mac1"));
    return roster;
  }
};

TEST_F(SignedRosterTest, is_read_back_as_it_was_signed) {
  const SignedRoster second = with_node(*root, first, row("mac2"));
  const auto read = read_roster(crypto, root->public_key(), second.line);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->roster, second.roster);
  EXPECT_EQ(read->hash, second.hash);
  EXPECT_EQ(read->roster.seq, 2u);
  EXPECT_EQ(read->roster.prev, first.hash);
}

TEST_F(SignedRosterTest, of_another_root_is_refused_even_where_it_names_ours) {
  const SigningKeyPtr stranger = crypto.signing_key(Secret::copy_of(std::string(32, 's')));
  Roster forged = first.roster;  // root_key and fleet of ours, signature of theirs
  const Envelope envelope = sign_envelope(*stranger, PayloadType::roster, encode_roster(forged));
  EXPECT_FALSE(read_roster(crypto, root->public_key(), to_wire(envelope)));
  EXPECT_FALSE(read_first_roster(crypto, sha256(root->public_key()), to_wire(envelope)));
}

TEST_F(SignedRosterTest, is_no_other_payload_that_the_root_signed) {
  const Envelope envelope = sign_envelope(*root, PayloadType::pair, encode_roster(first.roster));
  EXPECT_FALSE(read_roster(crypto, root->public_key(), to_wire(envelope)));
}

TEST_F(SignedRosterTest, goes_forward_and_never_back) {
  const SignedRoster second = with_node(*root, first, row("mac2"));
  const SignedRoster third = with_node(*root, second, row("mac3"));
  EXPECT_TRUE(follows(first, second).value());
  EXPECT_TRUE(follows(first, third).value()) << "a gap is a roster that never came this way";
  EXPECT_FALSE(follows(second, first).value());
  EXPECT_FALSE(follows(third, first).value());
  EXPECT_FALSE(follows(second, second).value());
}

TEST_F(SignedRosterTest, that_forks_the_history_is_a_fault) {
  const SignedRoster second = with_node(*root, first, row("mac2"));
  const SignedRoster other = with_node(*root, first, row("mac9"));
  EXPECT_FALSE(follows(second, other)) << "two rosters of one number";
  const SignedRoster third = with_node(*root, other, row("mac3"));
  EXPECT_FALSE(follows(second, third)) << "the next number, but not after ours";
}

TEST_F(SignedRosterTest, members_keep_their_place_over_a_change) {
  Membership membership(crypto, self(), first.roster);
  const Member* before = membership.find("mac1");
  membership.adopt(with_node(*root, first, row("mac2")).roster);
  EXPECT_EQ(membership.find("mac1"), before);
  EXPECT_EQ(membership.find_key(before->key_id), before);
  ASSERT_NE(membership.find("mac2"), nullptr);
}

TEST_F(SignedRosterTest, a_member_that_goes_stays_readable_for_who_was_about_it) {
  const SignedRoster second = with_node(*root, first, row("mac2"));
  Membership membership(crypto, self(), second.roster);
  const Member* gone = membership.find("mac2");
  membership.adopt(first.roster);
  EXPECT_EQ(membership.find("mac2"), nullptr);
  EXPECT_EQ(membership.find_key(gone->key_id), nullptr);
  EXPECT_EQ(gone->row.id, "mac2");
}

TEST_F(SignedRosterTest, a_revoked_key_is_believed_no_more) {
  SignedRoster second = with_node(*root, first, row("mac2"));
  Membership membership(crypto, self(), second.roster);
  second.roster.revoked.push_back(key_id(row("mac2").sign_key));
  membership.adopt(second.roster);
  EXPECT_EQ(membership.find("mac2"), nullptr);
  EXPECT_EQ(membership.find_key(key_id(row("mac2").sign_key)), nullptr);
}

}  // namespace
}  // namespace fleet::trust
