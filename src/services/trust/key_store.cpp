#include "services/trust/key_store.h"

#include <algorithm>
#include <charconv>
#include <system_error>
#include <utility>

#include "fleet/base/encoding.h"
#include "io/file_io.h"
#include "services/trust/signed_roster.h"

namespace fleet::trust {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kKeyFileBytes = 256;
constexpr std::size_t kRosterBytes = 4 * 1024 * 1024;
constexpr std::string_view kFirstFleetKey = "K1";

fs::path aside(const fs::path& dir, const char* suffix) {
  fs::path path = dir;
  path += suffix;
  return path;
}

Error unreadable(const fs::path& file, const std::string& what) {
  return refuse(Code::config, file.string() + " " + what +
                                  "; restore it from a backup, or move the folder away and pair "
                                  "this node again: mv '" +
                                  file.parent_path().string() + "' '" +
                                  file.parent_path().string() + ".broken'");
}

Error in_place(const fs::path& file, const Error& error) {
  if (error.code == Code::not_found) return unreadable(file, "is missing");
  Error config = error;
  config.code = Code::config;  // whatever is wrong with a key file ends the start with 78
  return config;
}

// "<first> <second>\n", the second where there is one.
struct Words {
  Secret first{};
  std::string second{};
};

Result<Words> read_words(const fs::path& file) {
  const auto text = io::read_secret_file(file, kKeyFileBytes);
  if (!text) return in_place(file, text.error());
  std::string_view line = text->reveal();
  if (line.ends_with('\n')) line.remove_suffix(1);
  const std::size_t space = line.find(' ');
  Words words{Secret::copy_of(line.substr(0, space)), ""};
  if (space != line.npos) words.second = line.substr(space + 1);
  return words;
}

Result<Secret> decode_key(const fs::path& file, std::string_view text) {
  auto bytes = from_base64url(text);
  if (!bytes || bytes->size() != kKeySize) return unreadable(file, "does not hold a key");
  Secret key = Secret::copy_of(*bytes);
  wipe(*bytes);
  return key;
}

Result<Secret> read_key(const fs::path& file) {
  const auto words = read_words(file);
  if (!words) return words.error();
  return decode_key(file, words->first.reveal());
}

Result<void> write_words(const fs::path& file, std::string_view bytes, const std::string& second) {
  std::string text = to_base64url(bytes);
  if (!second.empty()) text.append(" ").append(second);
  text += '\n';
  auto written = io::create_private_file(file, text);
  wipe(text);
  return written;
}

Result<void> read_fleet(const fs::path& dir, Keys& keys) {
  const auto pin = read_words(dir / "root.pub");
  if (!pin) return pin.error();
  auto pinned = decode_key(dir / "root.pub", pin->first.reveal());
  if (!pinned) return pinned.error();
  keys.root_key = pinned->reveal();
  keys.root_holder = pin->second;
  const auto fleet = read_words(dir / "fleet.key");
  if (!fleet) return fleet.error();
  auto key = decode_key(dir / "fleet.key", fleet->first.reveal());
  if (!key) return key.error();
  keys.fleet = {fleet->second, std::move(*key)};
  return {};
}

Result<void> read_root(const Crypto& crypto, const fs::path& dir, Keys& keys) {
  const fs::path file = dir / "root.key";
  std::error_code problem;
  if (!fs::exists(fs::symlink_status(file, problem))) return {};
  const auto seed = read_key(file);
  if (!seed) return seed.error();
  keys.root = crypto.signing_key(*seed);
  if (keys.root->public_key() == keys.root_key) return {};
  return unreadable(file, "does not fit root.pub");
}

Result<void> read_members(const Crypto& crypto, const fs::path& dir, Keys& keys) {
  const fs::path file = dir / "roster.json";
  auto line = io::read_private_file(file, kRosterBytes);
  if (!line) return in_place(file, line.error());
  if (line->ends_with('\n')) line->pop_back();
  auto roster = read_roster(crypto, keys.root_key, *line);
  if (!roster) return unreadable(file, "is not a roster that the fleet's root signed");
  const auto& nodes = roster->roster.nodes;
  const auto self = std::find_if(nodes.begin(), nodes.end(), [&](const RosterNode& row) {
    return row.sign_key == keys.sign->public_key() && row.box_key == keys.box->public_key();
  });
  if (self == nodes.end()) return unreadable(file, "does not name this node's keys");
  keys.node = self->id;
  keys.roster = std::move(roster->roster);
  keys.roster_line = std::move(roster->line);
  keys.roster_hash = std::move(roster->hash);
  return {};
}

}  // namespace

std::uint8_t FleetKey::number() const {
  const char* last = id.data() + id.size();
  std::uint8_t value = 0;
  const auto read = id.starts_with('K') ? std::from_chars(id.data() + 1, last, value)
                                        : std::from_chars_result{id.data(), std::errc()};
  return read.ptr == last && read.ec == std::errc() ? value : std::uint8_t{0};
}

