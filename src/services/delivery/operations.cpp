#include <algorithm>

#include "services/delivery/service.h"

namespace fleet::delivery {
namespace {

std::string shown_state(const core::RecipientState& state) {
  return std::string(to_string(state.rank()));
}

MessageReply reply_of(const Row& row, const NodeId& self, store::Connection& db) {
  MessageReply reply;
  reply.id = row.id;
  reply.from = self;
  reply.to = row.destination;
  reply.type = to_string(row.type);
  reply.state = shown_state(row.state);
  if (row.state.flag() != Flag::none) reply.flag = to_string(row.state.flag());
  if (!row.detail.empty()) reply.detail = row.detail;
  for (const TimelineRow& event : timeline(db, row.id)) {
    TimelineEntry entry{event.at_ms, event.node, event.event, {}, {}};
    if (!event.channel.empty()) entry.channel = event.channel;
    if (!event.detail.empty()) entry.detail = event.detail;
    if (event.event == "handed") reply.handed.push_back(event.channel);
    reply.timeline.push_back(std::move(entry));
  }
  return reply;
}

MessageReply reply_of_batch(const std::string& batch, const std::vector<Row>& rows,
                            const NodeId& self) {
  MessageReply reply;
  reply.id = batch;
  reply.from = self;
  reply.to = std::to_string(rows.size()) + " recipients";
  reply.type = to_string(rows.front().type);
  Rank least = Rank::done;
  nlohmann::json recipients = nlohmann::json::array();
  for (const Row& row : rows) {
    least = std::min(least, row.state.rank());
    recipients.push_back(
        {{"id", row.id}, {"to", row.destination}, {"state", shown_state(row.state)}});
  }
  reply.state = to_string(least);
  reply.recipients = std::move(recipients);
  return reply;
}

MessageReply reply_of_received(const inbox::InboxItem& item, const inbox::Standing& standing,
                               const NodeId& self) {
  MessageReply reply;
  reply.id = item.id;
  reply.from = item.from;
  reply.to = self;
  reply.type = item.type;
  reply.state = to_string(standing.rank);
  if (standing.flag != Flag::none) reply.flag = to_string(standing.flag);
  if (!standing.detail.empty()) reply.detail = standing.detail;
  reply.timeline.push_back({item.at_ms, self, "stored", item.via, {}});
  if (standing.rank > Rank::stored) {
    reply.timeline.push_back(
        {standing.at.ms, self, std::string(to_string(standing.rank)), {}, standing.detail});
  }
  return reply;
}

}  // namespace

void DeliveryService::describe(catalogue::Catalogue& c) {
  c.add({.name = "fleet_send",
         .summary = "Send a message to another machine of the fleet, or to a session there. The "
                    "answer never claims more than is proved: accepted, stored, seen or done.",
         .http = {"POST", "/message"},
         .cli = {.command = "send",
                 .positional = {"to", "body"},
                 .example = "send mac2 'the build is green' --until stored",
                 .group = "Messages"},
         .http_status = [](const nlohmann::json&) { return 202; },
         .exit_status =
             [](const nlohmann::json& reply) { return reply.value("reached", true) ? 0 : 1; }},
        &DeliveryService::send);
  c.add({.name = "fleet_message",
         .summary = "Show where one message stands and everything that happened to it.",
         .http = {"GET", "/message/{id}"},
         .cli = {.command = "message",
                 .positional = {"id"},
                 .example = "message mac1.00f3a9c2b4d5e6f7.42",
                 .group = "Messages"},
         .hints = {.read_only = true, .idempotent = true}},
        &DeliveryService::message);
}

Task<Result<MessageReply>> DeliveryService::message(MessageRequest request,
                                                    catalogue::Caller caller) {
  static_cast<void>(caller);
  // What was learnt a moment ago may still be on its way to the disk.
  auto nothing = [](store::Connection&) {};
  Result<void> settled = co_await needs_.db.write(std::move(nothing));
  static_cast<void>(settled);
  store::Connection& db = needs_.db.reader();
  const NodeId& self = needs_.membership.self().node;
  if (const auto row = delivery::find(db, request.id)) co_return reply_of(*row, self, db);
  if (const auto rows = batch_rows(db, request.id); !rows.empty()) {
    co_return reply_of_batch(request.id, rows, self);
  }
  const auto item = inbox::item(db, request.id);
  const auto standing = inbox::standing(db, request.id);
  if (item && standing) co_return reply_of_received(*item, *standing, self);
  co_return refuse(Code::not_found, "unknown_message",
                   "no message or batch '" + request.id + "' at this node");
}

}  // namespace fleet::delivery
