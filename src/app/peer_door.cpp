#include "app/peer_door.h"

#include "io/spawn.h"

namespace fleet::app {
namespace {

constexpr std::string_view kFrameType = "application/x-fleet-frame";
constexpr std::string_view kFramePath = "/frame";
constexpr std::string_view kPairPath = "/pair";

http::Response too_many() {
  Error error = refuse(Code::limited, "too many requests without a proof from this address");
  error.retry_after_s = 1;
  return http::error_response(error);
}

}  // namespace

bool PeerDoor::is_owner(const http::Request& request) {
  return request.entry == http::Entry::local || request.entry == http::Entry::unix_socket;
}

// One answer for every reason, and a challenge for those whose clock is the reason.
http::Response PeerDoor::stranger(const http::Request& head) const {
  http::Response response =
      http::error_response(refuse(Code::unauthenticated, "this is for nodes of the fleet"));
  response.headers.emplace_back("Fleet-Challenge", needs_.hops.challenge(head.peer_address));
  return response;
}

std::optional<http::Response> PeerDoor::admit(const http::Request& head) {
  if (is_owner(head)) return needs_.owner.admit(head);
  if (head.path == kFramePath && head.method == "POST" &&
      needs_.hops.admit_head(head.header("authorization"), head.peer_address)) {
    return std::nullopt;
  }
  if (!strangers_.charge(head.peer_address, needs_.clock.now())) return too_many();
  if (head.path == "/health" && head.method == "GET") return std::nullopt;
  if (head.path == kPairPath && head.method == "POST" && needs_.trust.invite_open()) {
    return std::nullopt;
  }
  return stranger(head);
}

Task<http::Response> PeerDoor::handle(http::Request request) {
  if (is_owner(request)) co_return co_await needs_.owner.handle(std::move(request));
  if (request.path == kFramePath) co_return co_await receive_frame(std::move(request));
  if (request.path == kPairPath) {
    std::string address = request.peer_address;
    std::string body = std::move(request.body);
    Result<std::string> answer =
        co_await needs_.trust.pair_request(std::move(body), std::move(address));
    if (!answer) co_return http::error_response(answer.error());
    http::Response response;
    response.body = std::move(*answer);
    co_return response;
  }
  http::Response healthy;
  healthy.body = R"({"ok":true})";
  co_return healthy;
}

Task<http::Response> PeerDoor::receive_frame(http::Request request) {
  auto head = needs_.hops.admit_head(request.header("authorization"), request.peer_address);
  if (!head) co_return stranger(request);
  const trust::HopFacts facts{request.method, request.target, request.header("content-type")};
  auto peer = needs_.hops.admit_body(*head, facts, request.body);
  if (!peer || request.header("content-type") != kFrameType) co_return stranger(request);
  NodeId from = peer->node;
  Result<std::string> reply =
      co_await needs_.exchange.receive(std::move(from), ChannelId::http, std::move(request.body));
  http::Response response;
  if (!reply) {
    response = http::error_response(reply.error());
  } else {
    response.content_type = kFrameType;
    response.body = std::move(*reply);
  }
  std::string mac = needs_.hops.reply_mac(*head, response.status, response.body);
  response.headers.emplace_back("Fleet-Reply", std::move(mac));
  co_return response;
}

void PeerDoor::take(channels::NatsFrame frame) {
  io::spawn(needs_.loop, answer_nats(std::move(frame)), "nats frame");
}

Task<void> PeerDoor::answer_nats(channels::NatsFrame frame) {
  // The subject names the source, the hop's key proves it: both must be the same node.
  auto head = needs_.hops.admit_head(frame.hop, "nats:" + frame.source);
  if (!head || head->claimed != frame.source) {
    frame.respond(401, "", "");
    co_return;
  }
  const trust::HopFacts facts{trust::kNatsMethod, frame.subject, ""};
  auto peer = needs_.hops.admit_body(*head, facts, frame.body);
  if (!peer) {
    frame.respond(401, "", "");
    co_return;
  }
  NodeId from = peer->node;
  Result<std::string> reply =
      co_await needs_.exchange.receive(std::move(from), ChannelId::nats, std::move(frame.body));
  const int status = reply ? 200 : http_status(reply.error().code);
  const std::string body = reply ? std::move(*reply) : std::string();
  const std::string mac = needs_.hops.reply_mac(*head, status, body);
  frame.respond(status, mac, body);
}

}  // namespace fleet::app
