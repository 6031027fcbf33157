// A copy of the database as it is at one moment, while the daemon writes on. Reads through a
// connection of its own, so it may run on any thread but the loop's, where it would take too long.
#pragma once

#include <filesystem>

#include "fleet/base/result.h"

namespace fleet::store {

// `target` must not exist; it is readable by this user alone and on disk when this returns.
Result<void> back_up(const std::filesystem::path& file, const std::filesystem::path& target);

}  // namespace fleet::store
