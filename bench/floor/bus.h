// NATS request and reply between the two floor processes, on nats.c as it is meant to be used: one
// reply subscription, SendAsap, library threads that only post to the loop. Refuses to reconnect.
#pragma once

#include <nats/nats.h>

#include <asio/any_io_executor.hpp>
#include <asio/async_result.hpp>
#include <asio/awaitable.hpp>
#include <asio/use_awaitable.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>

namespace fleet::bench {

class Bus {
 public:
  using OnRequest = std::function<void(std::string reply_to, std::string body)>;

  Bus(const std::string& url, asio::any_io_executor loop);
  ~Bus();
  Bus(const Bus&) = delete;
  Bus& operator=(const Bus&) = delete;

  void serve(const std::string& subject, OnRequest on_request);  // called on the loop
  void publish(const std::string& subject, const std::string& body);

  asio::awaitable<std::string> request(std::string subject, std::string body) {
    return asio::async_initiate<const asio::use_awaitable_t<>, void(std::string)>(
        [this](auto handler, const std::string& to, const std::string& bytes) {
          auto held = std::make_shared<decltype(handler)>(std::move(handler));
          ask(to, bytes, [held](std::string reply) { (*held)(std::move(reply)); });
        },
        asio::use_awaitable, std::move(subject), std::move(body));
  }

 private:
  using OnReply = std::function<void(std::string)>;

  void ask(const std::string& subject, const std::string& body, OnReply on_reply);
  void answered(const std::string& subject, std::string body);
  static void request_arrived(natsConnection*, natsSubscription*, natsMsg* message, void* self);
  static void reply_arrived(natsConnection*, natsSubscription*, natsMsg* message, void* self);

  asio::any_io_executor loop_;
  natsConnection* connection_ = nullptr;
  natsSubscription* requests_ = nullptr;
  natsSubscription* replies_ = nullptr;
  std::string reply_prefix_;
  OnRequest on_request_;
  std::uint64_t asked_ = 0;
  std::unordered_map<std::string, OnReply> waiting_;  // by reply subject; touched on the loop only
};

}  // namespace fleet::bench
