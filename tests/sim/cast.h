// Who plays in one world: names, keys and the roster that all of them believe. The keys are fakes
// and depend on the names alone.
#pragma once

#include <vector>

#include "fleet/model/roster.h"
#include "services/trust/membership.h"
#include "support/fake_crypto.h"

namespace fleet::sim {

class Cast {
 public:
  explicit Cast(std::size_t nodes);

  const std::vector<NodeId>& names() const { return names_; }
  const Crypto& crypto() const { return crypto_; }
  trust::Membership membership(const NodeId& self) const;

 private:
  test::FakeCrypto crypto_{};
  std::vector<NodeId> names_{};
  std::vector<trust::Identity> identities_{};
  Roster roster_{};
};

}  // namespace fleet::sim
