// What the daemon remembers of one session between its hooks, and one answer to one hook. Private
// to the slice.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "io/signal.h"
#include "services/offers/service.h"
#include "services/offers/transcript.h"

namespace fleet::offers {

struct OfferService::Seat {
  explicit Seat(SessionRow r) : row(std::move(r)), reader(row.session) {}

  SessionRow row;
  bool saved = false;  // the row on disk says the same

  // Counts the session's prompts; a prompt that two hooks tell of is one.
  void begin_turn(const std::string& prompt);
  std::int64_t turn_of(const std::string& prompt) const;  // 0 where it is not known
  std::int64_t turn = 0;
  std::deque<std::pair<std::string, std::int64_t>> prompts{};

  void read_from(std::uint64_t byte) {
    offset = byte;
    reader = TranscriptReader(row.session);
  }
  TranscriptReader reader;
  std::uint64_t offset = 0;
  bool existed = false;  // the transcript was there
  bool looking = false;
  io::Signal looked{};

  Tick watched_since{};
  std::size_t looks = 0;
  io::Clock::TimerId timer = 0;
};

// Owns its data: its job runs wherever the writer is.
struct OfferService::Plan {
  SessionRow session{};
  Asker asker{};
  std::vector<std::string> tags{};
  OfferRow pattern{};  // what all its offers have in common
  Framed framed{};
  std::vector<std::string> ids{};  // that stand in the text

  void make(store::Connection& db);
  void commit(store::Connection& db);
};

}  // namespace fleet::offers
