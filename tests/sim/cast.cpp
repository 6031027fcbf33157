#include "sim/cast.h"

#include <algorithm>

namespace fleet::sim {
namespace {

Secret seed_of(const std::string& text) {
  std::string bytes = text;
  bytes.resize(kKeySize, '.');
  return Secret::copy_of(bytes);
}

}  // namespace

Cast::Cast(std::size_t nodes) {
  roster_.fleet = "simulated";
  roster_.root_key.assign(kKeySize, 'r');
  roster_.seq = 1;
  for (std::size_t i = 0; i < nodes; ++i) {
    const NodeId name = "n" + std::to_string(i);
    names_.push_back(name);
    identities_.push_back({name, crypto_.signing_key(seed_of(name + " signs")),
                           crypto_.box_key(seed_of(name + " opens"))});
    RosterNode row;
    row.id = name;
    row.sign_key = identities_.back().sign->public_key();
    row.box_key = identities_.back().box->public_key();
    row.role = i == 0 ? NodeRole::chief : NodeRole::worker;
    roster_.nodes.push_back(std::move(row));
  }
}

trust::Membership Cast::membership(const NodeId& self) const {
  const auto at = std::find(names_.begin(), names_.end(), self) - names_.begin();
  return {crypto_, identities_.at(static_cast<std::size_t>(at)), roster_};
}

}  // namespace fleet::sim
