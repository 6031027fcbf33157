// How a command on this machine asks the daemon: POST /op/<name> over the unix socket in its home.
// Blocking; no daemon is the refusal "daemon_down".
#pragma once

#include "app/places.h"
#include "catalogue/remote_dispatcher.h"
#include "io/http_client.h"
#include "services/trust/join.h"

namespace fleet::app {

class SocketTransport final : public catalogue::OperationTransport {
 public:
  // `budget`: how long an answer may take beside what the request itself asks to wait.
  explicit SocketTransport(const Places& places, Millis budget = Seconds{630});
  Result<Answer> post(const std::string& operation, const std::string& json,
                      const catalogue::HeaderList& headers) override;

 private:
  std::string address_;
  Millis budget_;
  io::HttpClient client_{};
};

// The joiner's way to the inviter: plain HTTP; the exchange inside protects itself.
class PairClient final : public trust::PairTransport {
 public:
  Result<Answer> post(const std::string& address, const std::string& body) override;

 private:
  io::HttpClient client_{};
};

}  // namespace fleet::app
