#include "io/nats_connection.h"

#include <nats/nats.h>

#include <algorithm>
#include <asio/post.hpp>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <utility>

#include "io/callback_keys.h"
#include "io/offload.h"

namespace fleet::io {
namespace {

constexpr std::size_t kWaitingMessages = 1'024;          // for the loop; more are dropped
constexpr std::size_t kWaitingBytes = 16 * 1024 * 1024;  // the same, in bytes
constexpr std::size_t kDefaultPayload = 1024 * 1024;     // nats-server's own default
constexpr std::int64_t kWriteDeadlineMs = 1'000;  // a socket full for so long is a broken one
constexpr Millis kRedial{2'000};                  // after the library itself gave up

std::atomic<bool> tls_was_used{false};

using ConnectionPtr = std::shared_ptr<natsConnection>;
using OptionsPtr = std::unique_ptr<natsOptions, decltype(&natsOptions_Destroy)>;
using HandlerPtr = std::shared_ptr<const NatsConnection::Handler>;

}  // namespace

class NatsLine : public std::enable_shared_from_this<NatsLine> {
 public:
  NatsLine(Executor loop, NatsOptions options, NatsHooks hooks)
      : loop_(loop),
        options_(std::move(options)),
        hooks_(std::move(hooks)),
        desk_(std::move(loop), OffloadLimits{1, 1, 256}) {}

  NatsState state() const { return state_; }
  std::size_t payload() const { return payload_; }
  std::size_t dropped() const { return dropped_; }
  std::string error();
  ConnectionPtr current();

  void start();
  void redial();
  void subscribe(std::string subject, NatsConnection::Handler handler);
  void publish(std::string subject, std::string data);
  void stop();

 private:
  struct Interest {
    std::string subject;
    HandlerPtr handler;
    natsSubscription* made = nullptr;  // on the current connection
    void* key = nullptr;
  };
  struct Target {
    std::weak_ptr<NatsLine> line;
    HandlerPtr handler;
  };
  // Never destroyed: the library's threads may outlive static objects.
  static CallbackKeys<std::weak_ptr<NatsLine>>& lines();
  static CallbackKeys<Target>& targets();

  // On the desk thread.
  void dial();
  bool connect_once();
  natsStatus fill(natsOptions* options, void* key) const;
  natsStatus set_security(natsOptions* options) const;
  void make(Interest& interest);
  void hang_up();
  bool pause();

  // On the library's threads.
  static void on_up(natsConnection* up, void* key);
  static void on_down(natsConnection* down, void* key);
  static void on_closed(natsConnection* closed, void* key);
  static void on_error(natsConnection* of, natsSubscription*, natsStatus status, void* key);
  static void on_message(natsConnection*, natsSubscription*, natsMsg* message, void* key);
  void came_up(natsConnection* up);
  void went_down();
  void receive(HandlerPtr handler, NatsMessage message);
  void note(natsStatus status);
  void call(std::function<void()> NatsHooks::*hook);  // mutex held

  const Executor loop_;
  const NatsOptions options_;
  const NatsHooks hooks_;

  std::mutex mutex_;  // guards the plain members up to error_; held over no call that can wait
  std::condition_variable wake_;
  bool stopped_ = false;
  ConnectionPtr connection_;
  void* key_ = nullptr;
  std::string error_ = "not yet connected";

