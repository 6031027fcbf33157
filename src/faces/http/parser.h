// One connection's input buffer and the reader of its requests: scan, then Boost.Beast for the
// fields, then the body by length or chunks. Scan and Beast must agree on the framing. It reads no
// socket and knows no deadline. The only door to Beast is parser.cpp. Pure.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "faces/http/chunks.h"
#include "faces/http/limits.h"
#include "faces/http/request.h"
#include "faces/http/scan.h"

namespace fleet::http {

class RequestParser {
 public:
  enum class Step { more, ready, refused };

  explicit RequestParser(const Limits& limits);  // outlives the parser
  ~RequestParser();
  RequestParser(const RequestParser&) = delete;
  RequestParser& operator=(const RequestParser&) = delete;

  // Where the next bytes go; then say how many came. Never empty after Step::more.
  std::span<char> room();
  void filled(std::size_t bytes);

  // First head() until ready, then body() until ready, then next().
  Step head(Request& out);
  Step body(std::string& out);
  void next();

  const Refusal& refusal() const { return refusal_; }
  bool keep_alive() const { return keep_alive_; }
  bool expects_continue() const { return scan_.expects_continue(); }
  bool has_body() const { return scan_.chunked() || scan_.content_length().value_or(0) > 0; }
  std::size_t announced_body() const;  // 0 where chunked or absent
  std::size_t buffered() const { return end_ - begin_; }

 private:
  class Beast;

  std::string_view input() const { return {buffer_.data() + begin_, end_ - begin_}; }
  Step refuse_with(Refusal refusal);
  Step read_fields(std::string_view head, Request& out);
  bool agrees(const Beast& beast, std::size_t fields) const;

  const Limits* limits_;
  std::string buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  bool in_body_ = false;
  bool keep_alive_ = false;
  HeadScan scan_;
  std::optional<ChunkReader> chunks_;
  std::size_t body_left_ = 0;
  Refusal refusal_;
};

}  // namespace fleet::http
