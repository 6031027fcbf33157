#include "services/offers/transcript.h"

#include <chrono>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "services/offers/rules.h"

namespace fleet::offers {
namespace {

using nlohmann::json;

const std::string kNothing;
constexpr std::size_t kTagDigits = 16;

const std::string& text_at(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get_ref<const std::string&>()
                                                     : kNothing;
}

bool flag_at(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_boolean() && found->get<bool>();
}

const json* object_at(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_object() ? &*found : nullptr;
}

// Most lines are long and prove nothing: parse only those that may.
bool may_prove(std::string_view line) {
  constexpr std::string_view kTypes[] = {"hook_additional_context", "\"type\":\"user\"",
                                         "\"type\":\"assistant\"", "preventContinuation"};
  for (const std::string_view type : kTypes) {
    if (line.find(type) != line.npos) return true;
  }
  return false;
}

// A block counts where both its fences are there: a preview may hold the first and not the second.
void find_blocks(std::string_view text, std::vector<Proof>& proofs) {
  constexpr std::string_view kOpen = "<fleet-";
  for (std::size_t at = text.find(kOpen); at != text.npos; at = text.find(kOpen, at + 1)) {
    const std::string_view tag = text.substr(at + kOpen.size(), kTagDigits);
    const std::size_t id_at = at + fence_open(tag, "").size() + std::string_view(" id=\"").size();
    const std::size_t id_end = id_at < text.size() ? text.find('"', id_at) : text.npos;
    if (id_end == text.npos) continue;
    const std::string_view id = text.substr(id_at, id_end - id_at);
    if (!text.substr(at).starts_with(fence_open(tag, id))) continue;
    if (text.find(fence_close(tag), id_end) == text.npos) continue;
    proofs.push_back({Proof::What::shown, std::string(tag), std::string(id)});
  }
}

void read_attachment(const json& line, std::vector<Proof>& proofs) {
  const json* attachment = object_at(line, "attachment");
  if (attachment == nullptr || text_at(*attachment, "type") != "hook_additional_context") return;
  const auto content = attachment->find("content");
  if (content == attachment->end() || !content->is_array()) return;
  for (const json& text : *content) {
    if (text.is_string()) find_blocks(text.get_ref<const std::string&>(), proofs);
  }
}

// What was typed or pushed; a tool's result only quotes.
void read_user(const json& line, std::vector<Proof>& proofs) {
  const json* message = object_at(line, "message");
  const auto content = message == nullptr ? line.end() : message->find("content");
  if (message == nullptr || content == message->end()) return;
  if (content->is_string()) find_blocks(content->get_ref<const std::string&>(), proofs);
  if (!content->is_array()) return;
  for (const json& part : *content) {
    if (part.is_object() && text_at(part, "type") == "text") {
      find_blocks(text_at(part, "text"), proofs);
    }
  }
}

}  // namespace

std::vector<Proof> TranscriptReader::feed(std::string_view bytes) {
  std::vector<Proof> proofs;
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    const std::string_view piece = bytes.substr(0, end);
    if (cut_.size() + piece.size() > kMaxLine) {
      skipping_ = true;
      cut_.clear();
    }
    if (!skipping_) cut_ += piece;
    if (end == bytes.npos) break;
    if (!skipping_) take(cut_, proofs);
    skipping_ = false;
    cut_.clear();
    bytes.remove_prefix(end + 1);
  }
  return proofs;
}

void TranscriptReader::take(std::string_view text, std::vector<Proof>& proofs) {
  if (!may_prove(text)) return;
  const json line = json::parse(text.begin(), text.end(), nullptr, false);
  if (!line.is_object() || text_at(line, "sessionId") != session_) return;
  if (flag_at(line, "isSidechain")) return;  // a subagent's
  const std::string& type = text_at(line, "type");
  if (type == "attachment") return read_attachment(line, proofs);
  if (type == "user") {
    if (!text_at(line, "promptId").empty()) prompt_ = text_at(line, "promptId");
    return read_user(line, proofs);
  }
  if (type == "assistant" && !prompt_.empty()) {
    Proof answered;
    answered.what = Proof::What::answered;
    answered.prompt = prompt_;
    proofs.push_back(std::move(answered));
  }
  if (type == "system" && flag_at(line, "preventContinuation")) {
    Proof blocked;
    blocked.what = Proof::What::blocked;
    blocked.at = read_iso_time(text_at(line, "timestamp"));
    proofs.push_back(std::move(blocked));
  }
}

Stamp read_iso_time(std::string_view text) {
  int year = 0;
  unsigned month = 0, day = 0, hour = 0, minute = 0, second = 0, ms = 0;
  const std::string copy(text.substr(0, 32));
  const int read = std::sscanf(copy.c_str(), "%4d-%2u-%2uT%2u:%2u:%2u.%3uZ", &year, &month, &day,
                               &hour, &minute, &second, &ms);
  using namespace std::chrono;
  const year_month_day date{std::chrono::year(year), std::chrono::month(month),
                            std::chrono::day(day)};
  if (read != 7 || !date.ok()) return Stamp{};
  const auto at = sys_days(date) + hours(hour) + minutes(minute) + seconds(second);
  return Stamp{duration_cast<milliseconds>(at.time_since_epoch()).count() + ms};
}

}  // namespace fleet::offers
