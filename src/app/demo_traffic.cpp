#include "app/demo_traffic.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

namespace fleet::app {
namespace {

using nlohmann::json;

constexpr int kPage = 500;
constexpr int kWaitS = 10;

bool slower(const DemoLetter& a, const DemoLetter& b) { return a.ms < b.ms; }

}  // namespace

Result<DemoLetter> DemoTraffic::send(std::size_t from, std::size_t to, bool until_stored) {
  DemoLetter letter;
  letter.from = fleet_.node(from).id();
  letter.to = fleet_.node(to).id();
  letter.body = "message " + std::to_string(letters_.size() + 1) + " of the demo, " + letter.from +
                " to " + letter.to;
  json args{{"to", letter.to}, {"type", "context"}, {"body", letter.body}};
  if (until_stored) args.update({{"until", "stored"}, {"wait_s", kWaitS}});
  const Tick before = clock_.now();
  auto reply = fleet_.node(from).ask("fleet_send", args);
  letter.ms = static_cast<double>((clock_.now() - before).count()) / 1000.0;
  if (!reply) return reply.error();
  letter.id = reply->at("id").get<std::string>();
  letters_.push_back(letter);
  const auto state = reply->at("state").get<std::string>();
  if (!until_stored || state == "stored") return letter;
  return refuse(Code::timed_out,
                letter.id + " is " + state + " after " + std::to_string(kWaitS) + " s, not stored");
}

Result<std::vector<DemoLetter>> DemoTraffic::round() {
  std::vector<DemoLetter> sent;
  for (std::size_t from = 0; from < DemoFleet::kNodes; ++from) {
    for (std::size_t to = 0; to < DemoFleet::kNodes; ++to) {
      if (from == to) continue;
      auto letter = send(from, to, true);
      if (!letter) return letter.error();
      sent.push_back(std::move(*letter));
    }
  }
  return sent;
}

Result<DemoInbox> DemoTraffic::inbox(DemoNode& node) const {
  DemoInbox found;
  json args{{"limit", kPage}};
  for (;;) {
    auto page = node.ask("fleet_inbox", args);
    if (!page) return page.error();
    for (const json& item : page->at("messages")) {
      found.emplace(
          item.at("id").get<std::string>(),
          DemoArrival{item.at("via").get<std::string>(), item.at("body").get<std::string>()});
    }
    if (page->at("next").is_null()) return found;
    args["after"] = page->at("next");
  }
}

DemoNode& DemoTraffic::node_named(const std::string& id) {
  auto& nodes = fleet_.nodes();
  return *std::find_if(nodes.begin(), nodes.end(),
                       [&id](const DemoNode& node) { return node.id() == id; });
}

Result<std::vector<std::string>> DemoTraffic::roads(const std::vector<DemoLetter>& letters) {
  DemoInbox all;
  for (DemoNode& node : fleet_.nodes()) {
    auto own = inbox(node);
    if (!own) return own.error();
    all.merge(*own);
  }
  std::vector<std::string> roads;
  for (const DemoLetter& letter : letters) {
    const auto found = all.find(letter.id);
    roads.push_back(found == all.end() ? "" : found->second.via);
  }
  return roads;
}

Result<std::map<std::string, std::size_t>> DemoTraffic::road_counts(
    const std::vector<DemoLetter>& letters) {
  auto all = roads(letters);
  if (!all) return all.error();
  std::map<std::string, std::size_t> counts;
  for (const std::string& road : *all) ++counts[road.empty() ? "nowhere" : road];
  return counts;
}

Result<json> DemoTraffic::message(const DemoLetter& letter) {
  return node_named(letter.from).ask("fleet_message", json{{"id", letter.id}});
}

Result<void> DemoTraffic::count_node(DemoNode& node, DemoCount& count) {
  auto held = inbox(node);
  if (!held) return held.error();
  std::set<std::string> expected;
  for (const DemoLetter& letter : letters_) {
    if (letter.to != node.id()) continue;
    expected.insert(letter.id);
    const std::size_t times = held->count(letter.id);
    count.stored += times > 0 ? 1 : 0;
    count.lost += times == 0 ? 1 : 0;
    count.twice += times > 1 ? 1 : 0;
    if (times > 0 && held->find(letter.id)->second.body != letter.body) ++count.altered;
  }
  for (const auto& entry : *held) count.unasked += expected.contains(entry.first) ? 0 : 1;
  return {};
}

Result<DemoCount> DemoTraffic::count() {
  DemoCount count;
  count.accepted = letters_.size();
  for (DemoNode& node : fleet_.nodes()) {
    if (auto counted = count_node(node, count); !counted) return counted.error();
  }
  for (const DemoLetter& letter : letters_) {
    auto told = message(letter);
    if (!told) return told.error();
    count.unproved += told->at("state").get<std::string>() == "stored" ? 0 : 1;
  }
  return count;
}

double median_ms(std::vector<DemoLetter> letters) {
  if (letters.empty()) return 0;
  const auto middle = letters.begin() + static_cast<std::ptrdiff_t>(letters.size() / 2);
  std::nth_element(letters.begin(), middle, letters.end(), slower);
  return middle->ms;
}

double slowest_ms(const std::vector<DemoLetter>& letters) {
  if (letters.empty()) return 0;
  return std::max_element(letters.begin(), letters.end(), slower)->ms;
}

}  // namespace fleet::app
