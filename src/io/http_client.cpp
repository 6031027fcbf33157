#include "io/http_client.h"

#include <httplib.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstring>

#include "io/http_dial.h"
#include "io/http_race.h"

namespace fleet::io {
namespace {

constexpr std::size_t kHeadAllowance = 64 * 1024;  // status line, headers and chunk sizes

// httplib writes and reads HTTP; it never sees a socket. Its own sockets have a timeout per read
// only, connect to one address at a time and know no unix socket.
class Wire : public httplib::Stream {
 public:
  bool is_readable() const override { return true; }
  bool is_writable() const override { return true; }
  void get_remote_ip_and_port(std::string&, int&) const override {}
  void get_local_ip_and_port(std::string&, int&) const override {}
  socket_t socket() const override { return INVALID_SOCKET; }
};

class Recorder final : public Wire {
 public:
  ssize_t read(char*, std::size_t) override { return -1; }
  ssize_t write(const char* bytes, std::size_t size) override {
    written.append(bytes, size);
    return static_cast<ssize_t>(size);
  }
  std::string written;
};

// The answer, by a deadline that counts for all reads together.
class Reader final : public Wire {
 public:
  Reader(int fd, SteadyTime deadline, std::size_t most)
      : fd_(fd), deadline_(deadline), most_(most) {}

  ssize_t read(char* into, std::size_t size) override {
    if (begin_ == end_ && !fill()) return failure == HttpFailure::none ? 0 : -1;
    const std::size_t given = std::min(size, end_ - begin_);
    std::memcpy(into, buffer_.data() + begin_, given);
    begin_ += given;
    return static_cast<ssize_t>(given);
  }
  ssize_t write(const char*, std::size_t size) override { return static_cast<ssize_t>(size); }

  void stream_with(Millis idle) {
    streaming_ = true;
    idle_ = idle;
  }
  bool ended() const { return ended_; }
  bool has_more() const { return begin_ != end_; }

  HttpFailure failure = HttpFailure::none;

 private:
  bool fail(HttpFailure why) {
    failure = why;
    return false;
  }
  bool fill();

  int fd_;
  SteadyTime deadline_;
  std::size_t most_;
  bool streaming_ = false;
  Millis idle_{0};
  std::size_t total_ = 0;
  bool ended_ = false;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::array<char, 16 * 1024> buffer_;
};

bool Reader::fill() {
  if (ended_ || failure != HttpFailure::none) return false;
  if (streaming_) deadline_ = std::chrono::steady_clock::now() + idle_;
  while (true) {
    pollfd polled{fd_, POLLIN, 0};
    const int ready = ::poll(&polled, 1, poll_budget(deadline_));
    if (ready < 0 && errno == EINTR) continue;
    // The bytes may drip in without end: time is looked at whether there are some or not.
    if (ready <= 0 || std::chrono::steady_clock::now() > deadline_) {
      if (ready == 0 && std::chrono::steady_clock::now() < deadline_) continue;
      return fail(HttpFailure::timeout);
    }
    const ssize_t got = ::recv(fd_, buffer_.data(), buffer_.size(), 0);
    if (got < 0 && (errno == EINTR || errno == EAGAIN || errno == EWOULDBLOCK)) continue;
    if (got < 0) return fail(failure_of(errno));
    ended_ = got == 0;
    if (ended_) return false;
    begin_ = 0;
    end_ = static_cast<std::size_t>(got);
    total_ += end_;
    if (!streaming_ && total_ > most_) return fail(HttpFailure::too_large);
    return true;
  }
}

// One exchange through httplib's client over a Wire of ours.
class Exchange final : public httplib::ClientImpl {
 public:
  explicit Exchange(Wire& wire) : ClientImpl("localhost", 80), wire_(wire) {
    set_keep_alive(true);
    set_follow_location(false);
    set_url_encode(false);
    set_decompress(false);
  }

 private:
  // No descriptor has this number, so whatever httplib does with it touches nothing.
  bool create_and_connect_socket(Socket& socket, httplib::Error&) override {
    socket.sock = INT_MAX;
    return true;
  }
  bool process_socket(const Socket&, std::function<bool(httplib::Stream&)> exchange) override {
    return exchange(wire_);
  }

