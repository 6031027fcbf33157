#include "services/inbox/rules.h"

#include <algorithm>

namespace fleet::inbox {
namespace {

constexpr Millis kFutureMessage = std::chrono::hours(24);    // security §2
constexpr Millis kFutureCommand = std::chrono::minutes(10);  // security §2: task, repair
constexpr Millis kStaleTask = std::chrono::hours(6);         // delivery §3: held from then on
constexpr Seconds kWorthSaying{60};                          // less is the network's daily noise

// ts may lie ahead by the tolerance, after the origin's own estimate of its clock's error.
bool from_the_future(const MessageHeader& header, Stamp now) {
  const bool command = header.type == MessageType::task || header.type == MessageType::repair;
  return header.ts - header.skew > now + (command ? kFutureCommand : kFutureMessage);
}

Judged by_policy(const MessageHeader& header, const Door& door, const trust::Policy& policy) {
  const trust::Kind kind = trust::kind_of(header.type);
  const std::string what(trust::to_string(kind));
  switch (policy.stance(header.from, kind)) {
    case trust::Stance::refuse:
      return {Judgement::refuse,
              "policy: " + door.self + " refuses a " + what + " of " + header.from};
    case trust::Stance::hold:
      return {Judgement::hold, "policy: a person must approve this " + what};
    case trust::Stance::accept:
      break;
  }
  if (header.type == MessageType::task && door.now - header.ts > kStaleTask) {
    return {Judgement::hold, "the task is older than 6 hours"};
  }
  return {Judgement::accept, ""};
}

}  // namespace

Judged judge(const MessageHeader& header, std::string_view author, const Door& door,
             const trust::Policy& policy) {
  if (header.from != author) return {Judgement::ignore, "from is not the signer"};
  if (header.to != door.self) return {Judgement::ignore, "it is for another node"};
  if (header.fleet != door.fleet) return {Judgement::ignore, "it is of another fleet"};
  if (header.exp - header.ts > fleet::policy(header.type).max_ttl || header.exp < header.ts) {
    return {Judgement::refuse, "its lifetime is longer than its type allows"};
  }
  if (from_the_future(header, door.now)) return {Judgement::refuse, "it is dated in the future"};
  if (header.exp - header.skew < door.now)
    return {Judgement::refuse, "it arrived after it expired"};
  return by_policy(header, door, policy);
}

Seconds lateness(Stamp ts, Stamp stored) {
  const auto late = std::chrono::duration_cast<Seconds>(stored - ts);
  return late < kWorthSaying ? Seconds{0} : late;
}

}  // namespace fleet::inbox
