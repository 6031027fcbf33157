#include "services/status/service.h"

#include "services/delivery/service.h"
#include "services/status/metrics.h"

namespace fleet::status {
namespace {

constexpr std::string_view kGauge = "gauge";
constexpr std::string_view kCounter = "counter";

void write_outbox(MetricsText& text, const OutboxCounts& outbox) {
  text.family("outbox_messages", kGauge, "Messages of this node by what became of them.");
  text.sample(static_cast<double>(outbox.open), {{"state", "open"}});
  text.sample(static_cast<double>(outbox.delivered), {{"state", "delivered"}});
  text.sample(static_cast<double>(outbox.given_up), {{"state", "given_up"}});
}

void write_store(MetricsText& text, const StoreCounts& store) {
  const auto count = [](std::uint64_t value) { return static_cast<double>(value); };
  text.single("store_jobs_total", kCounter, "Committed writes.", count(store.jobs));
  text.single("store_commits_total", kCounter, "Commits that held them.", count(store.commits));
  text.single("store_rolled_back_total", kCounter, "Writes undone.", count(store.rolled_back));
  text.single("store_refused_total", kCounter, "Writes refused.", count(store.refused));
  text.single("store_wal_pages", kGauge, "Pages in the write-ahead log.",
              static_cast<double>(store.wal_pages));
  text.single("store_ok", kGauge, "1 where the last commit was good.", store.fault.empty() ? 1 : 0);
}

void write_heartbeats(MetricsText& text, const HeartbeatCounts& beats) {
  text.family("heartbeats_total", kCounter, "Heartbeat datagrams by what became of them.");
  text.sample(static_cast<double>(beats.sent), {{"what", "sent"}});
  text.sample(static_cast<double>(beats.heard), {{"what", "heard"}});
  text.sample(static_cast<double>(beats.refused), {{"what", "refused"}});
  text.sample(static_cast<double>(beats.unopened), {{"what", "unopened"}});
}

}  // namespace

StatusService::StatusService(Needs needs)
    : needs_(std::move(needs)), started_(needs_.clock.now()) {}

std::int64_t StatusService::uptime_s() const {
  return std::chrono::duration_cast<Seconds>(needs_.clock.now() - started_).count();
}

PeerCounts StatusService::peer_counts() const {
  PeerCounts counts;
  for (const NodeId& peer : needs_.membership.peers()) {
    const peers::PeerRecord* record = needs_.book.find(peer);
    counts.total += 1;
    if (record == nullptr) continue;
    counts.online += record->liveness.presence == core::Presence::online ? 1 : 0;
    counts.silent += record->liveness.presence == core::Presence::silent ? 1 : 0;
  }
  return counts;
}

StoreCounts StatusService::store_counts() const {
  const store::Counters now = needs_.db.counters();
  return {now.jobs,        now.commits,   now.rolled_back, now.refused,
          now.checkpoints, now.wal_pages, now.last_fault};
}

StatusReply StatusService::status() {
  StatusReply reply;
  reply.node = needs_.membership.self().node;
  const trust::Member* self = needs_.membership.find(reply.node);
  if (self != nullptr) reply.role = to_string(self->row.role);
  reply.fleet = needs_.membership.fleet();
  reply.version = needs_.version;
  reply.epoch = epoch_text(needs_.epoch);
  reply.uptime_s = uptime_s();
  reply.peers = peer_counts();
  if (needs_.outbox) reply.outbox = needs_.outbox();
  if (needs_.unread) reply.inbox.unread = needs_.unread();
  if (needs_.heartbeats) reply.heartbeats = needs_.heartbeats();
  reply.store = store_counts();
  reply.ok = reply.store.fault.empty();
  return reply;
}

std::string StatusService::metrics_text() {
  const StatusReply now = status();
  MetricsText text;
  text.family("info", kGauge, "This node.");
  text.sample(1, {{"node", now.node}, {"fleet", now.fleet}, {"version", now.version}});
  text.single("uptime_seconds", kGauge, "Since the daemon started.",
              static_cast<double>(now.uptime_s));
  write_peers(text);
  write_channels(text);
  write_outbox(text, now.outbox);
  text.single("inbox_unread", kGauge, "Messages nobody has read.",
              static_cast<double>(now.inbox.unread));
  write_heartbeats(text, now.heartbeats);
  write_store(text, now.store);
  text.single("events_total", kCounter, "Events published since the start.",
              static_cast<double>(needs_.events.newest()));
  return std::move(text).take();
}

void StatusService::write_peers(MetricsText& text) const {
  const std::vector<NodeId> peers = needs_.membership.peers();
  const auto each = [&](auto value) {
    for (const NodeId& peer : peers) {
      const peers::PeerRecord* record = needs_.book.find(peer);
      if (record != nullptr) text.sample(value(*record), {{"peer", peer}});
    }
  };
  text.family("peer_online", kGauge, "1 where the peer shows life.");
  each([](const peers::PeerRecord& record) {
    return record.liveness.presence == core::Presence::online ? 1.0 : 0.0;
  });
  text.family("peer_last_seen_timestamp_seconds", kGauge, "Its last sign of life; 0 for none.");
  each([](const peers::PeerRecord& record) {
    return static_cast<double>(record.last_seen.ms) / 1000.0;
  });
  text.family("peer_clock_skew_seconds", kGauge, "Its clock minus ours.");
  each([](const peers::PeerRecord& record) {
    return static_cast<double>(record.report.skew_ms) / 1000.0;
  });
}

void StatusService::write_channels(MetricsText& text) const {
  const auto each = [&](auto write) {
    for (const NodeId& peer : needs_.membership.peers()) {
      for (const ChannelId id : kChannels) {
        if (!needs_.offered.contains(id) || !needs_.roads.not_ready(peer, id).empty()) continue;
        write(MetricsText::Labels{{"peer", peer}, {"channel", to_string(id)}},
              needs_.roads.watched(peer, id));
      }
    }
  };
  text.family("channel_state", kGauge, "0 healthy, 1 degraded, 2 broken, 3 healing.");
  each([&](const MetricsText::Labels& labels, const core::ChannelWatch& watch) {
    text.sample(static_cast<double>(watch.health().state), labels);
  });
  text.family("channel_rtt_seconds", kGauge, "Smoothed round trip, where one was measured.");
  each([&](const MetricsText::Labels& labels, const core::ChannelWatch& watch) {
    const auto srtt = watch.rtt().srtt();
    if (srtt) text.sample(static_cast<double>(srtt->count()) / 1e6, labels);
  });
}

}  // namespace fleet::status
