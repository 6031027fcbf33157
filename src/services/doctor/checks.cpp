#include "services/doctor/checks.h"

#include <vector>

#include "fleet/core/policy_numbers.h"
#include "services/delivery/service.h"

namespace fleet::doctor {
namespace {

constexpr std::int64_t kSkewWarningMs = 30'000;        // spec: security §2
constexpr std::uint64_t kLowDisk = 256 * 1024 * 1024;  // bytes
constexpr std::int64_t kFullPercent = 80;              // of the outbox
constexpr std::int64_t kManyUnread = 1'000;
constexpr std::uint64_t kManyUnopened = 10;  // stray packets happen

std::string list_of(const std::vector<std::string>& items) {
  std::string text;
  for (const std::string& item : items) text += (text.empty() ? "" : "; ") + item;
  return text;
}

Finding fine(Finding finding, std::string detail) {
  finding.detail = std::move(detail);
  return finding;
}

Finding wrong(Finding finding, std::string detail, std::string remedy) {
  finding.ok = false;
  finding.detail = std::move(detail);
  finding.remedy = std::move(remedy);
  return finding;
}

// The sentence about peers that most checks end in.
Finding about_peers(Finding finding, const std::vector<std::string>& faults, std::size_t peers,
                    std::string good, std::string remedy) {
  if (peers == 0) return fine(std::move(finding), "no peers yet");
  if (faults.empty()) return fine(std::move(finding), std::move(good));
  return wrong(std::move(finding), list_of(faults), std::move(remedy));
}

std::string seconds(std::int64_t ms) {
  return std::to_string(ms / 1000) + "." + std::to_string(std::abs(ms) % 1000 / 100) + " s";
}

}  // namespace

Check store_check(store::Database& db) {
  return [&db] {
    Finding finding{"store", "Store is writable"};
    const std::string& fault = db.counters().last_fault;
    if (!fault.empty()) {
      return wrong(std::move(finding), "the last commit failed: " + fault,
                   "free space or mount the file system writable; nothing is accepted meanwhile");
    }
    const std::string& aside = db.opened().set_aside;
    if (!aside.empty()) {
      return wrong(
          std::move(finding), "a damaged database was set aside as " + aside,
          "fleet-nerve restore FILE brings back a backup; keep the damaged file until then");
    }
    return fine(std::move(finding), "commits reach the disk");
  };
}

Check clock_check(const trust::Membership& membership, const peers::PeerBook& book) {
  return [&membership, &book] {
    std::vector<std::string> faults;
    const std::vector<NodeId> peers = membership.peers();
    for (const NodeId& peer : peers) {
      const peers::PeerRecord* record = book.find(peer);
      const std::int64_t skew = record == nullptr ? 0 : record->report.skew_ms;
      if (std::abs(skew) <= kSkewWarningMs) continue;
      faults.push_back(peer + " is " + seconds(std::abs(skew)) + (skew > 0 ? " ahead" : " behind"));
    }
    return about_peers(
        {"clock", "Clocks agree"}, faults, peers.size(), "every heard peer is within 30 s",
        "set the clock there or here (systemd-timesyncd, chrony, macOS Date & Time); "
        "beyond 300 s heartbeats are refused");
  };
}

Check channel_check(const trust::Membership& membership, delivery::Roads& roads,
                    ChannelId channel) {
  return [&membership, &roads, channel] {
    const std::string name(to_string(channel));
    std::vector<std::string> faults;
    const std::vector<NodeId> peers = membership.peers();
    for (const NodeId& peer : peers) {
      const std::string reason = roads.not_ready(peer, channel);
      const core::HealthState state = roads.watched(peer, channel).health().state;
      if (!reason.empty()) {
        faults.push_back(peer + ": " + reason);
      } else if (state == core::HealthState::broken || state == core::HealthState::healing) {
        faults.push_back(peer + " is " + std::string(to_string(state)));
      }
    }
    return about_peers({"channel." + name, "Peers are reachable by " + name}, faults, peers.size(),
                       "no road is broken",
                       "see fleet-nerve channels; is the daemon running there and the port open?");
  };
}

Check nats_check(ConnectionFault fault) {
  return [fault = std::move(fault)] {
    Finding finding{"nats", "NATS is connected"};
    const std::optional<std::string> why = fault();
    if (!why) return fine(std::move(finding), "connected");
    return wrong(std::move(finding), *why,
                 "start nats-server there or correct channels.nats.url; messages go over the other "
                 "roads meanwhile");
  };
}

Check outbox_check(Count open, std::int64_t limit) {
  return [open = std::move(open), limit] {
    Finding finding{"outbox", "Outbox has room"};
    const std::int64_t count = open();
    const std::string detail = std::to_string(count) + " of at most " + std::to_string(limit) +
                               " messages are on their way";
    if (count * 100 < limit * kFullPercent) return fine(std::move(finding), detail);
    return wrong(std::move(finding), detail,
                 "see fleet-nerve peers for who is away; what expires leaves by itself");
  };
}

Check inbox_check(Count unread) {
  return [unread = std::move(unread)] {
    Finding finding{"inbox", "Inbox is being read"};
    const std::int64_t count = unread();
    const std::string detail = std::to_string(count) + " unread";
    if (count < kManyUnread) return fine(std::move(finding), detail);
    return wrong(
        std::move(finding), detail,
        "fleet-nerve install claude lets sessions read them; fleet-nerve ack ID settles one");
  };
}

Check disk_check(FreeBytes free) {
  return [free = std::move(free)] {
    Finding finding{"disk", "Disk has room"};
    const std::optional<std::uint64_t> bytes = free();
    if (!bytes) {
      return wrong(std::move(finding), "the file system of the home folder does not answer",
                   "check that FLEET_NERVE_HOME is mounted");
    }
    const std::string detail = std::to_string(*bytes / (1024 * 1024)) + " MiB free";
    if (*bytes >= kLowDisk) return fine(std::move(finding), detail);
    return wrong(std::move(finding), detail,
                 "free at least 256 MiB: on a full disk messages are refused, none is lost");
  };
}

Check heartbeat_check(const trust::Membership& membership, const peers::PeerBook& book,
                      io::Clock& clock, core::Timing timing, HeartbeatFacts facts) {
  return [&membership, &book, &clock, timing, facts = std::move(facts)] {
    const Micros patience =
        core::spread(timing.heartbeat * core::kSilentAfter, 1.0, core::kHeartbeatSpread);
    const std::vector<NodeId> peers = membership.peers();
    std::vector<std::string> faults;
    for (const NodeId& peer : peers) {
      const std::optional<Tick> last = facts.last_beat(peer);
      if (last && clock.now() - *last <= patience) continue;
      const bool told = !book.udp_addresses(peer).empty();
      faults.push_back("none from " + peer + (told ? "" : ", and no udp address to send it ours"));
    }
    const std::uint64_t unopened = facts.unopened();
    if (unopened >= kManyUnopened) {
      faults.push_back(std::to_string(unopened) + " datagrams that our fleet key does not open");
    }
    return about_peers(
        {"heartbeat", "Heartbeats are heard"}, faults, peers.size(), "from every peer",
        "open UDP 8855 between the machines, and give nodes.<id>.udp in config.json; "
        "without heartbeats a quiet peer looks away");
  };
}

}  // namespace fleet::doctor
