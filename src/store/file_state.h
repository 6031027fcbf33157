// What the files of a database say before and after SQLite has them: whose file it is, whether the
// last stop was clean, and where a damaged one goes. It never deletes or overwrites a database.
// Internal to the store.
#pragma once

#include <filesystem>
#include <string>

#include "fleet/base/result.h"
#include "fleet/base/time.h"

namespace fleet::store {

class FileState {
 public:
  explicit FileState(std::filesystem::path file) : file_(std::move(file)) {}

  enum class Owner { none, ours, foreign };
  // `none`: there is no database yet. A file whose header is broken but carries our mark is ours.
  Owner owner() const;
  // The main file is empty or gone although it held a database: the log or the mark remember it.
  bool emptied() const;

  // Creates the file, readable by this user alone, where there is none.
  void create() const;

  // True where the last stop left its mark and the file is as it was then. Removes the mark, on
  // disk before it returns, so that a crash from here on is known as one.
  bool take_clean_mark() const;
  void mark_clean() const;

  // Renames the file and its log to <file>.damaged-<stamp>…; returns the new name.
  std::string set_aside(Stamp stamp) const;

  const std::filesystem::path& path() const { return file_; }

 private:
  std::filesystem::path beside(const std::string& suffix) const;
  std::string fingerprint() const;
  void sync_folder() const;

  std::filesystem::path file_;
};

}  // namespace fleet::store
