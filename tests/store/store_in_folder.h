// A store of the daemon's kind in a folder of its own: opened, filled, closed and opened again.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>

#include "store/lock.h"
#include "store_world.h"
#include "support/temp_dir.h"

namespace fleet::store {

class StoreInFolder : public ::testing::Test {
 protected:
  Result<std::unique_ptr<Database>> try_open(const Migrations& schema = notes_schema()) {
    Options options;
    options.lock.emplace(StoreLock::acquire(dir / "lock").value());
    return open_threaded(file, loop.get_executor(), schema, std::move(options));
  }
  std::unique_ptr<Database> open() { return try_open().value(); }
  // Stops as a killed process does: the files stay as they are, without the mark of a clean stop.
  void forget_the_clean_stop() { std::filesystem::remove(file.string() + ".clean"); }
  void fill(Database& db, std::int64_t first, std::int64_t last);
  std::string open_refused() {
    auto refused = try_open();
    return refused.ok() ? "opened" : std::string(refused.error().wire_name());
  }

  test::TempDir dir;
  std::filesystem::path file = dir / "fleet.db";
  asio::io_context loop;
};

inline void StoreInFolder::fill(Database& db, std::int64_t first, std::int64_t last) {
  for (std::int64_t id = first; id < last; ++id) {
    db.submit(insert_note(id, std::string(2'000, 'x')),
              [](Result<void> done) { EXPECT_TRUE(done.ok()); });
  }
  drain(loop);
}

}  // namespace fleet::store
