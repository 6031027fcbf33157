#include "faces/http/parser.h"

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <cstring>

namespace fleet::http {
namespace {

namespace beast_http = boost::beast::http;
using beast_view = boost::beast::string_view;
using beast_error = boost::beast::error_code;

std::string_view std_view(beast_view text) { return {text.data(), text.size()}; }

}  // namespace

// Beast's callbacks, straight into our Request. Its own body reader is never entered: on a chunked
// body in small pieces it relies on an assertion that remote bytes can break (1.74).
class RequestParser::Beast final : public beast_http::basic_parser<true> {
 public:
  Beast(Request& out, const Limits& limits) : out_(out) {
    header_limit(static_cast<std::uint32_t>(limits.head()));
    body_limit(boost::none);
    skip(true);
  }

 private:
  void on_request_impl(beast_http::verb, beast_view method, beast_view target, int version,
                       beast_error& error) override {
    error = {};
    out_.method = std_view(method);
    out_.target = std_view(target);
    out_.http_1_0 = version == 10;
  }
  void on_field_impl(beast_http::field, beast_view name, beast_view value,
                     beast_error& error) override {
    error = {};
    out_.headers.emplace_back(to_lower(std_view(name)), std_view(trim_view(value)));
  }
  void on_response_impl(int, beast_view, int, beast_error&) override {}
  void on_header_impl(beast_error& error) override { error = {}; }
  void on_body_init_impl(const boost::optional<std::uint64_t>&, beast_error&) override {}
  std::size_t on_body_impl(beast_view body, beast_error&) override { return body.size(); }
  void on_chunk_header_impl(std::uint64_t, beast_view, beast_error&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, beast_view body, beast_error&) override {
    return body.size();
  }
  void on_finish_impl(beast_error& error) override { error = {}; }

  static beast_view trim_view(beast_view text) {
    const std::string_view trimmed = trim(std_view(text));
    return {trimmed.data(), trimmed.size()};
  }

  Request& out_;
};

RequestParser::RequestParser(const Limits& limits) : limits_(&limits), scan_(limits) {}
RequestParser::~RequestParser() = default;

std::span<char> RequestParser::room() {
  if (begin_ == end_) begin_ = end_ = 0;
  if (begin_ > 0 && end_ == buffer_.size()) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  const std::size_t wanted = in_body_ ? limits_->body_buffer : limits_->first_buffer;
  if (buffer_.size() < wanted) buffer_.resize(wanted);
  if (end_ == buffer_.size()) buffer_.resize(buffer_.size() * 2);
  return {buffer_.data() + end_, buffer_.size() - end_};
}

void RequestParser::filled(std::size_t bytes) { end_ += bytes; }

RequestParser::Step RequestParser::head(Request& out) {
  if (begin_ == end_) return Step::more;
  switch (scan_.advance(input())) {
    case HeadScan::State::more:
      return Step::more;
    case HeadScan::State::refused:
      return refuse_with(scan_.refusal());
    case HeadScan::State::complete:
      break;
  }
  const std::string_view head = input().substr(0, scan_.head_size());
  const Step step = read_fields(head, out);
  if (step != Step::ready) return step;
  begin_ += head.size();
  body_left_ = announced_body();
  if (scan_.chunked()) chunks_.emplace(limits_->body);
  in_body_ = has_body();
  return Step::ready;
}

RequestParser::Step RequestParser::read_fields(std::string_view head, Request& out) {
  out.headers.clear();
  out.headers.reserve(scan_.fields());
  Beast beast(out, *limits_);
  beast_error error;
  const std::size_t used = beast.put(boost::asio::const_buffer(head.data(), head.size()), error);
  const auto target = split_target(out.target);
  if (error || used != head.size() || !beast.is_done() || !target ||
      !agrees(beast, out.headers.size())) {
    return refuse_with({400, refuse(Code::malformed, "the request is not HTTP/1.1")});
  }
  keep_alive_ = beast.keep_alive();
  out.path = target->path;
  out.query = target->query;
  out.head_only = out.method == "HEAD";
  if (out.head_only) out.method = "GET";
  return Step::ready;
}

bool RequestParser::agrees(const Beast& beast, std::size_t fields) const {
  const auto length = beast.content_length();
  const auto scanned = scan_.content_length();
  return fields == scan_.fields() && beast.chunked() == scan_.chunked() &&
         length.has_value() == scanned.has_value() && (!scanned || *length == *scanned);
}

RequestParser::Step RequestParser::body(std::string& out) {
  if (chunks_) {
    begin_ += chunks_->feed(input(), out);
    if (chunks_->refused()) return refuse_with(chunks_->refusal());
    return chunks_->done() ? Step::ready : Step::more;
  }
  const std::string_view piece = input().substr(0, std::min(body_left_, buffered()));
  out.append(piece);
  begin_ += piece.size();
  body_left_ -= piece.size();
  return body_left_ == 0 ? Step::ready : Step::more;
}

void RequestParser::next() {
  scan_ = HeadScan(*limits_);
  chunks_.reset();
  body_left_ = 0;
  in_body_ = false;
  // A large request must not leave its buffer to an idle connection.
  if (buffer_.size() > limits_->first_buffer && buffered() < limits_->first_buffer) {
    std::string small(limits_->first_buffer, '\0');
    std::memcpy(small.data(), buffer_.data() + begin_, buffered());
    end_ -= begin_;
    begin_ = 0;
    buffer_ = std::move(small);
  }
}

std::size_t RequestParser::announced_body() const {
  return static_cast<std::size_t>(scan_.content_length().value_or(0));
}

RequestParser::Step RequestParser::refuse_with(Refusal refusal) {
  refusal_ = std::move(refusal);
  return Step::refused;
}

}  // namespace fleet::http
