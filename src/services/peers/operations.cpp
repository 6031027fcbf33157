#include <algorithm>

#include "services/delivery/service.h"
#include "services/peers/service.h"

namespace fleet::peers {
namespace {

std::optional<double> millis(const std::optional<Micros>& span) {
  if (!span) return std::nullopt;
  return static_cast<double>(span->count()) / 1000.0;
}

std::int64_t millis_until(Tick at, Tick now) {
  return std::chrono::duration_cast<Millis>(remaining(Deadline{at}, now)).count();
}

void add_addresses(PeerItem& item, const PeerBook& book) {
  for (const ChannelId id : kChannels) {
    auto addresses = book.addresses(item.id, id);
    if (!addresses.empty()) item.addresses[std::string(to_string(id))] = std::move(addresses);
  }
  if (auto udp = book.udp_addresses(item.id); !udp.empty()) item.addresses["udp"] = std::move(udp);
}

void add_record(PeerItem& item, const PeerRecord& record) {
  item.presence = to_string(record.liveness.presence);
  item.online = record.liveness.presence == core::Presence::online;
  if (record.last_seen.ms != 0) item.last_seen_ms = record.last_seen.ms;
  // Only a heartbeat says these; before the first one there is nothing to show.
  if (!record.report.state.empty()) item.skew_ms = record.report.skew_ms;
  item.git = {record.report.branch, record.report.commit};
  item.sessions = record.report.sessions;
}

Error unknown_peer(const std::string& name, const std::vector<NodeId>& known) {
  std::string names;
  for (const NodeId& peer : known) names += (names.empty() ? "" : ", ") + peer;
  return refuse(Code::not_found, "unknown_peer",
                "peer '" + name.substr(0, 64) + "' is not in the fleet; known: " +
                    (names.empty() ? "none, see: fleet-nerve invite" : names));
}

}  // namespace

void PeersService::describe(catalogue::Catalogue& c) {
  c.add({.name = "fleet_discover",
         .summary = "List the machines of the fleet: who is online, what each works on, and how "
                    "well the roads to it work.",
         .http = {"GET", "/peers"},
         .cli = {.command = "peers",
                 .example = "peers",
                 .group = "Fleet",
                 .columns = {"id", "role", "presence", "sessions", "skew_ms", "last_seen_ms"}},
         .hints = {.read_only = true, .idempotent = true},
         .resource = "fleet://peers"},
        &PeersService::discover);
  c.add({.name = "fleet_channels",
         .summary = "Show every road to every peer: its state, round trip and faults, and why it "
                    "cannot be used where it cannot.",
         .http = {"GET", "/channels"},
         .cli = {.command = "channels",
                 .positional = {"peer"},
                 .example = "channels mac2",
                 .group = "Fleet",
                 .columns = {"peer", "channel", "state", "rtt_ms", "faults", "reason"}},
         .hints = {.read_only = true, .idempotent = true}},
        &PeersService::channels);
}

PeerItem PeersService::self_item() const {
  const trust::Membership& members = needs_.membership;
  PeerItem item;
  item.id = members.self().node;
  item.self = item.online = true;
  item.presence = to_string(core::Presence::online);
  const trust::Member* member = members.find(item.id);
  if (member != nullptr) item.role = to_string(member->row.role);
  item.last_seen_ms = needs_.clock.stamp().ms;
  item.skew_ms = 0;
  for (const auto& [channel, addresses] : needs_.own_addresses()) {
    item.addresses[std::string(to_string(channel))] = addresses;
  }
  const SelfReport report = needs_.own_report();
  item.git = {report.branch, report.commit};
  item.sessions = report.sessions;
  return item;
}

PeerItem PeersService::item(const trust::Member& member) {
  PeerItem item;
  item.id = member.row.id;
  item.role = to_string(member.row.role);
  item.presence = to_string(core::Presence::away);
  if (const PeerRecord* record = needs_.book.find(item.id)) add_record(item, *record);
  add_addresses(item, needs_.book);
  for (const ChannelId id : kChannels) {
    if (!needs_.offered.contains(id)) continue;
    const ChannelRow road = row(item.id, id);
    item.channels[road.channel] = {road.state, road.rtt_ms, road.reason};
  }
  return item;
}

ChannelRow PeersService::row(const NodeId& peer, ChannelId channel) {
  ChannelRow row{peer, std::string(to_string(channel))};
  const core::ChannelWatch& watch = needs_.roads.watched(peer, channel);
  const std::string reason = needs_.roads.not_ready(peer, channel);
  row.state = reason.empty() ? to_string(watch.health().state) : "not_ready";
  if (!reason.empty()) row.reason = reason;
  row.rtt_ms = millis(watch.rtt().srtt());
  row.faults = watch.health().faults;
  const Tick now = needs_.clock.now();
  row.suspect = watch.view(true, now).suspect;
  const std::optional<Tick>& probe = watch.health().next_probe;
  if (probe) row.next_probe_in_ms = millis_until(*probe, now);
  return row;
}

Task<Result<PeerList>> PeersService::discover(catalogue::Nothing, catalogue::Caller) {
  PeerList list;
  list.peers.push_back(self_item());
  for (const NodeId& peer : needs_.membership.peers()) {
    const trust::Member* member = needs_.membership.find(peer);
    if (member != nullptr) list.peers.push_back(item(*member));
  }
  co_return list;
}

Task<Result<ChannelList>> PeersService::channels(ChannelsRequest request, catalogue::Caller) {
  const std::vector<NodeId> known = needs_.membership.peers();
  const bool named = !request.peer.empty();
  if (named && std::find(known.begin(), known.end(), request.peer) == known.end()) {
    co_return unknown_peer(request.peer, known);
  }
  ChannelList list;
  for (const NodeId& peer : known) {
    if (named && peer != request.peer) continue;
    for (const ChannelId id : kChannels) {
      // Of one peer all nine are explained; of all peers only those that this node has.
      if (needs_.offered.contains(id)) {
        list.channels.push_back(row(peer, id));
      } else if (named) {
        ChannelRow off{peer, std::string(to_string(id)), "not_ready"};
        off.reason = needs_.roads.not_ready(peer, id);
        list.channels.push_back(std::move(off));
      }
    }
  }
  co_return list;
}

}  // namespace fleet::peers
