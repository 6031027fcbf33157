#include "io/file_io.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <system_error>

#include "io/owned_fd.h"

namespace fleet::io {
namespace fs = std::filesystem;
namespace {

constexpr mode_t kPermissions = 07777;

std::string shell_word(const fs::path& path) {
  std::string text = "'";
  for (const char c : path.string()) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

// "600", "2755"
std::string octal(mode_t mode) {
  std::array<char, 16> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), mode & kPermissions, 8);
  return std::string(text.data(), end.ptr);
}

Code code_of(int error) {
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return Code::not_found;
    case EEXIST:
      return Code::conflict;
    case ENOSPC:
    case EDQUOT:
      return Code::full;
    default:
      return Code::unavailable;
  }
}

Error failed(const char* verb, const fs::path& path, int error) {
  if (error == ELOOP) {
    return refuse(Code::config, path.string() +
                                    " is a symbolic link, which is not followed; put the "
                                    "file itself there (see: ls -l " +
                                    shell_word(path) + ")");
  }
  const std::string reason = std::generic_category().message(error);
  return refuse(code_of(error),
                std::string("cannot ") + verb + " " + path.string() + ": " + reason);
}

Error wrong(const fs::path& path, const std::string& what, const std::string& command) {
  return refuse(Code::config, path.string() + " " + what + "; run: " + command);
}

Result<void> check_owner(const fs::path& path, const struct stat& found) {
  if (found.st_uid == ::geteuid()) return {};
  return wrong(path, "belongs to another user (uid " + std::to_string(found.st_uid) + ")",
               "sudo chown " + std::to_string(::geteuid()) + " " + shell_word(path));
}

Result<void> check_bits(const fs::path& path, const struct stat& found, mode_t most) {
  if ((found.st_mode & kPermissions & ~most) == 0) return {};
  return wrong(path, "is open to others (mode " + octal(found.st_mode) + ")",
               "chmod " + octal(most) + " " + shell_word(path));
}

Result<void> check_private(const fs::path& file, const struct stat& found) {
  if (!S_ISREG(found.st_mode)) {
    return wrong(file, "is not a regular file", "ls -l " + shell_word(file));
  }
  if (const auto owner = check_owner(file, found); !owner) return owner;
  if (found.st_nlink != 1) {
    return wrong(file, "has " + std::to_string(found.st_nlink) + " names (hard links)",
                 "cp -p " + shell_word(file) + " " + shell_word(file.string() + ".copy") +
                     " && mv " + shell_word(file.string() + ".copy") + " " + shell_word(file));
  }
  return check_bits(file, found, 0600);
}

Result<OwnedFd> open_regular(const fs::path& file, struct stat& found) {
  // O_NONBLOCK: a FIFO planted under the name must not hang us.
  OwnedFd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!fd) return failed("read", file, errno);
  if (::fstat(fd.get(), &found) != 0) return failed("read", file, errno);
  if (!S_ISREG(found.st_mode)) {
    return refuse(Code::config, file.string() + " is not a regular file");
  }
  return fd;
}

Error over_cap(const fs::path& file, std::size_t cap) {
  return refuse(Code::too_large,
                file.string() + " is larger than the limit of " + std::to_string(cap) + " bytes");
}

