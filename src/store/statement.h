// One prepared statement while somebody uses it: bind, step, read columns. It goes back to its
// connection's cache, reset and empty, when it leaves scope; so never keep one over a co_await,
// where it would pin a read transaction. Text and blobs are any bytes, NUL and broken UTF-8 too.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "fleet/base/time.h"

struct sqlite3_stmt;

namespace fleet::store {

// Bytes to be stored as BLOB rather than TEXT.
struct Blob {
  std::string_view bytes;
};

class StatementCache;
struct Shelf;

class Statement {
 public:
  Statement(StatementCache& home, std::string_view sql);
  ~Statement();
  Statement(Statement&& other) noexcept;
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  // Parameters count from 1, as in ?1. The bytes are copied.
  template <std::integral T>
  Statement& bind(int index, T value) {
    return bind_integer(index, static_cast<std::int64_t>(value));
  }
  Statement& bind(int index, double value);
  Statement& bind(int index, std::string_view text);
  Statement& bind(int index, Blob blob);
  Statement& bind(int index, std::span<const std::byte> blob);
  Statement& bind(int index, std::nullptr_t);
  Statement& bind(int index, Stamp stamp) { return bind_integer(index, stamp.ms); }
  template <class T>
  Statement& bind(int index, const std::optional<T>& value) {
    return value ? bind(index, *value) : bind(index, nullptr);
  }
  // ?1, ?2, … in order.
  template <class... Args>
  Statement& bind_all(const Args&... args) {
    int index = 0;
    (bind(++index, args), ...);
    return *this;
  }

  bool step();  // true: a row is there; false: done. Throws SqlFault.
  void step_to_end();
  void reset();  // start again with the same parameters

  // Columns count from 0.
  int columns() const;
  bool is_null(int column) const;
  std::int64_t int64(int column) const;
  double real(int column) const;
  Stamp stamp(int column) const { return Stamp{int64(column)}; }
  std::string text(int column) const { return std::string(view(column)); }
  std::string blob(int column) const { return std::string(view(column)); }
  std::string_view view(int column) const;             // valid until the next step
  std::span<const std::byte> bytes(int column) const;  // valid until the next step
  std::optional<std::string> text_or_null(int column) const;
  std::optional<std::int64_t> int64_or_null(int column) const;

 private:
  Statement& bind_integer(int index, std::int64_t value);
  void check(int code) const;

  StatementCache* home_;
  Shelf* shelf_;
  sqlite3_stmt* raw_;
};

}  // namespace fleet::store
