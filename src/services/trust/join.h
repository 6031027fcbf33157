// The joiner's side of pairing, in the command's own process: no daemon need run here. It talks to
// the inviter through a port, puts keys and roster in place and merges config.json. It asks nobody
// anything and prints nothing. Used by `fleet-nerve join`.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "fleet/base/rng.h"
#include "services/trust/key_store.h"
#include "services/trust/pair_exchange.h"

namespace fleet::trust {

// POST /pair at one address: plain HTTP, application/json, no credentials. An Error where no HTTP
// answer came.
class PairTransport {
 public:
  struct Answer {
    int status = 0;
    std::string body{};
  };
  virtual ~PairTransport() = default;
  virtual Result<Answer> post(const std::string& address, const std::string& body) = 0;
};

struct JoinRequest {
  std::filesystem::path home{};
  std::string token{};
  NodeId node{};                    // --node, else the configured id or the host's name
  std::string tasks_from{};         // --tasks-from: a node, or "chief"; empty: nobody
  std::vector<std::string> http{};  // where others reach this node, "192.168.1.5:8855"
  std::string udp{};
};

struct Joined {
  NodeId node{};
  std::string fleet{};
  NodeId inviter{};
  std::vector<NodeAddresses> nodes{};  // every other member, as far as its addresses are known
  std::vector<std::string> notes{};  // what the person should know: a --tasks-from that failed …
};

// Refuses, and changes nothing, where this node already has peers.
Result<Joined> join(const Crypto& crypto, Rng& rng, PairTransport& transport,
                    const JoinRequest& request);

}  // namespace fleet::trust
