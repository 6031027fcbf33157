// One connection to the fleet's NATS server, kept for ever: it connects in the background,
// reconnects without end and says honestly whether it is connected. It knows no subject scheme and
// no frame. Loop thread, but for request() and publish(), which block and belong on pool threads,
// and state(). Used by channels/p1_nats and the healing ladder.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "fleet/base/time.h"
#include "io/task.h"

namespace fleet::io {

enum class NatsState { connected, reconnecting, closed };
std::string_view to_string(NatsState state);

struct NatsOptions {
  // "nats://host:4222" or "tls://host:4222", several for a cluster. One tls:// makes every
  // connection TLS with the server's certificate checked.
  std::vector<std::string> urls{};
  std::string name{};              // shown by the server: the node id
  std::string ca_file{};           // for tls://; empty: the system's authorities
  std::string credentials_file{};  // NATS user credentials (JWT and seed), or empty
  Millis connect_timeout{2'000};
  Millis reconnect_wait{500};
  Millis ping{5'000};
  int pings_out = 2;
};

enum class NatsFailure { none, not_connected, no_responders, timeout, too_large, failed };
std::string_view to_string(NatsFailure failure);

struct NatsReply {
  NatsFailure failure = NatsFailure::none;
  std::string data{};
};

struct NatsMessage {
  std::string subject{};
  std::string data{};
  std::string reply{};  // empty: nobody waits
};

// Run on the loop.
struct NatsHooks {
  std::function<void()> on_connected{};  // the first connection and every later one
  std::function<void()> on_disconnected{};
};

class NatsLine;  // the side that the library's threads see

class NatsConnection {
 public:
  using Handler = std::function<void(NatsMessage)>;

  // Returns at once. What cannot be reached, or refuses us, is tried again until stop().
  NatsConnection(Executor loop, NatsOptions options, NatsHooks hooks = {});
  ~NatsConnection();  // stop()
  NatsConnection(const NatsConnection&) = delete;
  NatsConnection& operator=(const NatsConnection&) = delete;

  NatsState state() const;
  std::string last_error() const;  // why it is not connected, for people
  std::size_t max_payload() const;

  // Blocks for at most the timeout; at once where the connection is not up.
  NatsReply request(const std::string& subject, const std::string& data, Millis timeout);
  // From the loop: queued, never blocks; dropped where the connection is not up. For replies, which
  // their requester asks for again anyway.
  void publish_soon(std::string subject, std::string data);

  // The handler runs on the loop. Subscriptions outlive reconnects. Messages above the bound of
  // what waits for the loop are dropped and counted.
  void subscribe(std::string subject, Handler handler);
  std::size_t dropped() const;

  // Drops the connection and dials anew.
  void reconnect();
  // No callback reaches the loop after this. Waits for a connect that is under way (≤ its timeout).
  void stop();

  // At the very end of the program, with no connection left: joins the library's own threads,
  // unless TLS was used: its own clean-up then breaks OpenSSL's.
  static void close_library();

 private:
  std::shared_ptr<NatsLine> line_;
};

}  // namespace fleet::io
