#include "channels/p1_nats/leaf.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "channels/p1_nats/subject.h"
#include "channels/verdict.h"
#include "fleet/model/hop.h"

namespace fleet::channels {
namespace {

struct Reply {
  int status = 0;
  std::string_view mac;
  std::string_view frame;
};

// "<status> <mac>\n<frame>"
std::optional<Reply> parse(std::string_view data) {
  const std::size_t end = data.find('\n');
  if (end == std::string_view::npos || end > kHopHeaderMaxBytes) return std::nullopt;
  const std::string_view line = data.substr(0, end);
  Reply reply;
  const auto read = std::from_chars(line.data(), line.data() + line.size(), reply.status);
  const bool three = read.ec == std::errc() && read.ptr == line.data() + 3;
  if (!three || reply.status < 100 || line.size() < 4 || line[3] != ' ') return std::nullopt;
  reply.mac = line.substr(4);
  reply.frame = data.substr(end + 1);
  return reply;
}

Outcome fault(std::string_view detail) {
  return {OutcomeKind::fault, std::string(detail), Millis{0}};
}

}  // namespace

Readiness NatsLeaf::ready(const PeerRoute& route) const {
  if (connection_ == nullptr) {
    return {false,
            "no NATS server is configured; set channels.nats.url, e.g. "
            "\"nats://192.168.1.4:4222\""};
  }
  if (!route.hop) {
    return {false,
            "no key of " + route.peer + "; pair with it: fleet-nerve invite, then join there"};
  }
  if (!fits_subject(route.fleet)) {
    return {false, "the fleet's id is missing or unfit for NATS; make a fleet: fleet-nerve init"};
  }
  return {};
}

std::size_t NatsLeaf::max_frame_bytes() const {
  const std::size_t payload = connection_ == nullptr ? 0 : connection_->max_payload();
  const std::size_t overhead = kHopHeaderMaxBytes + 1;
  return payload > overhead ? std::min<std::size_t>(payload - overhead, 2 * 1024 * 1024) : 0;
}

SendOutcome NatsLeaf::send(const std::string& frame, const PeerRoute& route, Millis budget) {
  SendOutcome result;
  const Readiness readiness = ready(route);
  if (!readiness.ready) {
    result.outcome = fault(readiness.reason);
    return result;
  }
  const std::string subject = nats_subject(route.fleet, route.peer, route.self);
  const std::string hop = route.hop->sign("NATS", subject, "", frame, "");
  const io::NatsReply answer = connection_->request(subject, hop + "\n" + frame, budget);
  result.address = subject;
  if (answer.failure != io::NatsFailure::none) {
    result.outcome = fault(to_string(answer.failure));
    return result;
  }
  const auto reply = parse(answer.data);
  if (!reply) {
    result.outcome = fault("an answer that is no fleet frame");
    return result;
  }
  result.proved = route.hop->proves(hop, reply->status, reply->frame, reply->mac);
  result.outcome = outcome_of(reply->status, result.proved, Millis{0});
  if (result.proved) result.reply = reply->frame;
  return result;
}

}  // namespace fleet::channels
