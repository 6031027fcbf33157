#include "services/trust/membership.h"

#include <algorithm>
#include <utility>

namespace fleet::trust {

Membership::Membership(const Crypto& crypto, Identity self, Roster roster)
    : crypto_(crypto), self_(std::move(self)), self_key_id_(key_id(self_.sign->public_key())) {
  adopt(std::move(roster));
}

void Membership::adopt(Roster roster) {
  by_key_.clear();
  roster_ = std::move(roster);
  Members before = std::exchange(members_, {});
  for (const RosterNode& row : roster_.nodes) {
    const auto kept = before.find(row.id);
    const bool same_keys = kept != before.end() && kept->second.row.sign_key == row.sign_key &&
                           kept->second.row.box_key == row.box_key;
    if (same_keys) members_.insert(before.extract(kept));
    Member* member = place(row);
    if (member != nullptr) by_key_[member->key_id] = member;
  }
  while (!before.empty()) gone_.push_back(before.extract(before.begin()));
}

// Null where it is not to be believed: revoked, or a key that no signature can fit.
Member* Membership::place(const RosterNode& row) {
  std::string id = key_id(row.sign_key);
  const auto& revoked = roster_.revoked;
  if (std::find(revoked.begin(), revoked.end(), id) != revoked.end()) {
    if (auto held = members_.extract(row.id)) gone_.push_back(std::move(held));
    return nullptr;
  }
  if (const auto kept = members_.find(row.id); kept != members_.end()) {
    kept->second.row = row;
    return &kept->second;
  }
  auto verify = crypto_.verify_key(row.sign_key);
  if (!verify) return nullptr;
  return &members_.emplace(row.id, Member{row, std::move(id), std::move(*verify)}).first->second;
}

const Member* Membership::find(std::string_view node) const {
  const auto found = members_.find(node);
  return found == members_.end() ? nullptr : &found->second;
}

const Member* Membership::find_key(std::string_view key_id) const {
  const auto found = by_key_.find(std::string(key_id));
  return found == by_key_.end() ? nullptr : found->second;
}

std::vector<NodeId> Membership::peers() const {
  std::vector<NodeId> names;
  for (const auto& [name, member] : members_) {
    if (!is_self(name)) names.push_back(name);
  }
  return names;
}

NodeId Membership::chief() const {
  const auto found = std::find_if(roster_.nodes.begin(), roster_.nodes.end(),
                                  [](const auto& row) { return row.role == NodeRole::chief; });
  return found == roster_.nodes.end() ? NodeId{} : found->id;
}

Envelope Membership::sign(PayloadType type, std::string payload) const {
  return sign_envelope(*self_.sign, type, std::move(payload));
}

Result<Verified> verify_line(const Membership& membership, std::string_view line) {
  auto envelope = parse_envelope(line);
  if (!envelope) return envelope.error();
  const Member* author = membership.find_key(envelope->key_id);
  if (author == nullptr)
    return refuse(Code::unauthenticated, "the signing key is not in the fleet");
  if (!verify_envelope(*author->verify, *envelope)) {
    return refuse(Code::unauthenticated, "the signature does not fit");
  }
  return Verified{author, std::move(*envelope)};
}

}  // namespace fleet::trust
