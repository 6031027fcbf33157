#include "floor/bus.h"

#include <unistd.h>

#include <asio/post.hpp>
#include <stdexcept>

namespace fleet::bench {
namespace {

void must(natsStatus status) {
  if (status == NATS_OK) return;
  throw std::runtime_error(std::string("nats: ") + natsStatus_GetText(status));
}

std::string body_of(natsMsg* message) {
  return {natsMsg_GetData(message), static_cast<std::size_t>(natsMsg_GetDataLength(message))};
}

}  // namespace

Bus::Bus(const std::string& url, asio::any_io_executor loop)
    : loop_(std::move(loop)), reply_prefix_("floor.reply." + std::to_string(getpid()) + ".") {
  natsOptions* options = nullptr;
  must(natsOptions_Create(&options));
  must(natsOptions_SetURL(options, url.c_str()));
  must(natsOptions_SetSendAsap(options, true));
  const auto status = natsConnection_Connect(&connection_, options);
  natsOptions_Destroy(options);
  must(status);
  must(natsConnection_Subscribe(&replies_, connection_, (reply_prefix_ + "*").c_str(),
                                reply_arrived, this));
  must(natsConnection_Flush(connection_));
}

Bus::~Bus() {
  natsConnection_Close(connection_);
  natsSubscription_Destroy(requests_);
  natsSubscription_Destroy(replies_);
  natsConnection_Destroy(connection_);
}

void Bus::serve(const std::string& subject, OnRequest on_request) {
  on_request_ = std::move(on_request);
  must(natsConnection_Subscribe(&requests_, connection_, subject.c_str(), request_arrived, this));
  must(natsConnection_Flush(connection_));
}

void Bus::publish(const std::string& subject, const std::string& body) {
  must(natsConnection_Publish(connection_, subject.c_str(), body.data(),
                              static_cast<int>(body.size())));
}

void Bus::ask(const std::string& subject, const std::string& body, OnReply on_reply) {
  auto reply_to = reply_prefix_ + std::to_string(++asked_);
  must(natsConnection_PublishRequest(connection_, subject.c_str(), reply_to.c_str(), body.data(),
                                     static_cast<int>(body.size())));
  waiting_.emplace(std::move(reply_to), std::move(on_reply));
}

void Bus::answered(const std::string& subject, std::string body) {
  auto found = waiting_.extract(subject);
  if (!found.empty()) found.mapped()(std::move(body));
}

void Bus::request_arrived(natsConnection*, natsSubscription*, natsMsg* message, void* self) {
  auto* bus = static_cast<Bus*>(self);
  asio::post(bus->loop_, [bus, reply_to = std::string(natsMsg_GetReply(message)),
                          body = body_of(message)] { bus->on_request_(reply_to, body); });
  natsMsg_Destroy(message);
}

void Bus::reply_arrived(natsConnection*, natsSubscription*, natsMsg* message, void* self) {
  auto* bus = static_cast<Bus*>(self);
  asio::post(bus->loop_, [bus, subject = std::string(natsMsg_GetSubject(message)),
                          body = body_of(message)] { bus->answered(subject, body); });
  natsMsg_Destroy(message);
}

}  // namespace fleet::bench
