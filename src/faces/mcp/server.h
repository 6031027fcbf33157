// Server: MCP over any transport of lines. It answers each line by itself, several at a time, and
// never ends by bad input. It knows no operation by name and keeps no peer's text. Used by Stdio
// and by whoever serves MCP over HTTP.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "catalogue/catalogue.h"
#include "catalogue/dispatcher.h"
#include "faces/mcp/frame.h"
#include "faces/mcp/revision.h"
#include "io/clock.h"
#include "io/signal.h"
#include "io/task.h"

namespace fleet::mcp {

// Where lines go. It queues and never blocks; one line is never torn by another.
class LineWriter {
 public:
  virtual ~LineWriter() = default;
  virtual void write(std::string line) = 0;
};

// Shown to the model by clients (they cut it at 2 KB).
extern const char* const kInstructions;

class Server {
 public:
  static constexpr std::size_t kCallsAtOnce = 64;
  static constexpr Seconds kProgressEvery{5};

  struct Needs {
    const catalogue::Catalogue& catalogue;
    catalogue::Dispatcher& dispatcher;
    io::Clock& clock;
    LineWriter& out;
  };
  // Every call is made as `caller`; an empty session is filled from a client's own _meta.
  Server(Needs needs, catalogue::Caller caller, std::string instructions = kInstructions);

  // One line in; returns when its answer is written. Run each as a coroutine of its own.
  Task<void> receive(std::string line);
  void refuse_long_line();

  // Without open subscriptions, which end only with the session.
  std::size_t calls_under_way() const;
  // Notified whenever a call has ended.
  io::Signal& call_ended() { return call_ended_; }

 private:
  struct Call {
    bool cancelled = false;
    bool subscription = false;
    io::Clock::TimerId progress = 0;
    int ticks = 0;
  };
  // What a method answers: a result, or an error where `code` is set.
  struct Answer {
    nlohmann::json result{};
    Keep keep = Keep::answer;
    int code = 0;
    std::string problem{};
    nlohmann::json data{};
    bool silent = false;
  };
  static Answer failure(int code, std::string problem, nlohmann::json data = nullptr);

  void notice(const Frame& frame);
  Task<void> request(Frame frame);
  Task<Answer> answer(const Frame& frame, Era era);
  Answer listing(const Frame& frame, Era era);
  Answer handshake_only(const Frame& frame);
  Answer listen(const Frame& frame);
  Task<Answer> call_tool(const Frame& frame);
  Task<Answer> read_resource(const Frame& frame, Era era);

  catalogue::Caller caller_for(const nlohmann::json& params) const;
  void start_progress(const std::string& key, const nlohmann::json& params);
  void tick(const std::string& key, const nlohmann::json& token);
  void finish(const std::string& key, const Frame& frame, Era era, Answer answer);

  Needs needs_;
  catalogue::Caller caller_;
  std::string instructions_;
  std::map<std::string, Call> calls_{};  // by the id's JSON text
  io::Signal call_ended_{};
};

}  // namespace fleet::mcp
