// Who gets a connection when they are scarce: the owner's always find a seat, a flood from one
// address or another user takes its own seats only, and whoever waits idle longest leaves first. A
// pure decision over the list of connections. Used by Hall at every accept.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "faces/http/limits.h"
#include "fleet/base/time.h"

namespace fleet::http {

// In the order in which they leave when seats are short.
enum class Guest { stranger, remote, owner };

struct Seat {
  Guest guest = Guest::remote;
  std::string address_key;
  bool idle = true;     // between requests, or not through with a request's head
  bool served = false;  // has had an answer
  Tick since;           // of the last sign of life
};

struct Seating {
  bool admitted = false;
  std::optional<std::size_t> leaves;  // index of the connection that makes room
};

Seating seat(const std::vector<Seat>& seats, Guest guest, std::string_view address_key,
             const Limits& limits);

}  // namespace fleet::http
