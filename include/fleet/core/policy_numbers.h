// Every number of the delivery rules, each with its unit and its line of the specification
// (spec: delivery; R1…R12 are its §5). Timing holds those that the configuration may override;
// the constants below it are fixed. No other file of core spells a policy number.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "fleet/base/time.h"
#include "fleet/model/channel_id.h"

namespace fleet::core {

// What `"timing"` in the configuration may set, in milliseconds (spec: interfaces §1).
struct Timing {
  Millis heartbeat{10'000};     // §9: one UDP heartbeat
  Millis probe_min{500};        // R11: wait before the first probe, and the least between two
  Millis probe_max{15'000};     // R11: cap of the wait while the peer is active
  Millis stagger_default{250};  // R2: d of a fast road without samples
  Millis hold_back{0};          // R7: receipt timer of every weak road; 0 = kReceiptWaits
  Millis anti_entropy{60'000};  // §8: replication round
  Millis outbox_max_backoff{900'000};  // R12: cap of the wait between two resends
  Millis channel_reset{900'000};       // R11: so long without a fault and a channel is healthy
  Millis git_push{30'000};             // §4 P7: one push per peer
  Millis git_poll{60'000};             // §4 P7: one fetch
  Millis repair_l3{120'000};           // §6: probe after L2
  Millis repair_l4{300'000};           // §6: L3 before L4
  Millis repair_l4_age{900'000};       // §6: first fault before L4
  std::array<Millis, kChannelCount> caps = default_caps();  // §4: the longest one attempt may take

  Millis cap(ChannelId id) const { return caps.at(static_cast<std::size_t>(id)); }
  static std::array<Millis, kChannelCount> default_caps();
};

// Sets what "heartbeat_ms", "cap_http_ms" … name; false where there is no such key.
bool override_timing(Timing& timing, std::string_view key, Millis value);
std::vector<std::string_view> timing_keys();

// --- R1: routing -------------------------------------------------------------------------------
inline constexpr Millis kTrialSpacing{1'000};  // between two half-open trials of a (peer, channel)
inline constexpr std::size_t kMaxUnanswered = 2;  // §4: attempts per (peer, channel)
inline constexpr std::size_t kMaxBatch = 64;      // §4: envelopes per attempt

// --- R2: stagger and RTO ------------------------------------------------------------------------
inline constexpr Micros kRttGranularity = Millis{10};  // G of RFC 6298
inline constexpr Micros kFastStaggerMin = Millis{100};
inline constexpr Micros kFastStaggerMax = Millis{250};  // or twice the least SRTT, if that is more
inline constexpr Micros kDoubtfulStagger = Millis{20};  // degraded, healing or suspect fast road
inline constexpr Micros kSshStaggerMin = Millis{500};
inline constexpr Micros kSshStaggerMax = Millis{5'000};
inline constexpr Micros kSshStaggerDefault = Millis{2'000};
inline constexpr Micros kWakeStagger = Millis{100};

// --- R5: verdicts -------------------------------------------------------------------------------
inline constexpr Micros kVerdictMin = Millis{1'000};
inline constexpr int kVerdictRtos = 4;
inline constexpr Micros kFaultSpacing = Millis{500};  // at most one counted fault per channel
inline constexpr Micros kStall = Millis{250};         // a judge this late judges nobody

// --- R7: how long a weak success may take to become a receipt
// -------------------------------------
struct ReceiptWait {
  ChannelId channel;
  Millis wait;
};
inline constexpr std::array<ReceiptWait, 5> kReceiptWaits{{
    {ChannelId::relay, Millis{30'000}},
    {ChannelId::seed, Millis{30'000}},
    {ChannelId::text, Millis{60'000}},
    {ChannelId::cloud, Millis{60'000}},
    {ChannelId::git, Millis{600'000}},
}};
Millis receipt_wait(ChannelId id, const Timing& timing);

// --- R8: speculation ----------------------------------------------------------------------------
inline constexpr unsigned kSpeculationPercent = 10;    // of the node's sends …
inline constexpr std::size_t kSpeculationWindow = 10;  // … of so many seconds
inline constexpr unsigned kSpeculationFree = 2;        // per second, always

// --- R11: health --------------------------------------------------------------------------------
inline constexpr unsigned kFaultsToBreak = 3;  // one degrades, two more break
inline constexpr unsigned kOksToRecover = 2;   // ≥ kOkSpacing apart
inline constexpr Micros kOkSpacing = Millis{1'000};
inline constexpr Micros kIdleProbeMax = Millis{60'000};
inline constexpr double kSpread = 0.2;  // ±20 % on probes and resends

// --- R12: retry ---------------------------------------------------------------------------------
inline constexpr Millis kUnknownLatency{1'000};   // expected of a road without samples
inline constexpr Millis kPressureDefault{1'000};  // back-pressure without Retry-After

// --- §2: streams --------------------------------------------------------------------------------
inline constexpr std::uint64_t kStreamWindow = 65'536;   // dseqs above the watermark
inline constexpr std::size_t kMaxExceptionRuns = 4'096;  // kept per stream below the watermark
inline constexpr Micros kGapWait = Millis{2'000};        // presentation waits a gap out once

// --- §9, security §2: liveness and replay
// ---------------------------------------------------------
inline constexpr double kHeartbeatSpread = 0.1;      // ±10 %
inline constexpr unsigned kSilentAfter = 3;          // heartbeats missed
inline constexpr unsigned kAwayAfter = 30;           // heartbeats missed
inline constexpr std::size_t kReplayWindow = 1'024;  // counters
inline constexpr Millis kFreshWindow{300'000};       // ± around our wall clock

// jitter is uniform in [0, 1): the middle leaves the span as it is.
constexpr Micros spread(Micros span, double jitter, double share = kSpread) {
  const double factor = 1.0 + share * (2.0 * jitter - 1.0);
  return Micros{static_cast<std::int64_t>(static_cast<double>(span.count()) * factor)};
}

}  // namespace fleet::core
