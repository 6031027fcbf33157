// What a folder's git says of itself: branch and commit, read from .git/HEAD and the refs without a
// git process. It runs nothing, writes nothing and follows no remote. The heartbeat tells peers.
#pragma once

#include <filesystem>
#include <string>

#include "io/offload.h"
#include "io/task.h"

namespace fleet::io {

struct GitState {
  std::string branch{};  // empty: no repository, or a detached HEAD
  std::string commit{};  // lower-case hex; empty: none yet
  bool operator==(const GitState&) const = default;
};

// Blocking: a handful of small files. Empty fields where something cannot be read.
GitState read_git_state(const std::filesystem::path& folder);

class GitContext {
 public:
  virtual ~GitContext() = default;
  virtual Task<GitState> read() = 0;
};

// Reads on the pool, since a folder may lie on a disk that sleeps.
class GitFolder final : public GitContext {
 public:
  GitFolder(Offload& pool, std::filesystem::path folder)
      : pool_(pool), folder_(std::move(folder)) {}
  // OffloadRefused counts as nothing read.
  Task<GitState> read() override;

 private:
  Offload& pool_;
  std::filesystem::path folder_;
};

}  // namespace fleet::io
