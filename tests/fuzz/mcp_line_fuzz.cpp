// Any bytes on the MCP server's standard input: every line becomes a Frame, every broken one an
// answer that is itself one line of JSON, and nothing grows beyond the line limit.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

// The fuzz build has only the pure rooms; these two files are pure and stand in one that is not.
#include "faces/mcp/frame.cpp"
#include "faces/mcp/line_buffer.cpp"

using namespace fleet::mcp;

namespace {

void check(const std::string& line) {
  const Frame frame = parse_frame(line);
  if (!frame.params.is_object()) std::abort();
  if (frame.kind != Frame::Kind::broken) return;
  const std::string answer = error_line(frame.id, frame.error, frame.problem);
  if (answer.find('\n') != answer.npos || frame.error == 0) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t piece = 1 + data[0];
  std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  LineBuffer buffer;
  std::string line;
  while (!bytes.empty()) {
    buffer.append(bytes.substr(0, piece));
    bytes.remove_prefix(std::min(piece, bytes.size()));
    while (buffer.next(line) == LineBuffer::Next::line) check(line);
  }
  return 0;
}
