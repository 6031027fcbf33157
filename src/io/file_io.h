// Whole small files, safely: bounded reads that follow no link, writes that are there entirely or
// not at all, and the bits and owner of what only we may read. Blocking: at start, in commands and
// on the pool, never on the loop. A refusal for wrong bits has Code::config and says what to run.
// Used by keys, configuration, policy and seed files.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "fleet/base/result.h"
#include "fleet/base/secret.h"

namespace fleet::io {

// A regular file of at most `cap` bytes, never through a link in its last component.
// Code::not_found, Code::too_large, or Code::unavailable with the system's reason.
Result<std::string> read_file(const std::filesystem::path& file, std::size_t cap);

// The same for what only we may read: ours, one name, 0600 or less. Else Code::config.
Result<std::string> read_private_file(const std::filesystem::path& file, std::size_t cap);
// The same, zeroised at the end of its life.
Result<Secret> read_secret_file(const std::filesystem::path& file, std::size_t cap);

// Temp file beside it, fsync, rename, fsync of the folder: after a power cut the old or the new
// bytes are there. Code::full where the disk is.
Result<void> write_file_atomically(const std::filesystem::path& file, std::string_view bytes,
                                   mode_t mode = 0600);

// O_EXCL and O_NOFOLLOW, fsync of file and folder. Code::conflict where the name is taken: a key is
// never overwritten.
Result<void> create_private_file(const std::filesystem::path& file, std::string_view bytes);

// Makes the folder (and what is missing above it) 0700, or checks one that is there.
Result<void> make_private_dir(const std::filesystem::path& dir);
// A real folder, ours, closed to everybody else (0700).
Result<void> check_private_dir(const std::filesystem::path& dir);
// A regular file, ours, one name, closed to everybody else (0600).
Result<void> check_private_file(const std::filesystem::path& file);

}  // namespace fleet::io
