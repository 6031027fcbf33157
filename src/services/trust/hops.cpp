#include "services/trust/hops.h"

#include <atomic>
#include <charconv>
#include <optional>
#include <utility>

#include "fleet/base/encoding.h"
#include "fleet/base/hash.h"
#include "fleet/base/pae.h"
#include "fleet/core/policy_numbers.h"

namespace fleet::trust {
namespace {

constexpr std::size_t kChallengeMacBytes = 16;
// A frame from before our start cannot be told from a recording, and is asked for a challenge
// answer; clocks of machines in step differ by less than this.
constexpr Millis kClockGrace{1'000};

Error not_authenticated() {
  return refuse(Code::unauthenticated, "not_authenticated",
                "this request is not signed by a node of the fleet");
}

std::string mac_of(const Secret& key, const HopFacts& facts, const std::string& body_sha256,
                   const HopHeader& header) {
  if (facts.method == kNatsMethod) return hop_mac(key, NatsHop{facts.target, body_sha256}, header);
  const HttpHop http{facts.method, facts.target, facts.content_type, body_sha256};
  return hop_mac(key, http, header);
}

std::optional<std::int64_t> seconds_of(std::string_view text) {
  std::int64_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

Seconds since_start(Tick now) { return std::chrono::duration_cast<Seconds>(Micros{now.us}); }

class PairSeal final : public channels::HopSeal {
 public:
  struct Facts {
    std::string key_id{};
    NodeId destination{};
    std::uint64_t boot_id = 0;
  };
  PairSeal(Facts facts, Secret key, const io::Clock& clock, std::uint64_t counted)
      : facts_(std::move(facts)), key_(std::move(key)), clock_(clock), counter_(counted) {}

  std::string sign(std::string_view method, std::string_view target, std::string_view content_type,
                   std::string_view body, std::string_view challenge) override {
    HopHeader header{facts_.key_id,      facts_.boot_id,         ++counter_, clock_.stamp().ms,
                     facts_.destination, std::string(challenge), ""};
    header.mac = mac_of(key_, {method, target, content_type}, sha256(body), header);
    return format_hop_header(header);
  }

  bool proves(std::string_view request_line, int status, std::string_view body,
              std::string_view reply_mac) const override {
    const auto request = parse_hop_header(request_line);
    const auto mac = from_base64url(reply_mac);
    if (!request || !mac) return false;
    return constant_time_equal(*mac, hop_reply_mac(key_, request->mac, status, sha256(body)));
  }

  std::uint64_t counted() const { return counter_; }
  const Secret& key() const { return key_; }

 private:
  const Facts facts_;
  const Secret key_;
  const io::Clock& clock_;
  std::atomic<std::uint64_t> counter_;
};

}  // namespace

struct Hops::Peer {
  std::string box_key{};
  std::shared_ptr<PairSeal> seal{};
  core::ReplayGuard guard{};
};

Hops::Hops(Needs needs)
    : needs_(needs),
      started_(needs.clock.stamp()),
      boot_id_(needs.rng.u64()),
      boot_secret_(Secret::random(needs.rng, kKeySize)) {}

Hops::~Hops() = default;

Hops::Peer* Hops::peer(const NodeId& node) {
  const Member* member = needs_.membership.find(node);
  if (member == nullptr || needs_.membership.is_self(node)) {
    peers_.erase(node);
    return nullptr;
  }
  auto& kept = peers_[node];
  if (kept && kept->box_key == member->row.box_key) return kept.get();
  auto key = hop_key(needs_.crypto, *needs_.membership.self().box, member->row.box_key);
  if (!key) {
    peers_.erase(node);
    return nullptr;
  }
  // New keys under a known name count on, so that nothing this daemon signed fits twice.
  const std::uint64_t counted = kept ? kept->seal->counted() : 0;
  PairSeal::Facts facts{needs_.membership.self_key_id(), node, boot_id_};
  kept = std::make_unique<Peer>();
  kept->box_key = member->row.box_key;
  kept->seal = std::make_shared<PairSeal>(std::move(facts), std::move(*key), needs_.clock, counted);
  kept->guard = core::ReplayGuard(started_ - kClockGrace);
  return kept.get();
}

std::shared_ptr<channels::HopSeal> Hops::seal(const NodeId& node) {
  Peer* found = peer(node);
  return found == nullptr ? nullptr : found->seal;
}

Result<Admission> Hops::admit_head(std::string_view authorization, std::string_view from) const {
  auto header = parse_hop_header(authorization);
  if (!header) return not_authenticated();
  const Member* member = needs_.membership.find_key(header->key_id);
  const bool for_us = needs_.membership.is_self(header->destination);
  if (member == nullptr || !for_us || needs_.membership.is_self(member->row.id)) {
    return not_authenticated();
  }
  const bool challenged = !header->challenge.empty() && answers_challenge(header->challenge, from);
  const std::int64_t skew = header->ts - needs_.clock.stamp().ms;
  const std::int64_t window = core::kFreshWindow.count();
  if (!challenged && (skew > window || skew < -window)) return not_authenticated();
  return Admission{std::move(*header), member->row.id, challenged};
}

Result<HopPeer> Hops::admit_body(const Admission& head, const HopFacts& facts,
                                 std::string_view body) {
  Peer* found = peer(head.claimed);  // it may have left the roster while its body came
  if (found == nullptr) return not_authenticated();
  const std::string mac = mac_of(found->seal->key(), facts, sha256(body), head.header);
  if (!constant_time_equal(mac, head.header.mac)) return not_authenticated();
  const HopHeader& header = head.header;
  const Stamp now = needs_.clock.stamp();
  const core::FrameStamp frame{header.boot_id, header.counter, Stamp{header.ts}, head.challenged};
  if (found->guard.admit(frame, now) != core::Freshness::fresh) return not_authenticated();
  return HopPeer{head.claimed, header.boot_id, Stamp{header.ts} - now};
}

std::string Hops::challenge(std::string_view from) const {
  const std::string seconds = std::to_string(since_start(needs_.clock.now()).count());
  return seconds + "." + challenge_mac(seconds, from);
}

std::string Hops::challenge_mac(std::string_view seconds, std::string_view from) const {
  const std::string mac =
      hmac_sha256(boot_secret_.reveal(), pae({"fn/challenge/1", from, seconds}));
  return to_base64url(std::string_view(mac).substr(0, kChallengeMacBytes));
}

bool Hops::answers_challenge(std::string_view challenge, std::string_view from) const {
  const std::size_t dot = challenge.find('.');
  if (dot == challenge.npos) return false;
  const std::string_view text = challenge.substr(0, dot);
  const auto made = seconds_of(text);
  if (!made || !constant_time_equal(challenge.substr(dot + 1), challenge_mac(text, from))) {
    return false;
  }
  const Seconds age = since_start(needs_.clock.now()) - Seconds{*made};
  return age >= Seconds{0} && age <= kChallengeLife;
}

std::string Hops::reply_mac(const Admission& head, int status, std::string_view body) {
  Peer* found = peer(head.claimed);
  if (found == nullptr) return {};
  return to_base64url(hop_reply_mac(found->seal->key(), head.header.mac, status, sha256(body)));
}

}  // namespace fleet::trust