Seeds Seeds::random(Rng& rng) {
  return {Secret::random(rng, kKeySize), Secret::random(rng, kKeySize)};
}

KeyStore::KeyStore(fs::path home) : home_(std::move(home)), dir_(home_ / "keys") {}

bool KeyStore::exists() const {
  std::error_code problem;
  if (fs::exists(aside(dir_, ".old"), problem)) return true;
  return fs::exists(fs::symlink_status(dir_, problem)) &&
         !(fs::is_directory(dir_, problem) && fs::is_empty(dir_, problem));
}

// A change of fleet that was cut short between its two renames is undone; one that got past them
// stands, and only what it replaced is left to clear away.
Result<void> KeyStore::settle() const {
  std::error_code problem;
  const fs::path old = aside(dir_, ".old");
  if (!fs::exists(old, problem)) return {};
  if (fs::exists(dir_, problem)) {
    fs::remove_all(old, problem);
  } else {
    fs::rename(old, dir_, problem);
  }
  if (!problem) return {};
  return refuse(Code::config, "cannot put " + dir_.string() + " back from " + old.string() + ": " +
                                  problem.message());
}

Result<Seeds> KeyStore::seeds() const {
  if (const auto settled = settle(); !settled) return settled.error();
  if (!exists()) {
    return refuse(Code::not_found, "no keys in " + dir_.string() + "; run: fleet-nerve init");
  }
  if (const auto closed = io::check_private_dir(dir_); !closed) return closed.error();
  auto sign = read_key(dir_ / "sign.key");
  if (!sign) return sign.error();
  auto box = read_key(dir_ / "box.key");
  if (!box) return box.error();
  return Seeds{std::move(*sign), std::move(*box)};
}

Result<Keys> KeyStore::load(const Crypto& crypto) const {
  const auto own = seeds();
  if (!own) return own.error();
  Keys keys;
  keys.sign = crypto.signing_key(own->sign);
  keys.box = crypto.box_key(own->box);
  if (const auto fleet = read_fleet(dir_, keys); !fleet) return fleet.error();
  if (const auto root = read_root(crypto, dir_, keys); !root) return root.error();
  if (const auto members = read_members(crypto, dir_, keys); !members) return members.error();
  return keys;
}

Result<void> KeyStore::make(const Crypto& crypto, Rng& rng, const NodeId& node, Stamp now) const {
  if (!valid_node_id(node)) {
    return refuse(Code::config, "'" + node + "' is no node id: a-z, 0-9 and -, at most 32");
  }
  if (exists()) {
    return refuse(Code::conflict, dir_.string() + " holds the keys of a node already");
  }
  const Seeds own = Seeds::random(rng);
  FleetFiles files;
  files.root_seed = Secret::random(rng, kKeySize);
  files.fleet_key = {std::string(kFirstFleetKey), Secret::random(rng, kKeySize)};
  files.root_holder = node;
  const SigningKeyPtr root = crypto.signing_key(files.root_seed);
  files.root_key = root->public_key();
  Roster roster;
  roster.seq = 1;
  roster.nodes.push_back({node, crypto.signing_key(own.sign)->public_key(),
                          crypto.box_key(own.box)->public_key(), NodeRole::chief, now});
  files.roster_line = sign_roster(*root, std::move(roster)).line;
  return put(own, files);
}

Result<void> KeyStore::enter(const Seeds& own, const FleetFiles& files) const {
  if (const auto settled = settle(); !settled) return settled;
  return put(own, files);
}

// All of it is written beside the old folder before either is renamed.
Result<void> KeyStore::put(const Seeds& own, const FleetFiles& files) const {
  const fs::path next = aside(dir_, ".next");
  const fs::path old = aside(dir_, ".old");
  std::error_code problem;
  fs::remove_all(next, problem);  // of an attempt that was cut short
  if (const auto home = io::make_private_dir(home_); !home) return home;
  if (const auto made = io::make_private_dir(next); !made) return made;
  auto written = write_words(next / "sign.key", own.sign.reveal(), "");
  if (written) written = write_words(next / "box.key", own.box.reveal(), "");
  if (written && !files.root_seed.empty()) {
    written = write_words(next / "root.key", files.root_seed.reveal(), "");
  }
  if (written) written = write_words(next / "root.pub", files.root_key, files.root_holder);
  if (written) {
    written = write_words(next / "fleet.key", files.fleet_key.key.reveal(), files.fleet_key.id);
  }
  if (written) written = io::create_private_file(next / "roster.json", files.roster_line + "\n");
  if (!written) return written;
  if (fs::exists(dir_, problem)) fs::rename(dir_, old, problem);
  if (!problem) fs::rename(next, dir_, problem);
  if (problem) {
    return refuse(Code::unavailable,
                  "cannot put " + dir_.string() + " in place: " + problem.message());
  }
  fs::remove_all(old, problem);
  return {};
}

Result<void> KeyStore::save_roster(std::string_view line) const {
  return io::write_file_atomically(dir_ / "roster.json", std::string(line) + "\n");
}

}  // namespace fleet::trust
