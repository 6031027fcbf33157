// LineBuffer: splits what is read into lines of at most kLineBytes; a longer one is dropped whole
// and reported once. Pure, so that the fuzzer can feed it pieces of any size. Used by Stdio.
#pragma once

#include <string>
#include <string_view>

namespace fleet::mcp {

class LineBuffer {
 public:
  void append(std::string_view bytes);
  enum class Next { none, line, too_long };
  Next next(std::string& line);

 private:
  std::string bytes_{};
  bool skipping_ = false;
};

}  // namespace fleet::mcp
