#include "faces/mcp/line_buffer.h"

#include <algorithm>

#include "faces/mcp/frame.h"

namespace fleet::mcp {

void LineBuffer::append(std::string_view bytes) {
  if (skipping_) {
    const std::size_t end = bytes.find('\n');
    if (end == bytes.npos) return;
    skipping_ = false;
    bytes.remove_prefix(end + 1);
  }
  bytes_ += bytes;
}

LineBuffer::Next LineBuffer::next(std::string& line) {
  const std::size_t end = bytes_.find('\n');
  const std::size_t length = std::min(end, bytes_.size());
  if (length > kLineBytes) {
    skipping_ = end == bytes_.npos;
    bytes_.erase(0, skipping_ ? bytes_.size() : end + 1);
    return Next::too_long;
  }
  if (end == bytes_.npos) return Next::none;
  line = bytes_.substr(0, end);
  bytes_.erase(0, end + 1);
  return Next::line;
}

}  // namespace fleet::mcp
