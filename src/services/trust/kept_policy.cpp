#include "services/trust/kept_policy.h"

#include <nlohmann/json.hpp>

#include "fleet/base/strict_json.h"
#include "io/file_io.h"

namespace fleet::trust {
namespace {

constexpr std::size_t kMaxBytes = 1024 * 1024;

std::filesystem::path file_in(const std::filesystem::path& home) { return home / "policy.json"; }

}  // namespace

Result<Policy> load_policy(const std::filesystem::path& home) {
  const auto file = file_in(home);
  const auto text = io::read_private_file(file, kMaxBytes);
  if (!text && text.error().code == Code::not_found) return Policy{};
  if (!text) return text.error();
  JsonLimits limits;
  limits.bytes = kMaxBytes;
  limits.keys = 16 * 1024;
  const auto json = parse_strict_json(*text, limits);
  if (!json) return refuse(Code::config, file.string() + ": " + json.error().message);
  return Policy::from_json(*json);
}

Result<void> save_policy(const std::filesystem::path& home, const Policy& policy) {
  return io::write_file_atomically(file_in(home), policy.to_json().dump(2) + "\n");
}

}  // namespace fleet::trust
