#include <algorithm>

#include "services/inbox/service.h"

namespace fleet::inbox {
namespace {

constexpr std::size_t kMaxResult = 1000;  // bytes; more belongs in a reply

}  // namespace

void InboxService::describe(catalogue::Catalogue& c) {
  c.add({.name = "fleet_inbox",
         .summary = "Read the messages that this node has received, oldest first.",
         .http = {"GET", "/inbox"},
         .cli = {.command = "inbox",
                 .example = "inbox --unread",
                 .group = "Messages",
                 .columns = {"id", "from", "type", "state", "subject", "body"}},
         .hints = {.read_only = true, .idempotent = true},
         .follow = {.list = "messages", .cursor = "next"}},
        &InboxService::list);
  c.add({.name = "fleet_ack",
         .summary = "Tell the sender that its message was dealt with; raises it to done.",
         .http = {"POST", "/ack"},
         .cli = {.command = "ack",
                 .positional = {"id"},
                 .example = "ack mac1.00f3a9c2b4d5e6f7.42 --result 'merged'",
                 .group = "Messages"},
         .hints = {.idempotent = true}},
        &InboxService::ack);
}

Task<Result<InboxPage>> InboxService::list(InboxRequest request, catalogue::Caller caller) {
  static_cast<void>(caller);
  request.limit = std::clamp<std::int64_t>(request.limit, 1, 500);
  const bool cursor_fits =
      request.after.size() <= 18 && std::all_of(request.after.begin(), request.after.end(),
                                                [](char c) { return c >= '0' && c <= '9'; });
  if (!cursor_fits) co_return refuse(Code::invalid, "after must be the `next` of an earlier page");
  InboxPage answer;
  const std::int64_t limit = request.limit++;  // one more tells whether there is a next page
  answer.messages = page(needs_.db.reader(), request);
  if (static_cast<std::int64_t>(answer.messages.size()) > limit) {
    answer.messages.pop_back();
    answer.next = answer.messages.back().position;
  }
  co_return answer;
}

Task<Result<AckReply>> InboxService::ack(AckRequest request, catalogue::Caller caller) {
  static_cast<void>(caller);
  if (request.result.size() > kMaxResult) {
    co_return refuse(Code::too_large, "result is longer than 1,000 bytes: send a reply instead");
  }
  const auto known = standing(needs_.db.reader(), request.id);
  if (!known) {
    co_return refuse(Code::not_found, "unknown_message",
                     "no message '" + request.id + "' in this inbox; see: fleet-nerve inbox");
  }
  Result<bool> raised = co_await raise(request.id, Rank::done, request.result);
  if (!raised) co_return raised.error();
  co_return AckReply{request.id, std::string(to_string(Rank::done))};
}

}  // namespace fleet::inbox
