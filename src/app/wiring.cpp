// What the slices of a node ask of each other and of the machine.
#include <charconv>

#include "app/parts.h"
#include "channels/registry.h"
#include "io/disk_space.h"
#include "io/file_io.h"
#include "io/spawn.h"

namespace fleet::app {
namespace {

constexpr Seconds kHousekeeping{600};                  // between two rounds
constexpr Millis kKept = std::chrono::hours(24 * 30);  // delivery §7: what is over stays 30 d
constexpr std::int64_t kOutboxWarning = 10'000;        // open messages that a doctor should see

doctor::Finding keys_finding(const std::filesystem::path& home) {
  const auto closed = io::check_private_dir(home / "keys");
  doctor::Finding finding{"keys.private", "Keys are ours alone", closed.ok(), "", ""};
  finding.detail = closed ? "keys/ is closed to others" : closed.error().message;
  if (!closed) finding.remedy = "run the command that the detail names";
  return finding;
}

ChannelSet offered(bool nats) {
  ChannelSet set{ChannelId::http};
  if (nats) set.insert(ChannelId::nats);
  return set;
}

}  // namespace

std::unique_ptr<io::NatsConnection> Node::Parts::make_nats() {
  const NatsConfig& nats_config = ground.config.nats;
  if (nats_config.url.empty()) return nullptr;
  io::NatsOptions options;
  options.urls = {nats_config.url};
  options.name = membership.self().node;
  options.ca_file = nats_config.ca_file;
  options.credentials_file = nats_config.credentials_file;
  io::NatsHooks hooks;
  hooks.on_connected = [this] {
    events.publish("nats.connected", nlohmann::json::object());
    spine.roads.hint(ChannelId::nats);
  };
  hooks.on_disconnected = [this] { events.publish("nats.disconnected", nlohmann::json::object()); };
  return std::make_unique<io::NatsConnection>(loop, std::move(options), std::move(hooks));
}

Spine::Needs Node::Parts::spine_needs() {
  return {
      .loop = loop,
      .clock = *clock,
      .rng = rng,
      .db = *ground.db,
      .crypto = crypto,
      .events = events,
      .membership = membership,
      .policy = ground.policy,
      .hop_seals = [this](const NodeId& peer) { return hops.seal(peer); },
      .channels = channels::make_channels({pool, *clock, http, nats.get()}),
      .timing = ground.config.timing,
      .epoch = epoch,
      .offer_roster =
          [this](const std::string& line) {
            auto offer = [](trust::TrustService& to, std::string text) -> Task<void> {
              Result<bool> taken = co_await to.offer_roster(std::move(text));
              static_cast<void>(taken);  // an old or forged one changes nothing
            };
            io::spawn(loop, offer(trust, line), "roster");
          },
      .roster_line = [this] { return trust.roster_line(); },
  };
}

trust::TrustService::Needs Node::Parts::trust_needs() {
  return {
      .clock = *clock,
      .rng = rng,
      .crypto = crypto,
      .db = *ground.db,
      .events = events,
      .membership = membership,
      .policy = ground.policy,
      .store = trust::KeyStore(ground.places.home),
      .blocking =
          [this](trust::TrustService::Job job) { return pool.run("files", std::move(job)); },
      .known = [this] { return known_addresses(); },
      .invited = [this] { return listen_to_peers(); },
  };
}

std::vector<heartbeat::FleetKey> Node::Parts::heartbeat_ring() {
  const std::string& name = ground.keys.fleet.id;  // "K1"
  unsigned number = 1;
  std::from_chars(name.data() + 1, name.data() + name.size(), number);
  std::vector<heartbeat::FleetKey> ring;
  ring.push_back({static_cast<std::uint8_t>(number), ground.keys.fleet.key.clone()});
  return ring;
}

heartbeat::HeartbeatService::Needs Node::Parts::heartbeat_needs() {
  heartbeat::HeartbeatService::Needs needs{
      .loop = loop,
      .clock = *clock,
      .rng = rng,
      .db = *ground.db,
      .crypto = crypto,
      .membership = membership,
      .events = events,
      .book = spine.book,
      .timing = ground.config.timing,
      .boot = epoch,
  };
  needs.send = [this](std::string_view address, std::string_view bytes) {
    return udp && udp->send(address, bytes);
  };
  needs.rider = [this](const NodeId& peer, std::size_t room) {
    return spine.exchange.statement(peer, room);
  };
  needs.on_line = [this](std::string line) {
    io::spawn(loop, spine.exchange.receive_line(std::move(line)), "heartbeat rider");
  };
  needs.http_addresses = [this] { return remote_addresses(); };
  needs.sessions = [] { return std::int64_t{0}; };
  if (!ground.config.git_dir.empty()) needs.git = &git;
  return needs;
}

status::StatusService::Needs Node::Parts::status_needs() {
  return {
      .clock = *clock,
      .db = *ground.db,
      .membership = membership,
      .book = spine.book,
      .roads = spine.roads,
      .events = events,
      .offered = offered(nats != nullptr),
      .epoch = epoch,
      .version = FLEET_VERSION,
      .outbox =
          [this] {
            const delivery::Totals totals = spine.delivery.totals();
            return status::OutboxCounts{totals.open, totals.delivered, totals.given_up};
          },
      .unread = [this] { return spine.inbox.unread(); },
      .heartbeats =
          [this] {
            const heartbeat::Traffic& t = heartbeat.traffic();
            return status::HeartbeatCounts{t.sent, t.heard, t.refused, t.unopened};
          },
  };
}

peers::PeersService::Needs Node::Parts::peers_needs() {
  return {
      .clock = *clock,
      .events = events,
      .membership = membership,
      .book = spine.book,
      .roads = spine.roads,
      .offered = offered(nats != nullptr),
      .own_report = [this] { return heartbeat.own_report(); },
      .own_addresses =
          [this] {
            return peers::Addresses{{ChannelId::http, remote_addresses()}};
          },
  };
}

void Node::Parts::add_checks() {
  doctor.add(doctor::store_check(*ground.db));
  doctor.add(doctor::clock_check(membership, spine.book));
  doctor.add(doctor::channel_check(membership, spine.roads, ChannelId::http));
  if (nats) {
    doctor.add(doctor::nats_check([this]() -> std::optional<std::string> {
      if (nats->state() == io::NatsState::connected) return std::nullopt;
      return nats->last_error().empty() ? "not connected yet" : nats->last_error();
    }));
    doctor.add(doctor::channel_check(membership, spine.roads, ChannelId::nats));
  }
  doctor.add(doctor::outbox_check(
      [this] { return static_cast<std::int64_t>(spine.delivery.open_count()); }, kOutboxWarning));
  doctor.add(doctor::inbox_check([this] { return spine.inbox.unread(); }));
  doctor.add(doctor::disk_check([this] { return io::free_bytes(ground.places.home); }));
  doctor.add([this] { return keys_finding(ground.places.home); });
  doctor::HeartbeatFacts facts;
  facts.last_beat = [this](const NodeId& peer) { return heartbeat.last_beat(peer); };
  facts.unopened = [this] { return heartbeat.traffic().unopened; };
  doctor.add(doctor::heartbeat_check(membership, spine.book, *clock, ground.config.timing,
                                     std::move(facts)));
}

// Forgets what is over, a bounded piece at a time.
Task<void> Node::Parts::keep_house() {
  for (;;) {
    co_await clock->sleep_for(kHousekeeping);
    const Stamp now = clock->stamp();
    auto prune = [now](store::Connection& db) {
      Spine::prune(db, now, kKept);
      offers::OfferService::forget(db);
    };
    Result<void> pruned = co_await ground.db->write(std::move(prune));
    static_cast<void>(pruned);  // the next round finds the same
  }
}

Task<http::Response> Node::Parts::metrics_page() {
  http::Response page;
  page.content_type = "text/plain; version=0.0.4";
  page.body = status.metrics_text();
  co_return page;
}

void Node::Parts::know_peers() {
  for (const NodeId& peer : membership.peers()) {
    const auto entry = ground.config.nodes.find(peer);
    if (entry == ground.config.nodes.end()) continue;
    spine.book.configure(peer, {{ChannelId::http, entry->second.http}});
    if (!entry->second.udp.empty()) spine.book.configure_udp(peer, {entry->second.udp});
  }
}

void Node::Parts::attach_all() {
  catalogue.attach(spine.delivery);
  catalogue.attach(spine.inbox);
  catalogue.attach(status);
  catalogue.attach(peers);
  catalogue.attach(event_list);
  catalogue.attach(doctor);
  catalogue.attach(offers);
  api.page("GET", "/metrics", [this](const http::Request&) { return metrics_page(); });
  catalogue.attach(trust);
}

}  // namespace fleet::app
