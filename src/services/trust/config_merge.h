// Writes what pairing learnt into config.json and leaves everything else in it as the person wrote
// it, in the same order. Not a reader of configuration: that is the app's. Blocking.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "services/trust/pair_exchange.h"

namespace fleet::trust {

struct ConfigPatch {
  NodeId node_id{};                    // empty: leave as it is
  NodeId chief{};                      // likewise
  std::vector<NodeAddresses> nodes{};  // new addresses go behind those that stand there
};

// The file's new text; `before` is empty where there is none. Pure.
Result<std::string> merged_config(std::string_view before, const ConfigPatch& patch);
// Atomic; the file is untouched where nothing would change.
Result<void> merge_config(const std::filesystem::path& home, const ConfigPatch& patch);

}  // namespace fleet::trust
