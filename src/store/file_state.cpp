#include "store/file_state.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <ctime>
#include <fstream>
#include <iterator>
#include <string_view>
#include <system_error>

#include "store/connect.h"

namespace fleet::store {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kMagic{"SQLite format 3\0", 16};
constexpr std::size_t kMarkOffset = 68;  // application_id in SQLite's header, big-endian
constexpr std::size_t kHeader = 100;
constexpr std::array kTails{"-wal", "-shm", "-journal"};

std::string head_of(const fs::path& file) {
  std::string head(kHeader, '\0');
  std::ifstream in(file, std::ios::binary);
  in.read(head.data(), static_cast<std::streamsize>(head.size()));
  head.resize(static_cast<std::size_t>(in.gcount()));
  return head;
}

std::int64_t mark_in(std::string_view head) {
  std::int64_t mark = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    mark = mark * 256 + static_cast<unsigned char>(head[kMarkOffset + i]);
  }
  return mark;
}

std::uintmax_t size_of(const fs::path& file) {
  std::error_code missing;
  const std::uintmax_t size = fs::file_size(file, missing);
  return missing ? 0 : size;
}

// 20261122T114400Z: sorts by time and needs no quoting.
std::string compact(Stamp stamp) {
  const std::time_t seconds = static_cast<std::time_t>(stamp.ms / 1000);
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  std::array<char, 24> text{};
  return {text.data(), std::strftime(text.data(), text.size(), "%Y%m%dT%H%M%SZ", &utc)};
}

void write_synced(const fs::path& file, const std::string& text) {
  const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return;
  const bool whole = ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  if (!whole || ::fsync(fd) != 0) ::unlink(file.c_str());
  ::close(fd);
}

}  // namespace

fs::path FileState::beside(const std::string& suffix) const {
  return fs::path(file_.string() + suffix);
}

FileState::Owner FileState::owner() const {
  const std::string head = head_of(file_);
  if (head.empty()) return Owner::none;
  const std::string_view start = std::string_view(head).substr(0, kMagic.size());
  if (head.size() < kHeader) {
    return kMagic.starts_with(start) ? Owner::ours : Owner::foreign;
  }
  if (mark_in(head) == kApplicationId) return Owner::ours;
  // A crash while the file was born leaves a rollback journal; SQLite puts that right.
  return size_of(beside("-journal")) > 0 ? Owner::ours : Owner::foreign;
}

bool FileState::emptied() const {
  if (size_of(file_) > 0) return false;
  return size_of(beside("-wal")) > 0 || (fs::exists(file_) && fs::exists(beside(".clean")));
}

void FileState::create() const {
  const int fd = ::open(file_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) throw std::system_error(errno, std::generic_category(), file_.string());
  ::close(fd);
}

// Size and time of the last change: a file that was swapped or edited since is not the one that
// was closed cleanly.
std::string FileState::fingerprint() const {
  struct stat info {};
  if (::stat(file_.c_str(), &info) != 0) return {};
#ifdef __APPLE__
  const auto& changed = info.st_mtimespec;
#else
  const auto& changed = info.st_mtim;
#endif
  return std::to_string(info.st_size) + " " + std::to_string(changed.tv_sec) + "." +
         std::to_string(changed.tv_nsec) + "\n";
}

bool FileState::take_clean_mark() const {
  const fs::path mark = beside(".clean");
  std::ifstream in(mark, std::ios::binary);
  if (!in) return false;
  const std::string said{std::istreambuf_iterator<char>(in), {}};
  if (::unlink(mark.c_str()) != 0) {
    throw std::system_error(errno, std::generic_category(), mark.string());
  }
  sync_folder();
  return said == fingerprint();
}

void FileState::mark_clean() const { write_synced(beside(".clean"), fingerprint()); }

// The log goes first: a main file without its log is still damaged, while a log without its main
// file would be played into the fresh one.
std::string FileState::set_aside(Stamp stamp) const {
  const std::string base = file_.string() + ".damaged-" + compact(stamp);
  std::string target = base;
  for (int n = 2; fs::exists(target); ++n) target = base + "-" + std::to_string(n);
  for (const char* tail : kTails) {
    if (fs::exists(beside(tail))) fs::rename(beside(tail), target + tail);
  }
  if (fs::exists(file_)) fs::rename(file_, target);
  sync_folder();
  return target;
}

void FileState::sync_folder() const {
  const fs::path folder = file_.has_parent_path() ? file_.parent_path() : fs::path(".");
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  ::fsync(fd);
  ::close(fd);
}

}  // namespace fleet::store
