// Where other machines knock: POST /frame with a hop's proof, POST /pair while an invite is open, a
// bare /health, and the same frames from NATS. It lets in and hands on; envelopes are exchange's
// business. Whatever does not fit hears the same 401. (spec: security §5)
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "channels/p1_nats/listener.h"
#include "faces/http/handler.h"
#include "faces/http/limits.h"
#include "io/clock.h"
#include "services/exchange/service.h"
#include "services/trust/hops.h"
#include "services/trust/service.h"

namespace fleet::app {

class PeerDoor final : public http::Handler {
 public:
  struct Needs {
    Executor loop;
    io::Clock& clock;
    trust::Hops& hops;
    trust::TrustService& trust;
    exchange::ExchangeService& exchange;
    http::Handler& owner;  // serves the local entries
  };
  explicit PeerDoor(Needs needs) : needs_(std::move(needs)) {}

  std::optional<http::Response> admit(const http::Request& head) override;
  Task<http::Response> handle(http::Request request) override;
  void take(channels::NatsFrame frame);

 private:
  static bool is_owner(const http::Request& request);
  http::Response stranger(const http::Request& head) const;
  Task<http::Response> receive_frame(http::Request request);
  Task<void> answer_nats(channels::NatsFrame frame);

  Needs needs_;
  http::AddressBuckets strangers_{};
};

}  // namespace fleet::app