  std::vector<Interest> interests_;  // desk thread only, and stop() after it
  std::atomic<NatsState> state_{NatsState::reconnecting};
  std::atomic<std::size_t> payload_{kDefaultPayload};
  std::atomic<std::size_t> waiting_{0};
  std::atomic<std::size_t> waiting_bytes_{0};
  std::atomic<std::size_t> dropped_{0};
  // One thread: dialling, subscribing and replies. The channels' pool may be full of dead peers.
  Offload desk_;
};

CallbackKeys<std::weak_ptr<NatsLine>>& NatsLine::lines() {
  static auto* const keys = new CallbackKeys<std::weak_ptr<NatsLine>>;
  return *keys;
}

CallbackKeys<NatsLine::Target>& NatsLine::targets() {
  static auto* const keys = new CallbackKeys<Target>;
  return *keys;
}

std::string NatsLine::error() {
  const std::scoped_lock lock(mutex_);
  return error_;
}

ConnectionPtr NatsLine::current() {
  const std::scoped_lock lock(mutex_);
  return connection_;
}

void NatsLine::start() {
  desk_.submit("dial", [line = shared_from_this()] { line->dial(); });
}

void NatsLine::redial() {
  desk_.submit("dial", [line = shared_from_this()] {
    line->hang_up();
    line->dial();
  });
}

void NatsLine::subscribe(std::string subject, NatsConnection::Handler handler) {
  auto held = std::make_shared<const NatsConnection::Handler>(std::move(handler));
  auto job = [line = shared_from_this(), subject = std::move(subject), held = std::move(held)] {
    line->interests_.push_back({subject, held});
    line->make(line->interests_.back());
  };
  desk_.submit("subscribe", std::move(job));
}

void NatsLine::publish(std::string subject, std::string data) {
  if (state_ != NatsState::connected) return;
  auto job = [line = shared_from_this(), subject = std::move(subject), data = std::move(data)] {
    const ConnectionPtr connection = line->current();
    if (!connection) return;
    line->note(natsConnection_Publish(connection.get(), subject.c_str(), data.data(),
                                      static_cast<int>(data.size())));
  };
  desk_.submit("publish", std::move(job));
}

void NatsLine::stop() {
  {
    const std::scoped_lock lock(mutex_);
    stopped_ = true;
  }
  wake_.notify_all();
  desk_.stop();
  hang_up();
  state_ = NatsState::closed;
}

void NatsLine::dial() {
  while (!connect_once()) {
    if (!pause()) return;
  }
  for (Interest& interest : interests_) make(interest);
}

// True where the library has the connection in hand, up or still trying.
bool NatsLine::connect_once() {
  natsOptions* raw = nullptr;
  if (natsOptions_Create(&raw) != NATS_OK) return false;
  const OptionsPtr options(raw, &natsOptions_Destroy);
  void* key = lines().add(weak_from_this());
  natsConnection* made = nullptr;
  natsStatus status = fill(raw, key);
  if (status == NATS_OK) status = natsConnection_Connect(&made, raw);
  note(status == NATS_NOT_YET_CONNECTED ? NATS_NO_SERVER : status);
  if (made == nullptr) {
    lines().drop(key);
    return false;
  }
  {
    const std::scoped_lock lock(mutex_);
    connection_ = ConnectionPtr(made, &natsConnection_Destroy);
    key_ = key;
  }
  if (status == NATS_OK) came_up(made);
  return true;
}

natsStatus NatsLine::fill(natsOptions* options, void* key) const {
  if (options_.urls.empty()) return NATS_INVALID_ARG;  // the library would try localhost
  std::vector<const char*> urls;
  for (const std::string& url : options_.urls) urls.push_back(url.c_str());
  const std::int64_t wait = options_.reconnect_wait.count();
  natsStatus status = natsOptions_SetServers(options, urls.data(), static_cast<int>(urls.size()));
  const auto then = [&status](natsStatus next) {
    if (status == NATS_OK) status = next;
  };
  then(natsOptions_SetName(options, options_.name.c_str()));
  then(natsOptions_SetTimeout(options, options_.connect_timeout.count()));
  then(natsOptions_SetSendAsap(options, true));
  then(natsOptions_SetNoEcho(options, true));
  then(natsOptions_SetPingInterval(options, options_.ping.count()));
  then(natsOptions_SetMaxPingsOut(options, options_.pings_out));
  then(natsOptions_SetMaxReconnect(options, -1));
  then(natsOptions_SetReconnectWait(options, wait));
  then(natsOptions_SetReconnectJitter(options, wait / 4, wait / 4));
  // What is published while it is down shall fail, not wait in a buffer and look sent.
  then(natsOptions_SetReconnectBufSize(options, 1));
  then(natsOptions_SetFailRequestsOnDisconnect(options, true));
  then(natsOptions_SetWriteDeadline(options, kWriteDeadlineMs));
  then(natsOptions_UseGlobalMessageDelivery(options, true));
  then(natsOptions_SetRetryOnFailedConnect(options, true, &on_up, key));
  then(natsOptions_SetReconnectedCB(options, &on_up, key));
  then(natsOptions_SetDisconnectedCB(options, &on_down, key));
  then(natsOptions_SetClosedCB(options, &on_closed, key));
  then(natsOptions_SetErrorHandler(options, &on_error, key));
  if (status == NATS_OK) status = set_security(options);
  return status;
}

natsStatus NatsLine::set_security(natsOptions* options) const {
  const auto is_tls = [](const std::string& url) { return url.starts_with("tls://"); };
  natsStatus status = NATS_OK;
  if (std::any_of(options_.urls.begin(), options_.urls.end(), is_tls)) {
    tls_was_used = true;
    // Secure mode fails against a server without TLS, also at a later reconnect.
    status = natsOptions_SetSecure(options, true);
    if (status == NATS_OK && !options_.ca_file.empty()) {
      status = natsOptions_LoadCATrustedCertificates(options, options_.ca_file.c_str());
    }
  }
  if (status == NATS_OK && !options_.credentials_file.empty()) {
    const char* file = options_.credentials_file.c_str();
    status = natsOptions_SetUserCredentialsFromFiles(options, file, nullptr);
  }
  return status;
}

void NatsLine::make(Interest& interest) {
  const ConnectionPtr connection = current();
  if (!connection || interest.made != nullptr) return;
  interest.key = targets().add({weak_from_this(), interest.handler});
  const char* subject = interest.subject.c_str();
  note(natsConnection_Subscribe(&interest.made, connection.get(), subject, &on_message,
                                interest.key));
  if (interest.made == nullptr) {
    targets().drop(interest.key);
    return;
  }
  natsSubscription_SetPendingLimits(interest.made, static_cast<int>(kWaitingMessages),
                                    static_cast<int>(kWaitingBytes));
}

void NatsLine::hang_up() {
  ConnectionPtr connection;
  {
    const std::scoped_lock lock(mutex_);
    connection.swap(connection_);
    lines().drop(std::exchange(key_, nullptr));
  }
  went_down();
  for (Interest& interest : interests_) {
    targets().drop(interest.key);
    natsSubscription_Destroy(std::exchange(interest.made, nullptr));
  }
  // Ends the requests that still wait; the last of them frees the connection.
  if (connection) natsConnection_Close(connection.get());
}

// False once stopped.
bool NatsLine::pause() {
  std::unique_lock lock(mutex_);
  wake_.wait_for(lock, kRedial, [this] { return stopped_; });
  return !stopped_;
}

void NatsLine::on_up(natsConnection* up, void* key) {
  if (const auto line = lines().find(key).lock()) line->came_up(up);
}

void NatsLine::on_down(natsConnection*, void* key) {
  if (const auto line = lines().find(key).lock()) line->went_down();
}

// The library gives a connection up where the server refuses us twice in the same way. We do not.
void NatsLine::on_closed(natsConnection*, void* key) {
  const auto line = lines().find(key).lock();
  if (!line) return;
  line->went_down();
  line->desk_.submit("dial", [line] {
    line->hang_up();
    if (line->pause()) line->dial();
  });
}

void NatsLine::on_error(natsConnection*, natsSubscription*, natsStatus status, void* key) {
  if (const auto line = lines().find(key).lock()) line->note(status);
}

void NatsLine::on_message(natsConnection*, natsSubscription*, natsMsg* message, void* key) {
  const Target target = targets().find(key);
  const auto line = target.line.lock();
  if (line) {
    const char* reply = natsMsg_GetReply(message);
    const auto size = static_cast<std::size_t>(natsMsg_GetDataLength(message));
    NatsMessage copy{natsMsg_GetSubject(message), std::string(natsMsg_GetData(message), size),
                     reply == nullptr ? std::string() : std::string(reply)};
    line->receive(target.handler, std::move(copy));
  }
  natsMsg_Destroy(message);
}

void NatsLine::came_up(natsConnection* up) {
  if (natsConnection_Status(up) != NATS_CONN_STATUS_CONNECTED) return;  // and down again
  const std::int64_t most = natsConnection_GetMaxPayload(up);
  if (most > 0) payload_ = static_cast<std::size_t>(most);
  const std::scoped_lock lock(mutex_);
  if (stopped_ || state_.exchange(NatsState::connected) == NatsState::connected) return;
  error_.clear();
  call(&NatsHooks::on_connected);
}

void NatsLine::went_down() {
  const std::scoped_lock lock(mutex_);
  if (stopped_ || state_.exchange(NatsState::reconnecting) != NatsState::connected) return;
  if (error_.empty()) error_ = "the connection was lost";
  call(&NatsHooks::on_disconnected);
}

void NatsLine::receive(HandlerPtr handler, NatsMessage message) {
  const std::size_t size = message.data.size();
  const std::scoped_lock lock(mutex_);
  if (stopped_) return;
  if (waiting_ >= kWaitingMessages || waiting_bytes_ + size > kWaitingBytes) {
    ++dropped_;
    return;
  }
  ++waiting_;
  waiting_bytes_ += size;
  auto deliver = [line = shared_from_this(), handler = std::move(handler),
                  message = std::move(message), size]() mutable {
    --line->waiting_;
    line->waiting_bytes_ -= size;
    if (line->state_ != NatsState::closed) (*handler)(std::move(message));
  };
  asio::post(loop_, std::move(deliver));
}

void NatsLine::note(natsStatus status) {
  if (status == NATS_OK) return;
  const std::scoped_lock lock(mutex_);
  error_ = natsStatus_GetText(status);
}

void NatsLine::call(std::function<void()> NatsHooks::*hook) {
  if (!(hooks_.*hook)) return;
  asio::post(loop_, [line = shared_from_this(), hook] {
    if (line->state_ != NatsState::closed) (line->hooks_.*hook)();
  });
}

NatsConnection::NatsConnection(Executor loop, NatsOptions options, NatsHooks hooks)
    : line_(std::make_shared<NatsLine>(std::move(loop), std::move(options), std::move(hooks))) {
  line_->start();
}

NatsConnection::~NatsConnection() { stop(); }

NatsState NatsConnection::state() const { return line_->state(); }
std::string NatsConnection::last_error() const { return line_->error(); }
std::size_t NatsConnection::max_payload() const { return line_->payload(); }
std::size_t NatsConnection::dropped() const { return line_->dropped(); }
void NatsConnection::reconnect() { line_->redial(); }
void NatsConnection::stop() { line_->stop(); }
void NatsConnection::close_library() {
  // After TLS the library frees a list that OpenSSL frees again at exit (nats.c issue 904).
  if (!tls_was_used) nats_CloseAndWait(5'000);
}

void NatsConnection::publish_soon(std::string subject, std::string data) {
  line_->publish(std::move(subject), std::move(data));
}

void NatsConnection::subscribe(std::string subject, Handler handler) {
  line_->subscribe(std::move(subject), std::move(handler));
}

namespace {

NatsFailure failure_of(natsStatus status) {
  if (status == NATS_OK) return NatsFailure::none;
  if (status == NATS_TIMEOUT) return NatsFailure::timeout;
  if (status == NATS_NO_RESPONDERS) return NatsFailure::no_responders;
  if (status == NATS_MAX_PAYLOAD) return NatsFailure::too_large;
  const bool down = status == NATS_CONNECTION_DISCONNECTED || status == NATS_CONNECTION_CLOSED ||
                    status == NATS_INSUFFICIENT_BUFFER || status == NATS_IO_ERROR;
  return down ? NatsFailure::not_connected : NatsFailure::failed;
}

}  // namespace

NatsReply NatsConnection::request(const std::string& subject, const std::string& data,
                                  Millis timeout) {
  const ConnectionPtr connection = line_->current();
  if (!connection || natsConnection_Status(connection.get()) != NATS_CONN_STATUS_CONNECTED) {
    return {NatsFailure::not_connected, ""};
  }
  if (data.size() > line_->payload()) return {NatsFailure::too_large, ""};
  natsMsg* got = nullptr;
  const natsStatus status = natsConnection_Request(&got, connection.get(), subject.c_str(),
                                                   data.data(), static_cast<int>(data.size()),
                                                   std::max<std::int64_t>(timeout.count(), 1));
  if (status != NATS_OK) return {failure_of(status), ""};
  NatsReply reply;
  reply.data.assign(natsMsg_GetData(got), static_cast<std::size_t>(natsMsg_GetDataLength(got)));
  natsMsg_Destroy(got);
  return reply;
}

std::string_view to_string(NatsState state) {
  switch (state) {
    case NatsState::connected:
      return "connected";
    case NatsState::reconnecting:
      return "reconnecting";
    case NatsState::closed:
      return "closed";
  }
  return "unknown";
}

std::string_view to_string(NatsFailure failure) {
  switch (failure) {
    case NatsFailure::none:
      return "answered";
    case NatsFailure::not_connected:
      return "NATS not connected";
    case NatsFailure::no_responders:
      return "NATS no responders";
    case NatsFailure::timeout:
      return "NATS no answer in time";
    case NatsFailure::too_large:
      return "above the NATS server's payload limit";
    case NatsFailure::failed:
      return "NATS request failed";
  }
  return "unknown";
}

}  // namespace fleet::io
