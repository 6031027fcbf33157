// However the bytes of a connection are cut into pieces, the same requests come out of them, within
// the limits, and the local rules can judge each. The first byte chooses the pieces.
#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "check.h"
#include "faces/http/local_rules.h"
#include "faces/http/parser.h"

namespace fleet::http {
namespace {

Limits small() {
  Limits limits;
  limits.body = 4096;  // so that a short input reaches it
  return limits;
}

const Limits kLimits = small();

struct Reading {
  std::vector<Request> requests;
  int refused = 0;
};

class Reader {
 public:
  Reader(std::string_view bytes, std::size_t piece) : bytes_(bytes), piece_(piece) {}

  Reading read() {
    Reading out;
    while (true) {
      const auto step = in_body_ ? parser_.body(request_.body) : parser_.head(request_);
      if (step == RequestParser::Step::refused) {
        out.refused = parser_.refusal().status;
        fuzz::check(out.refused >= 400 && !parser_.refusal().error.message.empty());
        return out;
      }
      if (step == RequestParser::Step::more && !feed()) return out;
      if (step == RequestParser::Step::ready) advance(out);
    }
  }

 private:
  bool feed() {
    if (bytes_.empty()) return false;
    const auto room = parser_.room();
    fuzz::check(!room.empty());
    const std::size_t n = std::min({piece_, room.size(), bytes_.size()});
    std::memcpy(room.data(), bytes_.data(), n);
    parser_.filled(n);
    bytes_.remove_prefix(n);
    return true;
  }

  void advance(Reading& out) {
    in_body_ = !in_body_;
    if (in_body_) {
      request_.body.clear();
      return;
    }
    out.requests.push_back(request_);
    parser_.next();
  }

  std::string_view bytes_;
  std::size_t piece_;
  RequestParser parser_{kLimits};
  Request request_;
  bool in_body_ = false;
};

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t') || byte == 0x7F;
  });
}

void check_one(const Request& request) {
  fuzz::check(request.body.size() <= kLimits.body);
  fuzz::check(request.headers.size() <= kLimits.headers);
  fuzz::check(request.target.size() <= kLimits.request_line);
  fuzz::check(request.path.front() == '/' && !has_control(request.target));
  const auto hosts = std::count_if(request.headers.begin(), request.headers.end(),
                                   [](const auto& header) { return header.first == "host"; });
  fuzz::check(hosts == 1);
  for (const auto& [name, value] : request.headers) {
    fuzz::check(name == to_lower(name) && !has_control(name) && !has_control(value));
  }
  fuzz::check(!(request.has_header("content-length") && request.has_header("transfer-encoding")));
  (void)request.query_value("a");
}

// A foreign page gets in under no spelling.
void check_rules(Request request) {
  request.entry = Entry::local;
  request.peer_address = "127.0.0.1";
  request.local_port = 8855;
  request.same_uid = true;
  const auto refusal = local_refusal(request, "token");
  const std::string_view origin = request.header("origin");
  if (origin.find("evil") != std::string_view::npos) fuzz::check(refusal.has_value());
  if (request.header("host").find("evil") != std::string_view::npos)
    fuzz::check(refusal.has_value());
}

void compare(const Reading& a, const Reading& b) {
  fuzz::check(a.refused == b.refused && a.requests.size() == b.requests.size());
  for (std::size_t i = 0; i < a.requests.size(); ++i) {
    fuzz::check(a.requests[i].headers == b.requests[i].headers);
    fuzz::check(a.requests[i].target == b.requests[i].target);
    fuzz::check(a.requests[i].method == b.requests[i].method);
    fuzz::check(a.requests[i].body == b.requests[i].body);
  }
}

}  // namespace
}  // namespace fleet::http

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace fleet::http;
  if (size == 0) return 0;
  const std::string_view bytes = fleet::fuzz::text_of(data + 1, size - 1);
  const Reading whole = Reader(bytes, bytes.size() + 1).read();
  for (const Request& request : whole.requests) {
    check_one(request);
    check_rules(request);
  }
  compare(whole, Reader(bytes, data[0] % 32 + 1).read());
  return 0;
}
