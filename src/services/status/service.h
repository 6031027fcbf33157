// This node in numbers: for people, for probes and for Prometheus. It counts nothing itself; every
// number is somebody's who is asked for it.
#pragma once

#include <functional>
#include <string>

#include "catalogue/caller.h"
#include "catalogue/catalogue.h"
#include "catalogue/event_stream.h"
#include "io/clock.h"
#include "services/peers/book.h"
#include "services/status/types.h"
#include "services/trust/membership.h"
#include "store/database.h"

namespace fleet::delivery {
class Roads;
}

namespace fleet::status {

class MetricsText;

class StatusService {
 public:
  struct Needs {
    io::Clock& clock;
    store::Database& db;
    const trust::Membership& membership;
    const peers::PeerBook& book;
    delivery::Roads& roads;
    const catalogue::EventStream& events;
    ChannelSet offered{};
    Epoch epoch = 0;
    std::string version{};
    std::function<OutboxCounts()> outbox{};
    std::function<std::int64_t()> unread{};
    std::function<HeartbeatCounts()> heartbeats{};
  };
  // The daemon's uptime counts from here.
  explicit StatusService(Needs needs);
  static void describe(catalogue::Catalogue& catalogue);

  StatusReply status();
  std::string metrics_text();

  Task<Result<StatusReply>> stats(catalogue::Nothing request, catalogue::Caller caller);
  Task<Result<HealthReply>> health(catalogue::Nothing request, catalogue::Caller caller);
  Task<Result<MetricsReply>> metrics(catalogue::Nothing request, catalogue::Caller caller);

 private:
  std::int64_t uptime_s() const;
  PeerCounts peer_counts() const;
  StoreCounts store_counts() const;
  void write_peers(MetricsText& text) const;
  void write_channels(MetricsText& text) const;

  Needs needs_;
  Tick started_;
};

}  // namespace fleet::status
