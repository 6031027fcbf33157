// One connection to the database with its cache of prepared statements: all that a job sees.
// It opens no transaction of its own accord; the writer puts one around every job. Slices write
// their SQL against this; SQLite's own headers stay inside the store.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "store/statement.h"

namespace SQLite {
class Database;
}

namespace fleet::store {

class Connection {
 public:
  explicit Connection(std::unique_ptr<SQLite::Database> handle);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // A cached statement, ready to bind. The text is the key of the cache: keep it constant.
  Statement prepare(std::string_view sql) { return Statement(*cache_, sql); }

  // One statement with its parameters, run to its end; returns the rows it changed.
  template <class... Args>
  std::int64_t run(std::string_view sql, const Args&... args) {
    prepare(sql).bind_all(args...).step_to_end();
    return changes();
  }
  // The first column of the first row, where there is a row and it is not NULL.
  template <class... Args>
  std::optional<std::int64_t> number(std::string_view sql, const Args&... args) {
    Statement query = prepare(sql);
    query.bind_all(args...);
    if (!query.step()) return std::nullopt;
    return query.int64_or_null(0);
  }
  // Several statements in one text, no parameters, not cached: schema and pragmas.
  void exec(std::string_view script);
  template <class First, class... Rest>
  std::int64_t exec(std::string_view sql, const First& first, const Rest&... rest) {
    return run(sql, first, rest...);
  }

  std::int64_t changes() const;  // rows changed by the last INSERT, UPDATE or DELETE
  std::int64_t last_rowid() const;
  bool in_transaction() const;

  SQLite::Database& handle() { return *handle_; }  // for the store itself

 private:
  std::unique_ptr<SQLite::Database> handle_;
  std::unique_ptr<StatementCache> cache_;
};

// How much of the file is used. `give_back` returns free pages to the file system, inside a job.
struct Space {
  std::int64_t page_bytes = 0;
  std::int64_t pages = 0;
  std::int64_t free_pages = 0;

  std::int64_t used_bytes() const { return (pages - free_pages) * page_bytes; }
};
Space space(Connection& db);
void give_back(Connection& db, std::int64_t pages);

}  // namespace fleet::store
