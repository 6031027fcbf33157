#include "faces/http/hall.h"

#include <algorithm>
#include <utility>

#include "faces/http/connection.h"
#include "faces/http/seats.h"

namespace fleet::http {
namespace {

// Deadlines are kept to the next sweep: exactly where they lie further off than the longest nap.
constexpr Millis kShortestNap{50};
constexpr Millis kLongestNap{1'000};

}  // namespace

Hall::Hall(Executor loop, Limits its_limits, Handler& its_handler, io::Clock& its_clock)
    : executor(std::move(loop)), limits(its_limits), handler(its_handler), clock(its_clock) {}

void Hall::join(Connection& connection) {
  present_.push_back(&connection);
  ++counters.connections;
  arm_sweep();
}

void Hall::leave(Connection& connection) { std::erase(present_, &connection); }

bool Hall::has_seat_for(const Connection& newcomer) {
  std::vector<Seat> seats;
  seats.reserve(present_.size());
  std::transform(present_.begin(), present_.end(), std::back_inserter(seats),
                 [](const Connection* present) { return present->seat(); });
  const Seat wanted = newcomer.seat();
  const Seating seating = http::seat(seats, wanted.guest, wanted.address_key, limits);
  if (seating.leaves) {
    ++counters.evicted;
    Connection* leaver = present_[*seating.leaves];
    // Its coroutine ends in a later turn of the loop; its seat is free at once.
    std::erase(present_, leaver);
    leaver->drop();
  }
  if (!seating.admitted) ++counters.turned_away;
  return seating.admitted;
}

void Hall::each(const std::function<void(Connection&)>& what) {
  const auto copy = present_;  // what() may make connections leave
  for (Connection* connection : copy) {
    if (std::find(present_.begin(), present_.end(), connection) != present_.end())
      what(*connection);
  }
}

void Hall::finish_all() {
  stopping = true;
  each([](Connection& connection) { connection.finish(); });
}

void Hall::drop_all() {
  each([](Connection& connection) { connection.drop(); });
}

void Hall::drop_entry(Entry entry) {
  each([entry](Connection& connection) {
    if (connection.entry() == entry) connection.drop();
  });
}

Counters Hall::snapshot() const {
  Counters out = counters;
  out.open = present_.size();
  return out;
}

void Hall::arm_sweep() {
  if (armed_ || present_.empty()) return;
  armed_ = true;
  const Tick now = clock.now();
  Tick at = now + kLongestNap;
  for (const Connection* connection : present_) at = std::min(at, connection->deadline());
  at = std::max(at, now + kShortestNap);
  clock.call_at(at, [weak = weak_from_this()] {
    if (const auto hall = weak.lock()) hall->sweep();
  });
}

void Hall::sweep() {
  armed_ = false;
  const Tick now = clock.now();
  each([now](Connection& connection) {
    if (connection.deadline() <= now) connection.expire();
  });
  arm_sweep();
}

}  // namespace fleet::http
