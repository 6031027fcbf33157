// Opens one connection and sets it up: page size, WAL, FULL, limits. It decides nothing about
// damaged or foreign files beyond saying so. Internal to the store.
#pragma once

#include <memory>
#include <string>

#include "store/connection.h"
#include "store/open.h"

namespace fleet::store {

// "FLNV" in the database's header: the file is ours.
inline constexpr std::int64_t kApplicationId = 0x464C4E56;

struct Place {
  std::string file;
  const char* vfs = nullptr;
  bool exclusive = false;  // one connection for good: WAL needs no shared memory then
};

// Throws SqlFault; Refused where the file is another program's database.
std::unique_ptr<Connection> connect_writer(const Place& place, const Options& options);
std::unique_ptr<Connection> connect_reader(const Place& place, const Options& options);

// No schema yet: nothing was ever stored here.
bool is_fresh(Connection& db);

Error foreign_file(const std::string& file);

}  // namespace fleet::store
