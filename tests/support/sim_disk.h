// A disk in memory that loses what was not synced. SQLite reaches it through its own VFS (vfs());
// a crash keeps any seeded subset of the unsynced writes, torn at 512-byte sectors, and forgets or
// brings back directory entries that were not synced. Everything follows from one seed.
// One thread. Close every database on a disk, or crash() it, before it is destroyed.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fleet/base/rng.h"

namespace fleet::test {

class SimVfs;

// One file: what a reader sees, what a crash would leave, and the writes in between.
class SimFile {
 public:
  const std::string& live() const { return live_; }
  void write(std::size_t offset, std::string_view bytes);
  void truncate(std::size_t size);
  void sync();  // everything so far survives
  // Each sector of each unsynced write survives with `percent`; the others are lost. A failed
  // sync does the same but leaves readers what they saw, as kernels do.
  void settle(Rng& rng, unsigned percent);
  void forget_unsynced() { live_ = stable_; }
  void replace(std::string bytes);

  bool entry_synced = false;

 private:
  struct Change {
    bool truncates;
    std::size_t offset;  // the new size where it truncates
    std::size_t begin;   // the bytes, in pool_
    std::size_t size;
  };
  void apply(const Change& change, std::size_t from, std::size_t size);

  std::string live_;
  std::string stable_;
  std::vector<Change> unsynced_;
  std::string pool_;
};

class SimDisk {
 public:
  using Snapshot = std::map<std::string, std::string>;

  explicit SimDisk(std::uint64_t seed);
  ~SimDisk();
  SimDisk(const SimDisk&) = delete;
  SimDisk& operator=(const SimDisk&) = delete;

  // The name to open databases with; any file name is a file of this disk.
  const char* vfs() const;

  // Faults. Calls are opens, reads, writes, truncations, syncs and deletions, in order.
  std::uint64_t calls() const { return calls_; }
  void fail_at(std::uint64_t call) { fail_at_ = call; }            // that call alone: EIO
  void power_off_at(std::uint64_t call) { power_off_at_ = call; }  // that call and all later
  void fail_syncs(int count) { failing_syncs_ = count; }           // the next `count` syncs: EIO
  void set_quota(std::optional<std::size_t> bytes) { quota_ = bytes; }  // beyond it: ENOSPC
  void set_read_only(bool read_only) { read_only_ = read_only; }
  // Power goes and comes back. Databases that were open get errors from now on; drop them.
  void crash();
  bool powered() const { return calls_ < power_off_at_; }

  // All files as a reader sees them: a backup, and the way back to it (which is a crash too).
  Snapshot snapshot() const;
  void restore(const Snapshot& files);
  std::string read(const std::string& name) const;
  void overwrite(const std::string& name, std::string bytes);
  std::size_t used_bytes() const;

 private:
  friend class SimVfs;
  using File = std::shared_ptr<SimFile>;

  enum class Call { fine, failed };
  Call count_call();
  bool sync_fails();
  bool has_room(const SimFile& file, std::size_t end) const;
  File find(const std::string& name) const;
  File create(const std::string& name);
  void remove(const std::string& name, bool synced);
  void sync_folder();

  SeededRng rng_;
  std::map<std::string, File> files_;
  std::map<std::string, File> ghosts_;  // deleted, but the folder was not synced since
  std::uint64_t calls_ = 0;
  std::uint64_t fail_at_ = UINT64_MAX;
  std::uint64_t power_off_at_ = UINT64_MAX;
  int failing_syncs_ = 0;
  std::optional<std::size_t> quota_;
  bool read_only_ = false;
  std::uint64_t life_ = 0;  // handles of an earlier life are dead
  std::unique_ptr<SimVfs> vfs_;
};

}  // namespace fleet::test
