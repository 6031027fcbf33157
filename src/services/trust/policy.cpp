#include "services/trust/policy.h"

#include <array>
#include <nlohmann/json.hpp>

namespace fleet::trust {
namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 3> kStances{"accept", "hold", "refuse"};
constexpr std::array<std::string_view, 4> kKinds{"message", "task", "repair", "typing"};

template <class Enum, std::size_t N>
std::optional<Enum> parse(const std::array<std::string_view, N>& names, std::string_view name) {
  for (std::size_t i = 0; i < N; ++i) {
    if (names[i] == name) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

json row_to_json(const std::map<Kind, Stance>& row) {
  json out = json::object();
  for (const auto& [kind, stance] : row) out[std::string(to_string(kind))] = to_string(stance);
  return out;
}

void read_row(const json& row, const std::string& path, const NodeId& sender, Policy& policy,
              std::vector<FieldFault>& faults) {
  if (!row.is_object()) {
    faults.push_back({path, "must be an object"});
    return;
  }
  for (const auto& [name, value] : row.items()) {
    const auto kind = parse_kind(name);
    const auto stance = value.is_string() ? parse_stance(value.get<std::string>()) : std::nullopt;
    if (!kind) faults.push_back({path + '.' + name, "is not message, task, repair or typing"});
    if (!stance) faults.push_back({path + '.' + name, "must be accept, hold or refuse"});
    if (kind && stance) policy.set(sender, *kind, *stance);
  }
}

}  // namespace

std::string_view to_string(Stance stance) { return kStances.at(static_cast<std::size_t>(stance)); }
std::string_view to_string(Kind kind) { return kKinds.at(static_cast<std::size_t>(kind)); }
std::optional<Stance> parse_stance(std::string_view name) { return parse<Stance>(kStances, name); }
std::optional<Kind> parse_kind(std::string_view name) { return parse<Kind>(kKinds, name); }

Kind kind_of(MessageType type) {
  switch (type) {
    case MessageType::task:
      return Kind::task;
    case MessageType::repair:
      return Kind::repair;
    case MessageType::alert:
    case MessageType::reply:
    case MessageType::context:
    case MessageType::broadcast:
    case MessageType::sync:
      return Kind::message;
  }
  return Kind::message;
}

Policy::Policy()
    : default_{{Kind::message, Stance::accept},
               {Kind::task, Stance::hold},
               {Kind::repair, Stance::refuse},  // until a repair action exists to accept
               {Kind::typing, Stance::refuse}} {}

Stance Policy::stance(std::string_view sender, Kind kind) const {
  if (const auto row = senders_.find(sender); row != senders_.end()) {
    if (const auto own = row->second.find(kind); own != row->second.end()) return own->second;
  }
  return default_.at(kind);
}

void Policy::set(const NodeId& sender, Kind kind, Stance stance) {
  (sender.empty() ? default_ : senders_[sender])[kind] = stance;
}

std::map<Kind, Stance> Policy::row(std::string_view sender) const {
  if (sender.empty()) return default_;
  const auto found = senders_.find(sender);
  return found == senders_.end() ? std::map<Kind, Stance>{} : found->second;
}

std::vector<NodeId> Policy::senders() const {
  std::vector<NodeId> names;
  for (const auto& [sender, row] : senders_) names.push_back(sender);
  return names;
}

json Policy::to_json() const {
  json senders = json::object();
  for (const auto& [sender, row] : senders_) senders[sender] = row_to_json(row);
  return {{"default", row_to_json(default_)}, {"senders", std::move(senders)}};
}

Result<Policy> Policy::from_json(const json& file) {
  Policy policy;
  std::vector<FieldFault> faults;
  if (!file.is_object()) return refuse(Code::config, "policy.json must hold an object");
  for (const auto& [name, value] : file.items()) {
    if (name == "default") {
      read_row(value, name, "", policy, faults);
    } else if (name == "senders" && value.is_object()) {
      for (const auto& [sender, row] : value.items()) {
        if (!valid_node_id(sender)) faults.push_back({"senders." + sender, "is not a node id"});
        read_row(row, "senders." + sender, sender, policy, faults);
      }
    } else {
      faults.push_back({name, "is not known; known: default, senders"});
    }
  }
  if (faults.empty()) return policy;
  Error error = refuse(Code::config, "policy.json has faults");
  error.fields = std::move(faults);
  return error;
}

}  // namespace fleet::trust
