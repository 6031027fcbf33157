// What the tests of trust stand on: a clock whose wall can be wrong, real cryptography from a
// seeded generator, and a machine of its own folder with its keys, its database and its service.
#pragma once

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "fleet/base/crypto.h"
#include "fleet/base/rng.h"
#include "services/trust/join.h"
#include "services/trust/kept_policy.h"
#include "services/trust/service.h"
#include "services/trust/table.h"
#include "services/trust/wrong_clock.h"
#include "store/open.h"
#include "support/temp_dir.h"

namespace fleet::trust {

// A machine that made a fleet of its own and whose daemon runs.
struct Machine {
  asio::io_context loop{};
  WrongClock clock{};
  SeededRng rng;
  OpenSslCrypto crypto{};
  test::TempDir folder{};
  KeyStore store{folder / "home"};
  NodeId name;
  Keys keys;
  Membership membership;
  Policy policy{};
  catalogue::EventStream events{clock};
  std::unique_ptr<store::Database> db =
      store::open_inline(":memory:", loop.get_executor(), kMigrations);
  std::vector<NodeAddresses> known;
  TrustService service;

  explicit Machine(NodeId its_name, std::uint64_t seed = 1)
      : rng(seed),
        name(std::move(its_name)),
        keys(made()),
        membership(crypto, keys.identity(), keys.roster),
        known{{name, NodeRole::chief, {"10.0.0.1:8855"}, "10.0.0.1:8855"}},
        service(needs(), keys) {
    service.open();
  }

  // Runs one coroutine to its end.
  template <class T>
  T run(Task<T> task) {
    std::optional<T> answer;
    start(std::move(task), answer);
    loop.restart();
    loop.run();
    return std::move(answer).value();
  }
  template <class T>
  void start(Task<T> task, std::optional<T>& answer) {
    asio::co_spawn(loop, kept(std::move(task), answer), asio::detached);
  }

  std::string token(const std::string& role = "worker") {
    return run(service.invite({role}, {})).value().token;
  }

 private:
  template <class T>
  static Task<void> kept(Task<T> task, std::optional<T>& answer) {
    answer.emplace(co_await std::move(task));
  }
  Keys made() {
    EXPECT_TRUE(store.make(crypto, rng, name, clock.stamp()));
    return store.load(crypto).value();
  }
  TrustService::Needs needs() {
    const auto in_place = [](TrustService::Job job) -> Task<Result<void>> { co_return job(); };
    return {clock,      rng,    crypto, *db,      events,
            membership, policy, store,  in_place, [this] { return known; }};
  }
};

// Brings packets to a machine's service as its HTTP server would; `meddle` may change them.
struct Wire final : PairTransport {
  explicit Wire(Machine& its_inviter) : inviter(its_inviter) {}
  Machine& inviter;
  std::function<void(std::string&)> meddle_request = [](std::string&) {};
  std::function<void(std::string&)> meddle_answer = [](std::string&) {};
  std::string from = "10.0.0.2";
  std::vector<std::string> knocked{};

  Result<Answer> post(const std::string& address, const std::string& body) override {
    knocked.push_back(address);
    if (address != inviter.known.front().http.front()) {
      return refuse(Code::unavailable, "connection refused");
    }
    if (!inviter.service.invite_open()) return Answer{401, ""};
    std::string sent = body;
    meddle_request(sent);
    auto answer = inviter.run(inviter.service.pair_request(std::move(sent), from));
    if (!answer) return Answer{http_status(answer.error().code), ""};
    meddle_answer(*answer);
    return Answer{200, std::move(*answer)};
  }
};

}  // namespace fleet::trust
