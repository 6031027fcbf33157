// The revisions of MCP that this server speaks, in two eras: with a handshake (`initialize`, up to
// 2025-11-25) and stateless (2026-07-28, each request names its revision in _meta). What differs
// between them in a result is put on here; the rest of the face does not know the era.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace fleet::mcp {

inline constexpr std::string_view kStateless = "2026-07-28";
inline constexpr std::string_view kLatestHandshake = "2025-11-25";
inline constexpr std::string_view kVersionKey = "io.modelcontextprotocol/protocolVersion";
inline constexpr std::string_view kServerInfoKey = "io.modelcontextprotocol/serverInfo";
inline constexpr std::string_view kSubscriptionKey = "io.modelcontextprotocol/subscriptionId";

inline constexpr int kListTtlMs = 60'000;  // tools, prompts and resources change with the program

enum class Era { handshake, stateless };

// The revision that a request names in its _meta; nothing for a request of the handshake era.
std::optional<std::string> named_revision(const nlohmann::json& params);
// {"supported":[…],"requested":…} for the error that refuses a revision.
nlohmann::json version_mismatch(const std::string& requested);

nlohmann::json initialize_result(const nlohmann::json& params, const std::string& instructions);
nlohmann::json discover_result(const std::string& instructions);

// How long a client may keep a result. Only the stateless era says so.
enum class Keep { answer, listing, reading };
// Adds resultType, _meta.serverInfo, ttlMs and cacheScope where the era asks for them.
nlohmann::json finished(nlohmann::json result, Era era, Keep keep);

}  // namespace fleet::mcp
