// What all connections of one server share: limits, counters, the list of who is here, and the one
// sweep that enforces every deadline. It owns no connection; each leaves the list as it goes. It
// outlives the Server where a request still runs. Loop thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "faces/http/handler.h"
#include "faces/http/limits.h"
#include "io/clock.h"
#include "io/task.h"

namespace fleet::http {

class Connection;

struct Counters {
  std::uint64_t connections = 0;  // taken in
  std::uint64_t turned_away = 0;  // no seat
  std::uint64_t evicted = 0;      // left idle for someone else's sake
  std::uint64_t requests = 0;     // reached the handler
  std::uint64_t refused = 0;      // by scan, rules or admit()
  std::uint64_t timed_out = 0;
  std::uint64_t faults = 0;  // exceptions out of the handler
  std::size_t open = 0;
  std::size_t streams = 0;
  std::size_t body_bytes = 0;  // being read or handled
};

class Hall : public std::enable_shared_from_this<Hall> {
 public:
  Hall(Executor loop, Limits its_limits, Handler& its_handler, io::Clock& its_clock);

  void join(Connection& connection);
  void leave(Connection& connection);
  // Finds the newcomer a seat, if need be by closing an idle connection.
  bool has_seat_for(const Connection& newcomer);

  void finish_all();  // idle ones leave, the others after their answer
  void drop_all();
  void drop_entry(Entry entry);
  bool empty() const { return present_.empty(); }
  Counters snapshot() const;

  const Executor executor;
  const Limits limits;
  Handler& handler;
  io::Clock& clock;
  std::string local_token;
  Counters counters;
  bool stopping = false;

 private:
  void arm_sweep();
  void sweep();
  void each(const std::function<void(Connection&)>& what);

  std::vector<Connection*> present_;
  bool armed_ = false;
};

}  // namespace fleet::http
