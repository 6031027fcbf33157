// Prepared statements that wait for their next use, by SQL text. A statement in use is on no shelf,
// so the same text may be used twice at once (one query inside another). Internal to the store.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace fleet::store {

struct Shelf {
  std::vector<sqlite3_stmt*> idle;
};

class StatementCache {
 public:
  explicit StatementCache(sqlite3* db) : db_(db) {}
  ~StatementCache();
  StatementCache(const StatementCache&) = delete;
  StatementCache& operator=(const StatementCache&) = delete;

  struct Taken {
    Shelf* shelf;  // null: the cache is full, the statement is finalized after use
    sqlite3_stmt* raw;
  };
  Taken take(std::string_view sql);
  void put_back(Shelf* shelf, sqlite3_stmt* raw);

 private:
  // Texts are constants of the program; more than this means somebody builds SQL from data.
  static constexpr std::size_t kTexts = 512;

  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };

  Shelf* shelf_of(std::string_view sql);
  sqlite3_stmt* compile(std::string_view sql);

  sqlite3* db_;
  std::unordered_map<std::string, Shelf, TextHash, std::equal_to<>> shelves_;
};

// Throws the SqlFault that describes the connection's last failure.
[[noreturn]] void fail(sqlite3* db, int code);

}  // namespace fleet::store
