// Stdio: the MCP server on two file descriptors. Nothing but JSON-RPC lines goes out. It ends at
// the end of input, at SIGINT and at SIGTERM, after the answers that are under way, and by nothing
// else.
#pragma once

#include <asio/posix/stream_descriptor.hpp>
#include <asio/signal_set.hpp>
#include <deque>
#include <string>
#include <string_view>

#include "faces/mcp/line_buffer.h"
#include "faces/mcp/server.h"

namespace fleet::mcp {

class Stdio final : public LineWriter {
 public:
  static constexpr Seconds kGrace{2};  // for answers under way at the end
  static constexpr std::size_t kQueuedBytes = 4 * 1024 * 1024;

  struct Needs {
    const catalogue::Catalogue& catalogue;
    catalogue::Dispatcher& dispatcher;
    io::Clock& clock;
  };
  // Takes over the descriptors (0 and 1, or those of a test) and closes them at the end.
  Stdio(Executor executor, int in, int out, Needs needs, catalogue::Caller caller,
        std::string instructions = kInstructions);

  // Returns when the session is over.
  Task<void> run();
  void stop();
  void write(std::string line) override;

 private:
  Task<void> read_lines();
  Task<void> drain();
  Task<void> flush();
  void take_lines(LineBuffer& buffer);
  void on_signal();

  Executor executor_;
  asio::posix::stream_descriptor in_;
  asio::posix::stream_descriptor out_;
  asio::signal_set signals_;
  io::Clock& clock_;
  Server server_;
  std::deque<std::string> queue_{};
  std::size_t queued_bytes_ = 0;
  bool flushing_ = false;
  bool broken_ = false;
  io::Signal flushed_{};
};

}  // namespace fleet::mcp
