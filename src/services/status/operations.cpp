#include "services/status/service.h"

namespace fleet::status {

void StatusService::describe(catalogue::Catalogue& c) {
  c.add({.name = "fleet_status",
         .summary = "Show how this node is doing: peers, outbox, inbox, store.",
         .http = {"GET", "/stats"},
         .cli = {.command = "status", .example = "status", .group = "Fleet"},
         .hints = {.read_only = true, .idempotent = true},
         .resource = "fleet://status"},
        &StatusService::stats);
  c.add({.name = "fleet_health",
         .summary = "Say in one line whether this node can accept and store messages.",
         .http = {"GET", "/health"},
         .hints = {.read_only = true, .idempotent = true},
         .http_status =
             [](const nlohmann::json& reply) { return reply.value("ok", false) ? 200 : 503; }},
        &StatusService::health);
  // GET /metrics is a page of the HTTP face, since Prometheus wants text and not JSON.
  c.add({.name = "fleet_metrics",
         .summary = "This node's numbers in the text format of Prometheus.",
         .cli = {.command = "metrics", .example = "metrics", .group = "Fleet"},
         .hints = {.read_only = true, .idempotent = true}},
        &StatusService::metrics);
}

Task<Result<StatusReply>> StatusService::stats(catalogue::Nothing, catalogue::Caller) {
  co_return status();
}

Task<Result<HealthReply>> StatusService::health(catalogue::Nothing, catalogue::Caller) {
  const StatusReply now = status();
  HealthReply reply;
  reply.ok = now.ok;
  reply.node = now.node;
  reply.version = now.version;
  reply.store = now.store.fault.empty() ? "ok" : now.store.fault;
  reply.uptime_s = now.uptime_s;
  reply.peers_online = now.peers.online;
  reply.peers_total = now.peers.total;
  reply.outbox_open = now.outbox.open;
  co_return reply;
}

Task<Result<MetricsReply>> StatusService::metrics(catalogue::Nothing, catalogue::Caller) {
  co_return MetricsReply{metrics_text()};
}

}  // namespace fleet::status
