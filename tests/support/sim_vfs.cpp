#include "support/sim_vfs.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <new>
#include <span>

#include "support/sim_disk.h"

namespace fleet::test {

struct SimVfs::Handle {
  sqlite3_file base;
  SimDisk* disk;
  std::shared_ptr<SimFile> file;
  std::uint64_t life;
  bool read_only;
};

namespace {

SimVfs::Handle& of(sqlite3_file* file) { return *reinterpret_cast<SimVfs::Handle*>(file); }

std::string next_name() {
  static std::atomic<unsigned> count{0};
  return "sim-" + std::to_string(++count);
}

int full_path(sqlite3_vfs*, const char* name, int size, char* out) {
  sqlite3_snprintf(size, out, "%s", name);
  return SQLITE_OK;
}

// The disk has no clock; SQLite only asks for one where SQL does.
int no_sleep(sqlite3_vfs*, int micros) { return micros; }
int fixed_day(sqlite3_vfs*, double* julian) {
  *julian = 2461000.5;
  return SQLITE_OK;
}
int fixed_time(sqlite3_vfs*, sqlite3_int64* julian_ms) {
  *julian_ms = 2461000LL * 86400000;
  return SQLITE_OK;
}
int last_error(sqlite3_vfs*, int, char*) { return 0; }

// One connection owns its file (locking_mode=EXCLUSIVE), so locks always succeed.
int lock(sqlite3_file*, int) { return SQLITE_OK; }
int reserved(sqlite3_file*, int* answer) {
  *answer = 0;
  return SQLITE_OK;
}
int control(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
int sector_size(sqlite3_file*) { return 512; }
int characteristics(sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

}  // namespace

const sqlite3_io_methods SimVfs::kMethods = [] {
  sqlite3_io_methods methods{};
  methods.iVersion = 1;  // no shared memory
  methods.xClose = &SimVfs::close;
  methods.xRead = &SimVfs::read;
  methods.xWrite = &SimVfs::write;
  methods.xTruncate = &SimVfs::truncate;
  methods.xSync = &SimVfs::sync;
  methods.xFileSize = &SimVfs::size;
  methods.xLock = &lock;
  methods.xUnlock = &lock;
  methods.xCheckReservedLock = &reserved;
  methods.xFileControl = &control;
  methods.xSectorSize = &sector_size;
  methods.xDeviceCharacteristics = &characteristics;
  return methods;
}();

SimVfs::SimVfs(SimDisk& disk) : name_(next_name()) {
  vfs_.iVersion = 2;
  vfs_.szOsFile = sizeof(Handle);
  vfs_.mxPathname = 512;
  vfs_.zName = name_.c_str();
  vfs_.pAppData = &disk;
  vfs_.xOpen = &SimVfs::open;
  vfs_.xDelete = &SimVfs::remove;
  vfs_.xAccess = &SimVfs::access;
  vfs_.xFullPathname = &full_path;
  vfs_.xRandomness = &SimVfs::randomness;
  vfs_.xSleep = &no_sleep;
  vfs_.xCurrentTime = &fixed_day;
  vfs_.xGetLastError = &last_error;
  vfs_.xCurrentTimeInt64 = &fixed_time;
  sqlite3_vfs_register(&vfs_, 0);
}

SimVfs::~SimVfs() { sqlite3_vfs_unregister(&vfs_); }

int SimVfs::open(sqlite3_vfs* vfs, const char* name, sqlite3_file* out, int flags, int* out_flags) {
  out->pMethods = nullptr;
  SimDisk& disk = disk_of(vfs);
  if (disk.count_call() == SimDisk::Call::failed) return SQLITE_CANTOPEN;
  std::shared_ptr<SimFile> file;
  if (name == nullptr) {
    file = std::make_shared<SimFile>();  // a temporary file, which no crash can show
  } else if (file = disk.find(name); !file) {
    if ((flags & SQLITE_OPEN_CREATE) == 0 || disk.read_only_) return SQLITE_CANTOPEN;
    file = disk.create(name);
  }
  auto* handle = new (out) Handle{{nullptr}, &disk, std::move(file), disk.life_, disk.read_only_};
  handle->base.pMethods = &kMethods;
  if (out_flags != nullptr) {
    const int writable = flags & ~SQLITE_OPEN_READWRITE & ~SQLITE_OPEN_CREATE;
    *out_flags = disk.read_only_ ? writable | SQLITE_OPEN_READONLY : flags;
  }
  return SQLITE_OK;
}

int SimVfs::remove(sqlite3_vfs* vfs, const char* name, int sync_folder) {
  SimDisk& disk = disk_of(vfs);
  if (disk.count_call() == SimDisk::Call::failed || disk.read_only_) return SQLITE_IOERR_DELETE;
  if (!disk.find(name)) return SQLITE_IOERR_DELETE_NOENT;
  disk.remove(name, sync_folder != 0);
  return SQLITE_OK;
}

// As on Unix, an empty file does not count as existing.
int SimVfs::access(sqlite3_vfs* vfs, const char* name, int flags, int* answer) {
  SimDisk& disk = disk_of(vfs);
  const std::shared_ptr<SimFile> file = disk.find(name);
  const bool there = file && !file->live().empty();
  *answer = there && (flags != SQLITE_ACCESS_READWRITE || !disk.read_only_) ? 1 : 0;
  return SQLITE_OK;
}

int SimVfs::randomness(sqlite3_vfs* vfs, int size, char* out) {
  const std::span<char> bytes(out, static_cast<std::size_t>(size));
  disk_of(vfs).rng_.fill(std::as_writable_bytes(bytes));
  return size;
}

int SimVfs::close(sqlite3_file* file) {
  of(file).~Handle();
  return SQLITE_OK;
}

bool SimVfs::dead(const Handle& handle) { return handle.life != handle.disk->life_; }

// A handle from before a crash fails without being counted: that machine is gone.
bool SimVfs::fails(Handle& handle) {
  return dead(handle) || handle.disk->count_call() == SimDisk::Call::failed;
}

int SimVfs::read(sqlite3_file* file, void* out, int size, sqlite3_int64 offset) {
  Handle& handle = of(file);
  if (fails(handle)) return SQLITE_IOERR_READ;
  const std::string& live = handle.file->live();
  const auto from = std::min(static_cast<std::size_t>(offset), live.size());
  const auto wanted = static_cast<std::size_t>(size);
  const std::size_t there = std::min(wanted, live.size() - from);
  std::memcpy(out, live.data() + from, there);
  if (there == wanted) return SQLITE_OK;
  std::memset(static_cast<char*>(out) + there, 0, wanted - there);
  return SQLITE_IOERR_SHORT_READ;
}

// A failed write may have reached the disk in part.
int SimVfs::write(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 offset) {
  Handle& handle = of(file);
  SimDisk& disk = *handle.disk;
  const auto at = static_cast<std::size_t>(offset);
  const std::string_view data(static_cast<const char*>(bytes), static_cast<std::size_t>(size));
  if (dead(handle)) return SQLITE_IOERR_WRITE;
  const bool was_powered = disk.powered();
  if (disk.count_call() == SimDisk::Call::failed) {
    if (was_powered) handle.file->write(at, data.substr(0, disk.rng_.below(data.size() + 1)));
    return SQLITE_IOERR_WRITE;
  }
  if (handle.read_only || disk.read_only_) return SQLITE_READONLY;
  if (!disk.has_room(*handle.file, at + data.size())) return SQLITE_FULL;
  handle.file->write(at, data);
  return SQLITE_OK;
}

int SimVfs::truncate(sqlite3_file* file, sqlite3_int64 size) {
  Handle& handle = of(file);
  if (fails(handle)) return SQLITE_IOERR_TRUNCATE;
  if (handle.disk->read_only_) return SQLITE_READONLY;
  handle.file->truncate(static_cast<std::size_t>(size));
  return SQLITE_OK;
}

int SimVfs::sync(sqlite3_file* file, int) {
  Handle& handle = of(file);
  SimDisk& disk = *handle.disk;
  const bool powered = !dead(handle) && disk.powered();
  if (fails(handle) || disk.sync_fails()) {
    // The kernel forgets what it could not write: a later sync does not make it good.
    if (powered) handle.file->settle(disk.rng_, 50);
    return SQLITE_IOERR_FSYNC;
  }
  handle.file->sync();
  if (!handle.file->entry_synced) disk.sync_folder();
  return SQLITE_OK;
}

int SimVfs::size(sqlite3_file* file, sqlite3_int64* out) {
  if (dead(of(file))) return SQLITE_IOERR_FSTAT;
  *out = static_cast<sqlite3_int64>(of(file).file->live().size());
  return SQLITE_OK;
}

}  // namespace fleet::test
