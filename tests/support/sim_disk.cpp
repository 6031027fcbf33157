#include "support/sim_disk.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "support/sim_vfs.h"

namespace fleet::test {
namespace {

constexpr std::size_t kSector = 512;

void put(std::string& file, std::size_t offset, std::string_view bytes) {
  if (file.size() < offset + bytes.size()) file.resize(offset + bytes.size());
  std::memcpy(file.data() + offset, bytes.data(), bytes.size());
}

}  // namespace

void SimFile::write(std::size_t offset, std::string_view bytes) {
  put(live_, offset, bytes);
  unsynced_.push_back({false, offset, pool_.size(), bytes.size()});
  pool_.append(bytes);
}

void SimFile::truncate(std::size_t size) {
  live_.resize(size);
  unsynced_.push_back({true, size, 0, 0});
}

void SimFile::apply(const Change& change, std::size_t from, std::size_t size) {
  put(stable_, change.offset + from, std::string_view(pool_).substr(change.begin + from, size));
}

void SimFile::sync() {
  for (const Change& change : unsynced_) {
    if (change.truncates) {
      stable_.resize(change.offset);
    } else {
      apply(change, 0, change.size);
    }
  }
  unsynced_.clear();
  pool_.clear();
}

void SimFile::settle(Rng& rng, unsigned percent) {
  const auto kept = [&] { return rng.below(100) < percent; };
  for (const Change& change : unsynced_) {
    if (change.truncates) {
      if (kept()) stable_.resize(change.offset);
      continue;
    }
    for (std::size_t from = 0; from < change.size;) {
      const std::size_t to_edge = kSector - (change.offset + from) % kSector;
      const std::size_t size = std::min(to_edge, change.size - from);
      if (kept()) apply(change, from, size);
      from += size;
    }
  }
  unsynced_.clear();
  pool_.clear();
}

void SimFile::replace(std::string bytes) {
  unsynced_.clear();
  pool_.clear();
  live_ = stable_ = std::move(bytes);
  entry_synced = true;
}

SimDisk::SimDisk(std::uint64_t seed) : rng_(seed), vfs_(std::make_unique<SimVfs>(*this)) {}
SimDisk::~SimDisk() = default;

const char* SimDisk::vfs() const { return vfs_->name(); }

SimDisk::Call SimDisk::count_call() {
  const std::uint64_t number = calls_++;
  return number >= power_off_at_ || number == fail_at_ ? Call::failed : Call::fine;
}

bool SimDisk::sync_fails() {
  if (failing_syncs_ == 0) return false;
  --failing_syncs_;
  return true;
}

std::size_t SimDisk::used_bytes() const {
  std::size_t used = 0;
  for (const auto& [name, file] : files_) used += file->live().size();
  return used;
}

bool SimDisk::has_room(const SimFile& file, std::size_t end) const {
  if (!quota_ || end <= file.live().size()) return true;
  return used_bytes() + (end - file.live().size()) <= *quota_;
}

SimDisk::File SimDisk::find(const std::string& name) const {
  const auto found = files_.find(name);
  return found == files_.end() ? nullptr : found->second;
}

SimDisk::File SimDisk::create(const std::string& name) {
  return files_[name] = std::make_shared<SimFile>();
}

void SimDisk::remove(const std::string& name, bool synced) {
  const auto found = files_.find(name);
  if (found == files_.end()) return;
  if (found->second->entry_synced) ghosts_[name] = found->second;
  files_.erase(found);
  if (synced) sync_folder();
}

void SimDisk::sync_folder() {
  ghosts_.clear();
  for (auto& [name, file] : files_) file->entry_synced = true;
}

void SimDisk::crash() {
  constexpr std::array kKept{0U, 50U, 90U, 100U};
  const unsigned percent = kKept[rng_.below(kKept.size())];
  const auto unlucky = [&] { return rng_.below(100) >= percent; };
  std::erase_if(files_, [&](auto& entry) { return !entry.second->entry_synced && unlucky(); });
  for (auto& [name, file] : ghosts_) {
    if (unlucky()) files_.try_emplace(name, file);
  }
  ghosts_.clear();
  for (auto& [name, file] : files_) {
    file->settle(rng_, percent);
    file->forget_unsynced();
    file->entry_synced = true;
  }
  power_off_at_ = fail_at_ = UINT64_MAX;
  ++life_;
}

SimDisk::Snapshot SimDisk::snapshot() const {
  Snapshot files;
  for (const auto& [name, file] : files_) files[name] = file->live();
  return files;
}

void SimDisk::restore(const Snapshot& files) {
  files_.clear();
  ghosts_.clear();
  for (const auto& [name, bytes] : files) overwrite(name, bytes);
  power_off_at_ = fail_at_ = UINT64_MAX;
  ++life_;
}

std::string SimDisk::read(const std::string& name) const {
  const File file = find(name);
  return file ? file->live() : std::string();
}

void SimDisk::overwrite(const std::string& name, std::string bytes) {
  create(name)->replace(std::move(bytes));
}

}  // namespace fleet::test
