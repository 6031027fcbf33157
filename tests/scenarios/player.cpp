#include "scenarios/player.h"

#include <algorithm>
#include <sstream>
#include <stdexcept>

#include "scenarios/world.h"

namespace fleet::core {
namespace {

ChannelId channel_named(const std::string& name) {
  const auto id = parse_channel(name);
  if (!id) throw std::invalid_argument("no channel is called " + name);
  return *id;
}

}  // namespace

std::string World::run(const Words& words) {
  using Verb = void (World::*)(const Words&);
  static const std::map<std::string, Verb> kVerbs{
      {"peer", &World::peer},      // peer nats http [silent]: its configured channels
      {"rtt", &World::rtt},        // rtt nats 20: eight samples of 20 ms
      {"health", &World::health},  // health nats broken
      {"spend", &World::spend},    // spend 2: that many speculative starts
      {"send", &World::send},      // send alert m1 [via http]
      {"wait", &World::wait},      // wait 250: milliseconds pass
      {"answer", &World::answer},  // answer nats receipt|handed|fault|rejected|busy [3000]
      {"probe", &World::probe},    // probe nats ok|fault
      {"life", &World::life},      // the peer shows life
      {"settle", &World::settle},  // settle m1 receipted|cancelled|expired, from elsewhere
  };
  trace_.str("");
  const auto verb = kVerbs.find(words.front());
  if (verb == kVerbs.end()) throw std::invalid_argument("no verb is called " + words.front());
  (this->*verb->second)(words);
  return trace_.str();
}

void World::peer(const Words& words) {
  silent_ = words.back() == "silent";
  for (std::size_t i = 1; i < words.size(); ++i) {
    if (words[i] != "silent") configured_.insert(channel_named(words[i]));
  }
}

void World::rtt(const Words& words) {
  ChannelWatch& channel = watch(channel_named(words.at(1)));
  const Micros span = Millis{std::stoll(words.at(2))};
  for (int i = 0; i < 8; ++i) {
    const Moment before{now_ - span};
    const AttemptNo no = channel.started(AttemptKind::normal, span, before, timing_);
    channel.ended(no, AttemptEnd::answered, moment(), timing_);
  }
}

// Brought about by the faults that lead there, in the seconds before.
void World::health(const Words& words) {
  ChannelWatch& channel = watch(channel_named(words.at(1)));
  const int faults = words.at(2) == "degraded" ? 1 : 3;
  for (int i = faults; i > 0; --i) {
    channel.observe(HealthEvent::fault, {now_ - Seconds{i}}, timing_);
  }
  if (words.at(2) == "healing") channel.observe(HealthEvent::ok, moment(), timing_);
}

void World::spend(const Words& words) {
  for (int i = std::stoi(words.at(1)); i > 0; --i) budget_.try_spend(now_);
}

void World::send(const Words& words) {
  const auto type = parse_message_type(words.at(1));
  if (!type) throw std::invalid_argument("no type is called " + words.at(1));
  std::optional<ChannelId> via;
  if (words.size() > 4) via = channel_named(words.at(4));
  messages_.insert_or_assign(words.at(2), Message{Cascade(*type, via)});
  tell(words.at(2), {.kind = CascadeEvent::Kind::begin});
}

void World::wait(const Words& words) {
  const Tick end = now_ + Millis{std::stoll(words.at(1))};
  for (auto due = next_due(); due && *due <= end; due = next_due()) {
    now_ = std::max(now_, *due);
    fire();
  }
  now_ = end;
}

// To the oldest attempt that is out on the channel.
void World::answer(const Words& words) {
  using enum CascadeEvent::Kind;
  static const std::map<std::string, CascadeEvent::Kind> kKinds{{"receipt", receipted},
                                                                {"handed", handed},
                                                                {"fault", fault},
                                                                {"rejected", rejected},
                                                                {"busy", back_pressure}};
  const ChannelId id = channel_named(words.at(1));
  const auto flight = std::find_if(flights_.begin(), flights_.end(), [id](const Flight& each) {
    return each.channel == id && !each.queued;
  });
  if (flight == flights_.end()) throw std::invalid_argument("nothing is out on " + words.at(1));
  const Flight answered = *flight;
  CascadeEvent event{kKinds.at(words.at(2)), id, answered.attempt};
  if (words.size() > 3) event.retry_after = Millis{std::stoll(words.at(3))};
  const bool faulted = event.kind == fault;
  ended(static_cast<std::size_t>(flight - flights_.begin()),
        faulted ? AttemptEnd::faulted : AttemptEnd::answered);
  tell(answered.message, event);
  free_place(id);
}

void World::probe(const Words& words) {
  const ChannelId id = channel_named(words.at(1));
  const AttemptNo no = watch(id).started(AttemptKind::probe, Micros{0}, moment(), timing_);
  const AttemptEnd end = words.at(2) == "ok" ? AttemptEnd::answered : AttemptEnd::faulted;
  moved(id, watch(id).ended(no, end, moment(), timing_));
}

void World::life(const Words&) {
  silent_ = false;
  for (const auto& [name, message] : messages_) {
    tell(name, {.kind = CascadeEvent::Kind::peer_alive});
  }
}

void World::settle(const Words& words) {
  using enum CascadeEvent::Kind;
  static const std::map<std::string, CascadeEvent::Kind> kKinds{
      {"receipted", receipted}, {"cancelled", cancelled}, {"expired", expired}};
  tell(words.at(1), {.kind = kKinds.at(words.at(2))});
}

// --- the script ----------------------------------------------------------------------------------

namespace {

Words split(const std::string& line) {
  std::istringstream in(line);
  Words words;
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

std::vector<std::string> lines_of(std::string_view text) {
  std::istringstream in{std::string(text)};
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

}  // namespace

std::string play(std::string_view script) {
  World world;
  std::string result;
  for (const std::string& line : lines_of(script)) {
    if (!line.empty() && line.front() == ' ') continue;  // a trace: said anew
    result += line + '\n';
    if (!line.empty() && line.front() != '#') result += world.run(split(line));
  }
  return result;
}

std::string difference(std::string_view expected, std::string_view actual) {
  const auto wanted = lines_of(expected);
  const auto got = lines_of(actual);
  const auto [from_wanted, from_got] =
      std::mismatch(wanted.begin(), wanted.end(), got.begin(), got.end());
  auto to_wanted = wanted.end();
  auto to_got = got.end();
  while (to_wanted > from_wanted && to_got > from_got && to_wanted[-1] == to_got[-1]) {
    --to_wanted;
    --to_got;
  }
  std::ostringstream out;
  out << "from line " << from_wanted - wanted.begin() + 1 << " on (- expected, + actual)\n";
  for (auto line = from_wanted; line != to_wanted; ++line) out << "- " << *line << '\n';
  for (auto line = from_got; line != to_got; ++line) out << "+ " << *line << '\n';
  return out.str();
}

}  // namespace fleet::core
