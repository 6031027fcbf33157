// Reads what an AI client wrote about a session (Claude Code's JSON lines) and says what it proves.
// Pure and lenient: cut, foreign, broken and huge lines prove nothing and stop nothing. It takes
// only what the client put before its model: `hook_success` repeats what a hook printed, shown or
// not, and is no evidence. (facts: tests/e2e/samples)
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "fleet/base/time.h"

namespace fleet::offers {

// In the order of the lines; context stands before the answer it went into.
struct Proof {
  enum class What {
    shown,     // this block, both fences of it
    answered,  // the model answered this prompt: what it was shown with it stands above
    blocked,   // a hook stopped a prompt; what the others printed beside it is lost
  };
  What what = What::shown;
  std::string tag{}, id{};  // shown
  std::string prompt{};     // answered
  Stamp at{};               // blocked
};

class TranscriptReader {
 public:
  // Longer lines are skipped: ours are far shorter, pictures are not.
  static constexpr std::size_t kMaxLine = 512 * 1024;

  // Only lines of this session count.
  explicit TranscriptReader(std::string session) : session_(std::move(session)) {}

  // The bytes that follow those of the last call; a cut last line waits for its rest.
  std::vector<Proof> feed(std::string_view bytes);

 private:
  void take(std::string_view line, std::vector<Proof>& proofs);

  std::string session_;
  std::string cut_{};      // the beginning of a line
  bool skipping_ = false;  // inside a line that is too long
  std::string prompt_{};   // of the last user line
};

// Milliseconds since 1970 of "2026-11-22T11:52:44.896Z"; nothing else is read.
Stamp read_iso_time(std::string_view text);

}  // namespace fleet::offers
