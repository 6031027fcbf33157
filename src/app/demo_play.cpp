#include "app/demo_play.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>
#include <utility>

#include "app/explain.h"
#include "io/interrupt.h"
#include "io/waiting.h"

namespace fleet::app {
namespace {

using nlohmann::json;

constexpr Millis kMeeting{20'000};  // until all three see each other
constexpr Millis kReturn{
    20'000};  // until traffic is back on NATS, or delivered to a restarted node
constexpr Millis kLook{50};
constexpr Millis kRoundPause{250};
constexpr Millis kSettling{5'000};  // a road that was tried before its peer was up recovers
constexpr Millis kParking{5'000};   // until a sender has learnt of every road that it is dead
constexpr std::size_t kStoryLines = 16;
constexpr int kRounds = 5;
constexpr int kToOne = 30;        // messages to the node that dies …
constexpr int kBeforeDeath = 10;  // … and so many before it does
constexpr std::size_t kVictim = 2;

Error gave_up(const std::string& what) { return refuse(Code::timed_out, what); }
Error stopped() { return refuse(Code::unavailable, "interrupted"); }

std::string ms(double value) { return one_decimal(value) + " ms"; }
std::string seconds(double value) {
  return value < 1 ? std::to_string(static_cast<int>(value * 1000)) + " ms"
                   : one_decimal(value) + " s";
}

// "nats 24, http 6"
std::string in_words(const std::map<std::string, std::size_t>& counts) {
  std::string text;
  for (const auto& [road, number] : counts) {
    text += (text.empty() ? "" : ", ") + road + ' ' + std::to_string(number);
  }
  return text;
}

bool was_parked(const json& message) {
  const json& timeline = message.at("timeline");
  return std::any_of(timeline.begin(), timeline.end(),
                     [](const json& entry) { return entry.at("event") == "parked"; });
}

}  // namespace

double DemoPlay::seconds_since(Tick start) const {
  return static_cast<double>((clock_.now() - start).count()) / 1e6;
}

Result<void> DemoPlay::pair() {
  stage_.title("Three machines become a fleet");
  if (fleet_.has_nats()) {
    if (auto started = fleet_.start_nats(); !started) return started;
    stage_.line("a nats-server at " + fleet_.nats_url() + ", pid " +
                std::to_string(fleet_.nats_pid()));
  } else {
    stage_.line("no nats-server is installed here: everything goes over HTTP, which is enough");
  }
  if (auto founded = fleet_.found(); !founded) return founded;
  stage_.line("mac1  init, serve           pid " + std::to_string(fleet_.node(0).pid()));
  for (std::size_t i = 1; i < DemoFleet::kNodes; ++i) {
    const Tick start = clock_.now();
    if (auto joined = fleet_.join(i); !joined) return joined;
    stage_.line(fleet_.node(i).id() + "  invite, join, serve   pid " +
                std::to_string(fleet_.node(i).pid()) + "   up after " +
                seconds(seconds_since(start)));
  }
  return meet();
}

Result<void> DemoPlay::meet() {
  const Tick start = clock_.now();
  for (;;) {
    auto met = fleet_.acquainted();
    if (!met) return met.error();
    // Roads that were tried before their peer was up need a moment; without it the demo goes on
    // too.
    auto settled = fleet_.all_roads_healthy();
    if (!settled) return settled.error();
    if (*met && (*settled || clock_.now() > start + kSettling)) break;
    if (io::interrupted()) return stopped();
    if (clock_.now() > start + kMeeting) return gave_up("the three nodes do not see each other");
    static_cast<void>(io::pause(kLook));
  }
  stage_.good("every node sees the other two, after " + seconds(seconds_since(start)));
  return {};
}

Result<void> DemoPlay::talk() {
  stage_.title("Messages in all six directions, each until the receiver's signed `stored`");
  std::vector<DemoLetter> letters;
  for (int i = 0; i < kRounds && !io::interrupted(); ++i) {
    auto round = traffic_.round();
    if (!round) return round.error();
    letters.insert(letters.end(), round->begin(), round->end());
  }
  times_.stored_ms = median_ms(letters);
  if (auto shown = show_directions(letters); !shown) return shown;
  return show_roads(
      "stored; median " + ms(times_.stored_ms) + ", slowest " + ms(slowest_ms(letters)), letters);
}

Result<void> DemoPlay::show_directions(const std::vector<DemoLetter>& letters) {
  std::map<std::string, std::vector<DemoLetter>> directions;
  for (const DemoLetter& letter : letters) {
    directions[letter.from + " -> " + letter.to].push_back(letter);
  }
  for (const auto& [name, own] : directions) {
    auto roads = traffic_.road_counts(own);
    if (!roads) return roads.error();
    stage_.line(name + "   " + padded(in_words(*roads), 16) + "median " + ms(median_ms(own)));
  }
  return {};
}

Result<void> DemoPlay::show_roads(const std::string& words,
                                  const std::vector<DemoLetter>& letters) {
  auto roads = traffic_.road_counts(letters);
  if (!roads) return roads.error();
  stage_.good(std::to_string(letters.size()) + ' ' + words + "   (" + in_words(*roads) + ')');
  return {};
}

Result<void> DemoPlay::show_channels() {
  auto reply = fleet_.node(0).ask("fleet_channels", json::object());
  if (!reply) return reply.error();
  std::string text;
  for (const json& road : reply->at("channels")) {
    text += (text.empty() ? "mac1 says: " : ", ") + road.at("peer").get<std::string>() + ' ' +
            road.at("channel").get<std::string>() + ' ' + road.at("state").get<std::string>();
  }
  stage_.dim(text);
  return {};
}

Result<void> DemoPlay::lose_nats() {
  stage_.title("NATS is killed");
  if (!fleet_.has_nats()) {
    stage_.line("left out: no nats-server is installed here");
    return {};
  }
  const pid_t pid = fleet_.nats_pid();
  fleet_.kill_nats();
  stage_.line("kill -9 " + std::to_string(pid) + ", and at once:");
  auto first = traffic_.round();
  if (!first) return first.error();
  times_.fallback_ms = slowest_ms(*first);
  if (auto shown = show_roads(
          "stored, the first of every direction; slowest " + ms(times_.fallback_ms), *first);
      !shown) {
    return shown;
  }
  std::vector<DemoLetter> letters;
  for (int i = 0; i < kRounds && !io::interrupted(); ++i) {
    static_cast<void>(io::pause(kRoundPause));
    auto round = traffic_.round();
    if (!round) return round.error();
    letters.insert(letters.end(), round->begin(), round->end());
  }
  if (auto shown = show_roads("more stored; median " + ms(median_ms(letters)), letters); !shown) {
    return shown;
  }
  return show_channels();
}

Result<void> DemoPlay::nats_returns() {
  if (!fleet_.has_nats()) return {};
  stage_.title("NATS comes back");
  if (auto started = fleet_.start_nats(); !started) return started;
  const Tick start = clock_.now();
  for (;;) {
    auto round = traffic_.round();
    if (!round) return round.error();
    auto roads = traffic_.road_counts(*round);
    if (!roads) return roads.error();
    if (roads->size() == 1 && roads->contains("nats")) break;
    if (io::interrupted()) return stopped();
    if (clock_.now() > start + kReturn) return gave_up("traffic did not return to NATS");
    static_cast<void>(io::pause(kRoundPause));
  }
  times_.back_s = seconds_since(start);
  stage_.good("all six directions use it again, " + seconds(times_.back_s) +
              " after its start; nobody had to be told");
  return show_channels();
}

Result<void> DemoPlay::lose_receiver() {
  stage_.title("A receiver is killed while it is being written to");
  DemoNode& victim = fleet_.node(kVictim);
  for (int i = 0; i < kToOne && !io::interrupted(); ++i) {
    if (i == kBeforeDeath) {
      const pid_t pid = victim.pid();
      victim.kill_now();
      stage_.line("kill -9 " + std::to_string(pid) + " (" + victim.id() + ") after " +
                  std::to_string(i) + " of " + std::to_string(kToOne) + " messages");
    }
    auto letter = traffic_.send(static_cast<std::size_t>(i % 2), kVictim, false);
    if (!letter) return letter.error();
    to_the_dead_.push_back(std::move(*letter));
  }
  const Tick start = clock_.now();
  for (;;) {
    auto fate = fates();
    if (!fate) return fate.error();
    const bool over = fate->parked == fate->waiting || clock_.now() > start + kParking;
    if (over) return show_fate(*fate);
    if (io::interrupted()) return stopped();
    static_cast<void>(io::pause(kLook));
  }
}

Result<DemoPlay::Fate> DemoPlay::fates() {
  Fate fate;
  for (const DemoLetter& letter : to_the_dead_) {
    auto message = traffic_.message(letter);
    if (!message) return message.error();
    const bool stored = message->at("state").get<std::string>() == "stored";
    fate.stored += stored ? 1 : 0;
    fate.waiting += stored ? 0 : 1;
    fate.parked += !stored && was_parked(*message) ? 1 : 0;
  }
  return fate;
}

Result<void> DemoPlay::show_fate(const Fate& fate) {
  stage_.line(std::to_string(to_the_dead_.size()) + " accepted; " + std::to_string(fate.stored) +
              " stored before the kill; the senders keep " + std::to_string(fate.waiting) + ", " +
              std::to_string(fate.parked) + " of them parked: no road is left to try");
  return show_channels();
}

Result<bool> DemoPlay::all_stored(const std::vector<DemoLetter>& letters) {
  for (const DemoLetter& letter : letters) {
    auto message = traffic_.message(letter);
    if (!message) return message.error();
    if (message->at("state").get<std::string>() != "stored") return false;
  }
  return true;
}

Result<void> DemoPlay::receiver_returns() {
  stage_.title("It is started again");
  const Tick start = clock_.now();
  if (auto up = fleet_.node(kVictim).serve(); !up) return up;
  const double up_s = seconds_since(start);
  for (;;) {
    auto done = all_stored(to_the_dead_);
    if (!done) return done.error();
    if (*done) break;
    if (io::interrupted()) return stopped();
    if (clock_.now() > start + kReturn) return gave_up("what waited did not arrive");
    static_cast<void>(io::pause(kLook));
  }
  times_.delivered_s = seconds_since(start);
  stage_.good("it answers after " + seconds(up_s) + "; after " + seconds(times_.delivered_s) +
              " everything that waited is stored");
  return {};
}

// The shortest one that was parked.
Result<json> DemoPlay::best_story() {
  json best;
  for (const DemoLetter& letter : to_the_dead_) {
    auto message = traffic_.message(letter);
    if (!message) return message.error();
    if (!was_parked(*message)) continue;
    if (best.is_null() || message->at("timeline").size() < best.at("timeline").size()) {
      best = std::move(*message);
    }
  }
  return best;
}

Result<void> DemoPlay::tell_one_story() {
  auto message = best_story();
  if (!message || message->is_null()) return message ? Result<void>{} : message.error();
  stage_.title("The story of one of them: fleet-nerve explain " +
               message->at("id").get<std::string>());
  std::ostringstream text;
  print_timeline(text, *message);
  stage_.block(text.str(), kStoryLines);
  return {};
}

}  // namespace fleet::app
