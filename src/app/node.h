// The composition root: builds every part of a node from its home and its configuration, wires them
// and lets go of them in order. It decides nothing. Used by `serve`, and by `mcp` where no daemon
// is.
#pragma once

#include <memory>
#include <string>

#include "app/config.h"
#include "app/places.h"
#include "catalogue/dispatcher.h"
#include "fleet/base/result.h"
#include "io/task.h"

namespace fleet::app {

class Node {
 public:
  // Takes the home's lock, its keys and its database; makes a fleet of one in a fresh home.
  static Result<std::unique_ptr<Node>> open(Executor loop, Places places, Config config);
  ~Node();
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  // Takes up what the last run left, then listens. An error is a port in use or a bad address.
  Task<Result<void>> start();
  // Answers what is under way and lets go of the outside.
  Task<void> stop();
  // After stop(), with the loop at rest: the last commit, and the mark of a clean stop.
  void close_store();

  const catalogue::Catalogue& catalogue() const;
  catalogue::Dispatcher& dispatcher();

  const std::string& node_id() const;
  bool made_fleet() const;      // this start made a fleet of one
  std::string listens() const;  // for people

 private:
  struct Parts;
  explicit Node(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace fleet::app
