#include "channels/p1_nats/subject.h"

#include <algorithm>

namespace fleet::channels {

bool fits_subject(std::string_view fleet) {
  const auto fits = [](char c) { return c > ' ' && c < 0x7f && c != '.' && c != '*' && c != '>'; };
  return !fleet.empty() && fleet.size() <= 128 && std::all_of(fleet.begin(), fleet.end(), fits);
}

std::string nats_subject(std::string_view fleet, std::string_view to, std::string_view from) {
  std::string subject = "fn.";
  subject.append(fleet).append(1, '.').append(to).append(1, '.').append(from);
  return subject;
}

std::string nats_inbox(std::string_view fleet, std::string_view me) {
  return nats_subject(fleet, me, "*");
}

std::optional<NodeId> nats_source(std::string_view subject, std::string_view inbox) {
  const std::string_view stem = inbox.substr(0, inbox.size() - 1);  // without the wildcard
  if (!subject.starts_with(stem)) return std::nullopt;
  const std::string_view source = subject.substr(stem.size());
  if (!valid_node_id(source)) return std::nullopt;
  return NodeId(source);
}

}  // namespace fleet::channels
