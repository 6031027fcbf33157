// The heartbeat's one table: the highest time heard from each peer.
#pragma once

#include <map>

#include "fleet/base/time.h"
#include "fleet/model/ids.h"
#include "store/connection.h"
#include "store/migration.h"

namespace fleet::heartbeat {

extern const store::Migrations kMigrations;

std::map<NodeId, Stamp> load_marks(store::Connection& db);
// Marks only rise.
void save_mark(store::Connection& db, const NodeId& peer, Stamp highest);

}  // namespace fleet::heartbeat
