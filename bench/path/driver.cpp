// The load: POSTs a bounded number of messages to one port over keep-alive connections, waits each
// time until the reply says `stored`, and prints one line of JSON with the latencies. The floor and
// the daemon get the same bytes from it.
//   path PORT CLIENTS COUNT [--to NODE] [--via CHANNEL] [--bytes N]
#include <algorithm>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <asio/use_awaitable.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "wire/http.h"

namespace fleet::bench {
namespace {

using Moment = std::chrono::steady_clock::time_point;

struct Plan {
  std::uint16_t port = 0;
  int clients = 1;
  int count = 0;
  std::string to = "b";
  std::string via;
  std::size_t bytes = 512;
};

struct Tally {
  int started = 0;
  int failed = 0;
  std::string first_failure;
  std::vector<double> stored_ms;
};

// The classic call of the reference page, with the two words that make it wait.
std::string message(const Plan& plan) {
  std::string json = R"({"type":"context","to":")" + plan.to + R"(","payload":{"body":")";
  json.append(plan.bytes, 'x').append(R"("},"until":"stored","wait_s":5)");
  if (!plan.via.empty()) json.append(R"(,"via":")").append(plan.via).append("\"");
  return json.append("}");
}

bool is_stored(const HttpMessage& response) {
  const int status = status_of(response);
  if (status != 200 && status != 202) return false;
  return response.body.find(R"("state":"stored")") != std::string::npos ||
         response.body.find(R"("state":"seen")") != std::string::npos;
}

void note(Tally& tally, const HttpMessage& response, double ms) {
  if (is_stored(response)) {
    tally.stored_ms.push_back(ms);
    return;
  }
  if (++tally.failed == 1) {
    tally.first_failure = response.first_line + " " + response.body.substr(0, 300);
  }
}

Task<void> client(const Plan& plan, Tally& tally) {
  const auto executor = co_await asio::this_coro::executor;
  HttpPool pool(executor, {asio::ip::address_v4::loopback(), plan.port});
  const auto request = request_bytes("POST", "/message", "application/json", message(plan));
  while (tally.started < plan.count) {
    ++tally.started;
    const Moment begun = std::chrono::steady_clock::now();
    const auto response = co_await pool.exchange(request);
    const auto taken = std::chrono::steady_clock::now() - begun;
    note(tally, response, std::chrono::duration<double, std::milli>(taken).count());
  }
}

// Every latency, so that whoever compares can pool the rounds before taking a percentile.
void print(const Plan& plan, const Tally& tally, double seconds) {
  std::printf("{\"clients\":%d,\"stored\":%zu,\"failed\":%d,\"per_s\":%.1f,\"ms\":[", plan.clients,
              tally.stored_ms.size(), tally.failed,
              static_cast<double>(tally.stored_ms.size()) / seconds);
  const char* comma = "";
  for (const double ms : tally.stored_ms) {
    std::printf("%s%.3f", comma, ms);
    comma = ",";
  }
  std::puts("]}");
  if (tally.failed > 0) std::fprintf(stderr, "first failure: %s\n", tally.first_failure.c_str());
}

Plan plan_from(int count, char** words) {
  Plan plan;
  plan.port = static_cast<std::uint16_t>(std::atoi(words[1]));
  plan.clients = std::clamp(std::atoi(words[2]), 1, 256);
  plan.count = std::clamp(std::atoi(words[3]), 1, 1'000'000);
  for (int i = 4; i + 1 < count; i += 2) {
    const std::string flag = words[i];
    if (flag == "--to") plan.to = words[i + 1];
    if (flag == "--via") plan.via = words[i + 1];
    if (flag == "--bytes") plan.bytes = static_cast<std::size_t>(std::atoi(words[i + 1]));
  }
  return plan;
}

int run(int count, char** words) {
  if (count < 4) {
    std::fputs("usage: path PORT CLIENTS COUNT [--to NODE] [--via CHANNEL] [--bytes N]\n", stderr);
    return 2;
  }
  const auto plan = plan_from(count, words);
  Tally tally;
  asio::io_context loop(1);
  for (int i = 0; i < plan.clients; ++i) {
    asio::co_spawn(loop, client(plan, tally), [](const std::exception_ptr& fault) {
      if (fault) std::rethrow_exception(fault);
    });
  }
  const Moment begun = std::chrono::steady_clock::now();
  loop.run();
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begun;
  print(plan, tally, taken.count());
  return tally.failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace fleet::bench

int main(int count, char** words) {
  try {
    return fleet::bench::run(count, words);
  } catch (const std::exception& fault) {
    std::fprintf(stderr, "path: %s\n", fault.what());
    return 1;
  }
}
