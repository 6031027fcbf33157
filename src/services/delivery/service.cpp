#include "services/delivery/service.h"

#include <algorithm>
#include <type_traits>

#include "io/spawn.h"
#include "store/fault.h"

namespace fleet::delivery {
namespace {

constexpr std::size_t kMaxOpenInMemory = 100'000;
constexpr std::size_t kMaxAttemptsShown = 32;
constexpr Micros kSelfRetry = Millis{1'000};
constexpr Micros kWriteAgain = Millis{1'000};

void ignore(const Result<void>&) {}

}  // namespace

DeliveryService::DeliveryService(Needs needs)
    : needs_(std::move(needs)), roads_(needs_.roads), lanes_(needs_.loop, roads_, *this) {
  roads_.listen(*this);
  needs_.inbox.on_owing([this](const NodeId& peer) { nudge(peer); });
  needs_.book.watch([this](const NodeId& peer, const core::LifeTransition& change) {
    if (!change.showed_life()) return;
    step_all(peer, {.kind = core::CascadeEvent::Kind::peer_alive});
    if (needs_.inbox.owes(peer)) nudge(peer);
  });
}

void DeliveryService::open() {
  for (const Row& row : untold_voids(needs_.db.reader())) {
    sender_stream(row.destination, row.epoch).make_void(row.dseq);
  }
  for (Row& row : open_rows(needs_.db.reader(), kMaxOpenInMemory)) {
    track(std::move(row), "");
  }
  // No peer will ask for the gaps in what this node sent to itself.
  apply(needs_.inbox.owed(needs_.membership.self().node).receipt, std::nullopt);
  for (const NodeId& peer : needs_.inbox.owing()) nudge(peer);
}

Outgoing* DeliveryService::find(const std::string& id) {
  const auto found = open_.find(id);
  return found == open_.end() ? nullptr : found->second.get();
}

Outgoing& DeliveryService::track(Row row, std::string line) {
  const std::string id = row.id;
  by_stream_[{row.destination, row.epoch}][row.dseq] = id;
  const auto via = parse_channel(row.via);
  auto [place, fresh] = open_.try_emplace(id, std::make_unique<Outgoing>(std::move(row), via));
  Outgoing& out = *place->second;
  if (!fresh) return out;
  out.line = std::move(line);
  arm_expiry(out);
  if (needs_.membership.is_self(out.row.destination)) {
    io::spawn(needs_.loop, deliver_to_self(id), "delivery");
  } else {
    step(out, {.kind = core::CascadeEvent::Kind::begin});
  }
  return out;
}

void DeliveryService::step(Outgoing& out, const core::CascadeEvent& event) {
  const core::PeerView view = roads_.view(out.row.destination);
  const core::CascadeWorld world{view, budget_, roads_.timing(), needs_.clock.now(),
                                 needs_.rng.unit()};
  const std::string id = out.row.id;
  for (const core::CascadeAction& action : out.cascade.step(event, world)) {
    if (Outgoing* still = find(id)) perform(*still, action);
  }
}

void DeliveryService::step_all(const NodeId& peer, const core::CascadeEvent& event) {
  std::vector<std::string> ids;
  for (const auto& [stream, messages] : by_stream_) {
    if (stream.first != peer) continue;
    for (const auto& [dseq, id] : messages) ids.push_back(id);
  }
  for (const std::string& id : ids) {
    if (Outgoing* out = find(id)) step(*out, event);
  }
}

void DeliveryService::perform(Outgoing& out, const core::CascadeAction& action) {
  const std::string id = out.row.id;
  if (const auto* start = std::get_if<core::StartAttempt>(&action)) {
    out.starts[start->attempt] = {start->channel, needs_.clock.now()};
    lanes_.enqueue(out.row.destination, start->channel, {id, start->attempt, start->half_open});
  } else if (const auto* timer = std::get_if<core::ArmTimer>(&action)) {
    needs_.clock.cancel(out.timer);
    out.timer = needs_.clock.call_at(timer->at, [this, id] {
      if (Outgoing* due = find(id)) step(*due, {.kind = core::CascadeEvent::Kind::timer});
    });
  } else if (const auto* park = std::get_if<core::Park>(&action)) {
    out.line.clear();  // it may wait for days; the row has it
    record(id, {needs_.clock.stamp().ms, needs_.membership.self().node, "parked", "",
                std::string(core::to_string(park->why))});
    needs_.events.publish(
        "message.parked",
        {{"id", id}, {"to", out.row.destination}, {"why", core::to_string(park->why)}});
  } else if (const auto* done = std::get_if<core::Finish>(&action)) {
    finish(out, done->state);
  }
}

void DeliveryService::finish(Outgoing& out, core::Finish::State state) {
  switch (state) {
    case core::Finish::State::stored:
    case core::Finish::State::rejected:
      return close(out);
    case core::Finish::State::cancelled:
      return give_up(out, Flag::cancelled);
    case core::Finish::State::expired:
      return give_up(out, Flag::expired);
  }
}

// From here on no gap may wait for it; a receipt that comes all the same still counts.
void DeliveryService::give_up(Outgoing& out, Flag flag) {
  sender_stream(out.row.destination, out.row.epoch).make_void(out.row.dseq);
  const std::string id = out.row.id;
  const NodeId peer = out.row.destination;
  if (!out.row.state.delivered()) {
    settle(id, own_word(core::RecipientState(Rank::accepted, flag), std::string(to_string(flag))));
  }
  if (Outgoing* still = find(id)) close(*still);
  nudge(peer);
}

void DeliveryService::close(Outgoing& out) {
  needs_.clock.cancel(out.timer);
  needs_.clock.cancel(out.expiry);
  const auto stream = by_stream_.find({out.row.destination, out.row.epoch});
  if (stream != by_stream_.end()) {
    stream->second.erase(out.row.dseq);
    if (stream->second.empty()) by_stream_.erase(stream);
  }
  const std::string id = out.row.id;
  open_.erase(id);
}

DeliveryService::Learnt DeliveryService::own_word(core::RecipientState state, std::string event,
                                                  std::string detail) const {
  return {state,
          std::move(event),
          std::move(detail),
          needs_.clock.stamp(),
          needs_.membership.self().node,
          std::nullopt};
}

// The one way in which anything becomes known about a message.
void DeliveryService::settle(const std::string& id, const Learnt& learnt) {
  Outgoing* out = find(id);
  if (out != nullptr) {
    const core::RecipientState merged = out->row.state.merge(learnt.state);
    // What is open although it was delivered is on its way again, to a receiver that lost it.
    if (merged == out->row.state && !merged.delivered()) return;
    out->row.state = merged;
    if (learnt.via) note_success(*out, *learnt.via);
  }
  write_down(id, learnt);
  if (const auto watch = watches_.find(id); watch != watches_.end()) {
    watch->second->state = watch->second->state.merge(learnt.state);
    if (out != nullptr) watch->second->attempts = out->attempts;
    watch->second->changed.notify();
  }
  if (out == nullptr || !out->row.state.settled()) return;
  if (needs_.membership.is_self(out->row.destination)) return close(*out);
  const auto kind = out->row.state.delivered() ? core::CascadeEvent::Kind::receipted
                                               : core::CascadeEvent::Kind::rejected;
  step(*out, {.kind = kind});
}

// Nobody waits for it: a crash before it is on disk costs a resend and the same receipt again.
void DeliveryService::write_down(const std::string& id, const Learnt& learnt) {
  auto changed = std::make_shared<bool>(false);
  auto job = [=](store::Connection& db) {
    *changed = merge_state(db, id, learnt.state, learnt.detail);
    if (!*changed) return;
    const std::string channel(learnt.via ? to_string(*learnt.via) : "");
    insert_event(db, id, {learnt.at.ms, learnt.where, learnt.event, channel, learnt.detail});
  };
  const auto tell = [this, id, learnt, changed](const Result<void>& committed) {
    if (committed && *changed) needs_.events.publish("message." + learnt.event, {{"id", id}});
    // Memory knows it already: a disk that was full for a while must come to know it too.
    if (committed || committed.error().name == "job_failed") return;
    needs_.clock.call_at(needs_.clock.now() + kWriteAgain,
                         [this, id, learnt] { write_down(id, learnt); });
  };
  needs_.db.submit(job, tell, store::Urgency::soon);
}

// The attempt that brought the receipt ends here; its lane finds the message gone.
void DeliveryService::note_success(Outgoing& out, ChannelId via) {
  const auto last = std::find_if(out.starts.rbegin(), out.starts.rend(),
                                 [via](const auto& start) { return start.second.channel == via; });
  if (last == out.starts.rend() || out.attempts.size() >= kMaxAttemptsShown) return;
  const Micros took = needs_.clock.now() - last->second.at;
  out.attempts.push_back({std::string(to_string(via)),
                          std::string(to_string(OutcomeKind::receipted)), "",
                          std::chrono::duration_cast<Millis>(took).count()});
}

void DeliveryService::record(const std::string& id, TimelineRow row) {
  needs_.db.submit([id, row](store::Connection& db) { insert_event(db, id, row); }, ignore,
                   store::Urgency::soon);
}

void DeliveryService::arm_expiry(Outgoing& out) {
  const Millis left = out.row.exp - needs_.clock.stamp();
  const std::string id = out.row.id;
  const Tick at = needs_.clock.now() + std::max(Micros(left), Micros{0});
  out.expiry = needs_.clock.call_at(at, [this, id] {
    Outgoing* due = find(id);
    if (due == nullptr) return;
    // The wall clock may have been set back meanwhile: it decides, not the timer.
    if (needs_.clock.stamp() < due->row.exp) return arm_expiry(*due);
    if (needs_.membership.is_self(due->row.destination)) return give_up(*due, Flag::expired);
    step(*due, {.kind = core::CascadeEvent::Kind::expired});
  });
}

Task<void> DeliveryService::deliver_to_self(std::string id) {
  for (;;) {
    const bool over = co_await try_self(id);
    if (over) co_return;
    co_await needs_.clock.sleep_for(kSelfRetry);
  }
}

// A real delivery: the same door, the same receipt, no road. False where the disk was the reason.
Task<bool> DeliveryService::try_self(std::string id) {
  try {
    const std::string wire = line({id, 0, false});
    if (wire.empty()) co_return true;
    auto verified = trust::verify_line(needs_.membership, wire);
    if (!verified) co_return true;  // the roster changed under it: it stays open until it expires
    std::vector<trust::Verified> arrivals;
    arrivals.push_back(std::move(*verified));
    auto receipts = co_await needs_.inbox.accept(std::move(arrivals), std::string("self"));
    if (!receipts) co_return false;
    for (const Receipt& receipt : *receipts) apply(receipt, std::nullopt);
  } catch (const store::SqlFault& fault) {
    if (!fault.storage()) throw;
    co_return false;
  }
  co_return true;
}

// --- Lanes::Owner --------------------------------------------------------------------------------

std::string DeliveryService::line(const Ticket& ticket) {
  Outgoing* out = find(ticket.id);
  if (out == nullptr) return "";
  if (out->line.empty()) out->line = wire(needs_.db.reader(), ticket.id).value_or("");
  return out->line;
}

void DeliveryService::sent(const Ticket& ticket, ChannelId channel) {
  Outgoing* out = find(ticket.id);
  if (out == nullptr) return;
  out->starts[ticket.attempt].at = needs_.clock.now();
  record(ticket.id, {needs_.clock.stamp().ms, needs_.membership.self().node, "attempt",
                     std::string(to_string(channel)), ""});
  step(*out,
       {.kind = core::CascadeEvent::Kind::sent, .channel = channel, .attempt = ticket.attempt});
}

void DeliveryService::ended(const Ticket& ticket, ChannelId channel, const Outcome& outcome) {
  Outgoing* out = find(ticket.id);
  if (out == nullptr) return;  // settled by its receipt: the common case
  core::CascadeEvent event{.channel = channel, .attempt = ticket.attempt};
  std::string detail = outcome.detail;
  switch (outcome.kind) {
    case OutcomeKind::receipted:
      // The road works and the peer answered, but not for this message.
      event.kind = core::CascadeEvent::Kind::fault;
      detail = "answered without a receipt for it";
      break;
    case OutcomeKind::fault:
      event.kind = core::CascadeEvent::Kind::fault;
      break;
    case OutcomeKind::handed:
      event.kind = core::CascadeEvent::Kind::handed;
      settle(ticket.id, own_word(core::RecipientState(Rank::handed), "handed", detail));
      break;
    case OutcomeKind::rejected:
      // The verdict was on the frame; receipts speak for single messages.
      event.kind = core::CascadeEvent::Kind::fault;
      break;
    case OutcomeKind::back_pressure:
      event.kind = core::CascadeEvent::Kind::back_pressure;
      event.retry_after = outcome.retry_after;
      break;
  }
  const Micros took = needs_.clock.now() - out->starts[ticket.attempt].at;
  if (out->attempts.size() < kMaxAttemptsShown) {
    out->attempts.push_back({std::string(to_string(channel)), std::string(to_string(outcome.kind)),
                             detail, std::chrono::duration_cast<Millis>(took).count()});
  }
  if (event.kind == core::CascadeEvent::Kind::fault) {
    record(ticket.id, {needs_.clock.stamp().ms, needs_.membership.self().node, "failed",
                       std::string(to_string(channel)), detail});
  }
  step(*out, event);
}

Task<void> DeliveryService::read_reply(NodeId peer, ChannelId channel, std::string reply) {
  return mate_->read_reply(std::move(peer), channel, std::move(reply));
}

// --- Roads::Listener -----------------------------------------------------------------------------

void DeliveryService::came_up(const NodeId& peer, ChannelId channel) {
  step_all(peer, {.kind = core::CascadeEvent::Kind::channel_up, .channel = channel});
}

void DeliveryService::overdue(const NodeId& peer, ChannelId channel, core::AttemptNo no) {
  lanes_.overdue(peer, channel, no);
}

void DeliveryService::answered(const NodeId& peer, ChannelId channel, std::string reply) {
  if (reply.empty()) return;
  io::spawn(needs_.loop, mate_->read_reply(peer, channel, std::move(reply)), "delivery");
}

}  // namespace fleet::delivery
