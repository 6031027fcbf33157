#include "faces/http/chunks.h"

#include <algorithm>

namespace fleet::http {

std::size_t ChunkReader::feed(std::string_view input, std::string& out) {
  std::size_t at = 0;
  while (at < input.size() && !done() && !refused()) {
    if (state_ != State::data) {
      step(input[at++]);
      continue;
    }
    const std::size_t n = std::min<std::size_t>(size_, input.size() - at);
    out.append(input.substr(at, n));
    at += n;
    size_ -= n;
    if (size_ == 0) state_ = State::data_cr;
  }
  return at;
}

void ChunkReader::step(char c) {
  switch (state_) {
    case State::size:
      return digit(c);
    case State::size_lf:
      return expect(c, '\n', size_ == 0 ? State::end_cr : State::data);
    case State::data_cr:
      return expect(c, '\r', State::data_lf);
    case State::data_lf:
      digits_ = 0;
      return expect(c, '\n', State::size);
    case State::end_cr:
      return expect(c, '\r', State::end_lf);
    case State::end_lf:
      return expect(c, '\n', State::done);
    case State::data:
    case State::done:
    case State::refused:
      return;
  }
}

void ChunkReader::digit(char c) {
  if (c == '\r' && digits_ > 0) {
    if (size_ > room_) {
      return fail(413, Code::too_large, "the body may have " + std::to_string(limit_) + " bytes");
    }
    room_ -= size_;
    state_ = State::size_lf;
    return;
  }
  const char lower = static_cast<char>(c | 0x20);
  const bool decimal = c >= '0' && c <= '9';
  if ((!decimal && (lower < 'a' || lower > 'f')) || digits_ == 8) {
    return fail(400, Code::malformed, "a chunk must start with its size in hex and CRLF");
  }
  if (digits_++ == 0) size_ = 0;
  size_ = size_ * 16 + static_cast<std::uint64_t>(decimal ? c - '0' : lower - 'a' + 10);
}

void ChunkReader::expect(char c, char wanted, State next) {
  if (c != wanted) return fail(400, Code::malformed, "a chunk is not framed by its size and CRLF");
  state_ = next;
}

void ChunkReader::fail(int status, Code code, std::string message) {
  state_ = State::refused;
  refusal_ = Refusal{status, refuse(code, std::move(message))};
}

}  // namespace fleet::http
