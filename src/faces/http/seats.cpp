#include "faces/http/seats.h"

#include <algorithm>
#include <tuple>

namespace fleet::http {
namespace {

bool leaves_before(const Seat& a, const Seat& b) {
  return std::tie(a.served, a.guest, a.since) < std::tie(b.served, b.guest, b.since);
}

// Takes a seat among those that `counts`, of which there are `limit`.
template <class Counts>
Seating seat_among(const std::vector<Seat>& seats, std::size_t limit, Counts counts) {
  std::size_t taken = 0;
  std::optional<std::size_t> leaves;
  for (std::size_t i = 0; i < seats.size(); ++i) {
    if (!counts(seats[i])) continue;
    ++taken;
    if (seats[i].idle && (!leaves || leaves_before(seats[i], seats[*leaves]))) leaves = i;
  }
  if (taken < limit) return {true, std::nullopt};
  return {leaves.has_value(), leaves};
}

}  // namespace

Seating seat(const std::vector<Seat>& seats, Guest guest, std::string_view address_key,
             const Limits& limits) {
  Seating seating{true, std::nullopt};
  switch (guest) {
    case Guest::stranger:
      seating = seat_among(seats, limits.strangers,
                           [](const Seat& s) { return s.guest == Guest::stranger; });
      break;
    case Guest::remote:
      seating = seat_among(seats, limits.per_address, [&](const Seat& s) {
        return s.guest == Guest::remote && s.address_key == address_key;
      });
      if (!seating.admitted || seating.leaves) return seating;
      seating = seat_among(seats, limits.connections - limits.local_reserve,
                           [](const Seat& s) { return s.guest == Guest::remote; });
      break;
    case Guest::owner:
      break;
  }
  if (!seating.admitted || seating.leaves) return seating;
  // Remote ones never displace the owner's.
  if (guest == Guest::owner) {
    return seat_among(seats, limits.connections, [](const Seat&) { return true; });
  }
  const bool room = seats.size() < limits.connections;
  return room ? seating
              : seat_among(seats, 0, [](const Seat& s) { return s.guest != Guest::owner; });
}

}  // namespace fleet::http
