// The small world of the store's tests: a loop that runs until nothing is left to do, a table of
// notes, and a store on a simulated disk or in a folder.
#pragma once

#include <asio/io_context.hpp>
#include <memory>
#include <string>
#include <vector>

#include "fleet/base/result.h"
#include "store/open.h"

namespace fleet::store {

inline const Migrations& notes_schema() {
  static const Migrations schema{
      {"notes", 1, "CREATE TABLE note(id INTEGER PRIMARY KEY, body BLOB NOT NULL, copy BLOB)"}};
  return schema;
}

// Runs everything that is posted, then is ready for more.
inline void drain(asio::io_context& loop) {
  loop.run();
  loop.restart();
}

inline Job insert_note(std::int64_t id, std::string body) {
  return [id, body = std::move(body)](Connection& db) {
    db.run("INSERT INTO note(id, body) VALUES(?1, ?2)", id, body);
  };
}

// Submits one job, runs the loop, returns its answer.
inline Result<void> write_now(asio::io_context& loop, Database& db, Job job) {
  Result<void> answer = refuse(Code::timed_out, "never answered");
  db.submit(std::move(job), [&answer](Result<void> result) { answer = std::move(result); });
  drain(loop);
  return answer;
}

inline std::int64_t count_notes(Connection& db) {
  return db.number("SELECT count(*) FROM note").value_or(-1);
}

}  // namespace fleet::store
