#include "store/lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>

namespace fleet::store {
namespace {

// The pid is for people; the kernel's lock is the truth.
std::string holder_of(int fd) {
  std::array<char, 32> text{};
  const ssize_t size = ::pread(fd, text.data(), text.size(), 0);
  const std::string_view all(text.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
  const std::string_view pid = all.substr(0, all.find('\n'));
  return pid.empty() ? "another process" : "process " + std::string(pid);
}

void sign(int fd) {
  const std::string pid = std::to_string(::getpid()) + "\n";
  if (::ftruncate(fd, 0) != 0) return;
  [[maybe_unused]] const ssize_t written = ::pwrite(fd, pid.data(), pid.size(), 0);
}

int try_flock(int fd) {
  int code = 0;
  do code = ::flock(fd, LOCK_EX | LOCK_NB);
  while (code != 0 && errno == EINTR);
  return code == 0 ? 0 : errno;
}

}  // namespace

Result<StoreLock> StoreLock::acquire(const std::filesystem::path& file) {
  const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) {
    return refuse(Code::unavailable,
                  "cannot open the lock " + file.string() + ": " + std::strerror(errno));
  }
  StoreLock lock(fd);
  const int error = try_flock(fd);
  if (error == EWOULDBLOCK) {
    return refuse(Code::conflict, "store_in_use",
                  "the store is in use by " + holder_of(fd) + " (it holds " + file.string() +
                      "); talk to that daemon or stop it");
  }
  if (error != 0) {
    return refuse(Code::unavailable, "cannot lock " + file.string() + ": " + std::strerror(error));
  }
  sign(fd);
  return lock;
}

StoreLock& StoreLock::operator=(StoreLock&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

StoreLock::~StoreLock() {
  if (fd_ >= 0) ::close(fd_);
}

}  // namespace fleet::store
