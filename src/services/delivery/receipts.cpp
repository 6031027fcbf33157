// What receivers state, and what this node states as an origin: facts settle single messages,
// ranges settle whole stretches, gaps are sent again, voids are announced until they are settled
// over there.
#include <algorithm>
#include <utility>

#include "io/spawn.h"
#include "services/delivery/service.h"

namespace fleet::delivery {
namespace {

constexpr std::size_t kVoidsPerFrame = 64;
constexpr Micros kTellSelfAgain = Millis{1'000};
constexpr Micros kPushRetryMax = Seconds{60};
constexpr int kOfferedAgain = 4096;  // messages of one stream, to a receiver that was restored

std::uint64_t contiguous(const StreamReceipt& stream) {
  const bool from_one = !stream.settled.empty() && stream.settled.front().first == 1;
  return from_one ? stream.settled.front().last : 0;
}

bool covers(const StreamReceipt& stream, std::uint64_t dseq) {
  return std::any_of(
      stream.settled.begin(), stream.settled.end(),
      [dseq](const SettledRange& range) { return range.first <= dseq && dseq <= range.last; });
}

std::string event_of(const ReceiptFact& fact) {
  if (fact.flag != Flag::none && fact.rank <= Rank::stored)
    return std::string(to_string(fact.flag));
  return std::string(to_string(fact.rank));
}

bool waits_for(const StreamReceipt& stream, std::uint64_t dseq) {
  return std::find(stream.missing.begin(), stream.missing.end(), dseq) != stream.missing.end();
}

}  // namespace

core::SenderStream& DeliveryService::sender_stream(const NodeId& peer, Epoch epoch) {
  // In a stream of an earlier run nothing is numbered any more, and whatever is not in the outbox
  // may turn out to be void.
  const std::uint64_t last = epoch == needs_.epoch ? 0 : UINT64_MAX;
  return streams_.try_emplace({peer, epoch}, last, core::DseqSet{}).first->second;
}

Task<Result<void>> DeliveryService::keep() {
  auto nothing = [](store::Connection&) {};
  co_return co_await needs_.db.write(std::move(nothing));
}

void DeliveryService::apply(const Receipt& receipt, Road via) {
  for (const ReceiptFact& fact : receipt.facts) apply_fact(receipt, fact, via);
  for (const StreamReceipt& stream : receipt.streams) apply_stream(receipt, stream, via);
}

void DeliveryService::apply_fact(const Receipt& receipt, const ReceiptFact& fact, Road via) {
  const core::RecipientState state = core::state_of(fact);
  if (state == core::RecipientState()) return;
  const auto row = [&]() -> std::optional<Row> {
    const auto stream = by_stream_.find({receipt.from, fact.epoch});
    if (stream != by_stream_.end()) {
      const auto id = stream->second.find(fact.dseq);
      if (id != stream->second.end()) return find(id->second)->row;
    }
    return delivery::find(needs_.db.reader(), StreamId{"", fact.epoch, receipt.from}, fact.dseq);
  }();
  if (!row) return;
  if (!fact.hash.empty() && fact.hash != row->hash) {
    // Other bytes than ours stand there: nothing may be claimed from that.
    needs_.events.publish("message.conflict", {{"id", row->id}, {"at", receipt.from}});
    return;
  }
  settle(row->id, {state, event_of(fact), fact.detail, fact.at, receipt.from, via});
}

void DeliveryService::apply_stream(const Receipt& receipt, const StreamReceipt& stream, Road via) {
  const Stream key{receipt.from, stream.epoch};
  if (const auto sender = streams_.find(key); sender != streams_.end()) {
    const bool had_voids = !sender->second.voids().empty();
    sender->second.receipted(stream);
    if (had_voids) {
      auto job = [stream, peer = receipt.from](store::Connection& db) {
        for (const SettledRange& range : stream.settled) {
          void_told(db, StreamId{"", stream.epoch, peer}, range.first, range.last);
        }
      };
      needs_.db.submit(job, [](const Result<void>&) {});
    }
  }
  offer_again(receipt, stream);
  void_what_is_gone(receipt.from, stream);
  const auto mine = by_stream_.find(key);
  if (mine == by_stream_.end()) return;
  std::map<std::uint64_t, std::string> open = mine->second;  // settling changes the original
  std::vector<std::uint64_t> dseqs;
  for (const auto& [dseq, id] : open) dseqs.push_back(dseq);
  const auto own_hash_at = [&](std::uint64_t dseq) -> std::string {
    if (const auto id = open.find(dseq); id != open.end()) {
      if (const Outgoing* out = find(id->second)) return out->row.hash;
    }
    const auto row =
        delivery::find(needs_.db.reader(), StreamId{"", stream.epoch, receipt.from}, dseq);
    return row ? row->hash : "";
  };
  const core::Settled settled = core::settled_messages(stream, dseqs, own_hash_at);
  for (const std::uint64_t dseq : settled.stored) {
    const core::RecipientState stored(Rank::stored);
    settle(open.at(dseq), {stored, "stored", "", receipt.ts, receipt.from, via});
  }
  for (const std::uint64_t dseq : settled.refused) {
    const core::RecipientState refused(Rank::accepted, Flag::refused);
    settle(open.at(dseq), {refused, "refused", "", receipt.ts, receipt.from, via});
  }
  for (const std::uint64_t dseq : settled.missing) {
    // Only what rests is sent again; what is on its way is about to arrive.
    if (Outgoing* out = find(open.at(dseq))) {
      step(*out, {.kind = core::CascadeEvent::Kind::peer_alive});
    }
  }
}

// A receiver that shows less than it had receipted was restored from a backup. That takes a new
// start of it, so its first word on a stream since then decides, and no receipt that came late.
void DeliveryService::offer_again(const Receipt& receipt, const StreamReceipt& stream) {
  if (needs_.membership.is_self(receipt.from)) return;
  auto& [start, streams] = shown_[receipt.from];
  if (std::exchange(start, receipt.epoch) != receipt.epoch) streams.clear();
  if (!streams.insert(stream.epoch).second) return;
  const StreamId id{"", stream.epoch, receipt.from};
  const std::uint64_t above = contiguous(stream);
  for (Row& row : expected_rows(needs_.db.reader(), id, above, kOfferedAgain)) {
    if (covers(stream, row.dseq) || find(row.id) != nullptr) continue;
    if (row.exp > needs_.clock.stamp()) {
      track(std::move(row), "");
    } else if (waits_for(stream, row.dseq)) {
      sender_stream(receipt.from, stream.epoch).make_void(row.dseq);
    }
  }
}

// The receiver waits for numbers whose rows were never committed before a crash, or were given up:
// nobody will send them, so no gap may stay.
void DeliveryService::void_what_is_gone(const NodeId& peer, const StreamReceipt& stream) {
  if (stream.epoch == needs_.epoch || stream.missing.empty()) return;
  store::Connection& db = needs_.db.reader();
  if (!knows_stream(db, StreamId{"", stream.epoch, peer})) return;  // not ours, or long forgotten
  for (const std::uint64_t dseq : stream.missing) {
    const auto row = delivery::find(db, StreamId{"", stream.epoch, peer}, dseq);
    const bool gone = !row || (!row->open && !row->state.delivered());
    if (gone) sender_stream(peer, stream.epoch).make_void(dseq);
  }
  if (!sender_stream(peer, stream.epoch).voids().empty()) nudge(peer);
}

std::vector<VoidRange> DeliveryService::voids(const NodeId& peer) {
  std::vector<VoidRange> all;
  for (const auto& [stream, state] : streams_) {
    if (stream.first != peer || all.size() >= kVoidsPerFrame) continue;
    const auto some = state.announce(stream.second, kVoidsPerFrame - all.size());
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

std::string DeliveryService::waiting_for(const NodeId& peer, std::size_t max_bytes) {
  std::string lines;
  for (const auto& [stream, messages] : by_stream_) {
    if (stream.first != peer) continue;
    for (const auto& [dseq, id] : messages) {
      const Outgoing* out = find(id);
      if (out->cascade.state() != core::CascadeState::parked) continue;
      const std::string next = line({id, 0, false});
      if (lines.size() + next.size() > max_bytes) return lines;
      lines += next + '\n';
    }
  }
  return lines;
}

// Receipts that nothing else carries: alone over the best road, again with growing patience.
void DeliveryService::nudge(const NodeId& peer) {
  const bool first = push_tries_.try_emplace(peer, 0).second;
  if (!first) return;
  if (needs_.membership.is_self(peer)) {
    io::spawn(needs_.loop, tell_self(), "delivery");
  } else {
    push_riders_soon(peer);
  }
}

// What this node states of its own messages needs no road, but the same order on disk: first the
// outbox row, then the note that it was told.
Task<void> DeliveryService::tell_self() {
  const NodeId self = needs_.membership.self().node;
  while (needs_.inbox.owes(self) || !voids(self).empty()) {
    const Result<void> learnt = co_await needs_.inbox.learn_voids(self, voids(self));
    static_cast<void>(learnt);  // asked again below
    inbox::Owed owed = needs_.inbox.owed(self);
    apply(owed.receipt, std::nullopt);
    co_await needs_.inbox.mark_told(std::move(owed.told), self);
    const bool again = needs_.inbox.owes(self) || !voids(self).empty();
    if (again) co_await needs_.clock.sleep_for(kTellSelfAgain);
  }
  push_tries_.erase(self);
}

void DeliveryService::push_riders_soon(const NodeId& peer) {
  static constexpr ChannelSet kStrong{ChannelId::nats, ChannelId::http};
  if (!mate_->has_riders(peer)) {
    push_tries_.erase(peer);
    return;
  }
  const core::ChannelList roads = core::candidates(kStrong, roads_.view(peer));
  if (!roads.empty()) lanes_.push_riders(peer, roads[0]);
  const unsigned tries = push_tries_[peer]++;
  const Micros wait = std::min<Micros>(Seconds{1} * (1U << std::min(tries, 6U)), kPushRetryMax);
  needs_.clock.call_at(needs_.clock.now() + wait, [this, peer] { push_riders_soon(peer); });
}

}  // namespace fleet::delivery
