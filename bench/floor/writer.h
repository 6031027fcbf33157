// One thread that owns a SQLite file and commits whatever waits in one transaction (WAL, FULL),
// then wakes the coroutines that waited: a commit serves everyone. Refuses to be a store, it has
// one table. Each floor process has one.
#pragma once

#include <sqlite3.h>

#include <asio/any_io_executor.hpp>
#include <asio/async_result.hpp>
#include <asio/awaitable.hpp>
#include <asio/use_awaitable.hpp>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace fleet::bench {

struct Row {
  std::uint64_t id = 0;
  std::string bytes;
  std::string hash;  // of the envelope; empty at the sender
};

// What the whole group gets when it is on disk: the signed receipt at the receiver, else null.
using Proof = std::shared_ptr<const std::string>;
using AfterCommit = std::function<Proof(const std::vector<Row>&)>;

class Writer {
 public:
  Writer(const std::string& path, asio::any_io_executor loop, AfterCommit after_commit);
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  // Completes on the loop once the row is committed.
  asio::awaitable<Proof> write(Row row) {
    return asio::async_initiate<const asio::use_awaitable_t<>, void(Proof)>(
        [this](auto handler, Row waiting) {
          auto held = std::make_shared<decltype(handler)>(std::move(handler));
          enqueue(std::move(waiting), [held](Proof proof) { (*held)(std::move(proof)); });
        },
        asio::use_awaitable, std::move(row));
  }

 private:
  using Done = std::function<void(Proof)>;

  void enqueue(Row row, Done done);
  void run();
  void commit(const std::vector<Row>& rows);
  void checkpoint_if_long();
  void execute(const char* sql);
  void check(int code, int wanted);

  asio::any_io_executor loop_;
  AfterCommit after_commit_;
  sqlite3* db_ = nullptr;
  sqlite3_stmt* insert_ = nullptr;
  int wal_pages_ = 0;

  std::mutex mutex_;
  std::condition_variable something_waits_;
  std::vector<Row> rows_;
  std::vector<Done> done_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace fleet::bench
