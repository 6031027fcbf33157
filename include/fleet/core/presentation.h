// In which order stored messages of one stream are shown: by dseq, each gap waited out once and at
// most 2 s; alerts bypass (delivery §2). Storing and receipting never wait for it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "fleet/base/time.h"
#include "fleet/core/dseq_set.h"
#include "fleet/core/policy_numbers.h"

namespace fleet::core {

class Presentation {
 public:
  explicit Presentation(std::uint64_t next = 1) : next_(next) {}

  void arrived(std::uint64_t dseq, bool alert, Tick now);
  // Void or refused: nobody waits for it.
  void settled(std::uint64_t first, std::uint64_t last);
  // What may be shown by now, in order; each number is returned once.
  std::vector<std::uint64_t> take_ready(Tick now);
  // When a gap has been waited out, if one is open.
  std::optional<Tick> next_due() const;

 private:
  struct Waiting {
    Tick since;
    bool alert;
  };
  void take_alerts(std::vector<std::uint64_t>& ready);
  std::uint64_t greatest_overdue(Tick now) const;
  void skip_passed();

  std::uint64_t next_;
  DseqSet passed_;  // at or above next_: shown as alerts, void or refused
  std::map<std::uint64_t, Waiting> waiting_;
};

}  // namespace fleet::core
