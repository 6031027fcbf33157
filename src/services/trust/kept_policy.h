// policy.json in FLEET_NERVE_HOME, 0600: read at start, replaced whole at every change. Blocking.
#pragma once

#include <filesystem>

#include "services/trust/policy.h"

namespace fleet::trust {

// The defaults where there is no file; every fault at once where it has some.
Result<Policy> load_policy(const std::filesystem::path& home);
Result<void> save_policy(const std::filesystem::path& home, const Policy& policy);

}  // namespace fleet::trust
