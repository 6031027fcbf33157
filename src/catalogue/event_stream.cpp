#include "catalogue/event_stream.h"

#include <algorithm>
#include <utility>

namespace fleet::catalogue {
namespace {

bool matches(std::string_view type, const std::string& wanted) {
  if (wanted.ends_with('*')) return type.starts_with(wanted.substr(0, wanted.size() - 1));
  return type == wanted;
}

bool wanted_type(std::string_view type, const std::vector<std::string>& types) {
  if (types.empty()) return true;
  return std::any_of(types.begin(), types.end(),
                     [&](const std::string& wanted) { return matches(type, wanted); });
}

}  // namespace

nlohmann::json to_json(const StreamEvent& event) {
  return nlohmann::json{
      {"cursor", event.cursor}, {"at_ms", event.at.ms}, {"type", event.type}, {"data", event.data}};
}

EventStream::EventStream(io::Clock& clock, std::size_t capacity)
    : clock_(clock), capacity_(std::max<std::size_t>(capacity, 1)) {}

void EventStream::publish(std::string type, nlohmann::json data) {
  if (kept_.size() == capacity_) kept_.pop_front();
  kept_.push_back({next_++, clock_.stamp(), std::move(type), std::move(data)});
  changed_.notify();
}

EventStream::Page EventStream::since(std::uint64_t after, const std::vector<std::string>& types,
                                     std::size_t limit) const {
  Page page;
  if (after >= next_) after = 0;
  if (after != 0 && after + 1 < oldest()) page.lost = oldest() - after - 1;
  page.cursor = newest();
  const std::uint64_t first = std::max(after + 1, oldest());
  for (std::uint64_t cursor = first; cursor < next_; ++cursor) {
    const StreamEvent& event = kept_[static_cast<std::size_t>(cursor - oldest())];
    if (!wanted_type(event.type, types)) continue;
    if (page.events.size() == limit) {
      page.cursor = page.events.empty() ? after : page.events.back().cursor;
      break;
    }
    page.events.push_back(event);
  }
  return page;
}

Task<EventStream::Page> EventStream::next(std::uint64_t after, std::vector<std::string> types,
                                          Deadline deadline) {
  for (;;) {
    Page page = since(after, types);
    if (!page.events.empty() || clock_.now() >= deadline.at) co_return page;
    const bool changed = co_await changed_.wait_until(clock_, deadline.at);
    if (!changed) co_return since(after, types);
  }
}

}  // namespace fleet::catalogue
