// The right to write: flock on run/lock. One process holds it for the life of its store; the
// kernel drops it with the process, so a crash leaves nothing to clean up.
#pragma once

#include <filesystem>
#include <utility>

#include "fleet/base/result.h"

namespace fleet::store {

class StoreLock {
 public:
  // Never waits. Code::conflict names the process that holds it.
  static Result<StoreLock> acquire(const std::filesystem::path& file);

  StoreLock(StoreLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  StoreLock& operator=(StoreLock&& other) noexcept;
  ~StoreLock();

 private:
  explicit StoreLock(int fd) : fd_(fd) {}
  int fd_;
};

}  // namespace fleet::store
