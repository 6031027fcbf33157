#include "services/trust/signed_roster.h"

#include <algorithm>
#include <utility>

#include "fleet/base/hash.h"

namespace fleet::trust {
namespace {

constexpr std::size_t kMaxLineBytes = 4 * 1024 * 1024;

Error not_by_root() {
  return refuse(Code::unauthenticated, "bad_roster",
                "the roster is not signed by the fleet's root");
}

SignedRoster sealed(Roster roster, Envelope envelope) {
  std::string hash = sha256(envelope.payload);
  return {std::move(roster), to_wire(envelope), std::move(hash)};
}

}  // namespace

std::string fleet_id(std::string_view root_public_key) { return key_id(root_public_key); }

SignedRoster sign_roster(const SigningKey& root, Roster roster) {
  roster.root_key = root.public_key();
  roster.fleet = fleet_id(roster.root_key);
  Envelope envelope = sign_envelope(root, PayloadType::roster, encode_roster(roster));
  return sealed(std::move(roster), std::move(envelope));
}

Result<SignedRoster> read_roster(const Crypto& crypto, std::string_view root_public_key,
                                 std::string_view line) {
  auto envelope = parse_envelope(line, kMaxLineBytes);
  if (!envelope) return envelope.error();
  const auto root = crypto.verify_key(root_public_key);
  if (!root) return root.error();
  const bool by_root = envelope->type == PayloadType::roster && verify_envelope(**root, *envelope);
  if (!by_root) return not_by_root();
  auto roster = decode_roster(envelope->payload);
  if (!roster) return roster.error();
  const bool ours =
      roster->root_key == root_public_key && roster->fleet == fleet_id(root_public_key);
  if (!ours) return not_by_root();
  return sealed(std::move(*roster), std::move(*envelope));
}

Result<SignedRoster> read_first_roster(const Crypto& crypto, std::string_view root_print,
                                       std::string_view line) {
  const auto envelope = parse_envelope(line, kMaxLineBytes);
  if (!envelope) return envelope.error();
  const auto claimed = decode_roster(envelope->payload);
  if (!claimed) return claimed.error();
  if (sha256(claimed->root_key) != root_print) return not_by_root();
  return read_roster(crypto, claimed->root_key, line);
}

Result<bool> follows(const SignedRoster& current, const SignedRoster& next) {
  if (next.roster.seq < current.roster.seq) return false;
  if (next.hash == current.hash) return false;
  const bool forked =
      next.roster.seq == current.roster.seq ||
      (next.roster.seq == current.roster.seq + 1 && next.roster.prev != current.hash);
  if (!forked) return true;  // a gap is nothing but rosters that never came this way
  return refuse(Code::conflict, "forked_roster",
                "the root signed two rosters of one number; make the next change on the machine "
                "that holds the root key");
}

SignedRoster with_node(const SigningKey& root, const SignedRoster& current, RosterNode node) {
  Roster next = current.roster;
  next.seq = current.roster.seq + 1;
  next.prev = current.hash;
  const auto same = [&](const RosterNode& row) { return row.id == node.id; };
  const auto row = std::find_if(next.nodes.begin(), next.nodes.end(), same);
  if (row == next.nodes.end()) {
    next.nodes.push_back(std::move(node));
  } else {
    *row = std::move(node);
  }
  return sign_roster(root, std::move(next));
}

}  // namespace fleet::trust
