// What callers say to delivery and hear from it.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "catalogue/limits.h"
#include "fleet/model/ids.h"
#include "fleet/model/message.h"

namespace fleet::delivery {

struct Payload {
  std::string body{};

  template <class V>
  void fields(V& v) {
    v.required("body", body, "the text", catalogue::at_most_bytes(kMaxBodyBytes));
  }
};

struct SendRequest {
  std::string type = "context", to{}, subject{}, body{}, session{}, ref{}, until{}, via{};
  std::optional<Payload> payload{};
  std::int64_t wait_s = 30, ttl_s = 0;

  template <class V>
  void fields(V& v) {
    v.required("to", to, "a node, self, all, or a role: chief, captain, worker");
    v.optional("body", body, "the text, 1 byte to 256 KiB of UTF-8",
               catalogue::at_most_bytes(kMaxBodyBytes));
    v.choice("type", type, {"alert", "task", "reply", "context", "broadcast", "sync", "repair"},
             "what it is; decides roads and lifetime");
    v.optional("subject", subject, "one line of up to 256 bytes");
    v.optional("payload", payload, "the classic form of body");
    v.optional("session", session, "a session at the recipient; empty for the node");
    v.optional("ref", ref, "id of the message this one answers");
    v.choice("until", until, {"", "accepted", "stored", "seen", "done"},
             "wait for this rank before answering");
    v.optional("wait_s", wait_s, "how long to wait for it, 0 to 600 seconds");
    v.optional("via", via, "use this channel only: nats or http");
    v.optional("ttl_s", ttl_s, "seconds until it is worthless; 0 for the type's own");
  }
};

struct AttemptReport {
  std::string channel{}, outcome{}, detail{};
  std::int64_t ms = 0;

  template <class V>
  void fields(V& v) {
    v.required("channel", channel, "the road taken");
    v.required("outcome", outcome, "receipted, handed, fault, rejected or back_pressure");
    v.required("ms", ms, "how long it took");
    v.optional("detail", detail, "what went wrong");
  }
};

struct SendReply {
  std::optional<std::string> id{}, batch{}, state{};
  std::optional<bool> reached{};
  std::optional<std::vector<std::string>> ids{};
  std::optional<std::vector<AttemptReport>> attempts{};

  template <class V>
  void fields(V& v) {
    v.optional("id", id, "the message's name");
    v.optional("state", state, "the rank reached, never above the truth");
    v.optional("reached", reached, "whether `until` was reached in time; absent without until");
    v.optional("attempts", attempts, "what was tried so far");
    v.optional("batch", batch, "of a message to several: the name of all of them");
    v.optional("ids", ids, "of a message to several: one name per recipient");
  }
};

struct MessageRequest {
  std::string id{};

  template <class V>
  void fields(V& v) {
    v.required("id", id, "a message or a batch");
  }
};

struct TimelineEntry {
  std::int64_t at_ms = 0;
  std::string node{}, event{};
  std::optional<std::string> channel{}, detail{};

  template <class V>
  void fields(V& v) {
    v.required("at_ms", at_ms, "when, ms since 1970 by the clock of `node`");
    v.required("node", node, "where");
    v.required("event", event,
               "accepted, attempt, failed, handed, stored, held, refused, seen, done, expired, "
               "parked");
    v.optional("channel", channel, "by which road");
    v.optional("detail", detail, "why, or for whom");
  }
};

struct MessageReply {
  std::string id{}, from{}, to{}, type{}, state{};
  std::optional<std::string> flag{}, detail{};
  std::vector<std::string> handed{};
  std::vector<TimelineEntry> timeline{};
  std::optional<nlohmann::json> recipients{};

  template <class V>
  void fields(V& v) {
    v.required("id", id, "the message or the batch");
    v.required("from", from, "its origin");
    v.required("to", to, "its recipient; of a batch, how many");
    v.required("type", type, "its type");
    v.required("state", state, "accepted, handed, stored, seen or done; of a batch, the least");
    v.optional("flag", flag, "held, refused, expired, dead or cancelled");
    v.optional("detail", detail, "the reason of the flag, or the result");
    v.required("handed", handed, "channels whose word, and no more, we have");
    v.required("timeline", timeline, "what happened, oldest first");
    v.optional("recipients", recipients, "of a batch: [{id, to, state}]");
  }
};

}  // namespace fleet::delivery
