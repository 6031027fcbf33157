// The demo's messages and its bookkeeping: what was accepted, and what the inboxes really hold. The
// summary counts both; no number of it is assumed.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "app/demo_fleet.h"

namespace fleet::app {

struct DemoLetter {
  std::string id, from, to, body;
  double ms = 0;  // from the call to its answer
};

// One node's inbox by message id; a second entry of an id would be a message stored twice.
struct DemoArrival {
  std::string via, body;
};
using DemoInbox = std::multimap<std::string, DemoArrival>;

struct DemoCount {
  std::size_t accepted = 0, stored = 0, lost = 0, twice = 0;
  std::size_t altered = 0;   // stored with another text
  std::size_t unasked = 0;   // stored, though nobody sent it
  std::size_t unproved = 0;  // stored, but its sender does not say so
  bool clean() const {
    return stored == accepted && lost + twice + altered + unasked + unproved == 0;
  }
};

class DemoTraffic {
 public:
  DemoTraffic(DemoFleet& fleet, io::Clock& clock) : fleet_(fleet), clock_(clock) {}

  // `until_stored`: answered when the receiver's receipt is here, refused where it stays out.
  Result<DemoLetter> send(std::size_t from, std::size_t to, bool until_stored);
  // One message in each of the six directions, until stored.
  Result<std::vector<DemoLetter>> round();

  const std::vector<DemoLetter>& letters() const { return letters_; }
  Result<DemoInbox> inbox(DemoNode& node) const;
  // The channel by which each arrived, by the receivers' word; "" where one did not.
  Result<std::vector<std::string>> roads(const std::vector<DemoLetter>& letters);
  // The same, as counts.
  Result<std::map<std::string, std::size_t>> road_counts(const std::vector<DemoLetter>& letters);
  // The sender's word on one message: state, and whether it was parked.
  Result<nlohmann::json> message(const DemoLetter& letter);
  Result<DemoCount> count();

 private:
  Result<void> count_node(DemoNode& node, DemoCount& count);
  DemoNode& node_named(const std::string& id);

  DemoFleet& fleet_;
  io::Clock& clock_;
  std::vector<DemoLetter> letters_{};
};

double median_ms(std::vector<DemoLetter> letters);
double slowest_ms(const std::vector<DemoLetter>& letters);

}  // namespace fleet::app
