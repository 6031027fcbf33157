// The pure decisions at the receiver's door: is this message for me, fresh, of a sane lifetime, and
// what does my policy say? No table, no clock. (spec: delivery §2, security §1, §2, §6)
#pragma once

#include <string>

#include "fleet/model/message.h"
#include "services/trust/policy.h"

namespace fleet::inbox {

enum class Judgement {
  accept,
  hold,    // stored, but a person must approve it
  refuse,  // settled and receipted as refused, so that no gap stays
  ignore,  // not one of my streams: no record, no receipt
};

struct Judged {
  Judgement judgement = Judgement::ignore;
  std::string reason{};
};

struct Door {
  NodeId self{};
  std::string fleet{};
  Stamp now{};
};

// `author` is the roster name of the key that signed.
Judged judge(const MessageHeader& header, std::string_view author, const Door& door,
             const trust::Policy& policy);

// How late a message is for its readers; zero while it is on time.
Seconds lateness(Stamp ts, Stamp stored);

}  // namespace fleet::inbox