Result<std::string> read_all(int fd, const fs::path& file, std::size_t size, std::size_t cap) {
  if (size > cap) return over_cap(file, cap);
  std::string bytes(cap < size + 1 ? cap + 1 : size + 1, '\0');  // one more byte shows growth
  std::size_t filled = 0;
  while (true) {
    if (filled == bytes.size()) {
      if (filled > cap) return over_cap(file, cap);
      bytes.resize(std::min(cap + 1, filled * 2));
    }
    const ssize_t got = ::read(fd, bytes.data() + filled, bytes.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed("read", file, errno);
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  bytes.resize(filled);
  return bytes;
}

int write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t put = ::write(fd, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return errno;
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
  return 0;
}

int sync(int fd) {
#if defined(__APPLE__)
  if (::fcntl(fd, F_FULLFSYNC) == 0) return 0;  // fsync there stops at the drive's cache
#endif
  return ::fsync(fd) == 0 ? 0 : errno;
}

int sync_folder_of(const fs::path& path) {
  const fs::path parent = path.has_parent_path() ? path.parent_path() : fs::path(".");
  const OwnedFd dir(::open(parent.c_str(), O_RDONLY | O_CLOEXEC | O_DIRECTORY));
  if (!dir) return errno;
  return sync(dir.get());
}

Result<void> create_with(const fs::path& file, std::string_view bytes, mode_t mode) {
  const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  const OwnedFd fd(::open(file.c_str(), flags, mode));
  if (!fd) return failed("create", file, errno);
  int error = ::fchmod(fd.get(), mode) == 0 ? 0 : errno;  // whatever the umask
  if (error == 0) error = write_all(fd.get(), bytes);
  if (error == 0) error = sync(fd.get());
  if (error == 0) return {};
  ::unlink(file.c_str());
  return failed("write", file, error);
}

// Unique within the folder: two processes, or two threads, never share one.
fs::path temp_beside(const fs::path& file) {
  static std::atomic<unsigned> count{0};
  fs::path temp = file;
  temp += "." + std::to_string(::getpid()) + "." + std::to_string(++count) + ".tmp";
  return temp;
}

}  // namespace

Result<std::string> read_file(const fs::path& file, std::size_t cap) {
  struct stat found {};
  const auto fd = open_regular(file, found);
  if (!fd) return fd.error();
  return read_all(fd->get(), file, static_cast<std::size_t>(found.st_size), cap);
}

Result<std::string> read_private_file(const fs::path& file, std::size_t cap) {
  struct stat found {};
  const auto fd = open_regular(file, found);
  if (!fd) return fd.error();
  if (const auto ours = check_private(file, found); !ours) return ours.error();
  return read_all(fd->get(), file, static_cast<std::size_t>(found.st_size), cap);
}

Result<Secret> read_secret_file(const fs::path& file, std::size_t cap) {
  auto bytes = read_private_file(file, cap);
  if (!bytes) return bytes.error();
  Secret secret = Secret::copy_of(*bytes);
  wipe(*bytes);
  return secret;
}

Result<void> write_file_atomically(const fs::path& file, std::string_view bytes, mode_t mode) {
  const fs::path temp = temp_beside(file);
  if (const auto made = create_with(temp, bytes, mode); !made) return made;
  if (::rename(temp.c_str(), file.c_str()) != 0) {
    const int error = errno;
    ::unlink(temp.c_str());
    return failed("replace", file, error);
  }
  const int error = sync_folder_of(file);
  if (error != 0) return failed("make durable", file, error);
  return {};
}

Result<void> create_private_file(const fs::path& file, std::string_view bytes) {
  if (const auto made = create_with(file, bytes, 0600); !made) return made;
  const int error = sync_folder_of(file);
  if (error != 0) return failed("make durable", file, error);
  return {};
}

Result<void> make_private_dir(const fs::path& dir) {
  const fs::path parent = dir.parent_path();
  std::error_code problem;
  if (!parent.empty() && !fs::exists(parent, problem)) {
    if (const auto above = make_private_dir(parent); !above) return above;
  }
  if (::mkdir(dir.c_str(), 0700) == 0) return {};
  if (errno != EEXIST) return failed("create", dir, errno);
  return check_private_dir(dir);
}

Result<void> check_private_dir(const fs::path& dir) {
  struct stat found {};
  if (::lstat(dir.c_str(), &found) != 0) return failed("look at", dir, errno);
  if (S_ISLNK(found.st_mode)) return failed("use", dir, ELOOP);
  if (!S_ISDIR(found.st_mode)) return wrong(dir, "is not a folder", "ls -ld " + shell_word(dir));
  if (const auto owner = check_owner(dir, found); !owner) return owner;
  return check_bits(dir, found, 0700);
}

Result<void> check_private_file(const fs::path& file) {
  struct stat found {};
  if (::lstat(file.c_str(), &found) != 0) return failed("look at", file, errno);
  if (S_ISLNK(found.st_mode)) return failed("use", file, ELOOP);
  return check_private(file, found);
}

}  // namespace fleet::io
