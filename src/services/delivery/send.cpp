// Taking a message: check it, number it, seal and sign it once, commit it, and only then answer.
#include <algorithm>
#include <exception>
#include <set>

#include "fleet/base/utf8.h"
#include "fleet/model/sealed_body.h"
#include "services/delivery/service.h"

namespace fleet::delivery {
namespace {

constexpr std::size_t kMaxOpen = 100'000;  // messages on their way; beyond it callers must wait
constexpr std::size_t kMaxKeyBytes = 200;
constexpr std::int64_t kMaxWaitS = 600;
constexpr Micros kLookAgain = Seconds{60};  // at a first call that is still under way

Error fault(std::string path, std::string problem) {
  Error error = refuse(Code::invalid, path + ' ' + problem);
  error.fields.push_back({std::move(path), std::move(problem)});
  return error;
}

}  // namespace

// A checked request, not yet numbered.
struct DeliveryService::Draft {
  MessageType type = MessageType::context;
  MessageBody body{};
  std::string re{}, via{};
  Millis ttl{0};
};

Result<std::vector<NodeId>> DeliveryService::recipients(const std::string& to) const {
  const trust::Membership& members = needs_.membership;
  if (to == "self") return std::vector<NodeId>{members.self().node};
  if (members.find(to) != nullptr) return std::vector<NodeId>{to};
  std::vector<NodeId> found;
  const auto role = parse_node_role(to);
  for (const NodeId& peer : members.peers()) {
    if (to == "all" || (role && members.find(peer)->row.role == *role)) found.push_back(peer);
  }
  if (!found.empty()) return found;
  std::string known = members.self().node;
  for (const NodeId& peer : members.peers()) known += ", " + peer;
  if (to == "all" || role) {
    return refuse(Code::not_found, "unknown_peer",
                  "nobody else is in the fleet as '" + to + "'; add a machine: fleet-nerve invite");
  }
  return refuse(Code::not_found, "unknown_peer",
                "peer '" + to + "' is not in the fleet; known: " + known);
}

Result<DeliveryService::Draft> DeliveryService::draft(const SendRequest& request) const {
  Draft draft;
  draft.type = parse_message_type(request.type).value_or(MessageType::context);
  draft.body.subject = request.subject;
  draft.body.session = request.session;
  draft.body.body = request.payload ? request.payload->body : request.body;
  if (request.payload && !request.body.empty()) {
    return fault("payload", "and body are both there; give one");
  }
  if (draft.body.body.empty()) return fault("body", "is missing");
  if (draft.body.body.size() > kMaxBodyBytes) {
    return refuse(Code::too_large, "body is " + std::to_string(draft.body.body.size()) +
                                       " bytes; the limit is 262,144: send a reference instead");
  }
  if (auto fits = check_body(draft.body); !fits) return fits.error();
  if (!request.ref.empty() && !MessageId::parse(request.ref)) {
    return fault("ref", "is not a message id");
  }
  draft.re = request.ref;
  if (!request.via.empty() && !parse_channel(request.via)) {
    return fault("via", "is not a channel: cloud, nats, http, relay, seed, ssh, wol, git, text");
  }
  draft.via = request.via;
  const TypePolicy& limits = policy(draft.type);
  draft.ttl = request.ttl_s > 0 ? Millis(Seconds(request.ttl_s)) : limits.default_ttl;
  if (request.ttl_s < 0 || draft.ttl > limits.max_ttl) {
    const auto most = std::chrono::duration_cast<Seconds>(limits.max_ttl).count();
    return fault("ttl_s", "must be 0 to " + std::to_string(most) + " for " + request.type);
  }
  return draft;
}

Result<NewRow> DeliveryService::seal(const Draft& draft, const NodeId& to,
                                     const std::string& batch) {
  const trust::Membership& members = needs_.membership;
  core::SenderStream& stream = sender_stream(to, needs_.epoch);
  NewRow row{{}, draft.body, batch, draft.via, "", ""};
  row.header.id = {members.self().node, needs_.epoch, next_seq_++};
  row.header.dseq = stream.allocate();
  row.header.fleet = members.fleet();
  row.header.from = members.self().node;
  row.header.to = to;
  row.header.type = draft.type;
  row.header.ts = needs_.clock.stamp();
  row.header.exp = row.header.ts + draft.ttl;
  row.header.re = draft.re;
  auto sealed = seal_body(needs_.crypto, needs_.rng, members.find(to)->row.box_key, row.header,
                          members.self_key_id(), draft.body);
  if (!sealed) {
    stream.make_void(row.header.dseq);
    return sealed.error();
  }
  const Envelope envelope = members.sign(PayloadType::message, encode_message(row.header, *sealed));
  row.hash = envelope_hash(envelope);
  row.wire = to_wire(envelope);
  return row;
}

// Their numbers are spent and nothing stands behind them: no gap may wait for them.
void DeliveryService::give_back(const std::vector<NewRow>& rows) {
  for (const NewRow& row : rows) {
    sender_stream(row.header.to, needs_.epoch).make_void(row.header.dseq);
    nudge(row.header.to);
  }
}

Task<Result<void>> DeliveryService::commit(std::vector<NewRow> rows, std::string key,
                                           std::string name) {
  const Stamp now = needs_.clock.stamp();
  auto shared = std::make_shared<const std::vector<NewRow>>(std::move(rows));
  auto job = [shared, key, name, now](store::Connection& db) {
    for (const NewRow& row : *shared) insert(db, row);
    if (!key.empty()) insert_key(db, key, name, now);
  };
  Result<void> committed = co_await needs_.db.write(std::move(job));
  if (!committed) {
    give_back(*shared);
    co_return committed;
  }
  for (const NewRow& row : *shared) {
    needs_.events.publish("message.accepted", {{"id", to_string(row.header.id)},
                                               {"to", row.header.to},
                                               {"type", to_string(row.header.type)}});
    Row kept;
    kept.id = to_string(row.header.id);
    kept.batch = row.batch;
    kept.via = row.via;
    kept.re = row.header.re;
    kept.destination = row.header.to;
    kept.epoch = needs_.epoch;
    kept.dseq = row.header.dseq;
    kept.type = row.header.type;
    kept.ts = row.header.ts;
    kept.exp = row.header.exp;
    kept.hash = row.hash;
    track(std::move(kept), row.wire);
  }
  co_return committed;
}

Task<Result<SendReply>> DeliveryService::send(SendRequest request, catalogue::Caller caller) {
  const std::string key = caller.idempotency_key;
  if (key.empty()) co_return co_await send_fresh(std::move(request), key);
  if (key.size() > kMaxKeyBytes) {
    co_return refuse(Code::invalid, "Idempotency-Key is longer than 200 bytes");
  }
  while (keys_.contains(key)) {
    const std::shared_ptr<io::Signal> first = keys_.at(key);
    const Tick look_again = needs_.clock.now() + kLookAgain;
    co_await first->wait_until(needs_.clock, look_again);
  }
  if (const auto known = id_of_key(needs_.db.reader(), key)) {
    co_return co_await report_again(*known);
  }
  const auto under_way = std::make_shared<io::Signal>();
  keys_[key] = under_way;
  Result<SendReply> reply = SendReply{};
  std::exception_ptr fault;
  try {
    reply = co_await send_fresh(std::move(request), key);
  } catch (...) {
    fault = std::current_exception();
  }
  keys_.erase(key);
  under_way->notify();
  if (fault) std::rethrow_exception(fault);
  co_return reply;
}

Task<Result<SendReply>> DeliveryService::send_fresh(SendRequest request, std::string key) {
  Result<Draft> checked = draft(request);
  if (!checked) co_return checked.error();
  Result<std::vector<NodeId>> to = recipients(request.to);
  if (!to) co_return to.error();
  if (open_.size() + to->size() > kMaxOpen) {
    Error full = refuse(Code::limited, "100,000 messages are on their way already");
    full.retry_after_s = 10;
    co_return full;
  }
  const bool several = request.to == "all" || to->size() > 1;
  const std::string batch =
      several ? to_string(MessageId{needs_.membership.self().node, needs_.epoch, next_seq_++}) : "";
  std::vector<NewRow> rows;
  std::vector<std::string> ids;
  for (const NodeId& node : *to) {
    Result<NewRow> row = seal(*checked, node, batch);
    if (!row) {
      give_back(rows);
      co_return row.error();
    }
    ids.push_back(to_string(row->header.id));
    rows.push_back(std::move(*row));
  }
  const std::string name = several ? batch : ids.front();
  Result<void> committed = co_await commit(std::move(rows), std::move(key), name);
  if (!committed) co_return committed.error();
  if (!several) co_return co_await report(name, request.until, request.wait_s);
  SendReply reply;
  reply.batch = batch;
  reply.ids = std::move(ids);
  co_return reply;
}

Task<SendReply> DeliveryService::report(std::string id, std::string until, std::int64_t wait_s) {
  SendReply reply;
  reply.id = id;
  reply.attempts.emplace();
  core::RecipientState state;
  const auto rank = parse_rank(until);
  if (rank && *rank > Rank::accepted) {
    const Seconds patience(std::clamp<std::int64_t>(wait_s, 0, kMaxWaitS));
    const Tick deadline = needs_.clock.now() + patience;
    const std::shared_ptr<Watch> seen = co_await wait_for(id, *rank, deadline);
    state = seen->state;
    reply.attempts = seen->attempts;
  }
  reply.state = to_string(state.rank());
  if (state.flag() != Flag::none && !state.delivered()) reply.state = to_string(state.flag());
  if (rank) reply.reached = state.rank() >= *rank;
  co_return reply;
}

// The answer to a repeated call: the first call's name, and where it stands.
Task<SendReply> DeliveryService::report_again(std::string name) {
  SendReply reply;
  const std::vector<Row> rows = batch_rows(needs_.db.reader(), name);
  if (rows.empty()) {
    const auto row = delivery::find(needs_.db.reader(), name);
    reply.id = name;
    if (row) reply.state = to_string(row->state.rank());
    co_return reply;
  }
  reply.batch = name;
  reply.ids.emplace();
  for (const Row& row : rows) reply.ids->push_back(row.id);
  co_return reply;
}

Task<std::shared_ptr<DeliveryService::Watch>> DeliveryService::wait_for(std::string id, Rank rank,
                                                                        Tick deadline) {
  auto& entry = watches_[id];
  if (!entry) entry = std::make_shared<Watch>();
  const std::shared_ptr<Watch> watch = entry;
  if (const Outgoing* out = find(id)) watch->state = watch->state.merge(out->row.state);
  ++watch->waiters;
  const auto over = [&] {
    return watch->state.rank() >= rank || watch->state.flag() != Flag::none;
  };
  while (!over()) {
    const bool notified = co_await watch->changed.wait_until(needs_.clock, deadline);
    if (!notified) break;
  }
  if (const Outgoing* out = find(id)) watch->attempts = out->attempts;
  if (--watch->waiters == 0) watches_.erase(id);
  co_return watch;
}

}  // namespace fleet::delivery
