#include "io/disk_space.h"

#include <system_error>

namespace fleet::io {

std::optional<std::uint64_t> free_bytes(const std::filesystem::path& path) {
  std::error_code failed;
  const std::filesystem::space_info space = std::filesystem::space(path, failed);
  if (failed) return std::nullopt;
  return space.available;
}

}  // namespace fleet::io
