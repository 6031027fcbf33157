// The schema of every slice, as steps in order. The store runs them and knows no table but its own
// schema_version(slice, version). A database that is ahead of the program is refused, not guessed
// at.
#pragma once

#include <string_view>
#include <vector>

#include "fleet/base/result.h"

namespace fleet::store {

class Connection;

struct Migration {
  std::string_view slice;  // "leases"
  int version;             // 1, 2, 3 … without a gap within the slice
  std::string_view sql;    // any number of statements
};
using Migrations = std::vector<Migration>;

// All missing steps in one transaction: either the whole schema is current, or nothing changed.
// Throws SqlFault; std::logic_error where the list itself has a gap.
Result<void> migrate(Connection& db, const Migrations& migrations);

}  // namespace fleet::store
