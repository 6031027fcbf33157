#include "store/migration.h"

#include <map>
#include <stdexcept>
#include <string>

#include "store/connection.h"

namespace fleet::store {
namespace {

using Versions = std::map<std::string, int, std::less<>>;

Versions newest_of(const Migrations& migrations) {
  Versions newest;
  for (const Migration& step : migrations) {
    int& version = newest[std::string(step.slice)];
    if (step.version != version + 1) {
      throw std::logic_error("migrations of '" + std::string(step.slice) + "' jump to version " +
                             std::to_string(step.version));
    }
    version = step.version;
  }
  return newest;
}

Versions applied_in(Connection& db) {
  db.exec(
      "CREATE TABLE IF NOT EXISTS schema_version("
      "slice TEXT PRIMARY KEY, version INTEGER NOT NULL) WITHOUT ROWID");
  Versions applied;
  Statement rows = db.prepare("SELECT slice, version FROM schema_version");
  while (rows.step()) applied[rows.text(0)] = static_cast<int>(rows.int64(1));
  return applied;
}

Result<void> refuse_newer(const Versions& applied, const Versions& newest) {
  for (const auto& [slice, version] : applied) {
    const auto known = newest.find(slice);
    if (known != newest.end() && version <= known->second) continue;
    return refuse(Code::unavailable, "newer_store",
                  "the store was written by a newer fleet-nerve ('" + slice + "' is at version " +
                      std::to_string(version) + "); install that version or restore a backup");
  }
  return {};
}

void apply(Connection& db, const Migration& step, int from) {
  if (step.version <= from) return;
  db.exec(step.sql);
  db.run(
      "INSERT INTO schema_version(slice, version) VALUES(?1, ?2) "
      "ON CONFLICT(slice) DO UPDATE SET version = excluded.version",
      step.slice, step.version);
}

Result<void> migrate_inside(Connection& db, const Migrations& migrations) {
  const Versions newest = newest_of(migrations);
  const Versions applied = applied_in(db);
  Result<void> known = refuse_newer(applied, newest);
  if (!known.ok()) return known;
  for (const Migration& step : migrations) {
    const auto found = applied.find(step.slice);
    apply(db, step, found == applied.end() ? 0 : found->second);
  }
  return {};
}

void undo(Connection& db) {
  if (db.in_transaction()) db.exec("ROLLBACK");
}

}  // namespace

Result<void> migrate(Connection& db, const Migrations& migrations) {
  db.exec("BEGIN IMMEDIATE");
  try {
    Result<void> done = migrate_inside(db, migrations);
    db.exec(done.ok() ? "COMMIT" : "ROLLBACK");
    return done;
  } catch (...) {
    undo(db);
    throw;
  }
}

}  // namespace fleet::store
