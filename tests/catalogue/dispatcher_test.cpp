#include "catalogue/dispatcher.h"

#include <gtest/gtest.h>

#include "catalogue/remote_dispatcher.h"
#include "catalogue/wire_error.h"
#include "support/toy_catalogue.h"

namespace fleet::catalogue {
namespace {

using nlohmann::json;
using toy::World;

TEST(Dispatcher, decodes_runs_and_encodes) {
  World world;
  const Reply reply = world.call("toy_send", json{{"to", "mac2"}, {"body", "hi"}});
  ASSERT_TRUE(reply.ok());
  EXPECT_EQ(reply.value(), (json{{"id", "mac1.1.1"}, {"state", "accepted"}}));
  EXPECT_EQ(world.service.sent.at(0).body, "hi");
}

TEST(Dispatcher, an_operation_without_a_reply_answers_an_empty_object) {
  World world;
  const Reply reply =
      world.call("toy_policy", json{{"state", "accept"}}, Caller{Caller::Kind::tty});
  EXPECT_EQ(reply.value(), json::object());
}

TEST(Dispatcher, wrong_fields_never_reach_the_handler) {
  World world;
  const Reply reply = world.call("toy_send", json{{"too", "mac2"}});
  EXPECT_EQ(reply.error().fields.size(), 2U);
  EXPECT_TRUE(world.service.sent.empty());
}

TEST(Dispatcher, an_unknown_operation_is_not_found) {
  World world;
  EXPECT_EQ(world.call("toy_fly", json::object()).error().name, "unknown_operation");
}

TEST(Dispatcher, permission_is_checked_before_any_handler) {
  World world;
  const Caller peer{Caller::Kind::peer, "mac2"};
  EXPECT_TRUE(world.call("toy_list", json::object(), peer).ok());
  EXPECT_EQ(world.call("toy_send", json{{"to", "a"}}, peer).error().code, Code::forbidden);
  for (const auto kind : {Caller::Kind::local, Caller::Kind::session, Caller::Kind::peer}) {
    const Reply reply = world.call("toy_policy", json{{"state", "accept"}}, Caller{kind});
    EXPECT_EQ(reply.error().code, Code::forbidden);
  }
  EXPECT_TRUE(world.service.sent.empty());
}

TEST(Dispatcher, a_handlers_exception_becomes_unavailable_and_is_logged_without_leaking) {
  World world;
  const Reply reply = world.call("toy_send", json{{"to", "crash"}, {"body", "secret"}});
  EXPECT_EQ(reply.error().code, Code::unavailable);
  EXPECT_EQ(reply.error().message.find("broke"), std::string::npos);
  EXPECT_EQ(world.faults, std::vector<std::string>{"toy_send: the toy broke"});
}

TEST(Dispatcher, specs_exist_without_a_service_and_say_that_it_is_not_running) {
  toy::Catalogue catalogue;
  toy::describe(catalogue);
  LocalDispatcher dispatcher(catalogue);
  asio::io_context loop;
  auto task = dispatcher.call("toy_list", json::object(), Caller{});
  EXPECT_EQ(toy::run(loop, std::move(task))->error().code, Code::unavailable);
}

struct ClosedGate final : GateKeeper {
  Result<void> pass(const OperationSpec& operation, const Caller&) override {
    return refuse(Code::forbidden, "paused", operation.name + " is paused");
  }
};

struct Gated {
  Task<Result<void>> go(Nothing, Caller) { co_return Result<void>(); }
};

TEST(Dispatcher, a_closed_gate_refuses) {
  Catalogue catalogue;
  catalogue.add({.name = "gated", .summary = "x", .gate = Gate::work}, &Gated::go);
  Gated service;
  catalogue.attach(service);
  ClosedGate gate;
  LocalDispatcher dispatcher(catalogue, &gate);
  asio::io_context loop;
  auto task = dispatcher.call("gated", json::object(), Caller{});
  EXPECT_EQ(toy::run(loop, std::move(task))->error().name, "paused");
}

TEST(Catalogue, refuses_the_mistakes_of_a_program_at_start) {
  Catalogue catalogue;
  const auto add = [&](OperationSpec spec) { catalogue.add(std::move(spec), &Gated::go); };
  add({.name = "a", .summary = "x", .http = {"GET", "/a"}, .cli = {.command = "a"}});
  EXPECT_THROW(add({.name = "a", .summary = "x"}), std::logic_error);
  EXPECT_THROW(add({.name = "b", .summary = "x", .http = {"GET", "/a"}}), std::logic_error);
  EXPECT_THROW(add({.name = "b", .summary = "x", .cli = {.command = "a"}}), std::logic_error);
  EXPECT_THROW(add({.name = "b", .summary = "x", .http = {"GET", "/b/{id}"}}), std::logic_error);
  EXPECT_THROW(add({.name = "b", .summary = "x", .cli = {.positional = {"id"}}}), std::logic_error);
  EXPECT_THROW(add({.name = "B!", .summary = "x"}), std::logic_error);
  EXPECT_THROW(add({.name = std::string(31, 'x'), .summary = "x"}), std::logic_error);
  EXPECT_EQ(catalogue.operations().size(), 1U);
}

struct FakeDaemon final : OperationTransport {
  Result<Answer> next = Answer{200, "{}"};
  std::string operation, body;
  HeaderList headers;
  Result<Answer> post(const std::string& name, const std::string& text,
                      const HeaderList& list) override {
    operation = name;
    body = text;
    headers = list;
    return next;
  }
};

TEST(RemoteDispatcher, carries_the_caller_in_headers) {
  FakeDaemon daemon;
  const Caller caller{Caller::Kind::tty, "", "s1", "k1"};
  EXPECT_TRUE(call_remote(daemon, "toy_send", json{{"to", "x"}}, caller).ok());
  EXPECT_EQ(daemon.body, R"({"to":"x"})");
  const HeaderList expected{
      {"Idempotency-Key", "k1"}, {"X-Fleet-Session", "s1"}, {"X-Fleet-Tty", "1"}};
  EXPECT_EQ(daemon.headers, expected);
}

TEST(RemoteDispatcher, a_refusal_of_the_daemon_arrives_as_it_was_said) {
  FakeDaemon daemon;
  Error said = refuse(Code::not_found, "unknown_peer", "peer 'x' is not in the fleet");
  said.fields.push_back({"to", "is unknown"});
  daemon.next = OperationTransport::Answer{404, error_json(said).dump()};
  RemoteDispatcher dispatcher(daemon, [](std::function<void()> job) -> Task<void> {
    job();
    co_return;
  });
  asio::io_context loop;
  auto task = dispatcher.call("toy_send", json::object(), Caller{});
  const Error heard = toy::run(loop, std::move(task))->error();
  EXPECT_EQ(heard.code, Code::not_found);
  EXPECT_EQ(heard.name, "unknown_peer");
  EXPECT_EQ(heard.message, said.message);
  EXPECT_EQ(heard.fields.at(0).path, "to");
}

TEST(RemoteDispatcher, an_answer_that_is_no_json_is_a_refusal_too) {
  FakeDaemon daemon;
  daemon.next = OperationTransport::Answer{503, "<html>"};
  EXPECT_EQ(call_remote(daemon, "x", json::object(), Caller{}).error().code, Code::unavailable);
}

}  // namespace
}  // namespace fleet::catalogue
