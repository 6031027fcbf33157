#include "store/statement.h"

#include <sqlite3.h>

#include <utility>

#include "store/statement_cache.h"

namespace fleet::store {

Statement::Statement(StatementCache& home, std::string_view sql) : home_(&home) {
  const StatementCache::Taken taken = home.take(sql);
  shelf_ = taken.shelf;
  raw_ = taken.raw;
}

Statement::~Statement() {
  if (raw_ != nullptr) home_->put_back(shelf_, raw_);
}

Statement::Statement(Statement&& other) noexcept
    : home_(other.home_), shelf_(other.shelf_), raw_(std::exchange(other.raw_, nullptr)) {}

void Statement::check(int code) const {
  if (code != SQLITE_OK) fail(sqlite3_db_handle(raw_), code);
}

Statement& Statement::bind_integer(int index, std::int64_t value) {
  check(sqlite3_bind_int64(raw_, index, value));
  return *this;
}

Statement& Statement::bind(int index, double value) {
  check(sqlite3_bind_double(raw_, index, value));
  return *this;
}

// An empty view may carry a null pointer, which SQLite would store as NULL.
Statement& Statement::bind(int index, std::string_view text) {
  const char* data = text.empty() ? "" : text.data();
  check(sqlite3_bind_text64(raw_, index, data, text.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
  return *this;
}

Statement& Statement::bind(int index, Blob blob) {
  const char* data = blob.bytes.empty() ? "" : blob.bytes.data();
  check(sqlite3_bind_blob64(raw_, index, data, blob.bytes.size(), SQLITE_TRANSIENT));
  return *this;
}

Statement& Statement::bind(int index, std::span<const std::byte> blob) {
  return bind(index, Blob{{reinterpret_cast<const char*>(blob.data()), blob.size()}});
}

Statement& Statement::bind(int index, std::nullptr_t) {
  check(sqlite3_bind_null(raw_, index));
  return *this;
}

bool Statement::step() {
  const int code = sqlite3_step(raw_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  fail(sqlite3_db_handle(raw_), code);
}

void Statement::step_to_end() {
  while (step()) {
  }
}

void Statement::reset() { sqlite3_reset(raw_); }

int Statement::columns() const { return sqlite3_column_count(raw_); }

bool Statement::is_null(int column) const {
  return sqlite3_column_type(raw_, column) == SQLITE_NULL;
}

std::int64_t Statement::int64(int column) const { return sqlite3_column_int64(raw_, column); }
double Statement::real(int column) const { return sqlite3_column_double(raw_, column); }

// column_blob returns text and blobs as they are; column_bytes must be asked after it.
std::string_view Statement::view(int column) const {
  const auto* data = static_cast<const char*>(sqlite3_column_blob(raw_, column));
  const int size = sqlite3_column_bytes(raw_, column);
  if (data == nullptr) return {};
  return {data, static_cast<std::size_t>(size)};
}

std::span<const std::byte> Statement::bytes(int column) const {
  return std::as_bytes(std::span(view(column)));
}

std::optional<std::string> Statement::text_or_null(int column) const {
  if (is_null(column)) return std::nullopt;
  return text(column);
}

std::optional<std::int64_t> Statement::int64_or_null(int column) const {
  if (is_null(column)) return std::nullopt;
  return int64(column);
}

}  // namespace fleet::store
