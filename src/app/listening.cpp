// Where this node can be reached: always on loopback and by its unix socket; by other machines once
// there are any, or while an invite is open. (spec: security §4, §5)
#include <algorithm>

#include "app/parts.h"
#include "io/addresses.h"
#include "io/log.h"

namespace fleet::app {
namespace {

constexpr std::size_t kMaxOwnAddresses = 8;

std::string port_of(const std::string& address) { return address.substr(address.rfind(':')); }

}  // namespace

Result<void> Node::Parts::listen() {
  const std::string& local = ground.config.listen.local;
  auto port = server.listen_tcp(http::Entry::local, local);
  if (!port) return port.error();
  if (local.starts_with("127.0.0.1:")) {
    // A machine without IPv6 does without it.
    auto six = server.listen_tcp(http::Entry::local, "[::1]:" + std::to_string(*port));
    if (!six) io::log_info("not listening on [::1]", {{io::LogKey::reason, six.error().message}});
  }
  if (auto socket = server.listen_unix(ground.places.socket()); !socket) return socket.error();
  if (auto bound = bind_udp(); !bound) return bound;
  if (nats) {
    nats_listener = std::make_unique<channels::NatsListener>(
        *nats, membership.fleet(), membership.self().node,
        [this](channels::NatsFrame frame) { door.take(std::move(frame)); });
  }
  return open_to_peers() ? listen_to_peers() : Result<void>{};
}

bool Node::Parts::open_to_peers() const {
  return !membership.peers().empty() || trust.invite_open();
}

std::vector<std::string> Node::Parts::remote_addresses() const {
  if (ground.config.listen.remote_named) return ground.config.listen.remote;
  std::vector<std::string> addresses = io::own_addresses();
  if (addresses.size() > kMaxOwnAddresses) addresses.resize(kMaxOwnAddresses);
  for (std::string& address : addresses) address += port_of(ground.config.listen.local);
  return addresses;
}

// What the person named must work; of the machine's own addresses those that do are enough.
Result<void> Node::Parts::listen_to_peers() {
  const ListenConfig& config = ground.config.listen;
  for (const std::string& address : remote_addresses()) {
    if (listening.contains(address)) continue;
    auto port = server.listen_tcp(http::Entry::remote, address, config.allow_wildcard);
    if (port) {
      listening.insert(address);
    } else if (config.remote_named) {
      return port.error();
    } else {
      io::log_warn("not reachable by other machines on this address",
                   {{io::LogKey::address, address}, {io::LogKey::reason, port.error().message}});
    }
  }
  return {};
}

// Nothing is ever answered over UDP, so without a named address it listens on all of them.
Result<void> Node::Parts::bind_udp() {
  const ListenConfig& config = ground.config.listen;
  const bool named = !config.udp.empty();
  const std::string address = named ? config.udp : "0.0.0.0" + port_of(config.local);
  auto bound = io::UdpSocket::bind(loop, address);
  if (bound) {
    udp.emplace(std::move(*bound));
  } else if (named) {
    return bound.error();
  } else {
    io::log_warn("no heartbeats: the UDP port is taken", {{io::LogKey::address, address}});
  }
  return {};
}

// This node first, then what it knows of the others.
std::vector<trust::NodeAddresses> Node::Parts::known_addresses() const {
  const std::string udp_port = udp ? ":" + std::to_string(udp->port()) : "";
  std::vector<trust::NodeAddresses> known;
  for (const RosterNode& row : membership.roster().nodes) {
    trust::NodeAddresses entry{row.id, row.role, {}, ""};
    if (membership.is_self(row.id)) {
      entry.http = remote_addresses();
      entry.udp = ground.config.listen.udp;
      if (entry.udp.empty() && !entry.http.empty() && !udp_port.empty()) {
        entry.udp = entry.http.front().substr(0, entry.http.front().rfind(':')) + udp_port;
      }
      known.insert(known.begin(), std::move(entry));
      continue;
    }
    entry.http = spine.book.addresses(row.id, ChannelId::http);
    const auto udp_known = spine.book.udp_addresses(row.id);
    if (!udp_known.empty()) entry.udp = udp_known.front();
    known.push_back(std::move(entry));
  }
  return known;
}

void Node::Parts::on_roster(const trust::NodeAddresses* joined) {
  if (joined != nullptr) {
    spine.book.configure(joined->id, {{ChannelId::http, joined->http}});
    if (!joined->udp.empty()) spine.book.configure_udp(joined->id, {joined->udp});
  }
  if (auto open = listen_to_peers(); !open) {
    io::log_warn("cannot listen for peers", {{io::LogKey::reason, open.error().message}});
  }
  spine.exchange.spread_roster();
}

}  // namespace fleet::app
