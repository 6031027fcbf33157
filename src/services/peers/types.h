// What people and programs see of the fleet's members and of the roads to them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace fleet::peers {

struct PeerGit {
  std::string branch{}, commit{};

  template <class V>
  void fields(V& v) {
    v.required("branch", branch, "empty where the head is detached or there is no repository");
    v.required("commit", commit, "hex, empty where there is none");
  }
};

struct PeerChannel {
  std::string state{};
  std::optional<double> rtt_ms{};
  std::optional<std::string> reason{};

  template <class V>
  void fields(V& v) {
    v.required("state", state, "healthy, degraded, broken, healing or not_ready");
    v.required("rtt_ms", rtt_ms, "smoothed round trip, null before the first answer");
    v.optional("reason", reason, "why it is not ready");
  }
};

struct PeerItem {
  std::string id{}, role{}, presence{};
  bool self = false, online = false;
  std::optional<std::int64_t> last_seen_ms{}, skew_ms{};
  std::map<std::string, std::vector<std::string>> addresses{};
  std::map<std::string, PeerChannel> channels{};
  PeerGit git{};
  std::int64_t sessions = 0;

  template <class V>
  void fields(V& v) {
    v.required("id", id, "the node's name");
    v.required("role", role, "chief, captain or worker");
    v.required("self", self, "true for this node itself");
    v.required("online", online, "it showed life within three heartbeats");
    v.required("presence", presence, "online, silent (three heartbeats missed) or away");
    v.required("last_seen_ms", last_seen_ms, "its last sign of life, ms since 1970; null if none");
    v.required("skew_ms", skew_ms, "its clock minus ours, from its heartbeats; null if none came");
    v.required("addresses", addresses, "by channel, and udp for heartbeats");
    v.required("channels", channels, "the roads to it, by name");
    v.required("git", git, "what it works on, as its heartbeat says");
    v.required("sessions", sessions, "live sessions there, as its heartbeat says");
  }
};

struct PeerList {
  std::vector<PeerItem> peers{};

  template <class V>
  void fields(V& v) {
    v.required("peers", peers, "every member of the fleet, this node first");
  }
};

struct ChannelsRequest {
  std::string peer{};

  template <class V>
  void fields(V& v) {
    v.optional("peer", peer, "only the roads to this node");
  }
};

struct ChannelRow {
  std::string peer{}, channel{}, state{};
  std::optional<double> rtt_ms{};
  std::int64_t faults = 0;
  bool suspect = false;
  std::optional<std::int64_t> next_probe_in_ms{};
  std::optional<std::string> reason{};

  template <class V>
  void fields(V& v) {
    v.required("peer", peer, "the node at the other end");
    v.required("channel", channel, "the road");
    v.required("state", state, "healthy, degraded, broken, healing or not_ready");
    v.required("rtt_ms", rtt_ms, "smoothed round trip, null before the first answer");
    v.required("faults", faults, "counted in a row");
    v.required("suspect", suspect, "an attempt is overdue and nothing has come since");
    v.required("next_probe_in_ms", next_probe_in_ms, "null while it needs no probe");
    v.optional("reason", reason, "why it is not ready, with the remedy");
  }
};

struct ChannelList {
  std::vector<ChannelRow> channels{};

  template <class V>
  void fields(V& v) {
    v.required("channels", channels, "one row per peer and channel, best road first");
  }
};

}  // namespace fleet::peers
