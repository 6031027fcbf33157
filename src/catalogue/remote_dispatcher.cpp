#include "catalogue/remote_dispatcher.h"

#include <exception>
#include <memory>

#include "catalogue/wire_error.h"

namespace fleet::catalogue {
namespace {

HeaderList headers_of(const Caller& caller) {
  HeaderList headers;
  if (!caller.idempotency_key.empty()) {
    headers.emplace_back(kIdempotencyHeader, caller.idempotency_key);
  }
  if (!caller.session.empty()) headers.emplace_back(kSessionHeader, caller.session);
  if (caller.kind == Caller::Kind::tty) headers.emplace_back(kTtyHeader, "1");
  return headers;
}

Reply reply_of(const OperationTransport::Answer& answer) {
  nlohmann::json body = nlohmann::json::parse(answer.body, nullptr, false);
  if (answer.status >= 200 && answer.status < 300 && !body.is_discarded()) return body;
  return error_from_json(body, answer.status);
}

}  // namespace

Reply call_remote(OperationTransport& transport, const std::string& operation,
                  const nlohmann::json& args, const Caller& caller) {
  const std::string body = args.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  Result<OperationTransport::Answer> answer = transport.post(operation, body, headers_of(caller));
  if (!answer) return answer.error();
  return reply_of(answer.value());
}

RemoteDispatcher::RemoteDispatcher(OperationTransport& transport, Offload offload)
    : transport_(transport), offload_(std::move(offload)) {}

Task<Reply> RemoteDispatcher::call(std::string operation, nlohmann::json args, Caller caller) {
  // Shared with the job, which may still run when this coroutine has been cancelled.
  struct Exchange {
    OperationTransport& transport;
    std::string operation;
    nlohmann::json args;
    Caller caller;
    Reply reply;
    Reply run() { return call_remote(transport, operation, args, caller); }
  };
  const Error unfinished = refuse(Code::unavailable, "the request was given up");
  auto exchange = std::make_shared<Exchange>(Exchange{
      transport_, std::move(operation), std::move(args), std::move(caller), Reply(unfinished)});
  std::function<void()> job = [exchange] { exchange->reply = exchange->run(); };
  co_await offload_(std::move(job));
  co_return std::move(exchange->reply);
}

}  // namespace fleet::catalogue
