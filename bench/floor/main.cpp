// The floor: the least work that "accepted here, stored there, with a signed receipt" can cost. Two
// processes of this program, sender and receiver, do the same two commits and the same cryptography
// as the daemon, and nothing else: no names, roster, policy, retry, dedupe rules or JSON.
//   floor receiver PORT DB [NATS_URL]          floor sender PORT DB PEER_PORT [NATS_URL]
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>
#include <cstdio>
#include <cstdlib>
#include <iterator>

#include "floor/bus.h"
#include "floor/crypto.h"
#include "floor/writer.h"
#include "wire/http.h"

namespace fleet::bench {
namespace {

constexpr const char* bytes_type = "application/octet-stream";
constexpr const char* subject = "floor.b";

class Node {
 public:
  virtual ~Node() = default;
  virtual Task<std::string> handle(std::string body) = 0;  // the reply to a POST
};

class Sender final : public Node {
 public:
  Sender(asio::io_context& loop, const std::string& db, std::uint16_t peer_port, Bus* bus)
      : crypto_("a", "b"),
        writer_(db, loop.get_executor(), nullptr),
        pool_(loop.get_executor(), {asio::ip::address_v4::loopback(), peer_port}),
        bus_(bus) {}

  Task<std::string> handle(std::string body) override {
    const auto id = ++sent_;
    auto frame = crypto_.seal_and_sign(id, body);
    Row row{id, frame, {}};
    co_await writer_.write(std::move(row));
    const bool stored = co_await deliver(std::move(frame));
    std::string reply = R"({"id":"a.1.)" + std::to_string(id) + R"(","state":")";
    co_return reply.append(stored ? "stored" : "accepted").append("\"}");
  }

 private:
  Task<bool> deliver(std::string frame) {
    if (bus_ != nullptr) {
      const auto receipt = co_await bus_->request(subject, std::move(frame));
      co_return !receipt.empty();
    }
    auto request = request_bytes("POST", "/envelope", bytes_type, frame);
    const auto response = co_await pool_.exchange(std::move(request));
    co_return status_of(response) == 200 && !response.body.empty();
  }

  Crypto crypto_;
  Writer writer_;
  HttpPool pool_;
  Bus* bus_;
  std::uint64_t sent_ = 0;
};

class Receiver final : public Node {
 public:
  Receiver(asio::io_context& loop, const std::string& db)
      : crypto_("b", "a"),
        receipts_("b", "a"),
        writer_(db, loop.get_executor(), [this](const auto& rows) { return receipt(rows); }) {}

  Task<std::string> handle(std::string frame) override {
    auto opened = crypto_.verify_and_open(frame);
    if (!opened) co_return std::string();
    Row row{opened->id, std::move(opened->body), sha256(frame)};
    const auto proof = co_await writer_.write(std::move(row));
    co_return *proof;
  }

 private:
  // Runs on the writer thread, after the commit: one signature for everyone in the group.
  Proof receipt(const std::vector<Row>& rows) {
    std::string receipt;
    for (const auto& row : rows) receipt.append(std::to_string(row.id)).append(row.hash);
    return std::make_shared<const std::string>(receipt + receipts_.sign(receipt));
  }

  Crypto crypto_;
  Crypto receipts_;  // a second one: it serves the writer thread
  Writer writer_;
};

Task<void> serve_connection(Socket socket, Node& node) {
  try {
    HttpConnection connection(std::move(socket));
    for (;;) {
      auto request = co_await connection.read();
      std::string reply;
      if (request.first_line.starts_with("POST")) {
        reply = co_await node.handle(std::move(request.body));
      }
      auto response = response_bytes("200 OK", bytes_type, reply);
      co_await connection.write(std::move(response));
    }
  } catch (const std::system_error&) {  // the client went away
  }
}

Task<void> accept_all(asio::ip::tcp::acceptor& acceptor, Node& node) {
  for (;;) {
    Socket socket = co_await acceptor.async_accept(asio::use_awaitable);
    asio::co_spawn(acceptor.get_executor(), serve_connection(std::move(socket), node),
                   asio::detached);
  }
}

Task<void> answer(Bus& bus, Node& node, std::string reply_to, std::string frame) {
  const auto receipt = co_await node.handle(std::move(frame));
  bus.publish(reply_to, receipt);
}

int run(int count, char** words) {
  const std::string role = count > 1 ? words[1] : "";
  const int fixed = role == "sender" ? 5 : 4;
  if (count < fixed || (role != "sender" && role != "receiver")) {
    std::fputs("usage: floor receiver PORT DB [NATS] | floor sender PORT DB PEER_PORT [NATS]\n",
               stderr);
    return 2;
  }
  asio::io_context loop(1);
  std::unique_ptr<Bus> bus;
  if (count > fixed) bus = std::make_unique<Bus>(words[fixed], loop.get_executor());
  const auto port = static_cast<std::uint16_t>(std::atoi(words[2]));
  std::unique_ptr<Node> node;
  if (role == "sender") {
    const auto peer = static_cast<std::uint16_t>(std::atoi(words[4]));
    node = std::make_unique<Sender>(loop, words[3], peer, bus.get());
  } else {
    node = std::make_unique<Receiver>(loop, words[3]);
    if (bus) {
      bus->serve(subject, [&](std::string reply_to, std::string frame) {
        asio::co_spawn(loop, answer(*bus, *node, std::move(reply_to), std::move(frame)),
                       asio::detached);
      });
    }
  }
  asio::ip::tcp::acceptor acceptor(loop, {asio::ip::address_v4::loopback(), port});
  asio::co_spawn(loop, accept_all(acceptor, *node), asio::detached);
  asio::signal_set stop(loop, SIGTERM, SIGINT);
  stop.async_wait([&](const asio::error_code&, int) { loop.stop(); });
  loop.run();
  return 0;
}

}  // namespace
}  // namespace fleet::bench

int main(int count, char** words) {
  try {
    return fleet::bench::run(count, words);
  } catch (const std::exception& fault) {
    std::fprintf(stderr, "floor: %s\n", fault.what());
    return 1;
  }
}
