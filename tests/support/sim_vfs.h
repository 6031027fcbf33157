// Lets SQLite use a SimDisk. One registration per disk, undone with it.
#pragma once

#include <sqlite3.h>

#include <memory>
#include <string>

namespace fleet::test {

class SimDisk;
class SimFile;

class SimVfs {
 public:
  explicit SimVfs(SimDisk& disk);
  ~SimVfs();
  SimVfs(const SimVfs&) = delete;
  SimVfs& operator=(const SimVfs&) = delete;

  const char* name() const { return name_.c_str(); }

  struct Handle;  // what SQLite holds of an open file

 private:
  static SimDisk& disk_of(sqlite3_vfs* vfs) { return *static_cast<SimDisk*>(vfs->pAppData); }

  static int open(sqlite3_vfs*, const char* name, sqlite3_file*, int flags, int* out_flags);
  static int remove(sqlite3_vfs*, const char* name, int sync_folder);
  static int access(sqlite3_vfs*, const char* name, int flags, int* answer);
  static int randomness(sqlite3_vfs*, int size, char* out);

  static int close(sqlite3_file*);
  static int read(sqlite3_file*, void* out, int size, sqlite3_int64 offset);
  static int write(sqlite3_file*, const void* bytes, int size, sqlite3_int64 offset);
  static int truncate(sqlite3_file*, sqlite3_int64 size);
  static int sync(sqlite3_file*, int flags);
  static int size(sqlite3_file*, sqlite3_int64* out);

  static bool dead(const Handle& handle);
  static bool fails(Handle& handle);
  static const sqlite3_io_methods kMethods;

  std::string name_;
  sqlite3_vfs vfs_{};
};

}  // namespace fleet::test
