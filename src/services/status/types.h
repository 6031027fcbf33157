// How this node is doing, in numbers.
#pragma once

#include <cstdint>
#include <string>

namespace fleet::status {

struct PeerCounts {
  std::int64_t total = 0, online = 0, silent = 0;

  template <class V>
  void fields(V& v) {
    v.required("total", total, "members of the fleet besides this node");
    v.required("online", online, "showed life within three heartbeats");
    v.required("silent", silent, "missed three heartbeats");
  }
};

struct OutboxCounts {
  std::int64_t open = 0, delivered = 0, given_up = 0;

  template <class V>
  void fields(V& v) {
    v.required("open", open, "on their way");
    v.required("delivered", delivered, "stored at their recipient, or more");
    v.required("given_up", given_up, "expired, refused, cancelled or dead");
  }
};

struct InboxCounts {
  std::int64_t unread = 0;

  template <class V>
  void fields(V& v) {
    v.required("unread", unread, "no session has seen them and nobody acknowledged them");
  }
};

struct StoreCounts {
  std::uint64_t jobs = 0, commits = 0, rolled_back = 0, refused = 0, checkpoints = 0;
  std::int64_t wal_pages = 0;
  std::string fault{};

  template <class V>
  void fields(V& v) {
    v.required("jobs", jobs, "committed writes");
    v.required("commits", commits, "commits that held them");
    v.required("rolled_back", rolled_back, "writes undone alone");
    v.required("refused", refused, "writes that the disk or the queue refused");
    v.required("checkpoints", checkpoints, "of the write-ahead log");
    v.required("wal_pages", wal_pages, "pages in the write-ahead log");
    v.required("fault", fault, "why the last commit failed; empty where it did not");
  }
};

struct HeartbeatCounts {
  std::uint64_t sent = 0, heard = 0, refused = 0, unopened = 0;

  template <class V>
  void fields(V& v) {
    v.required("sent", sent, "datagrams to peers");
    v.required("heard", heard, "fresh heartbeats of peers");
    v.required("refused", refused, "not signed by a member, misshapen or not fresh");
    v.required("unopened", unopened, "sealed with no key of this fleet");
  }
};

struct StatusReply {
  std::string node{}, role{}, fleet{}, version{}, epoch{};
  bool ok = true;
  std::int64_t uptime_s = 0;
  PeerCounts peers{};
  OutboxCounts outbox{};
  InboxCounts inbox{};
  HeartbeatCounts heartbeats{};
  StoreCounts store{};

  template <class V>
  void fields(V& v) {
    v.required("node", node, "this node's name");
    v.required("role", role, "chief, captain or worker");
    v.required("fleet", fleet, "the fleet's id");
    v.required("ok", ok, "messages can be accepted and stored");
    v.required("version", version, "of the program");
    v.required("uptime_s", uptime_s, "seconds since the daemon started");
    v.required("epoch", epoch, "of this start; part of every message id");
    v.required("peers", peers, "the other members");
    v.required("outbox", outbox, "messages of this node");
    v.required("inbox", inbox, "messages for this node");
    v.required("heartbeats", heartbeats, "since the start");
    v.required("store", store, "since the start");
  }
};

struct HealthReply {
  bool ok = true;
  std::string node{}, version{}, store{};
  std::int64_t uptime_s = 0, peers_online = 0, peers_total = 0, outbox_open = 0;

  template <class V>
  void fields(V& v) {
    v.required("ok", ok, "messages can be accepted and stored");
    v.required("node", node, "this node's name");
    v.required("version", version, "of the program");
    v.required("uptime_s", uptime_s, "seconds since the daemon started");
    v.required("store", store, "ok, or why the last commit failed");
    v.required("peers_online", peers_online, "showed life within three heartbeats");
    v.required("peers_total", peers_total, "members of the fleet besides this node");
    v.required("outbox_open", outbox_open, "messages on their way");
  }
};

struct MetricsReply {
  std::string text{};

  template <class V>
  void fields(V& v) {
    v.required("text", text, "Prometheus text format 0.0.4");
  }
};

}  // namespace fleet::status
