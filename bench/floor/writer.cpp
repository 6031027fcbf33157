#include "floor/writer.h"

#include <asio/post.hpp>
#include <stdexcept>

namespace fleet::bench {
namespace {

constexpr int checkpoint_pages = 1000;

int count_pages(void* pages, sqlite3*, const char*, int in_wal) {
  *static_cast<int*>(pages) = in_wal;
  return SQLITE_OK;
}

}  // namespace

Writer::Writer(const std::string& path, asio::any_io_executor loop, AfterCommit after_commit)
    : loop_(std::move(loop)), after_commit_(std::move(after_commit)) {
  check(sqlite3_open(path.c_str(), &db_), SQLITE_OK);
  execute("PRAGMA journal_mode=WAL");
  execute("PRAGMA synchronous=FULL");
  execute("CREATE TABLE IF NOT EXISTS message(id INTEGER PRIMARY KEY, bytes BLOB, hash BLOB)");
  sqlite3_wal_hook(db_, count_pages, &wal_pages_);  // replaces the checkpoint inside a commit
  check(
      sqlite3_prepare_v2(db_, "INSERT OR IGNORE INTO message VALUES(?,?,?)", -1, &insert_, nullptr),
      SQLITE_OK);
  thread_ = std::thread([this] { run(); });
}

Writer::~Writer() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  something_waits_.notify_one();
  thread_.join();
  sqlite3_finalize(insert_);
  sqlite3_close(db_);
}

void Writer::enqueue(Row row, Done done) {
  {
    const std::lock_guard lock(mutex_);
    rows_.push_back(std::move(row));
    done_.push_back(std::move(done));
  }
  something_waits_.notify_one();
}

void Writer::run() {
  for (;;) {
    std::vector<Row> rows;
    std::vector<Done> done;
    {
      std::unique_lock lock(mutex_);
      something_waits_.wait(lock, [this] { return stopping_ || !rows_.empty(); });
      if (stopping_) return;
      rows.swap(rows_);
      done.swap(done_);
    }
    commit(rows);
    const auto proof = after_commit_ ? after_commit_(rows) : nullptr;
    asio::post(loop_, [done = std::move(done), proof] {
      for (const auto& wake : done) wake(proof);
    });
    checkpoint_if_long();
  }
}

void Writer::commit(const std::vector<Row>& rows) {
  execute("BEGIN IMMEDIATE");
  for (const auto& row : rows) {
    sqlite3_bind_int64(insert_, 1, static_cast<sqlite3_int64>(row.id));
    sqlite3_bind_blob64(insert_, 2, row.bytes.data(), row.bytes.size(), SQLITE_STATIC);
    sqlite3_bind_blob64(insert_, 3, row.hash.data(), row.hash.size(), SQLITE_STATIC);
    check(sqlite3_step(insert_), SQLITE_DONE);
    sqlite3_reset(insert_);
  }
  execute("COMMIT");
}

// After the coroutines were woken, so that no one waits for a checkpoint that follows its commit.
void Writer::checkpoint_if_long() {
  if (wal_pages_ < checkpoint_pages) return;
  sqlite3_wal_checkpoint_v2(db_, nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  wal_pages_ = 0;
}

void Writer::execute(const char* sql) {
  check(sqlite3_exec(db_, sql, nullptr, nullptr, nullptr), SQLITE_OK);
}

void Writer::check(int code, int wanted) {
  if (code != wanted) throw std::runtime_error(std::string("sqlite: ") + sqlite3_errmsg(db_));
}

}  // namespace fleet::bench
