#include "store/statement_cache.h"

#include <sqlite3.h>

#include <stdexcept>

#include "store/fault.h"

namespace fleet::store {
namespace {

bool only_space(const char* text, const char* end) {
  for (; text != end; ++text) {
    if (*text != ' ' && *text != '\n' && *text != '\t' && *text != ';') return false;
  }
  return true;
}

}  // namespace

void fail(sqlite3* db, int code) {
  const int extended = sqlite3_extended_errcode(db);
  const bool same = (extended & 0xff) == (code & 0xff);
  throw SqlFault(same ? extended : code, same ? sqlite3_errmsg(db) : sqlite3_errstr(code));
}

StatementCache::~StatementCache() {
  for (auto& [sql, shelf] : shelves_) {
    for (sqlite3_stmt* raw : shelf.idle) sqlite3_finalize(raw);
  }
}

StatementCache::Taken StatementCache::take(std::string_view sql) {
  Shelf* shelf = shelf_of(sql);
  if (shelf == nullptr || shelf->idle.empty()) return {shelf, compile(sql)};
  sqlite3_stmt* raw = shelf->idle.back();
  shelf->idle.pop_back();
  return {shelf, raw};
}

void StatementCache::put_back(Shelf* shelf, sqlite3_stmt* raw) {
  if (shelf == nullptr) {
    sqlite3_finalize(raw);
    return;
  }
  sqlite3_reset(raw);
  sqlite3_clear_bindings(raw);
  shelf->idle.push_back(raw);
}

Shelf* StatementCache::shelf_of(std::string_view sql) {
  if (auto found = shelves_.find(sql); found != shelves_.end()) return &found->second;
  if (shelves_.size() >= kTexts) return nullptr;
  return &shelves_[std::string(sql)];
}

sqlite3_stmt* StatementCache::compile(std::string_view sql) {
  sqlite3_stmt* raw = nullptr;
  const char* rest = nullptr;
  const int code = sqlite3_prepare_v3(db_, sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &raw, &rest);
  if (code != SQLITE_OK) fail(db_, code);
  if (raw == nullptr || !only_space(rest, sql.data() + sql.size())) {
    sqlite3_finalize(raw);
    throw std::logic_error("prepare() takes one SQL statement: " + std::string(sql));
  }
  return raw;
}

}  // namespace fleet::store
