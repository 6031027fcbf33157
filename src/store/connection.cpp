#include "store/connection.h"

#include <SQLiteCpp/Database.h>
#include <sqlite3.h>

#include <string>

#include "store/statement_cache.h"

namespace fleet::store {

Connection::Connection(std::unique_ptr<SQLite::Database> handle)
    : handle_(std::move(handle)), cache_(std::make_unique<StatementCache>(handle_->getHandle())) {}

Connection::~Connection() = default;

void Connection::exec(std::string_view script) {
  sqlite3* db = handle_->getHandle();
  const int code = sqlite3_exec(db, std::string(script).c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) fail(db, code);
}

std::int64_t Connection::changes() const { return sqlite3_changes64(handle_->getHandle()); }

std::int64_t Connection::last_rowid() const {
  return sqlite3_last_insert_rowid(handle_->getHandle());
}

bool Connection::in_transaction() const {
  return sqlite3_get_autocommit(handle_->getHandle()) == 0;
}

Space space(Connection& db) {
  return Space{db.number("PRAGMA page_size").value_or(0),
               db.number("PRAGMA page_count").value_or(0),
               db.number("PRAGMA freelist_count").value_or(0)};
}

void give_back(Connection& db, std::int64_t pages) {
  db.exec("PRAGMA incremental_vacuum(" + std::to_string(pages) + ")");
}

}  // namespace fleet::store
