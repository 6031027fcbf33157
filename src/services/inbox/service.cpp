#include "services/inbox/service.h"

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "fleet/base/plant.h"
#include "fleet/core/policy_numbers.h"
#include "fleet/model/sealed_body.h"

namespace fleet::inbox {
namespace {

constexpr int kStreamsPerReceipt = 4;  // an origin's newest epochs; older ones are long settled
constexpr std::size_t kHeardStreams = 16;
constexpr int kFactsPerReceipt = 64;
constexpr std::size_t kMaxStreams = 1024;  // in memory; any can be loaded again

ReceiptFact fact_of(const Standing& s) {
  return {s.epoch, s.dseq, s.rank, s.flag, s.hash, s.detail, s.at};
}

}  // namespace

// What one accept() does, shared with the job that commits it.
struct InboxService::Batch {
  Stamp now{};
  std::vector<NewMessage> messages{};
  std::vector<Inserted> inserted{};
  std::vector<ReceiptFact> facts{};

  void commit(store::Connection& db) {
    inserted.clear();
    facts.clear();
    for (const NewMessage& message : messages) {
      inserted.push_back(insert(db, message, now));
      facts.push_back(fact(db, message, inserted.back()));
    }
  }

  // A duplicate gets the receipt of its original; a conflict is never a receipt.
  ReceiptFact fact(store::Connection& db, const NewMessage& m, const Inserted& how) const {
    const MessageHeader& h = m.header;
    ReceiptFact stated{h.id.epoch, h.dseq, Rank::stored, m.flag, m.hash, "", now};
    if (how.how == Inserted::How::conflict) {
      return {h.id.epoch, h.dseq, Rank::accepted, Flag::refused, "", "conflict", now};
    }
    if (const auto reason = refusal(db, h)) {
      return {h.id.epoch, h.dseq, Rank::accepted, Flag::refused, "", *reason, now};
    }
    if (how.how == Inserted::How::duplicate) {
      if (const auto original = standing(db, to_string(h.id))) return fact_of(*original);
    }
    return stated;
  }
};

InboxService::InboxService(Needs needs) : needs_(std::move(needs)) {
  for (const NodeId& origin : origins_untold(needs_.db.reader())) owing_[origin] = true;
}

Task<Result<void>> InboxService::open() {
  auto job = [](store::Connection& db) { present_all(db); };
  co_return co_await needs_.db.write(std::move(job));
}

NewMessage InboxService::open_message(const trust::Verified& arrival, const MessageHeader& header,
                                      std::string_view sealed, const Judged& judged,
                                      const std::string& via) {
  NewMessage message;
  message.header = header;
  message.hash = envelope_hash(arrival.envelope);
  message.key_id = arrival.envelope.key_id;
  message.via = via;
  message.reason = judged.reason;
  message.as = judged.judgement == Judgement::refuse ? SettledAs::refused : SettledAs::stored;
  if (judged.judgement == Judgement::hold) message.flag = Flag::held;
  if (message.as == SettledAs::refused) return message;
  auto body =
      open_body(needs_.crypto, *needs_.membership.self().box, header, message.key_id, sealed);
  if (body) {
    message.body = std::move(*body);
  } else {
    message.as = SettledAs::refused;
    message.reason = "its body does not open with this node's key";
  }
  return message;
}

std::vector<NewMessage> InboxService::read(const std::vector<trust::Verified>& arrivals,
                                           const std::string& via) {
  const Door door{needs_.membership.self().node, needs_.membership.fleet(), needs_.clock.stamp()};
  std::vector<NewMessage> messages;
  for (const trust::Verified& arrival : arrivals) {
    auto decoded = decode_message(arrival.envelope.payload);
    if (!decoded) continue;  // signed nonsense: no stream to settle it in
    const MessageHeader& header = decoded->header;
    const Judged judged = judge(header, arrival.author->row.id, door, needs_.policy);
    if (judged.judgement == Judgement::ignore) {
      needs_.events.publish("message.ignored",
                            {{"from", arrival.author->row.id}, {"why", judged.reason}});
      continue;
    }
    const core::Arrival place = stream(header.from, header.id.epoch).classify(header.dseq);
    if (place == core::Arrival::beyond) continue;  // no receipt: the origin asks again
    messages.push_back(open_message(arrival, header, decoded->sealed_body, judged, via));
  }
  return messages;
}

Task<Result<std::vector<Receipt>>> InboxService::accept(std::vector<trust::Verified> arrivals,
                                                        std::string via) {
  auto batch = std::make_shared<Batch>();
  batch->now = needs_.clock.stamp();
  batch->messages = read(arrivals, via);
  if (batch->messages.empty()) co_return std::vector<Receipt>{};
  auto job = [batch](store::Connection& db) { batch->commit(db); };
  if (planted(Plant::receipt_before_commit)) {
    batch->inserted.resize(batch->messages.size());
    for (const NewMessage& m : batch->messages) {
      batch->facts.push_back(
          {m.header.id.epoch, m.header.dseq, Rank::stored, m.flag, m.hash, "", batch->now});
    }
    std::vector<Receipt> early = receipts(*batch);
    needs_.db.submit(job, [](const Result<void>&) {});
    co_return early;
  }
  Result<void> committed = co_await needs_.db.write(std::move(job));
  if (!committed) co_return committed.error();
  note(*batch);
  co_return receipts(*batch);
}

// After the commit: memory follows the disk, never the other way round.
void InboxService::note(const Batch& batch) {
  for (std::size_t i = 0; i < batch.messages.size(); ++i) {
    const NewMessage& m = batch.messages[i];
    const MessageHeader& h = m.header;
    const std::string id = to_string(h.id);
    if (batch.inserted[i].how == Inserted::How::conflict) {
      needs_.events.publish("message.conflict", {{"id", id}, {"from", h.from}});
      continue;
    }
    if (batch.inserted[i].how == Inserted::How::duplicate) continue;
    core::ReceiverStream& into = stream(h.from, h.id.epoch);
    if (m.as == SettledAs::stored) into.store(h.dseq, m.hash);
    if (m.as == SettledAs::refused) into.refuse(h.dseq);
    if (batch.inserted[i].gap) wait_out_gap({h.from, h.id.epoch, h.to}, h.dseq);
    const char* event = m.as == SettledAs::refused ? "message.refused"
                        : m.flag == Flag::held     ? "message.held"
                                                   : "message.stored";
    needs_.events.publish(event, {{"id", id},
                                  {"from", h.from},
                                  {"type", to_string(h.type)},
                                  {"session", m.body.session},
                                  {"via", m.via}});
  }
}

std::vector<Receipt> InboxService::receipts(const Batch& batch) {
  std::map<NodeId, Receipt> by_origin;
  std::map<StreamKey, bool> touched;
  for (std::size_t i = 0; i < batch.messages.size(); ++i) {
    const MessageHeader& h = batch.messages[i].header;
    auto [entry, fresh] = by_origin.try_emplace(h.from, blank(h.from));
    entry->second.facts.push_back(batch.facts[i]);
    touched[{h.from, h.id.epoch}] = true;
  }
  for (const auto& [key, yes] : touched) {
    by_origin.at(key.first).streams.push_back(stream(key.first, key.second).receipt(key.second));
  }
  std::vector<Receipt> all;
  for (auto& [origin, receipt] : by_origin) all.push_back(std::move(receipt));
  return all;
}

Receipt InboxService::blank(const NodeId& origin) const {
  Receipt receipt;
  receipt.from = needs_.membership.self().node;
  receipt.to = origin;
  receipt.epoch = needs_.epoch;
  receipt.ts = needs_.clock.stamp();
  return receipt;
}

core::ReceiverStream& InboxService::stream(const NodeId& origin, Epoch epoch) {
  const StreamKey key{origin, epoch};
  if (const auto found = streams_.find(key); found != streams_.end()) return found->second;
  if (streams_.size() >= kMaxStreams) streams_.clear();
  core::ReceiverStream loaded;
  const StreamRows rows = load_stream(needs_.db.reader(), origin, epoch);
  if (rows.floor > 0) loaded.forget(rows.floor);
  for (const SettledRow& row : rows.rows) {
    if (row.as == SettledAs::stored) loaded.store(row.dseq, row.hash);
    if (row.as == SettledAs::refused) loaded.refuse(row.dseq);
    if (row.as == SettledAs::voided) loaded.make_void(row.dseq, row.dseq);
  }
  return streams_.emplace(key, std::move(loaded)).first->second;
}

void InboxService::wait_out_gap(const StreamId& stream, std::uint64_t dseq) {
  needs_.clock.call_at(needs_.clock.now() + core::kGapWait, [this, stream, dseq] {
    auto job = [stream, dseq](store::Connection& db) { present(db, stream, dseq); };
    needs_.db.submit(job, [this, stream, dseq](const Result<void>& committed) {
      if (!committed) wait_out_gap(stream, dseq);  // the disk was full: it is still not shown
    });
  });
}

Task<Result<void>> InboxService::learn_voids(NodeId origin, std::vector<VoidRange> voids) {
  struct Gap {
    StreamId stream;
    std::uint64_t dseq;
  };
  std::vector<Gap> gaps;
  for (const VoidRange& range : voids) {
    core::ReceiverStream& into = stream(origin, range.epoch);
    const std::uint64_t last = std::min(range.last, into.watermark() + core::kStreamWindow);
    for (std::uint64_t dseq = range.first; dseq <= last; ++dseq) {
      if (!into.settled(dseq)) {
        gaps.push_back({{origin, range.epoch, needs_.membership.self().node}, dseq});
      }
    }
  }
  if (gaps.empty()) {
    note_heard(origin, voids);
    co_return Result<void>{};
  }
  const Stamp keep_until = needs_.clock.stamp() + std::chrono::hours(24 * 44);
  auto job = [gaps, keep_until](store::Connection& db) {
    for (const Gap& gap : gaps) insert_void(db, gap.stream, gap.dseq, keep_until);
  };
  Result<void> committed = co_await needs_.db.write(std::move(job));
  if (!committed) co_return committed.error();
  for (const Gap& gap : gaps) stream(origin, gap.stream.epoch).make_void(gap.dseq, gap.dseq);
  note_heard(origin, voids);
  co_return Result<void>{};
}

// An origin goes on announcing what is void until it reads here that it is settled, however old the
// stream.
void InboxService::note_heard(const NodeId& origin, const std::vector<VoidRange>& voids) {
  std::set<Epoch>& epochs = heard_voids_[origin];
  for (const VoidRange& range : voids) {
    if (epochs.size() < kHeardStreams) epochs.insert(range.epoch);
  }
}

Owed InboxService::owed(const NodeId& origin) {
  Owed owed;
  owed.receipt = blank(origin);
  std::set<Epoch> epochs = std::exchange(heard_voids_[origin], {});
  for (const Epoch epoch : recent_epochs(needs_.db.reader(), origin, kStreamsPerReceipt)) {
    epochs.insert(epoch);
  }
  for (const Epoch epoch : epochs) {
    owed.receipt.streams.push_back(stream(origin, epoch).receipt(epoch));
  }
  if (!owes(origin)) return owed;
  for (const Standing& standing : untold(needs_.db.reader(), origin, kFactsPerReceipt)) {
    owed.receipt.facts.push_back(fact_of(standing));
    owed.told.emplace_back(standing.id, standing.rank);
  }
  return owed;
}

std::vector<NodeId> InboxService::owing() const {
  std::vector<NodeId> origins;
  for (const auto& [origin, yes] : owing_) origins.push_back(origin);
  return origins;
}

Task<void> InboxService::mark_told(std::vector<std::pair<std::string, Rank>> told, NodeId origin) {
  if (told.empty()) co_return;
  auto job = [told](store::Connection& db) {
    for (const auto& [id, rank] : told) inbox::mark_told(db, id, rank);
  };
  Result<void> committed = co_await needs_.db.write(std::move(job));
  // Where it failed, the origin hears the same facts again: harmless.
  if (committed && untold(needs_.db.reader(), origin, 1).empty()) owing_.erase(origin);
}

void InboxService::owe(const NodeId& origin) {
  owing_[origin] = true;
  if (tell_) tell_(origin);
}

Task<Result<bool>> InboxService::raise(std::string id, Rank rank, std::string detail) {
  const Stamp now = needs_.clock.stamp();
  auto job = [id, rank, detail, now](store::Connection& db) {
    return inbox::raise(db, id, rank, detail, now);
  };
  Result<bool> raised = co_await needs_.db.write(std::move(job));
  if (!raised || !*raised) co_return raised;
  const auto parsed = MessageId::parse(id);
  needs_.events.publish("message." + std::string(to_string(rank)),
                        {{"id", id}, {"from", parsed ? parsed->origin : ""}});
  if (parsed) owe(parsed->origin);
  co_return true;
}

}  // namespace fleet::inbox
