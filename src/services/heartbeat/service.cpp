#include "services/heartbeat/service.h"

#include <array>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <nlohmann/json.hpp>

#include "fleet/core/liveness.h"
#include "io/udp.h"

namespace fleet::heartbeat {
namespace {

constexpr Millis kGitPatience{200};  // a beat does not wait longer for what git says

std::string random_nonce(Rng& rng) {
  std::array<std::byte, kNonceSize> bytes{};
  rng.fill(bytes);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

HeartbeatService::HeartbeatService(Needs needs, std::vector<FleetKey> ring)
    : needs_(std::move(needs)), ring_(std::move(ring)) {}

void HeartbeatService::open() {
  for (const auto& [peer, highest] : load_marks(needs_.db.reader())) {
    heard_[peer].guard = core::ReplayGuard(highest);
  }
  marks_due_ = needs_.clock.now() + kMarkEvery;
}

void HeartbeatService::stop() {
  stopping_ = true;
  stop_.notify();
}

Task<void> HeartbeatService::run() {
  while (!stopping_) {
    co_await beat();
    if (needs_.clock.now() >= marks_due_) co_await save_marks();
    const Micros wait = core::heartbeat_wait(needs_.rng.unit(), needs_.timing);
    const Tick next = needs_.clock.now() + wait;
    if (!stopping_) co_await stop_.wait_until(needs_.clock, next);
  }
  co_await save_marks();
}

// One signature serves all peers: only the seal and the riders differ.
Task<void> HeartbeatService::beat() {
  if (ring_.empty()) co_return;
  co_await look_at_git();
  const std::string line = signed_beat();
  for (const NodeId& peer : needs_.membership.peers()) send_to(peer, line);
}

Task<void> HeartbeatService::look_at_git() {
  if (needs_.git == nullptr) co_return;
  if (!reading_git_) {
    reading_git_ = true;
    asio::co_spawn(needs_.loop, read_git(), asio::detached);
  }
  const Tick patience = needs_.clock.now() + kGitPatience;
  if (reading_git_) co_await git_read_.wait_until(needs_.clock, patience);
}

Task<void> HeartbeatService::read_git() {
  io::GitState state = co_await needs_.git->read();
  own_.branch = std::move(state.branch);
  own_.commit = std::move(state.commit);
  reading_git_ = false;
  git_read_.notify();
}

std::string HeartbeatService::signed_beat() {
  own_.state = "up";
  own_.sessions = needs_.sessions ? needs_.sessions() : 0;
  Beat beat{needs_.membership.self().node, needs_.boot, ++last_n_, needs_.clock.stamp()};
  beat.state = own_.state;
  beat.branch = own_.branch;
  beat.commit = own_.commit;
  beat.sessions = own_.sessions;
  if (needs_.http_addresses) beat.http = needs_.http_addresses();
  return to_wire(needs_.membership.sign(PayloadType::heartbeat, encode_beat(beat)));
}

void HeartbeatService::send_to(const NodeId& peer, const std::string& line) {
  const std::vector<std::string> addresses = needs_.book.udp_addresses(peer);
  if (addresses.empty()) return;
  std::string lines = line;
  const std::size_t room = room_beside(line.size());
  const std::string rider = needs_.rider && room > 0 ? needs_.rider(peer, room) : "";
  if (!rider.empty() && rider.size() <= room) lines += '\n' + rider;
  const std::string datagram = seal_datagram(
      needs_.crypto, ring_.front(), needs_.membership.fleet(), random_nonce(needs_.rng), lines);
  // The receiver takes the first that comes and drops the others as replays.
  for (const std::string& address : addresses) {
    ++(needs_.send(address, datagram) ? traffic_.sent : traffic_.unsent);
  }
}

Task<void> HeartbeatService::listen(io::UdpSocket& socket) {
  for (;;) {
    const std::optional<io::Datagram> datagram = co_await socket.receive();
    if (!datagram) co_return;
    take(*datagram);
  }
}

void HeartbeatService::take(const io::Datagram& datagram) {
  const auto opened =
      open_datagram(needs_.crypto, ring_, needs_.membership.fleet(), datagram.bytes);
  if (!opened) {
    ++traffic_.unopened;
    return;
  }
  const Lines lines = split_lines(*opened);
  const std::optional<Beat> beat = verified(lines.beat);
  if (!beat || !fresh(*beat)) {
    ++traffic_.refused;
    return;
  }
  ++traffic_.heard;
  learn(*beat, datagram.from);
  if (!needs_.on_line) return;
  for (const std::string_view rider : lines.riders) needs_.on_line(std::string(rider));
}

std::optional<Beat> HeartbeatService::verified(std::string_view line) const {
  const Result<trust::Verified> known = trust::verify_line(needs_.membership, line);
  if (!known || known->envelope.type != PayloadType::heartbeat) return std::nullopt;
  std::optional<Beat> beat = decode_beat(known->envelope.payload);
  const bool honest = beat && beat->from == known->author->row.id;
  if (!honest || needs_.membership.is_self(beat->from)) return std::nullopt;
  return beat;
}

bool HeartbeatService::fresh(const Beat& beat) {
  Heard& heard = heard_[beat.from];
  const core::FrameStamp stamp{beat.boot, beat.n, beat.ts};
  const core::Freshness judged = heard.guard.admit(stamp, needs_.clock.stamp());
  // A second address of ours gets the same beat: a replay is nothing to report.
  if (judged == core::Freshness::replayed) return false;
  if (judged != heard.judged && judged != core::Freshness::fresh) {
    needs_.events.publish("heartbeat.refused", {{"peer", beat.from}, {"why", to_string(judged)}});
  }
  heard.judged = judged;
  if (judged != core::Freshness::fresh) return false;
  heard.last = needs_.clock.now();
  heard.unsaved = true;
  return true;
}

void HeartbeatService::learn(const Beat& beat, const std::string& source) {
  peers::PeerBook& book = needs_.book;
  const std::int64_t skew_ms = (beat.ts - needs_.clock.stamp()).count();
  book.report(beat.from, {beat.branch, beat.commit, skew_ms, beat.sessions, beat.state});
  book.learn_udp(beat.from, source);
  for (const std::string& claimed : beat.http) {
    if (const auto address = borne_out(source, claimed)) {
      book.learn(beat.from, ChannelId::http, *address);
    }
  }
  watch_clock(beat.from, skew_ms);
  // Last: whoever is told of new life may use what was learnt.
  book.life(beat.from, beat.boot);
}

void HeartbeatService::watch_clock(const NodeId& peer, std::int64_t skew_ms) {
  const bool skewed = skew_ms > kSkewWarning.count() || skew_ms < -kSkewWarning.count();
  Heard& heard = heard_[peer];
  if (skewed == heard.skewed) return;
  heard.skewed = skewed;
  needs_.events.publish(skewed ? "peer.clock_skewed" : "peer.clock_right",
                        {{"peer", peer}, {"skew_ms", skew_ms}});
}

std::optional<Tick> HeartbeatService::last_beat(const NodeId& peer) const {
  const auto heard = heard_.find(peer);
  return heard == heard_.end() ? std::nullopt : heard->second.last;
}

Task<void> HeartbeatService::save_marks() {
  marks_due_ = needs_.clock.now() + kMarkEvery;
  std::map<NodeId, Stamp> marks;
  for (auto& [peer, heard] : heard_) {
    if (heard.unsaved) marks[peer] = heard.guard.highest();
    heard.unsaved = false;
  }
  if (marks.empty()) co_return;
  auto job = [marks = std::move(marks)](store::Connection& db) {
    for (const auto& [peer, highest] : marks) save_mark(db, peer, highest);
  };
  const Result<void> saved = co_await needs_.db.write(std::move(job));
  static_cast<void>(saved);  // an older mark only lets a younger recording pass once
}

}  // namespace fleet::heartbeat
