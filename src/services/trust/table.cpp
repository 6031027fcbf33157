#include "services/trust/table.h"

#include "services/trust/schema/001_init.sql.h"

namespace fleet::trust {
namespace {

constexpr Millis kKeepUsed{24 * 3'600'000};

}  // namespace

const store::Migrations kMigrations{{"trust", 1, embedded::services_trust_schema_001_init_sql}};

void insert_invite(store::Connection& db, const InviteRow& row, Stamp now) {
  db.run(
      "INSERT INTO trust_invite (id, secret, role, created_ms, expires_ms) VALUES (?1,?2,?3,?4,?5)",
      row.id, store::Blob{row.secret.reveal()}, to_string(row.role), now, row.expires);
}

std::optional<InviteRow> open_invite(store::Connection& db, const std::string& id, Stamp now) {
  auto row = db.prepare(
      "SELECT secret, role, expires_ms FROM trust_invite"
      " WHERE id=?1 AND used_ms IS NULL AND expires_ms > ?2");
  row.bind_all(id, now);
  if (!row.step()) return std::nullopt;
  return InviteRow{id, Secret::copy_of(row.view(0)),
                   parse_node_role(row.view(1)).value_or(NodeRole::worker), row.stamp(2)};
}

std::map<std::string, Stamp> open_invites(store::Connection& db, Stamp now) {
  auto rows = db.prepare(
      "SELECT id, expires_ms FROM trust_invite WHERE used_ms IS NULL AND expires_ms > ?1");
  rows.bind_all(now);
  std::map<std::string, Stamp> found;
  while (rows.step()) found.emplace(rows.text(0), rows.stamp(1));
  return found;
}

bool consume_invite(store::Connection& db, const std::string& id, const std::string& node,
                    Stamp now) {
  return db.run(
             "UPDATE trust_invite SET used_ms=?2, used_by=?3, secret=x''"
             " WHERE id=?1 AND used_ms IS NULL AND expires_ms > ?2",
             id, now, node) == 1;
}

void prune_invites(store::Connection& db, Stamp now) {
  db.run("UPDATE trust_invite SET secret=x'' WHERE expires_ms <= ?1", now);
  db.run("DELETE FROM trust_invite WHERE expires_ms < ?1", now - kKeepUsed);
}

}  // namespace fleet::trust
