#include "services/trust/key_store.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "services/trust/signed_roster.h"
#include "support/temp_dir.h"

namespace fleet::trust {
namespace {

namespace fs = std::filesystem;

const std::vector<std::string> kFiles{"sign.key", "box.key",   "root.key",
                                      "root.pub", "fleet.key", "roster.json"};

struct KeyStoreTest : testing::Test {
  OpenSslCrypto crypto{};
  SeededRng rng{7};
  test::TempDir folder{};
  fs::path home = folder / "home";
  fs::path dir = home / "keys";
  KeyStore store{home};

  void make() { ASSERT_TRUE(store.make(crypto, rng, "mac1", Stamp{5})); }
  Error refusal() {
    const auto keys = store.load(crypto);
    return keys ? Error{} : keys.error();
  }
  static mode_t bits(const fs::path& path) {
    struct stat found {};
    ::lstat(path.c_str(), &found);
    return found.st_mode & 07777;
  }
};

TEST_F(KeyStoreTest, makes_a_fleet_of_one_that_it_reads_back) {
  EXPECT_FALSE(store.exists());
  make();
  EXPECT_TRUE(store.exists());
  const auto keys = store.load(crypto);
  ASSERT_TRUE(keys) << keys.error().message;
  EXPECT_EQ(keys->node, "mac1");
  EXPECT_EQ(keys->root_holder, "mac1");
  EXPECT_EQ(keys->fleet.id, "K1");
  EXPECT_EQ(keys->fleet.number(), 1);
  EXPECT_EQ(keys->fleet.key.size(), kKeySize);
  ASSERT_TRUE(keys->root);
  EXPECT_EQ(keys->roster.seq, 1u);
  EXPECT_EQ(keys->roster.fleet, fleet_id(keys->root->public_key()));
  ASSERT_EQ(keys->roster.nodes.size(), 1u);
  EXPECT_EQ(keys->roster.nodes[0].role, NodeRole::chief);
  EXPECT_EQ(keys->roster.nodes[0].sign_key, keys->sign->public_key());
}

TEST_F(KeyStoreTest, lets_nobody_else_look) {
  make();
  EXPECT_EQ(bits(home), 0700u);
  EXPECT_EQ(bits(dir), 0700u);
  for (const std::string& file : kFiles) EXPECT_EQ(bits(dir / file), 0600u) << file;
}

TEST_F(KeyStoreTest, never_makes_keys_over_keys) {
  make();
  const std::string before = test::read_file(dir / "sign.key");
  EXPECT_EQ(store.make(crypto, rng, "mac1", Stamp{5}).error().code, Code::conflict);
  EXPECT_EQ(test::read_file(dir / "sign.key"), before);
}

TEST_F(KeyStoreTest, refuses_a_file_with_open_bits_and_says_what_to_run) {
  for (const std::string& file : kFiles) {
    fs::remove_all(home);
    make();
    fs::permissions(dir / file, fs::perms(0640));
    const Error error = refusal();
    EXPECT_EQ(error.code, Code::config) << file;
    EXPECT_EQ(exit_status(error.code), 78);
    EXPECT_NE(error.message.find("chmod 600 '" + (dir / file).string() + "'"), std::string::npos)
        << error.message;
  }
}

TEST_F(KeyStoreTest, refuses_an_open_folder) {
  make();
  fs::permissions(dir, fs::perms(0750));
  const Error error = refusal();
  EXPECT_EQ(error.code, Code::config);
  EXPECT_NE(error.message.find("chmod 700"), std::string::npos) << error.message;
}

TEST_F(KeyStoreTest, refuses_a_link_whatever_it_leads_to) {
  for (const std::string& file : kFiles) {
    fs::remove_all(home);
    make();
    fs::rename(dir / file, home / file);
    fs::create_symlink(home / file, dir / file);
    EXPECT_EQ(refusal().code, Code::config) << file;
  }
}

TEST_F(KeyStoreTest, refuses_somebody_elses_file) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give a file away";
  make();
  ASSERT_EQ(::chown((dir / "sign.key").c_str(), 65534, 65534), 0);
  const Error error = refusal();
  EXPECT_EQ(error.code, Code::config);
  EXPECT_NE(error.message.find("chown"), std::string::npos) << error.message;
}

TEST_F(KeyStoreTest, refuses_a_missing_or_broken_file_without_repeating_it) {
  for (const std::string& file : kFiles) {
    fs::remove_all(home);
    make();
    test::write_file(dir / file, "c2VjcmV0");
    const Error error = refusal();
    EXPECT_EQ(error.code, Code::config) << file;
    EXPECT_EQ(error.message.find("c2VjcmV0"), std::string::npos) << error.message;
    fs::remove(dir / file);
    if (file == "root.key") continue;  // then this node is one that cannot invite
    EXPECT_EQ(refusal().code, Code::config) << file;
  }
}

TEST_F(KeyStoreTest, refuses_a_roster_that_another_root_signed) {
  make();
  const Keys keys = store.load(crypto).value();
  const SigningKeyPtr stranger = crypto.signing_key(Secret::copy_of(std::string(32, 's')));
  ASSERT_TRUE(store.save_roster(sign_roster(*stranger, keys.roster).line));
  EXPECT_EQ(refusal().code, Code::config);
}

TEST_F(KeyStoreTest, refuses_a_roster_in_which_one_byte_was_changed) {
  make();
  const std::string line = test::read_file(dir / "roster.json");
  for (std::size_t i = 0; i + 1 < line.size(); i += 3) {
    std::string changed = line;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    test::write_file(dir / "roster.json", changed);
    EXPECT_EQ(refusal().code, Code::config) << "byte " << i;
  }
}

TEST_F(KeyStoreTest, takes_back_a_change_of_fleet_that_was_cut_short) {
  make();
  const std::string before = test::read_file(dir / "sign.key");
  fs::rename(dir, home / "keys.old");  // as between the two renames
  EXPECT_TRUE(store.exists());
  ASSERT_TRUE(store.load(crypto));
  EXPECT_EQ(test::read_file(dir / "sign.key"), before);
}

TEST_F(KeyStoreTest, clears_away_what_a_finished_change_left) {
  make();
  fs::create_directory(home / "keys.old");
  ASSERT_TRUE(store.load(crypto));
  EXPECT_FALSE(fs::exists(home / "keys.old"));
}

TEST_F(KeyStoreTest, says_init_where_nothing_is) {
  const Error error = refusal();
  EXPECT_EQ(error.code, Code::not_found);
  EXPECT_NE(error.message.find("fleet-nerve init"), std::string::npos);
}

}  // namespace
}  // namespace fleet::trust
