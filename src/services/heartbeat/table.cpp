#include "services/heartbeat/table.h"

#include "services/heartbeat/schema/001_init.sql.h"

namespace fleet::heartbeat {

const store::Migrations kMigrations{
    {"heartbeat", 1, embedded::services_heartbeat_schema_001_init_sql}};

std::map<NodeId, Stamp> load_marks(store::Connection& db) {
  std::map<NodeId, Stamp> marks;
  store::Statement rows = db.prepare("SELECT peer, highest_ms FROM heartbeat_mark");
  while (rows.step()) marks[rows.text(0)] = rows.stamp(1);
  return marks;
}

void save_mark(store::Connection& db, const NodeId& peer, Stamp highest) {
  db.run(
      "INSERT INTO heartbeat_mark (peer, highest_ms) VALUES (?1, ?2)"
      " ON CONFLICT (peer) DO UPDATE SET highest_ms=MAX(highest_ms, excluded.highest_ms)",
      peer, highest);
}

}  // namespace fleet::heartbeat
