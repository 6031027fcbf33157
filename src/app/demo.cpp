#include "app/demo.h"

#include <array>
#include <asio/io_context.hpp>
#include <nlohmann/json.hpp>
#include <ostream>

#include "app/demo_play.h"
#include "io/interrupt.h"
#include "io/system_clock.h"
#include "io/waiting.h"

namespace fleet::app {
namespace {

using nlohmann::json;
using Act = Result<void> (DemoPlay::*)();

constexpr std::array<Act, 7> kActs{&DemoPlay::pair,          &DemoPlay::talk,
                                   &DemoPlay::lose_nats,     &DemoPlay::nats_returns,
                                   &DemoPlay::lose_receiver, &DemoPlay::receiver_returns,
                                   &DemoPlay::tell_one_story};
constexpr Millis kKeepLook{200};

Result<void> play(DemoPlay& play, const DemoStage& stage) {
  for (const Act act : kActs) {
    if (auto done = (play.*act)(); !done) return done;
    if (io::interrupted() || stage.lost()) return refuse(Code::unavailable, "interrupted");
  }
  return {};
}

std::string in_words(const DemoCount& count) {
  std::string text = std::to_string(count.accepted) + " accepted, " + std::to_string(count.stored) +
                     " stored, " + std::to_string(count.lost) + " lost, " +
                     std::to_string(count.twice) + " twice";
  if (count.altered > 0) text += ", " + std::to_string(count.altered) + " with another text";
  if (count.unasked > 0) text += ", " + std::to_string(count.unasked) + " that nobody sent";
  if (count.unproved > 0) {
    text += ", " + std::to_string(count.unproved) + " of which the sender has no receipt";
  }
  return text;
}

json as_json(const DemoCount& count, const DemoTimes& times, double took_s, bool nats) {
  json reply{{"ok", count.clean()}, {"nats", nats}, {"took_s", took_s}};
  reply["accepted"] = count.accepted;
  reply["stored"] = count.stored;
  reply["lost"] = count.lost;
  reply["twice"] = count.twice;
  reply["altered"] = count.altered;
  reply["unasked"] = count.unasked;
  reply["unproved"] = count.unproved;
  reply["stored_median_ms"] = times.stored_ms;
  reply["delivered_after_restart_s"] = times.delivered_s;
  if (nats) {
    reply["fallback_slowest_ms"] = times.fallback_ms;
    reply["back_on_nats_s"] = times.back_s;
  }
  return reply;
}

void say_how_to_talk(DemoFleet& fleet, DemoStage& stage) {
  DemoNode& first = fleet.node(0);
  const std::string home = "FLEET_NERVE_HOME=" + first.home().string() + ' ';
  stage.title("The fleet goes on until Ctrl-C");
  stage.line(home + "fleet-nerve peers");
  stage.line(home + "fleet-nerve send mac2 'hello' --until stored");
  stage.line("curl -X POST http://127.0.0.1:" + std::to_string(first.local_port()) +
             "/message -H 'Content-Type: application/json' \\");
  stage.line("     -d '{\"type\":\"context\",\"to\":\"mac2\",\"payload\":{\"body\":\"Hello\"}}'");
  stage.line("logs and homes: " + fleet.folder().string());
}

int fail(const cli::Terminal& terminal, const Error& error) {
  terminal.err << "fleet-nerve demo: " << error.message << '\n';
  return 1;
}

struct Performance {
  asio::io_context idle{};  // the clock wants a loop; nothing runs on it
  io::SystemClock clock{idle.get_executor()};
  const cli::Terminal& terminal;
  DemoStage stage;
  Tick start = clock.now();

  Performance(const cli::Terminal& screen, bool quiet) : terminal(screen), stage(screen, quiet) {}

  double seconds() const { return static_cast<double>((clock.now() - start).count()) / 1e6; }

  int verdict(const DemoCount& count, const DemoTimes& times, bool nats) {
    stage.title("Counted in the three inboxes");
    const std::string words = in_words(count);
    count.clean() ? stage.good(words) : stage.bad(words);
    if (stage.quiet()) terminal.out << as_json(count, times, seconds(), nats) << '\n';
    return count.clean() ? 0 : 1;
  }

  int run(DemoFleet& fleet, bool keep) {
    DemoTraffic traffic(fleet, clock);
    DemoPlay acts(fleet, traffic, stage, clock);
    if (auto played = play(acts, stage); !played) return fail(terminal, played.error());
    auto count = traffic.count();
    if (!count) return fail(terminal, count.error());
    const int status = verdict(*count, acts.times(), fleet.has_nats());
    if (keep) {
      say_how_to_talk(fleet, stage);
      while (!io::interrupted()) static_cast<void>(io::pause(kKeepLook));
    }
    return status;
  }
};

}  // namespace

int demo(const Start& start, const cli::Terminal& terminal, const cli::Values& values) {
  io::catch_interrupts();
  Performance performance(terminal, values.has("json"));
  performance.stage.line("Three nodes on 127.0.0.1; heartbeats every second instead of every ten.");
  int status = 1;
  {
    auto fleet = DemoFleet::make(start, performance.clock);
    if (!fleet) return fail(terminal, fleet.error());
    status = performance.run(**fleet, values.has("keep"));
  }
  performance.stage.dim("");
  performance.stage.dim("Took " + one_decimal(performance.seconds()) +
                        " s; the nodes are stopped and their folder is gone.");
  return status;
}

}  // namespace fleet::app
