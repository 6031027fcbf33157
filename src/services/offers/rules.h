// What a session is shown, and in which words. Pure: no table, no clock, no randomness; tags are an
// argument. Framing mitigates and proves (a tag that only we know stands in the transcript); it is
// no boundary against a hostile body. (spec: delivery §1.8, security §9, interfaces §6)
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fleet/base/time.h"
#include "fleet/model/message_type.h"
#include "fleet/model/rank.h"

namespace fleet::offers {

inline constexpr std::size_t kMessagesAtOnce = 10;
inline constexpr std::size_t kBytesOfBody = 8 * 1024;
inline constexpr std::size_t kLineUnits = 2'000;
inline constexpr std::size_t kLines = 2'000;
inline constexpr std::size_t kUnitsInAll = 9'000;  // clients drop what is above 10,000

enum class OfferState {
  open,     // committed before it was printed; nobody knows whether it was shown
  evident,  // stands in the session's transcript
  unshown,  // proven: the session went on without it
};

struct Mark {
  std::string session{};
  OfferState state = OfferState::open;
};

// A message as far as the choice needs it.
struct Waiting {
  std::string id{};
  MessageType type = MessageType::context;
  std::string session{};      // that it is addressed to; empty: the node
  std::int64_t position = 0;  // in the order of presentation
  Rank rank = Rank::stored;
  bool held = false;
  std::vector<Mark> marks{};  // every offer of it
};

struct Asker {
  std::string session{};
  std::int64_t since = 0;  // what stood after this position came while the session was live
};

// Whether this session is to be offered it: a message for the node goes to the first session that
// takes it, alerts and broadcasts once into every live session, nothing held or silent to anyone.
bool is_for(const Waiting& message, const Asker& asker);

// What is said of a message in the prompt.
struct Shown {
  std::string id{}, from{}, key{}, re{}, subject{}, body{}, via{};
  MessageType type = MessageType::context;
  Stamp sent{};
  Seconds late{0};
};

struct Framed {
  std::string text{};     // empty where there is nothing to show
  std::size_t count = 0;  // how many of the messages stand in it, from the first on
};

// At most kMessagesAtOnce messages in kUnitsInAll; the first always fits, cut with a note.
// `waiting` is how many there are in all. One tag per message.
Framed frame(std::span<const Shown> messages, std::size_t waiting,
             std::span<const std::string> tags);

// Both ends of a message's block, as they stand in a transcript that has it whole.
std::string fence_open(std::string_view tag, std::string_view id);
std::string fence_close(std::string_view tag);
std::string tag_text(std::uint64_t random);

// Length as clients count it: UTF-16 code units.
std::size_t utf16_units(std::string_view utf8);
// "2026-11-22T12:00:00Z"
std::string iso_time(Stamp at);

}  // namespace fleet::offers
