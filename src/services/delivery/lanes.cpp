#include "services/delivery/lanes.h"

#include <algorithm>
#include <asio/post.hpp>
#include "io/spawn.h"
#include "store/fault.h"

namespace fleet::delivery {
namespace {

constexpr std::size_t kRiderRoom = 64 * 1024;  // of a frame, for receipts and a roster

}  // namespace

void Lanes::enqueue(const NodeId& peer, ChannelId channel, Ticket ticket) {
  const Key key{peer, channel};
  lanes_[key].queue.push_back(std::move(ticket));
  post_pump(key);
}

void Lanes::push_riders(const NodeId& peer, ChannelId channel) {
  const Key key{peer, channel};
  lanes_[key].riders_due = true;
  post_pump(key);
}

// What is enqueued in the same turn of the loop leaves in the same frame.
void Lanes::post_pump(const Key& key) {
  Lane& lane = lanes_[key];
  if (lane.pump_posted) return;
  lane.pump_posted = true;
  asio::post(loop_, [this, key] {
    lanes_[key].pump_posted = false;
    pump(key);
  });
}

// Takes up to a frame's worth off the queue; what its owner no longer wants sent falls out.
Lanes::Load Lanes::take(Lane& lane, std::size_t max_bytes) {
  Load load;
  while (!lane.queue.empty() && load.tickets.size() < core::kMaxBatch) {
    const std::string line = owner_.line(lane.queue.front());
    if (!load.frame.empty() && load.frame.size() + line.size() >= max_bytes) break;
    Ticket ticket = std::move(lane.queue.front());
    lane.queue.pop_front();
    if (line.empty()) continue;
    load.frame += line + '\n';
    load.tickets.push_back(std::move(ticket));
  }
  return load;
}

void Lanes::pump(const Key& key) {
  Lane& lane = lanes_[key];
  while ((!lane.queue.empty() || lane.riders_due) && roads_.may_start(key.first, key.second)) {
    Load load = take(lane, roads_.channel(key.second).max_frame_bytes() - kRiderRoom);
    if (load.tickets.empty() && !lane.riders_due) return;
    lane.riders_due = false;
    Riders riders = owner_.riders(key.first);
    load.frame += riders.lines;
    load.ride = riders.ride;
    if (load.frame.empty()) return;
    launch(key, std::move(load));
  }
}

void Lanes::launch(const Key& key, Load load) {
  const bool trial = std::any_of(load.tickets.begin(), load.tickets.end(),
                                 [](const Ticket& ticket) { return ticket.half_open; });
  RoadAttempt attempt = roads_.start(
      key.first, key.second, trial ? core::AttemptKind::half_open : core::AttemptKind::normal);
  lanes_[key].out[attempt.no] = load.tickets;
  for (const Ticket& ticket : load.tickets) owner_.sent(ticket, key.second);
  io::spawn(loop_, run(key, std::move(load), std::move(attempt)), "lane");
}

Task<void> Lanes::run(Key key, Load load, RoadAttempt attempt) {
  channels::SendOutcome outcome = co_await roads_.channel(key.second)
                                      .send(std::move(load.frame), attempt.route, attempt.deadline);
  roads_.ended(attempt, outcome);
  try {
    if (!outcome.reply.empty()) {
      co_await owner_.read_reply(key.first, key.second, std::move(outcome.reply));
    }
  } catch (const store::SqlFault& fault) {
    if (!fault.storage()) throw;
    // Our own disk: its messages are sent again and receipted again.
    outcome.outcome = {OutcomeKind::fault,
                       "its answer could not be taken: " + std::string(fault.what()), Millis{0}};
  }
  owner_.ride_ended(load.ride, outcome.proved && outcome.outcome.kind == OutcomeKind::receipted);
  const bool judged = lanes_[key].out.erase(attempt.no) == 0;
  if (!judged || outcome.outcome.kind != OutcomeKind::fault) {
    for (const Ticket& ticket : load.tickets) owner_.ended(ticket, key.second, outcome.outcome);
  }
  pump(key);
}

void Lanes::overdue(const NodeId& peer, ChannelId channel, core::AttemptNo no) {
  const Key key{peer, channel};
  const auto found = lanes_[key].out.find(no);
  if (found == lanes_[key].out.end()) return;
  const std::vector<Ticket> tickets = std::move(found->second);
  lanes_[key].out.erase(found);
  Outcome silent{OutcomeKind::fault, "no answer in time", Millis{0}};
  for (const Ticket& ticket : tickets) owner_.ended(ticket, channel, silent);
}

std::size_t Lanes::waiting() const {
  std::size_t total = 0;
  for (const auto& [key, lane] : lanes_) total += lane.queue.size();
  return total;
}

}  // namespace fleet::delivery
