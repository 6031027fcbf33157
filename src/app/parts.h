// Everything a node is made of, in the order in which it is built. Private to node.cpp and
// listening.cpp.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "app/config.h"
#include "app/node.h"
#include "app/peer_door.h"
#include "app/places.h"
#include "channels/p1_nats/listener.h"
#include "faces/http/api.h"
#include "faces/http/server.h"
#include "io/git_context.h"
#include "io/http_client.h"
#include "io/nats_connection.h"
#include "io/offload.h"
#include "io/system_clock.h"
#include "io/system_rng.h"
#include "io/udp.h"
#include "services/doctor/service.h"
#include "services/events/service.h"
#include "services/heartbeat/service.h"
#include "services/offers/service.h"
#include "services/peers/service.h"
#include "services/registry.h"
#include "services/spine.h"
#include "services/status/service.h"
#include "services/trust/hops.h"
#include "services/trust/service.h"
#include "store/open.h"

namespace fleet::app {

// What must exist before anything else, and may refuse.
struct Ground {
  Places places;
  Config config;
  bool made_fleet = false;
  trust::Keys keys;
  trust::Policy policy;
  std::unique_ptr<store::Database> db;
};

// Every operation of the program; the API reads it when it is built.
struct WholeCatalogue : catalogue::Catalogue {
  WholeCatalogue() { describe_all(*this); }
};

struct Node::Parts {
  Parts(Executor loop, std::unique_ptr<io::SystemClock> clock, Ground ground);

  // wiring.cpp: what the slices ask of each other and of the machine
  Spine::Needs spine_needs();
  trust::TrustService::Needs trust_needs();
  heartbeat::HeartbeatService::Needs heartbeat_needs();
  std::vector<heartbeat::FleetKey> heartbeat_ring();
  status::StatusService::Needs status_needs();
  peers::PeersService::Needs peers_needs();
  std::unique_ptr<io::NatsConnection> make_nats();
  void add_checks();
  Task<void> keep_house();
  Task<http::Response> metrics_page();
  void know_peers();
  void attach_all();

  // listening.cpp: where this node can be reached
  Result<void> listen();
  Result<void> listen_to_peers();
  std::vector<std::string> remote_addresses() const;
  std::vector<trust::NodeAddresses> known_addresses() const;
  bool open_to_peers() const;
  Result<void> bind_udp();
  void on_roster(const trust::NodeAddresses* joined);

  Executor loop;
  std::unique_ptr<io::SystemClock> clock;
  Ground ground;
  io::SystemRng rng{};
  OpenSslCrypto crypto{};
  Epoch epoch;  // of this start
  io::Offload pool;
  io::HttpClient http{};
  trust::Membership membership;
  catalogue::EventStream events;
  trust::Hops hops;
  std::unique_ptr<io::NatsConnection> nats;
  Spine spine;
  trust::TrustService trust;
  std::optional<io::UdpSocket> udp{};
  io::GitFolder git;
  heartbeat::HeartbeatService heartbeat;
  peers::PeersService peers;
  status::StatusService status;
  events::EventsService event_list;
  offers::OffloadedFiles transcripts;
  offers::OfferService offers;
  doctor::DoctorService doctor{};
  WholeCatalogue catalogue{};
  catalogue::LocalDispatcher dispatcher;
  http::Api api;
  PeerDoor door;
  http::Server server;
  std::unique_ptr<channels::NatsListener> nats_listener{};
  std::set<std::string> listening{};  // remote addresses that are bound
};

}  // namespace fleet::app
