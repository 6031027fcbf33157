// What other durable queues take for one acknowledged write, as an orientation and never as a goal.
//   anchors jetstream URL COUNT        publish and wait for the stream's acknowledgement
//   anchors redis PORT COUNT           XADD, on a server that runs with appendfsync always
#include <nats/nats.h>

#include <algorithm>
#include <asio/connect.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/read_until.hpp>
#include <asio/write.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace fleet::bench {
namespace {

constexpr std::size_t body_bytes = 512;

void measure(int count, const std::function<void()>& once) {
  std::vector<double> times;
  for (int i = 0; i < count / 10 + 1; ++i) once();  // warm-up
  const auto begun = std::chrono::steady_clock::now();
  for (int i = 0; i < count; ++i) {
    const auto start = std::chrono::steady_clock::now();
    once();
    const auto taken = std::chrono::steady_clock::now() - start;
    times.push_back(std::chrono::duration<double, std::milli>(taken).count());
  }
  const std::chrono::duration<double> all = std::chrono::steady_clock::now() - begun;
  std::sort(times.begin(), times.end());
  std::printf(
      "{\"clients\":1,\"stored\":%d,\"failed\":0,\"p50_ms\":%.3f,\"p99_ms\":%.3f,"
      "\"max_ms\":%.3f,\"per_s\":%.1f}\n",
      count, times[times.size() / 2], times[times.size() * 99 / 100], times.back(),
      count / all.count());
}

void must(natsStatus status) {
  if (status != NATS_OK) throw std::runtime_error(natsStatus_GetText(status));
}

template <class T, void (*Free)(T*)>
std::unique_ptr<T, void (*)(T*)> held(T* made) {
  return {made, Free};
}

void jetstream(const char* url, int count) {
  natsConnection* made = nullptr;
  must(natsConnection_ConnectTo(&made, url));
  const auto connection = held<natsConnection, natsConnection_Destroy>(made);
  jsCtx* made_context = nullptr;
  must(natsConnection_JetStream(&made_context, made, nullptr));
  const auto context = held<jsCtx, jsCtx_Destroy>(made_context);
  const char* subjects[] = {"anchor.>"};
  jsStreamConfig config;
  must(jsStreamConfig_Init(&config));
  config.Name = "ANCHOR";
  config.Subjects = subjects;
  config.SubjectsLen = 1;
  config.Storage = js_FileStorage;
  must(js_AddStream(nullptr, context.get(), &config, nullptr, nullptr));
  const std::string body(body_bytes, 'x');
  measure(count, [&] {
    must(js_Publish(nullptr, context.get(), "anchor.a", body.data(), body_bytes, nullptr, nullptr));
  });
}

void redis(int port, int count) {
  asio::io_context loop;
  asio::ip::tcp::socket socket(loop);
  socket.connect({asio::ip::address_v4::loopback(), static_cast<std::uint16_t>(port)});
  socket.set_option(asio::ip::tcp::no_delay(true));
  const std::string command =
      "*5\r\n$4\r\nXADD\r\n$6\r\nanchor\r\n$1\r\n*\r\n$4\r\nbody\r\n$512\r\n" +
      std::string(body_bytes, 'x') + "\r\n";
  std::string reply;
  measure(count, [&] {
    asio::write(socket, asio::buffer(command));
    reply.clear();
    asio::read_until(socket, asio::dynamic_buffer(reply), "\r\n");
    if (reply.front() == '-') throw std::runtime_error(reply);
    if (std::count(reply.begin(), reply.end(), '\n') < 2) {
      asio::read_until(socket, asio::dynamic_buffer(reply), "-0\r\n");
    }
  });
}

}  // namespace
}  // namespace fleet::bench

int main(int count, char** words) {
  try {
    const std::string which = count == 4 ? words[1] : "";
    const int times = count == 4 ? std::clamp(std::atoi(words[3]), 1, 100'000) : 0;
    if (which == "jetstream") return fleet::bench::jetstream(words[2], times), 0;
    if (which == "redis") return fleet::bench::redis(std::atoi(words[2]), times), 0;
    std::fputs("usage: anchors jetstream URL COUNT | anchors redis PORT COUNT\n", stderr);
    return 2;
  } catch (const std::exception& fault) {
    std::fprintf(stderr, "anchors: %s\n", fault.what());
    return 1;
  }
}
