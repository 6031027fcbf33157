// The invites' rows. Every function runs inside a job or on the reader; none commits by itself.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "fleet/base/secret.h"
#include "fleet/base/time.h"
#include "fleet/model/roster.h"
#include "store/connection.h"
#include "store/migration.h"

namespace fleet::trust {

extern const store::Migrations kMigrations;

struct InviteRow {
  std::string id{};
  Secret secret{};
  NodeRole role = NodeRole::worker;
  Stamp expires{};
};

void insert_invite(store::Connection& db, const InviteRow& row, Stamp now);
// Empty where it is unknown, used or expired.
std::optional<InviteRow> open_invite(store::Connection& db, const std::string& id, Stamp now);
std::map<std::string, Stamp> open_invites(store::Connection& db, Stamp now);
// One UPDATE: of any number of callers exactly one is told true.
bool consume_invite(store::Connection& db, const std::string& id, const std::string& node,
                    Stamp now);
// Forgets what lapsed or was used more than a day ago, and the secrets of all that lapsed.
void prune_invites(store::Connection& db, Stamp now);

}  // namespace fleet::trust
