// Tells every peer each ten seconds that this node lives, and hears the same of them: one sealed
// UDP datagram per peer, full mesh. It answers nothing, ever; what it hears are hints, which others
// use and prove. Receipts ride along. (spec: delivery §9; security §2, §8 UDP)
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "catalogue/event_stream.h"
#include "fleet/base/rng.h"
#include "fleet/core/replay_guard.h"
#include "io/clock.h"
#include "io/git_context.h"
#include "io/signal.h"
#include "services/heartbeat/rules.h"
#include "services/heartbeat/table.h"
#include "services/peers/book.h"
#include "services/trust/membership.h"
#include "store/database.h"

namespace fleet::io {
class UdpSocket;
struct Datagram;
}  // namespace fleet::io

namespace fleet::heartbeat {

inline constexpr Millis kSkewWarning{30'000};  // spec: security §2
inline constexpr Millis kMarkEvery{60'000};    // how often the highest times go to disk

// Since the start of the daemon.
struct Traffic {
  std::uint64_t sent = 0;      // datagrams that the kernel took
  std::uint64_t unsent = 0;    // and those that it would not
  std::uint64_t heard = 0;     // fresh beats
  std::uint64_t unopened = 0;  // datagrams that no key of the ring opens
  std::uint64_t refused = 0;   // opened, but not signed by a member, misshapen, or not fresh
};

class HeartbeatService {
 public:
  struct Needs {
    Executor loop;
    io::Clock& clock;
    Rng& rng;
    store::Database& db;
    const Crypto& crypto;
    const trust::Membership& membership;
    catalogue::EventStream& events;
    peers::PeerBook& book;
    core::Timing timing{};
    Epoch boot = 0;  // of this start of the daemon
    // The socket's send: best effort, false where the kernel would not.
    std::function<bool(std::string_view address, std::string_view bytes)> send{};
    // A signed line for this peer of at most so many bytes, or an empty one.
    std::function<std::string(const NodeId& peer, std::size_t max_bytes)> rider{};
    // What rode on a fresh heartbeat; its signature is still to be checked.
    std::function<void(std::string line)> on_line{};
    std::function<std::vector<std::string>()> http_addresses{};  // of this node, numeric
    std::function<std::int64_t()> sessions{};
    io::GitContext* git = nullptr;
  };
  // The first key of the ring seals, every one of it opens.
  HeartbeatService(Needs needs, std::vector<FleetKey> ring);

  // Remembers what the last run had heard. Before anything is taken.
  void open();
  // Beats until stop().
  Task<void> run();
  void stop();

  // One datagram from the wire; silent whatever it is.
  void take(const io::Datagram& datagram);
  // Takes everything the socket receives, until it is closed.
  Task<void> listen(io::UdpSocket& socket);
  void change_ring(std::vector<FleetKey> ring) { ring_ = std::move(ring); }

  const Traffic& traffic() const { return traffic_; }
  // What this node said of itself in its last beat.
  const peers::SelfReport& own_report() const { return own_; }
  // When the last fresh beat of a peer came; empty where none did.
  std::optional<Tick> last_beat(const NodeId& peer) const;

 private:
  struct Heard {
    core::ReplayGuard guard{};
    std::optional<Tick> last{};
    core::Freshness judged = core::Freshness::fresh;
    bool skewed = false;
    bool unsaved = false;
  };

  Task<void> beat();
  Task<void> look_at_git();
  Task<void> read_git();
  Task<void> save_marks();
  std::string signed_beat();
  void send_to(const NodeId& peer, const std::string& line);

  std::optional<Beat> verified(std::string_view line) const;
  bool fresh(const Beat& beat);
  void learn(const Beat& beat, const std::string& source);
  void watch_clock(const NodeId& peer, std::int64_t skew_ms);

  Needs needs_;
  std::vector<FleetKey> ring_;
  std::map<NodeId, Heard> heard_{};
  Traffic traffic_{};
  peers::SelfReport own_{};
  std::uint64_t last_n_ = 0;
  Tick marks_due_{};
  bool reading_git_ = false;
  bool stopping_ = false;
  io::Signal git_read_{};
  io::Signal stop_{};
};

}  // namespace fleet::heartbeat
