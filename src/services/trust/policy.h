// What the receiver lets each sender do: accept, hold or refuse, per kind. Decided here from the
// originator's name alone, whatever road the message took. (spec: security §6)
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fleet/base/result.h"
#include "fleet/model/ids.h"
#include "fleet/model/message_type.h"

namespace fleet::trust {

enum class Stance { accept, hold, refuse };
enum class Kind { message, task, repair, typing };

std::string_view to_string(Stance stance);
std::string_view to_string(Kind kind);
std::optional<Stance> parse_stance(std::string_view name);
std::optional<Kind> parse_kind(std::string_view name);
Kind kind_of(MessageType type);

class Policy {
 public:
  Policy();  // the defaults of the spec

  Stance stance(std::string_view sender, Kind kind) const;
  // An empty sender sets the default.
  void set(const NodeId& sender, Kind kind, Stance stance);

  // What was set, without the defaults behind it; an empty sender names the default.
  std::map<Kind, Stance> row(std::string_view sender) const;
  std::vector<NodeId> senders() const;

  // The shape of policy.json; from_json reports every fault at once.
  nlohmann::json to_json() const;
  static Result<Policy> from_json(const nlohmann::json& file);

 private:
  std::map<Kind, Stance> default_;
  std::map<NodeId, std::map<Kind, Stance>, std::less<>> senders_;
};

}  // namespace fleet::trust
