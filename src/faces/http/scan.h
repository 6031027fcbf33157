// Reads the raw bytes of a request's head before any library does, and refuses every spelling that
// two readers could understand differently: bare LF, obs-fold, NUL, two Hosts, two lengths, a
// length beside a transfer coding, a foreign authority. It allocates nothing but a refusal's text.
// Used by RequestParser; pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "faces/http/limits.h"
#include "faces/http/request.h"

namespace fleet::http {

// The parts of a request target: "/a?b" or "http://host:1/a?b".
struct Target {
  std::string_view authority;  // empty in origin form
  std::string_view path;       // starts with '/'
  std::string_view query;
};
std::optional<Target> split_target(std::string_view target);

class HeadScan {
 public:
  enum class State { more, complete, refused };

  explicit HeadScan(const Limits& limits) : limits_(&limits) {}

  // Takes the input from the request's first byte on; call again with the same bytes and more. It
  // never looks at a byte twice, so that a dripping sender buys no work.
  State advance(std::string_view input);

  std::size_t head_size() const { return line_start_; }  // with the empty line, once complete
  std::size_t fields() const { return fields_; }
  bool chunked() const { return chunked_; }
  std::optional<std::uint64_t> content_length() const { return content_length_; }
  bool expects_continue() const { return expects_continue_; }
  const Refusal& refusal() const { return refusal_; }

 private:
  enum Header : unsigned {
    none = 0,
    host = 1U << 0,
    content_length_header = 1U << 1,
    transfer_encoding = 1U << 2,
    upgrade = 1U << 3,
    expect = 1U << 4,
    other_single = 1U << 5,  // first of the further headers that may stand once
  };
  struct Known;

  State read_line(std::string_view line);
  State read_request_line(std::string_view line);
  State read_field(std::string_view line);
  State read_known(const Known& known, std::string_view value);
  State read_length(std::string_view value);
  State read_coding(std::string_view value);
  State finish();
  State too_long();
  State refuse_with(int status, std::string_view name, std::string message);
  State broken(std::string message);

  static const Known* find_known(std::string_view name);

  const Limits* limits_;
  std::size_t searched_ = 0;  // no LF before this offset, from line_start_ on
  std::size_t line_start_ = 0;
  std::size_t lines_ = 0;
  std::size_t fields_ = 0;
  unsigned seen_ = 0;
  std::string_view input_;     // of the running advance()
  std::size_t target_at_ = 0;  // offsets, because the input moves as it grows
  std::size_t target_size_ = 0;
  std::size_t method_size_ = 0;
  std::size_t host_at_ = 0;
  std::size_t host_size_ = 0;
  bool http_1_0_ = false;
  bool chunked_ = false;
  bool expects_continue_ = false;
  std::optional<std::uint64_t> content_length_;
  Refusal refusal_;
};

}  // namespace fleet::http
