#include "app/transport.h"

namespace fleet::app {
namespace {

constexpr Millis kPairBudget{10'000};

}  // namespace

SocketTransport::SocketTransport(const Places& places, Millis budget)
    : address_("unix:" + places.socket().string()), budget_(budget) {}

Result<catalogue::OperationTransport::Answer> SocketTransport::post(
    const std::string& operation, const std::string& json, const catalogue::HeaderList& headers) {
  io::HttpRequest request;
  request.addresses = {address_};
  request.method = "POST";
  request.target = "/op/" + operation;
  request.headers = headers;
  request.headers.emplace_back("Content-Type", "application/json");
  request.headers.emplace_back("Host", "localhost");
  request.body = json;
  request.budget = budget_;
  const io::HttpResponse response = client_.send(request);
  if (response.answered()) return Answer{response.status, response.body};
  if (response.failure == io::HttpFailure::timeout) {
    return refuse(Code::timed_out, "the daemon did not answer in time");
  }
  return refuse(Code::unavailable, "daemon_down",
                "the daemon is not running here; start it: fleet-nerve serve");
}

Result<trust::PairTransport::Answer> PairClient::post(const std::string& address,
                                                      const std::string& body) {
  io::HttpRequest request;
  request.addresses = {address};
  request.method = "POST";
  request.target = "/pair";
  request.headers = {{"Content-Type", "application/json"}};
  request.body = body;
  request.budget = kPairBudget;
  const io::HttpResponse response = client_.send(request);
  if (response.answered()) return Answer{response.status, response.body};
  return refuse(Code::unavailable, std::string(io::to_string(response.failure)));
}

}  // namespace fleet::app
