// Undoes the chunked transfer coding, strictly: sizes of at most eight hex digits, CRLF and nothing
// else; no extensions, no trailers (nobody here reads them, and readers disagree about them). Bytes
// may come in any pieces. Used by RequestParser; pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "faces/http/request.h"

namespace fleet::http {

class ChunkReader {
 public:
  explicit ChunkReader(std::size_t limit) : room_(limit), limit_(limit) {}

  // Appends decoded bytes to `out` and returns how many of `input` belong to this body. Reads
  // nothing once done() or refused().
  std::size_t feed(std::string_view input, std::string& out);
  bool done() const { return state_ == State::done; }
  bool refused() const { return state_ == State::refused; }
  const Refusal& refusal() const { return refusal_; }

 private:
  enum class State { size, size_lf, data, data_cr, data_lf, end_cr, end_lf, done, refused };

  void step(char c);
  void digit(char c);
  void expect(char c, char wanted, State next);
  void fail(int status, Code code, std::string message);

  State state_ = State::size;
  std::uint64_t size_ = 0;  // of the chunk that is being announced, then what is left of it
  int digits_ = 0;
  std::uint64_t room_;
  std::size_t limit_;
  Refusal refusal_;
};

}  // namespace fleet::http
