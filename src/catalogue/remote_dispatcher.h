// RemoteDispatcher: asks the daemon to run the operation, as POST /op/<name>. It owns no
// connection; the app implements OperationTransport over the unix socket or 127.0.0.1. Used by the
// CLI and by `mcp` where a daemon answers.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "catalogue/dispatcher.h"

namespace fleet::catalogue {

// What the caller proves travels in these headers; the server honours the last two only where the
// transport itself proves the user (see faces/http/api.h).
inline constexpr std::string_view kIdempotencyHeader = "Idempotency-Key";
inline constexpr std::string_view kSessionHeader = "X-Fleet-Session";
inline constexpr std::string_view kTtyHeader = "X-Fleet-Tty";

using HeaderList = std::vector<std::pair<std::string, std::string>>;

class OperationTransport {
 public:
  struct Answer {
    int status = 0;
    std::string body{};
  };
  virtual ~OperationTransport() = default;
  // Blocking. POST /op/<operation> with this JSON. Code::unavailable, name "daemon_down", where
  // nobody answers.
  virtual Result<Answer> post(const std::string& operation, const std::string& json,
                              const HeaderList& headers) = 0;
};

// The whole exchange, blocking: what the CLI does.
Reply call_remote(OperationTransport& transport, const std::string& operation,
                  const nlohmann::json& args, const Caller& caller);

class RemoteDispatcher final : public Dispatcher {
 public:
  // Runs a blocking job off the loop and resumes when it is done (the app passes its pool).
  using Offload = std::function<Task<void>(std::function<void()> job)>;

  RemoteDispatcher(OperationTransport& transport, Offload offload);
  Task<Reply> call(std::string operation, nlohmann::json args, Caller caller) override;

 private:
  OperationTransport& transport_;
  Offload offload_;
};

}  // namespace fleet::catalogue
