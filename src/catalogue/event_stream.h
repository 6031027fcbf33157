// EventStream: what happens on this node, as a numbered, bounded list that readers follow by
// cursor. Publishing never waits and never fails: a reader that is too slow loses the oldest events
// and is told so (Page::lost), and hurts nobody. Events carry facts and ids, never bodies, keys or
// prompts. One loop thread; no mutex.
#pragma once

#include <cstdint>
#include <deque>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "fleet/base/time.h"
#include "io/clock.h"
#include "io/signal.h"
#include "io/task.h"

namespace fleet::catalogue {

struct StreamEvent {
  std::uint64_t cursor = 0;
  Stamp at{};
  std::string type;     // "message.stored", "peer.online"
  nlohmann::json data;  // an object
};

// {"cursor":7,"at_ms":…,"type":"…","data":{…}}: the form of every face.
nlohmann::json to_json(const StreamEvent& event);

class EventStream {
 public:
  static constexpr std::size_t kCapacity = 2000;

  struct Page {
    std::vector<StreamEvent> events{};
    std::uint64_t cursor = 0;  // ask for the next page with this
    std::uint64_t lost = 0;    // events between `after` and the oldest one kept
  };

  explicit EventStream(io::Clock& clock, std::size_t capacity = kCapacity);

  void publish(std::string type, nlohmann::json data);
  std::uint64_t newest() const { return next_ - 1; }

  // What came after `after`, oldest first. Types match whole or by prefix "message.*"; none = all.
  // A cursor from another run of the daemon (in the future of this one) starts from the oldest
  // kept.
  Page since(std::uint64_t after, const std::vector<std::string>& types,
             std::size_t limit = 500) const;
  // The same, but waits for the first matching event, at most until `deadline`.
  Task<Page> next(std::uint64_t after, std::vector<std::string> types, Deadline deadline);

  // For readers that also watch something else: true where something was published or nudge()d.
  Task<bool> changed(Deadline deadline) { return changed_.wait_until(clock_, deadline.at); }
  void nudge() { changed_.notify(); }

 private:
  std::uint64_t oldest() const { return next_ - kept_.size(); }

  io::Clock& clock_;
  std::size_t capacity_;
  std::uint64_t next_ = 1;
  std::deque<StreamEvent> kept_{};
  io::Signal changed_{};
};

}  // namespace fleet::catalogue
