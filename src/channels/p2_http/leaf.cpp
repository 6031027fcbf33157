#include "channels/p2_http/leaf.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "channels/verdict.h"

namespace fleet::channels {
namespace {

constexpr std::string_view kTarget = "/frame";
constexpr std::string_view kContentType = "application/x-fleet-frame";
constexpr std::size_t kPeersRemembered = 1'024;

Outcome fault(std::string_view detail) {
  return {OutcomeKind::fault, std::string(detail), Millis{0}};
}

// Seconds only; a date is as good as none.
Millis retry_after(const io::HttpResponse& response) {
  const std::string_view text = response.header("retry-after");
  int seconds = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), seconds);
  const bool whole = read.ec == std::errc() && read.ptr == text.data() + text.size();
  return whole && seconds > 0 && seconds < 86'400 ? Millis{seconds * 1'000} : Millis{0};
}

// One POST, and what was signed for the address that answered.
struct Posted {
  io::HttpResponse response;
  std::string line;
};

Posted post(io::HttpClient& client, const std::string& frame, const PeerRoute& route,
            std::vector<std::string> addresses, const std::string& challenge, Millis budget) {
  // A line for each sending: the peer counts them, and takes none twice.
  std::unordered_map<std::string, std::string> lines;
  io::HttpRequest request;
  request.addresses = std::move(addresses);
  request.method = "POST";
  request.target = kTarget;
  request.body = frame;
  request.headers = {{"Content-Type", std::string(kContentType)}};
  request.budget = budget;
  request.repeatable = true;  // the receiver knows every envelope again
  request.headers_for = [&](const std::string& address) {
    std::string line = route.hop->sign("POST", kTarget, kContentType, frame, challenge);
    lines[address] = line;
    return io::HttpHeaders{{"Authorization", std::move(line)}};
  };
  Posted posted;
  posted.response = client.send(request);
  posted.line = lines[posted.response.address];
  return posted;
}

}  // namespace

Readiness HttpLeaf::ready(const PeerRoute& route) const {
  if (!route.hop) {
    return {false,
            "no key of " + route.peer + "; pair with it: fleet-nerve invite, then join there"};
  }
  if (route.addresses.empty()) {
    return {false, "no http address for " + route.peer + "; set nodes." + route.peer +
                       ".http, e.g. [\"192.168.1.4:8855\"], and listen.remote there"};
  }
  return {};
}

SendOutcome HttpLeaf::send(const std::string& frame, const PeerRoute& route, Millis budget) {
  SendOutcome result;
  const Readiness readiness = ready(route);
  if (!readiness.ready) {
    result.outcome = fault(readiness.reason);
    return result;
  }
  Posted posted = post(client_, frame, route, best_first(route), "", budget);
  const std::string challenge(posted.response.header("fleet-challenge"));
  if (posted.response.answered() && posted.response.status == 401 && !challenge.empty()) {
    const Millis rest = std::max(budget - posted.response.took, Millis{1});
    posted = post(client_, frame, route, {posted.response.address}, challenge, rest);
  }
  io::HttpResponse& response = posted.response;
  result.address = response.address;
  if (!response.answered()) {
    result.outcome = fault(to_string(response.failure));
    return result;
  }
  const std::string_view mac = response.header("fleet-reply");
  result.proved =
      !mac.empty() && route.hop->proves(posted.line, response.status, response.body, mac);
  result.outcome = outcome_of(response.status, result.proved, retry_after(response));
  if (result.proved) {
    remember(route.peer, response.address);
    result.reply = std::move(response.body);
  }
  return result;
}

// What proved to be the peer last time goes first; the rest stays in the order of the route.
std::vector<std::string> HttpLeaf::best_first(const PeerRoute& route) const {
  std::vector<std::string> addresses = route.addresses;
  const std::scoped_lock lock(mutex_);
  const auto best = best_.find(route.peer);
  if (best == best_.end()) return addresses;
  const auto found = std::find(addresses.begin(), addresses.end(), best->second);
  if (found != addresses.end()) std::rotate(addresses.begin(), found, found + 1);
  return addresses;
}

void HttpLeaf::remember(const NodeId& peer, const std::string& address) {
  const std::scoped_lock lock(mutex_);
  if (best_.size() >= kPeersRemembered && !best_.contains(peer)) best_.clear();
  best_[peer] = address;
}

}  // namespace fleet::channels
