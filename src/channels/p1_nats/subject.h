// The names on NATS: fn.<fleet>.<destination>.<source>. (spec: security §8)
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "fleet/model/ids.h"

namespace fleet::channels {

// A fleet id that is one subject token: no dot, space or wildcard.
bool fits_subject(std::string_view fleet);
std::string nats_subject(std::string_view fleet, std::string_view to, std::string_view from);
// "fn.<fleet>.<me>.*"
std::string nats_inbox(std::string_view fleet, std::string_view me);
// The source of a subject below `inbox`; empty where it is no node id.
std::optional<NodeId> nats_source(std::string_view subject, std::string_view inbox);

}  // namespace fleet::channels
