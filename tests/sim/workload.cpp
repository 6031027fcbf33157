#include "sim/workload.h"

#include <asio/co_spawn.hpp>
#include <iterator>

namespace fleet::sim {
namespace {

constexpr std::int64_t kPage = 20;

void spawn(SimNode& at, Task<void> what) {
  asio::co_spawn(at.now_living().loop, std::move(what), request_ended);
}

bool expected(const Error& error) {
  return error.code == Code::full || error.code == Code::unavailable ||
         error.code == Code::limited || error.code == Code::not_found;
}

}  // namespace

Workload::Workload(World& world, Nodes& nodes, Oracle& oracle)
    : world_(world), nodes_(nodes), oracle_(oracle), rng_(world.draws("workload")) {}

void Workload::start(std::size_t sends, Micros span) {
  for (std::size_t i = 0; i < sends; ++i) {
    world_.after(between(rng_, Micros{0}, span), [this] { send_one(); });
  }
  for (const auto& [name, node] : nodes_) read_soon(name);
}

SimNode* Workload::draw_node() {
  SimNode& node = *std::next(nodes_.begin(), static_cast<long>(rng_.below(nodes_.size())))->second;
  return node.ready() ? &node : nullptr;
}

delivery::SendRequest Workload::draw_request() {
  delivery::SendRequest request;
  request.type = to_string(kMessageTypes.at(rng_.below(kMessageTypes.size())));
  const auto draw = rng_.below(100);
  request.to = draw < 70
                   ? std::next(nodes_.begin(), static_cast<long>(rng_.below(nodes_.size())))->first
               : draw < 78 ? "self"
               : draw < 90 ? "all"
                           : "worker";
  request.body = "message " + std::to_string(++sends_) + ' ';
  if (chance(rng_, 0.02)) request.body.resize(20'000, 'x');
  if (chance(rng_, 0.3)) request.ttl_s = 1 + static_cast<std::int64_t>(rng_.below(60));
  if (chance(rng_, 0.2)) request.until = "stored";
  request.wait_s = 5;
  return request;
}

void Workload::send_one() {
  SimNode* from = draw_node();
  delivery::SendRequest request = draw_request();
  const std::string key = chance(rng_, 0.2) ? "key " + std::to_string(sends_) : "";
  if (from == nullptr) return;
  if (!key.empty()) {
    world_.after(between(rng_, Micros{0}, Seconds{20}), [this, from, request, key] {
      if (from->ready()) spawn(*from, send(from, request, key));
    });
  }
  spawn(*from, send(from, std::move(request), key));
}

Task<void> Workload::send(SimNode* from, delivery::SendRequest request, std::string key) {
  catalogue::Caller caller;
  caller.idempotency_key = key;
  const auto reply = co_await from->spine().delivery.send(std::move(request), std::move(caller));
  sent(*from, key, reply);
}

void Workload::sent(SimNode& from, const std::string& key,
                    const Result<delivery::SendReply>& reply) {
  if (!reply) {
    if (!expected(reply.error())) world_.violate("send: " + reply.error().message);
    return;
  }
  const std::string name = reply->batch ? *reply->batch : *reply->id;
  if (!key.empty()) {
    const auto [first, fresh] = named_.try_emplace(key, name);
    if (!fresh) {
      if (first->second != name && !oracle_.was_restored(from.name())) {
        world_.violate(name + ": the same key was answered before as " + first->second);
      }
      if (first->second == name) return;
    }
  }
  if (reply->ids) {
    for (const std::string& id : *reply->ids) oracle_.accepted(from, id);
  } else {
    oracle_.accepted(from, *reply->id);
  }
}

void Workload::read_soon(const NodeId& at) {
  world_.after(between(rng_, Millis{200}, Seconds{5}), [this, at] {
    if (!reading_) return;
    SimNode& node = *nodes_.at(at);
    if (node.ready()) spawn(node, read(&node));
    read_soon(at);
  });
}

Task<void> Workload::read(SimNode* at) {
  std::string& cursor = cursors_[at->name()];
  if (restores_[at->name()] != at->restores()) {
    restores_[at->name()] = at->restores();
    cursor.clear();
  }
  inbox::InboxRequest request;
  request.after = cursor;
  request.limit = kPage;
  catalogue::Caller caller;
  const auto page = co_await at->spine().inbox.list(std::move(request), std::move(caller));
  oracle_.presented(*at, page->messages);
  if (page->messages.empty()) co_return;
  cursor = page->messages.back().position;
  for (const inbox::InboxItem& item : page->messages) {
    if (!chance(rng_, 0.5)) continue;
    spawn(*at, ack(at, item.id));
  }
}

Task<void> Workload::ack(SimNode* at, std::string id) {
  inbox::AckRequest request{id, "read"};
  catalogue::Caller caller;
  const auto reply = co_await at->spine().inbox.ack(std::move(request), std::move(caller));
  if (reply) oracle_.acked(*at, id);
}

bool Workload::read_everything() const {
  for (const auto& [name, node] : nodes_) {
    if (!node->ready()) return false;
    const auto last =
        node->now_living().db->reader().number("SELECT MAX(position) FROM inbox_message");
    const auto cursor = cursors_.find(name);
    const std::string read = cursor == cursors_.end() ? "" : cursor->second;
    if (last.value_or(0) != (read.empty() ? 0 : std::stoll(read))) return false;
  }
  return true;
}

}  // namespace fleet::sim
