#include "store/connect.h"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Exception.h>
#include <sqlite3.h>

#include "store/fault.h"

namespace fleet::store {
namespace {

std::unique_ptr<Connection> open_handle(const Place& place, int flags, Millis busy_wait) {
  // NOMUTEX: each connection belongs to one thread at a time.
  try {
    auto handle =
        std::make_unique<SQLite::Database>(place.file.c_str(), flags | SQLITE_OPEN_NOMUTEX,
                                           static_cast<int>(busy_wait.count()), place.vfs);
    sqlite3_extended_result_codes(handle->getHandle(), 1);
    return std::make_unique<Connection>(std::move(handle));
  } catch (const SQLite::Exception& failed) {
    const int code = failed.getExtendedErrorCode();
    throw SqlFault(code > 0 ? code : failed.getErrorCode(), failed.what());
  }
}

// The mark goes in before WAL does, so that the first page on disk carries it from the start.
void claim(Connection& db, const Place& place) {
  const std::int64_t id = db.number("PRAGMA application_id").value_or(0);
  if (id == kApplicationId) return;
  if (id != 0 || !is_fresh(db)) throw Refused(foreign_file(place.file));
  db.exec("PRAGMA page_size=4096; PRAGMA auto_vacuum=INCREMENTAL; PRAGMA application_id=" +
          std::to_string(kApplicationId));
}

void enter_wal(Connection& db) {
  Statement mode = db.prepare("PRAGMA journal_mode=WAL");
  if (!mode.step() || (mode.view(0) != "wal" && mode.view(0) != "memory")) {
    throw SqlFault(SQLITE_CANTOPEN, "its folder does not allow write-ahead logging");
  }
}

std::string durable(const Options& options) {
  std::string script =
      "PRAGMA synchronous=FULL; PRAGMA temp_store=MEMORY; PRAGMA secure_delete=FAST;"
      "PRAGMA trusted_schema=OFF; PRAGMA foreign_keys=ON; PRAGMA journal_size_limit=" +
      std::to_string(options.wal_limit_bytes);
#ifdef __APPLE__
  script +=
      "; PRAGMA fullfsync=1; PRAGMA checkpoint_fullfsync=1";  // fsync alone stops at the drive
#endif
  return script;
}

}  // namespace

Error foreign_file(const std::string& file) {
  return refuse(Code::unavailable, "foreign_store",
                file + " is not a fleet-nerve database; move it away or choose another folder");
}

bool is_fresh(Connection& db) {
  return db.number("SELECT count(*) FROM sqlite_schema").value_or(0) == 0;
}

std::unique_ptr<Connection> connect_writer(const Place& place, const Options& options) {
  auto db = open_handle(place, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, options.busy_wait);
  if (place.exclusive) db->exec("PRAGMA locking_mode=EXCLUSIVE");
  claim(*db, place);
  enter_wal(*db);
  db->exec(durable(options));
  return db;
}

std::unique_ptr<Connection> connect_reader(const Place& place, const Options& options) {
  auto db = open_handle(place, SQLITE_OPEN_READONLY, options.busy_wait);
  db->exec("PRAGMA temp_store=MEMORY; PRAGMA trusted_schema=OFF");
  return db;
}

}  // namespace fleet::store
