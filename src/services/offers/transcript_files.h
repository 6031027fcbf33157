// The port through which transcripts are read, so that tests and the simulator have no disk. The
// real one reads on the pool: a home folder may be slow, and the loop must not wait for it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

#include "fleet/base/result.h"
#include "io/offload.h"
#include "io/tail_file.h"
#include "io/task.h"

namespace fleet::offers {

class TranscriptFiles {
 public:
  virtual ~TranscriptFiles() = default;
  // At most `cap` bytes from `from` on, and the size of the whole. Code::not_found where the file
  // is not there.
  virtual Task<Result<io::FileTail>> read(std::string path, std::uint64_t from,
                                          std::size_t cap) = 0;
};

class OffloadedFiles final : public TranscriptFiles {
 public:
  // Only what lies under this home is read.
  OffloadedFiles(io::Offload& pool, std::filesystem::path home)
      : pool_(pool), home_(std::move(home)) {}
  Task<Result<io::FileTail>> read(std::string path, std::uint64_t from, std::size_t cap) override;

 private:
  io::Offload& pool_;
  std::filesystem::path home_;
};

}  // namespace fleet::offers
