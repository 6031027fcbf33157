#include "services/exchange/service.h"

#include <algorithm>

#include "fleet/model/receipt.h"
#include "io/spawn.h"

namespace fleet::exchange {
namespace {

constexpr double kMessagesPerSecond = 2'000;
constexpr double kBurst = 5'000;
constexpr std::size_t kPullBytes = 256 * 1024;  // of waiting mail in one reply
constexpr std::size_t kMaxLines = 256;          // of a frame; a sender of ours sends at most 65

template <class Visit>
void for_each_line(std::string_view frame, Visit visit) {
  std::size_t lines = 0;
  while (!frame.empty() && lines++ < kMaxLines) {
    const std::size_t end = std::min(frame.find('\n'), frame.size());
    if (end > 0) visit(frame.substr(0, end));
    frame.remove_prefix(std::min(end + 1, frame.size()));
  }
}

// The root of the fleet, which is no node, signs rosters: who keeps them judges them.
bool is_roster(std::string_view line) {
  const auto envelope = parse_envelope(line);
  return envelope && envelope->type == PayloadType::roster;
}

}  // namespace

ExchangeService::Sorted ExchangeService::sort(const std::string& frame, Road via) {
  Sorted sorted;
  for_each_line(frame, [&](std::string_view line) {
    auto verified = trust::verify_line(needs_.membership, line);
    if (!verified) {
      if (is_roster(line)) return needs_.offer_roster(std::string(line));
      needs_.events.publish("envelope.refused", {{"why", verified.error().message}});
      return;
    }
    sorted.valid += 1;
    if (verified->envelope.type == PayloadType::message) {
      sorted.messages.push_back(std::move(*verified));
    } else if (verified->envelope.type == PayloadType::receipt) {
      sorted.receipts += 1;
      take_receipt(*verified, via);
    }
  });
  return sorted;
}

// Only its receiver may state it, and only its origin may use it.
void ExchangeService::take_receipt(const trust::Verified& verified, Road via) {
  auto receipt = decode_receipt(verified.envelope.payload);
  if (!receipt || receipt->from != verified.author->row.id ||
      !needs_.membership.is_self(receipt->to)) {
    needs_.events.publish("envelope.refused", {{"why", "a receipt that is not for this node"}});
    return;
  }
  needs_.delivery.apply(*receipt, via);
  if (!receipt->voids.empty()) {
    auto learnt = [](inbox::InboxService& inbox, NodeId from,
                     std::vector<VoidRange> voids) -> Task<void> {
      Result<void> done = co_await inbox.learn_voids(std::move(from), std::move(voids));
      static_cast<void>(done);  // announced again until it is settled
    };
    io::spawn(needs_.loop, learnt(needs_.inbox, receipt->from, receipt->voids), "exchange");
  }
}

bool ExchangeService::allow(const NodeId& peer, std::size_t messages) {
  const Tick now = needs_.clock.now();
  auto [entry, fresh] = allowances_.try_emplace(peer, Allowance{kBurst, now});
  Allowance& allowance = entry->second;
  const double seconds = static_cast<double>((now - allowance.at).count()) / 1e6;
  allowance.tokens = std::min(kBurst, allowance.tokens + seconds * kMessagesPerSecond);
  allowance.at = now;
  const auto wanted = static_cast<double>(messages);
  if (allowance.tokens < wanted) return false;
  allowance.tokens -= wanted;
  return true;
}

std::string ExchangeService::sign(const Receipt& receipt) const {
  return to_wire(needs_.membership.sign(PayloadType::receipt, encode_receipt(receipt)));
}

Task<Result<std::string>> ExchangeService::store(std::vector<trust::Verified> messages,
                                                 ChannelId channel) {
  std::string lines;
  if (messages.empty()) co_return lines;
  std::string via(to_string(channel));
  auto receipts = co_await needs_.inbox.accept(std::move(messages), std::move(via));
  if (!receipts) co_return receipts.error();
  for (Receipt& receipt : *receipts) {
    receipt.voids = needs_.delivery.voids(receipt.to);
    lines += sign(receipt) + '\n';
  }
  co_return lines;
}

Task<Result<std::string>> ExchangeService::receive(NodeId peer, ChannelId channel,
                                                   std::string frame) {
  const auto lines = static_cast<std::size_t>(std::count(frame.begin(), frame.end(), '\n'));
  if (!allow(peer, lines)) {
    Error wait = refuse(Code::limited, "more than 2,000 messages a second from " + peer);
    wait.retry_after_s = 1;
    co_return wait;
  }
  Sorted sorted = sort(frame, channel);
  needs_.delivery.heard_from(peer, channel);
  Result<std::string> receipts = co_await store(std::move(sorted.messages), channel);
  if (!receipts) co_return receipts.error();
  if (sorted.receipts > 0) {
    // The answer lets the peer forget what it told: it must be on disk here before.
    Result<void> kept = co_await needs_.delivery.keep();
    if (!kept) co_return kept.error();
  }
  std::string reply = std::move(*receipts);
  if (reply.empty()) reply = statement(peer, kPullBytes);
  if (!reply.empty() && reply.back() != '\n') reply += '\n';
  reply += needs_.delivery.waiting_for(peer, kPullBytes);
  co_return reply;
}

Task<void> ExchangeService::receive_line(std::string line) {
  Sorted sorted = sort(line, std::nullopt);
  Result<std::string> stored = co_await store(std::move(sorted.messages), ChannelId::http);
  static_cast<void>(stored);  // one-way: what is not receipted is sent again
}

std::string ExchangeService::statement(const NodeId& peer, std::size_t max_bytes) {
  inbox::Owed owed = needs_.inbox.owed(peer);
  owed.receipt.voids = needs_.delivery.voids(peer);
  if (owed.receipt.streams.empty() && owed.receipt.facts.empty() && owed.receipt.voids.empty()) {
    return "";
  }
  std::string line = sign(owed.receipt);
  return line.size() <= max_bytes ? line : "";
}

bool ExchangeService::has_riders(const NodeId& peer) {
  const bool roster_due = !have_roster_.contains(peer) && !needs_.roster_line().empty();
  return roster_due || due_.contains(peer) || needs_.inbox.owes(peer) ||
         !needs_.delivery.voids(peer).empty();
}

delivery::Riders ExchangeService::riders(const NodeId& peer) {
  std::string lines;
  Riding riding{peer};
  if (!have_roster_.contains(peer)) {
    const std::string roster = needs_.roster_line();
    riding.roster = !roster.empty();
    if (riding.roster) lines += roster + '\n';
  }
  std::vector<VoidRange> voids = needs_.delivery.voids(peer);
  if (due_.contains(peer) || needs_.inbox.owes(peer) || !voids.empty()) {
    riding.statement = true;
    inbox::Owed owed = needs_.inbox.owed(peer);
    owed.receipt.voids = std::move(voids);
    riding.facts = std::move(owed.told);
    lines += sign(owed.receipt) + '\n';
  }
  if (lines.empty()) return {};
  riding_[++last_ride_] = std::move(riding);
  return {std::move(lines), last_ride_};
}

// Where the peer answered the frame they rode on, it has read them and keeps them.
void ExchangeService::ride_ended(std::uint64_t ride, bool arrived) {
  const auto found = riding_.find(ride);
  if (found == riding_.end()) return;
  Riding riding = std::move(found->second);
  riding_.erase(found);
  if (!arrived) return;
  if (riding.roster) have_roster_.insert(riding.peer);
  if (riding.statement) due_.erase(riding.peer);
  if (riding.facts.empty()) return;
  io::spawn(needs_.loop, needs_.inbox.mark_told(std::move(riding.facts), riding.peer), "exchange");
}

void ExchangeService::spread_roster() {
  have_roster_.clear();
  riding_.clear();
  for (const NodeId& peer : needs_.membership.peers()) needs_.delivery.nudge(peer);
}

Task<void> ExchangeService::read_reply(NodeId peer, ChannelId channel, std::string reply) {
  Sorted sorted = sort(reply, channel);
  if (sorted.valid > 0) needs_.delivery.heard_from(peer, channel);
  if (sorted.messages.empty()) co_return;
  Result<std::string> receipts = co_await store(std::move(sorted.messages), channel);
  if (!receipts) co_return;
  // They were pulled: what says that they are stored goes back by a frame of its own.
  due_.insert(peer);
  needs_.delivery.nudge(peer);
}

}  // namespace fleet::exchange
