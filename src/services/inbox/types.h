// What people, sessions and programs see of the inbox.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "fleet/model/ids.h"

namespace fleet::inbox {

struct InboxItem {
  std::string id{}, from{}, type{}, subject{}, body{}, re{}, session{}, via{}, state{};
  std::int64_t at_ms = 0;   // stored here
  std::int64_t late_s = 0;  // 0 while it came on time
  bool verified = true;
  std::string position{};  // the cursor to continue after

  template <class V>
  void fields(V& v) {
    v.required("id", id, "the message's name");
    v.required("from", from, "the node that wrote it");
    v.required("type", type, "alert, task, reply, context, broadcast, sync or repair");
    v.optional("subject", subject, "one line, may be empty");
    v.required("body", body, "the text");
    v.optional("re", re, "id of the message it answers");
    v.optional("session", session, "the session it is addressed to, empty for the node");
    v.required("at_ms", at_ms, "when it was stored here, ms since 1970");
    v.required("via", via, "the channel it came by");
    v.required("late_s", late_s, "seconds it came late, 0 if on time");
    v.required("verified", verified, "the sender's signature was checked against the roster");
    v.required("state", state, "stored, held, seen or done");
    v.optional("position", position, "cursor: pass it as after");
  }
};

struct InboxRequest {
  bool unread = false;
  std::string session{}, after{};
  std::int64_t limit = 50;

  template <class V>
  void fields(V& v) {
    v.optional("unread", unread, "only what no session has seen and nobody acknowledged");
    v.optional("session", session, "only what this session should get");
    v.optional("limit", limit, "how many at most, 1 to 500");
    v.optional("after", after, "the `next` of the page before");
  }
};

struct InboxPage {
  std::vector<InboxItem> messages{};
  std::optional<std::string> next{};

  template <class V>
  void fields(V& v) {
    v.required("messages", messages, "oldest first");
    v.required("next", next, "pass as `after` for the next page; null at the end");
  }
};

struct AckRequest {
  std::string id{}, result{};

  template <class V>
  void fields(V& v) {
    v.required("id", id, "the message to acknowledge");
    v.optional("result", result, "a short result for the sender, up to 1,000 bytes");
  }
};

struct AckReply {
  std::string id{}, state{};

  template <class V>
  void fields(V& v) {
    v.required("id", id, "the message");
    v.required("state", state, "its state at this node");
  }
};

}  // namespace fleet::inbox
