#include "services/trust/service.h"

#include <utility>

#include "services/trust/table.h"

namespace fleet::trust {

TrustService::TrustService(Needs needs, const Keys& keys)
    : needs_(std::move(needs)),
      root_(keys.root),
      root_holder_(keys.root_holder),
      fleet_key_(keys.fleet.clone()),
      roster_{keys.roster, keys.roster_line, keys.roster_hash} {}

void TrustService::open() {
  open_invites_ = open_invites(needs_.db.reader(), needs_.clock.stamp());
}

}  // namespace fleet::trust
