// A set of stream numbers as disjoint ascending runs: dense where traffic is, small in memory
// whatever the numbers are. Streams are made of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <vector>

namespace fleet::core {

class DseqSet {
 public:
  struct Run {
    std::uint64_t first;
    std::uint64_t last;
    bool operator==(const Run&) const = default;
  };

  void insert(std::uint64_t dseq) { insert(dseq, dseq); }
  void insert(std::uint64_t first, std::uint64_t last);
  void erase(std::uint64_t first, std::uint64_t last);
  void erase(std::uint64_t dseq) { erase(dseq, dseq); }

  bool contains(std::uint64_t dseq) const;
  // The run around dseq; last < first where it is not in the set.
  Run around(std::uint64_t dseq) const;
  // What of first..last is in the set, and what is not.
  std::vector<Run> within(std::uint64_t first, std::uint64_t last) const;
  std::vector<Run> gaps(std::uint64_t first, std::uint64_t last) const;
  std::vector<Run> runs() const;
  std::size_t run_count() const { return runs_.size(); }
  bool empty() const { return runs_.empty(); }
  std::uint64_t greatest() const { return runs_.empty() ? 0 : std::prev(runs_.end())->second; }
  std::uint64_t least() const { return runs_.empty() ? 0 : runs_.begin()->first; }
  bool operator==(const DseqSet&) const = default;

 private:
  std::map<std::uint64_t, std::uint64_t> runs_;  // first → last
};

}  // namespace fleet::core