  Wire& wire_;
};

bool is_clean(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

// What could smuggle a second request never leaves.
bool is_clean(const HttpRequest& request, const HttpHeaders& more) {
  const auto clean = [](const auto& header) {
    return is_clean(header.first) && is_clean(header.second);
  };
  return is_clean(request.method) && is_clean(request.target) &&
         std::all_of(request.headers.begin(), request.headers.end(), clean) &&
         std::all_of(more.begin(), more.end(), clean);
}

std::string host_of(const std::string& address) {
  return address.starts_with("unix:") ? "localhost" : address;
}

httplib::Request to_httplib(const HttpRequest& request, const std::string& address,
                            const HttpHeaders& more) {
  httplib::Request wire;
  wire.method = request.method;
  wire.path = request.target;
  wire.headers.emplace("User-Agent", "fleet-nerve/" FLEET_VERSION);
  wire.headers.emplace("Accept", "*/*");
  for (const auto& [name, value] : request.headers) wire.headers.emplace(name, value);
  for (const auto& [name, value] : more) wire.headers.emplace(name, value);
  if (!wire.has_header("Host")) wire.headers.emplace("Host", host_of(address));
  wire.body = request.body;
  // With a receiver of our own httplib asks for no encoding.
  wire.content_receiver = [](const char*, std::size_t, std::uint64_t, std::uint64_t) {
    return true;
  };
  return wire;
}

std::string serialise(const HttpRequest& request, const std::string& address) {
  const HttpHeaders more = request.headers_for ? request.headers_for(address) : HttpHeaders{};
  if (!is_clean(request, more)) return {};
  Recorder recorder;
  Exchange exchange(recorder);
  httplib::Request wire = to_httplib(request, address, more);
  httplib::Response ignored;
  httplib::Error error = httplib::Error::Success;
  exchange.send(wire, ignored, error);
  return std::move(recorder.written);
}

std::string lower(std::string_view text) {
  std::string low(text);
  for (char& c : low) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return low;
}

// Reads one answer from `reader` into `response`. True where the connection may serve again.
class Answer {
 public:
  Answer(const HttpRequest& request, Reader& reader, HttpResponse& response)
      : request_(request), reader_(reader), response_(response) {}
  bool read();

 private:
  bool take_piece(const char* bytes, std::size_t size);
  bool start_stream(int status);
  void judge(bool whole, const httplib::Response& got);
  bool can_serve_again(const httplib::Response& got) const;

  const HttpRequest& request_;
  Reader& reader_;
  HttpResponse& response_;
  bool stopped_ = false;
  bool too_large_ = false;
};

bool Answer::take_piece(const char* bytes, std::size_t size) {
  if (request_.on_chunk) {
    stopped_ = !request_.on_chunk(std::string_view(bytes, size));
    return !stopped_;
  }
  too_large_ = response_.body.size() + size > request_.max_response;
  if (too_large_) return false;
  response_.body.append(bytes, size);
  return true;
}

bool Answer::start_stream(int status) {
  if (request_.on_chunk) reader_.stream_with(request_.idle);
  stopped_ = request_.on_status && !request_.on_status(status);
  return !stopped_;
}

bool Answer::read() {
  Exchange exchange(reader_);
  httplib::Request wire = to_httplib(request_, response_.address, {});
  wire.body.clear();
  wire.response_handler = [this](const httplib::Response& head) {
    return start_stream(head.status);
  };
  wire.content_receiver = [this](const char* bytes, std::size_t size, std::uint64_t,
                                 std::uint64_t) { return take_piece(bytes, size); };
  httplib::Response got;
  httplib::Error error = httplib::Error::Success;
  const bool whole = exchange.send(wire, got, error);
  judge(whole, got);
  return whole && can_serve_again(got);
}

void Answer::judge(bool whole, const httplib::Response& got) {
  response_.status = got.status > 0 ? got.status : 0;
  for (const auto& [name, value] : got.headers) {
    response_.headers.emplace_back(lower(name), value);
  }
  if (stopped_) {
    response_.failure = HttpFailure::stopped;
  } else if (too_large_) {
    response_.failure = HttpFailure::too_large;
  } else if (reader_.failure != HttpFailure::none) {
    response_.failure = reader_.failure;
  } else if (!whole) {
    response_.failure = reader_.ended() ? HttpFailure::closed : HttpFailure::malformed;
  }
}

bool Answer::can_serve_again(const httplib::Response& got) const {
  if (got.version != "HTTP/1.1" || reader_.ended() || reader_.has_more()) return false;
  if (reader_.failure != HttpFailure::none || lower(response_.header("connection")) == "close") {
    return false;
  }
  const bool bounded = got.has_header("Content-Length") || got.has_header("Transfer-Encoding");
  return bounded || got.status == 204 || request_.method == "HEAD";
}

}  // namespace

struct HttpClient::Parts {
  HttpResponse exchange(const HttpRequest& request, SteadyTime deadline);

  IdleSockets idle;
};

HttpClient::HttpClient() : parts_(std::make_unique<Parts>()) {}
HttpClient::~HttpClient() = default;

void HttpClient::drop_idle() { parts_->idle.clear(); }

HttpResponse HttpClient::send(const HttpRequest& request) {
  const SteadyTime start = std::chrono::steady_clock::now();
  HttpResponse response = parts_->exchange(request, start + request.budget);
  response.took = std::chrono::duration_cast<Millis>(std::chrono::steady_clock::now() - start);
  return response;
}

HttpResponse HttpClient::Parts::exchange(const HttpRequest& request, SteadyTime deadline) {
  HttpResponse response;
  bool clean = true;
  HttpRace::Rules rules;
  rules.repeatable = request.repeatable;
  rules.deadline = deadline;
  rules.bytes_for = [&request, &clean](const std::string& address) {
    std::string bytes = serialise(request, address);
    clean = clean && !bytes.empty();
    return bytes;
  };
  HttpRace race(std::move(rules), idle);
  HttpRace::Outcome won = race.run(request.addresses);
  response.address = won.address;
  response.failure = clean ? won.failure : HttpFailure::malformed;
  if (!won.fd || !clean) return response;
  Reader reader(won.fd.get(), deadline, request.max_response + kHeadAllowance);
  const bool again = Answer(request, reader, response).read();
  if (again) idle.put(response.address, std::move(won.fd));
  return response;
}

std::string_view HttpResponse::header(std::string_view lower_case_name) const {
  for (const auto& [name, value] : headers) {
    if (name == lower_case_name) return value;
  }
  return {};
}

std::string_view to_string(HttpFailure failure) {
  switch (failure) {
    case HttpFailure::none:
      return "answered";
    case HttpFailure::refused:
      return "connection refused";
    case HttpFailure::unreachable:
      return "unreachable";
    case HttpFailure::dns:
      return "unknown host name";
    case HttpFailure::reset:
      return "connection reset";
    case HttpFailure::closed:
      return "closed without an answer";
    case HttpFailure::timeout:
      return "no answer in time";
    case HttpFailure::malformed:
      return "not an HTTP answer";
    case HttpFailure::too_large:
      return "answer too large";
    case HttpFailure::stopped:
      return "stopped";
  }
  return "unknown";
}

}  // namespace fleet::io
