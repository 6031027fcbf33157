// The machines of the demo: a folder of their own, three nodes, a NATS server where one is
// installed. Starts, pairs, breaks and puts them away; it says nothing and counts nothing.
#pragma once

#include <deque>
#include <filesystem>
#include <optional>
#include <string>

#include "app/demo_node.h"
#include "app/serve.h"

namespace fleet::app {

// A folder under $TMPDIR that goes with the object.
class DemoFolder {
 public:
  static Result<DemoFolder> make(const Environment& environment);
  DemoFolder(DemoFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  DemoFolder& operator=(DemoFolder&&) = delete;
  ~DemoFolder();
  const std::filesystem::path& path() const { return path_; }

 private:
  explicit DemoFolder(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;
};

class DemoFleet {
 public:
  static constexpr std::size_t kNodes = 3;

  static Result<std::unique_ptr<DemoFleet>> make(const Start& start, io::Clock& clock);
  ~DemoFleet();
  DemoFleet(const DemoFleet&) = delete;
  DemoFleet& operator=(const DemoFleet&) = delete;

  DemoNode& node(std::size_t index) { return nodes_.at(index); }
  std::deque<DemoNode>& nodes() { return nodes_; }
  const std::filesystem::path& folder() const { return folder_.path(); }

  Result<void> found();                  // the first node: init, serve
  Result<void> join(std::size_t index);  // invite at the first, join and serve at this one
  Result<bool> acquainted();             // every node sees both others online
  Result<bool> all_roads_healthy();

  bool has_nats() const { return nats_program_.has_value(); }
  Result<void> start_nats();
  void kill_nats() { nats_.kill_now(); }
  pid_t nats_pid() const { return nats_.pid(); }
  const std::string& nats_url() const { return ground_.nats_url; }

 private:
  DemoFleet(DemoFolder folder, const Start& start, io::Clock& clock);
  Result<void> settle();

  DemoFolder folder_;
  DemoGround ground_;
  std::optional<std::filesystem::path> nats_program_;
  std::uint16_t nats_port_ = 0;
  io::Subprocess nats_{};
  std::deque<DemoNode> nodes_{};
};

}  // namespace fleet::app
