#include "app/node.h"

#include <unistd.h>

#include "app/parts.h"
#include "io/file_io.h"
#include "io/log.h"
#include "io/spawn.h"
#include "services/trust/kept_policy.h"

namespace fleet::app {
namespace {

// The home, its folders and the right to write there.
Result<store::StoreLock> take_home(const Places& places) {
  for (const auto& dir : {places.home, places.run()}) {
    if (auto made = io::make_private_dir(dir); !made) return made.error();
  }
  return store::StoreLock::acquire(places.lock());
}

Result<trust::Keys> own_keys(const Places& places, const Config& config, const Crypto& crypto,
                             Stamp now, bool& made) {
  const trust::KeyStore store(places.home);
  made = !store.exists();
  if (made) {
    io::SystemRng rng;
    if (auto fresh = store.make(crypto, rng, config.node_id, now); !fresh) return fresh.error();
  }
  auto keys = store.load(crypto);
  if (keys && config.node_named && keys->node != config.node_id) {
    return refuse(Code::config, "this home belongs to node '" + keys->node +
                                    "', but the configuration names '" + config.node_id +
                                    "': use another FLEET_NERVE_HOME, or that name");
  }
  return keys;
}

// Never 0, which elsewhere means "unknown".
Epoch fresh_epoch(Rng& rng) {
  for (;;) {
    if (const Epoch epoch = rng.u64(); epoch != 0) return epoch;
  }
}

}  // namespace

Node::Parts::Parts(Executor executor, std::unique_ptr<io::SystemClock> wall, Ground from)
    : loop(std::move(executor)),
      clock(std::move(wall)),
      ground(std::move(from)),
      epoch(fresh_epoch(rng)),
      pool(loop),
      membership(crypto, ground.keys.identity(), ground.keys.roster),
      events(*clock),
      hops({*clock, crypto, membership, rng}),
      nats(make_nats()),
      spine(spine_needs()),
      trust(trust_needs(), ground.keys),
      git(pool, ground.config.git_dir),
      heartbeat(heartbeat_needs(), heartbeat_ring()),
      peers(peers_needs()),
      status(status_needs()),
      event_list(events, *clock),
      transcripts(pool, ground.places.user_home),
      offers({loop, *clock, rng, *ground.db, spine.inbox, events, transcripts}),
      dispatcher(catalogue, nullptr,
                 [](std::string_view operation, std::string_view what) {
                   io::log(io::LogLevel::error, "an operation ended by a fault",
                           {{io::LogKey::operation, operation}, {io::LogKey::reason, what}});
                 }),
      api({catalogue, dispatcher, events, *clock}),
      door({loop, *clock, hops, trust, spine.exchange, api}),
      server(loop, http::Limits{}, door, *clock) {
  know_peers();
  add_checks();
  attach_all();
  trust.watch([this](const trust::NodeAddresses* joined) { on_roster(joined); });
}

Node::Node(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Node::~Node() = default;

Result<std::unique_ptr<Node>> Node::open(Executor loop, Places places, Config config) {
  auto lock = take_home(places);
  if (!lock) return lock.error();
  auto clock = std::make_unique<io::SystemClock>(loop, config.clock_offset);
  const OpenSslCrypto crypto;
  bool made = false;
  auto keys = own_keys(places, config, crypto, clock->stamp(), made);
  if (!keys) return keys.error();
  auto policy = trust::load_policy(places.home);
  if (!policy) return policy.error();
  store::Options options;
  options.lock.emplace(std::move(*lock));
  options.clock = clock.get();
  auto db = store::open_threaded(places.database(), loop, all_migrations(), std::move(options));
  if (!db) return db.error();
  Ground ground{std::move(places), std::move(config),  made,
                std::move(*keys),  std::move(*policy), std::move(*db)};
  auto parts = std::make_unique<Parts>(std::move(loop), std::move(clock), std::move(ground));
  return std::unique_ptr<Node>(new Node(std::move(parts)));
}

Task<Result<void>> Node::start() {
  Parts& p = *parts_;
  if (const std::string& aside = p.ground.db->opened().set_aside; !aside.empty()) {
    io::log_warn("the database was damaged and set aside", {{io::LogKey::home, aside}});
  }
  Result<void> opened = co_await p.spine.open();
  if (!opened) co_return opened;
  p.trust.open();
  p.heartbeat.open();
  p.offers.open();
  Result<void> listening = p.listen();
  if (!listening) co_return listening;
  if (p.udp) io::spawn(p.loop, p.heartbeat.listen(*p.udp), "heartbeat listener");
  auto beat = [&p] { return p.heartbeat.run(); };
  auto look = [&p] { return p.peers.run(); };
  io::spawn(p.loop, io::supervise("heartbeat", *p.clock, beat), "heartbeat");
  io::spawn(p.loop, io::supervise("peers", *p.clock, look), "peers");
  auto tidy_up = [&p] { return p.keep_house(); };
  io::spawn(p.loop, io::supervise("housekeeping", *p.clock, tidy_up), "housekeeping");
  co_return Result<void>{};
}

Task<void> Node::stop() {
  Parts& p = *parts_;
  co_await p.server.stop();
  p.heartbeat.stop();
  p.peers.stop();
  if (p.udp) p.udp->close();
  p.nats_listener.reset();
  if (p.nats) p.nats->stop();
  p.pool.stop();
  // What nobody waited for goes to disk with this last commit.
  auto nothing = [](store::Connection&) {};
  Result<void> flushed = co_await p.ground.db->write(std::move(nothing));
  static_cast<void>(flushed);
}

void Node::close_store() { parts_->ground.db.reset(); }

const catalogue::Catalogue& Node::catalogue() const { return parts_->catalogue; }
catalogue::Dispatcher& Node::dispatcher() { return parts_->dispatcher; }

const std::string& Node::node_id() const { return parts_->membership.self().node; }
bool Node::made_fleet() const { return parts_->ground.made_fleet; }

std::string Node::listens() const {
  std::string all = parts_->ground.config.listen.local;
  for (const std::string& address : parts_->listening) all += ", " + address;
  return all;
}

}  // namespace fleet::app
