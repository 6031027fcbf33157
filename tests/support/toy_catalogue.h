// A catalogue of four invented operations and a clock that stands still until told: what the
// catalogue's and the faces' tests speak to. It proves that no face needs a real operation.
#pragma once

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "catalogue/catalogue.h"
#include "catalogue/dispatcher.h"
#include "io/clock.h"
#include "io/signal.h"
#include "io/timer_heap.h"

namespace fleet::toy {

using catalogue::Access;
using catalogue::Caller;
using catalogue::Catalogue;
using nlohmann::json;

class StillClock final : public io::Clock {
 public:
  Tick now() const override { return now_; }
  Stamp stamp() const override { return Stamp{1'000 + now_.us / 1'000}; }
  TimerId call_at(Tick at, std::function<void()> what) override {
    return heap_.arm(at, std::move(what));
  }
  void cancel(TimerId id) override { heap_.cancel(id); }
  void advance(Micros span) {
    now_ = now_ + span;
    while (auto due = heap_.take_due(now_)) (*due)();
  }
  // Before the loop goes: timers own coroutines of it.
  void clear() { heap_.clear(); }

 private:
  Tick now_{};
  io::TimerHeap heap_{};
};

struct Payload {
  std::string body;
  template <class V>
  void fields(V& v) {
    v.required("body", body, "the text");
  }
};

struct SendRequest {
  std::string to;
  std::string type = "context";
  std::optional<std::string> body;
  std::optional<Payload> payload;
  std::optional<Seconds> wait;
  template <class V>
  void fields(V& v) {
    v.required("to", to, "who gets it", catalogue::bytes_between(1, 32));
    v.choice("type", type, {"context", "alert", "reply"}, "what it is");
    v.optional("body", body, "the text", catalogue::at_most_bytes(100));
    v.optional("payload", payload, "the classic form of body");
    v.optional("wait_s", wait, "how long to wait", catalogue::between(0, 600));
  }
};

struct SendReply {
  std::string id;
  std::string state;
  template <class V>
  void fields(V& v) {
    v.required("id", id, "the message's id");
    v.required("state", state, "how far it got");
  }
};

struct ListRequest {
  bool unread = false;
  int limit = 50;
  std::optional<std::string> after;
  template <class V>
  void fields(V& v) {
    v.optional("unread", unread, "only what nobody has seen");
    v.optional("limit", limit, "how many at most", catalogue::between(1, 500));
    v.optional("after", after, "id of the last one seen");
  }
};

struct Item {
  std::string id;
  std::string text;
  std::int64_t n = 0;
  template <class V>
  void fields(V& v) {
    v.required("id", id, "its id");
    v.required("text", text, "its text");
    v.required("n", n, "its number");
  }
};

struct ListReply {
  std::vector<Item> items;
  std::optional<std::string> next;
  template <class V>
  void fields(V& v) {
    v.required("items", items, "oldest first");
    v.required("next", next, "where to go on; null at the end");
  }
};

struct GetRequest {
  std::string id;
  template <class V>
  void fields(V& v) {
    v.required("id", id, "which one");
  }
};

struct PolicyRequest {
  std::string state;
  template <class V>
  void fields(V& v) {
    v.required_choice("state", state, {"accept", "refuse"}, "the new state");
  }
};

// Records who asked what; `wait` ends when `go` is notified.
class ToyService {
 public:
  std::vector<SendRequest> sent{};
  std::vector<Caller> callers{};
  ListRequest listed{};

  Task<Result<SendReply>> send(SendRequest request, Caller caller) {
    sent.push_back(request);
    callers.push_back(caller);
    if (request.to == "nobody") {
      co_return refuse(Code::not_found, "unknown_peer", "peer 'nobody' is not in the fleet");
    }
    if (request.to == "crash") throw std::runtime_error("the toy broke");
    SendReply reply{"mac1.1.1", request.wait ? "stored" : "accepted"};
    co_return reply;
  }
  Task<Result<ListReply>> list(ListRequest request, Caller) {
    listed = request;
    ListReply reply;
    reply.items.push_back(Item{"a", "first", 1});
    reply.items.push_back(Item{"b", "second", 22});
    co_return reply;
  }
  Task<Result<Item>> get(GetRequest request, Caller) {
    Item item{request.id, "text of " + request.id, 7};
    co_return item;
  }
  io::Signal go{};
  Task<Result<void>> wait(catalogue::Nothing, Caller) {
    co_await go.wait();
    co_return Result<void>();
  }
  Task<Result<void>> policy(PolicyRequest, Caller) { co_return Result<void>(); }
};

inline void describe(Catalogue& c) {
  c.add({.name = "toy_send",
         .summary = "Send a toy.",
         .http = {"POST", "/toys"},
         .cli = {.command = "send",
                 .positional = {"to", "body"},
                 .example = "send mac2 hello",
                 .group = "Messages"},
         .http_status = [](const json& reply) { return reply["state"] == "accepted" ? 202 : 200; }},
        &ToyService::send);
  c.add({.name = "toy_list",
         .summary = "List the toys.",
         .http = {"GET", "/toys"},
         .access = Access::peer,
         .cli = {.command = "list", .example = "list --limit 5", .columns = {"id", "text"}},
         .hints = {.read_only = true, .idempotent = true},
         .resource = "toy://list"},
        &ToyService::list);
  c.add({.name = "toy_get",
         .summary = "Show one toy.",
         .http = {"GET", "/toys/{id}"},
         .cli = {.command = "get", .positional = {"id"}, .example = "get a"},
         .hints = {.read_only = true},
         .resource = "toy://item/{id}"},
        &ToyService::get);
  c.add({.name = "toy_wait", .summary = "Wait for a word.", .hints = {.slow = true}},
        &ToyService::wait);
  c.add({.name = "toy_policy",
         .summary = "Change what is allowed.",
         .http = {"POST", "/toys/policy"},
         .access = Access::trust,
         .cli = {.command = "policy set", .positional = {"state"}, .example = "policy set accept"}},
        &ToyService::policy);
}

// One coroutine, run until it ends or nothing moves any more.
template <class T>
std::optional<T> run(asio::io_context& loop, Task<T> task) {
  std::optional<T> out;
  auto hold = [](Task<T> inner, std::optional<T>* slot) -> Task<void> {
    slot->emplace(co_await std::move(inner));
  };
  asio::co_spawn(loop, hold(std::move(task), &out), asio::detached);
  loop.restart();
  loop.poll();
  return out;
}

// Catalogue, service and dispatcher, put together.
struct World {
  asio::io_context loop{};
  StillClock clock{};
  ToyService service{};
  Catalogue catalogue{};
  std::vector<std::string> faults{};
  std::unique_ptr<catalogue::LocalDispatcher> dispatcher{};

  World() {
    describe(catalogue);
    catalogue.attach(service);
    dispatcher = std::make_unique<catalogue::LocalDispatcher>(
        catalogue, nullptr, [this](std::string_view operation, std::string_view what) {
          faults.push_back(std::string(operation) + ": " + std::string(what));
        });
  }
  ~World() { clock.clear(); }

  catalogue::Reply call(std::string operation, json args, Caller caller = {}) {
    auto task = dispatcher->call(std::move(operation), std::move(args), std::move(caller));
    auto reply = run(loop, std::move(task));
    if (!reply) throw std::logic_error("the call did not end");
    return std::move(*reply);
  }
};

}  // namespace fleet::toy
