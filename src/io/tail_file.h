// The new bytes of a file that somebody else goes on writing: an AI client's transcript. The path
// comes from outside, so it is read only as a regular file of ours under our home, with no link
// anywhere below it. Blocking: on the pool, never on the loop.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

#include "fleet/base/result.h"

namespace fleet::io {

struct FileTail {
  std::uint64_t size = 0;  // of the whole file
  std::string bytes{};     // from `from` on; empty where the file is shorter
};

// At most `cap` bytes. Code::not_found, or Code::config where it is not ours to read.
Result<FileTail> read_tail(const std::filesystem::path& home, const std::filesystem::path& file,
                           std::uint64_t from, std::size_t cap);

}  // namespace fleet::io
