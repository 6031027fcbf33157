// A message this node still has to bring to its recipient, as delivery holds it in memory: its
// row's facts, the cascade that decides, the timers it armed. Bytes stay on disk until they are
// needed.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "fleet/core/cascade.h"
#include "fleet/core/receipts.h"
#include "io/clock.h"
#include "services/delivery/table.h"
#include "services/delivery/types.h"

namespace fleet::delivery {

struct Outgoing {
  explicit Outgoing(Row from, std::optional<ChannelId> via)
      : row(std::move(from)), cascade(row.type, via) {}

  struct Start {
    ChannelId channel;
    Tick at;
  };

  Row row;
  core::Cascade cascade;
  std::string line{};  // the envelope; empty: still to be read from the row
  std::map<unsigned, Start> starts{};
  std::vector<AttemptReport> attempts{};
  io::Clock::TimerId timer = 0;
  io::Clock::TimerId expiry = 0;

  StreamId stream() const { return {"", row.epoch, row.destination}; }
};

}  // namespace fleet::delivery
