#include "io/tail_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <system_error>
#include <utility>

#include "io/owned_fd.h"

namespace fleet::io {
namespace fs = std::filesystem;
namespace {

// The path below `home`, without any step upwards.
std::optional<fs::path> below(const fs::path& home, const fs::path& file) {
  if (home.empty() || !file.is_absolute() || file.native().find('\0') != std::string::npos) {
    return std::nullopt;
  }
  const fs::path relative = file.lexically_relative(home);
  if (relative.empty() || relative == ".") return std::nullopt;
  const auto upwards = std::find(file.begin(), file.end(), fs::path(".."));
  if (upwards != file.end() || *relative.begin() == "..") return std::nullopt;
  return relative;
}

Error failed(int error) {
  if (error == ENOENT || error == ENOTDIR) {
    return refuse(Code::not_found, "the file is not there");
  }
  if (error == ELOOP) return refuse(Code::config, "a symbolic link on the way is not followed");
  return refuse(Code::unavailable, std::generic_category().message(error));
}

Result<OwnedFd> open_below(const fs::path& home, const fs::path& relative) {
  OwnedFd here(::open(home.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  for (auto part = relative.begin(); here && part != relative.end(); ++part) {
    const bool last = std::next(part) == relative.end();
    // O_NONBLOCK: a FIFO planted under the name must not hang us.
    const int flags = O_RDONLY | O_NOFOLLOW | O_CLOEXEC | (last ? O_NONBLOCK : O_DIRECTORY);
    OwnedFd next(::openat(here.get(), part->c_str(), flags));
    const int error = errno;
    if (!next) return failed(error);
    here = std::move(next);
  }
  if (!here) return failed(errno);
  return here;
}

Result<std::string> read_at(int fd, std::uint64_t from, std::size_t size) {
  std::string bytes(size, '\0');
  std::size_t filled = 0;
  while (filled < size) {
    const auto at = static_cast<off_t>(from + filled);
    const ssize_t got = ::pread(fd, bytes.data() + filled, size - filled, at);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed(errno);
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  bytes.resize(filled);
  return bytes;
}

}  // namespace

Result<FileTail> read_tail(const fs::path& home, const fs::path& file, std::uint64_t from,
                           std::size_t cap) {
  auto relative = below(home, file);
  std::error_code ignored;
  if (!relative) relative = below(fs::canonical(home, ignored), file);
  if (!relative) return refuse(Code::config, "the file is not under the home folder");
  const auto fd = open_below(home, *relative);
  if (!fd) return fd.error();
  struct stat found {};
  if (::fstat(fd->get(), &found) != 0) return failed(errno);
  if (!S_ISREG(found.st_mode) || found.st_uid != ::geteuid()) {
    return refuse(Code::config, "not a regular file of this user");
  }
  FileTail tail;
  tail.size = static_cast<std::uint64_t>(found.st_size);
  if (from >= tail.size || cap == 0) return tail;
  auto bytes = read_at(fd->get(), from, std::min<std::uint64_t>(cap, tail.size - from));
  if (!bytes) return bytes.error();
  tail.bytes = std::move(*bytes);
  return tail;
}

}  // namespace fleet::io
