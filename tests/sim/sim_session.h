// Two AI clients on one simulated machine. Each has a transcript that outlives the daemon, asks the
// hook at every prompt and shows its model what the hook says, or drops it, as clients do. What
// they show is what a person sees; the oracle counts it.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <string>

#include "services/offers/transcript_files.h"
#include "sim/oracle.h"
#include "sim/sim_node.h"

namespace fleet::sim {

class SimTranscripts final : public offers::TranscriptFiles {
 public:
  Task<Result<io::FileTail>> read(std::string path, std::uint64_t from, std::size_t cap) override;
  void append(const std::string& path, const std::string& line) { files_[path] += line + '\n'; }

 private:
  std::map<std::string, std::string> files_{};
};

class SimSessions {
 public:
  SimSessions(World& world, SimNode& node, Oracle& oracle);

  void start() { prompt_soon(); }
  void stop() { live_ = false; }

 private:
  struct Prompt {
    std::string session;
    std::string id;
    bool over = false;
  };
  void prompt_soon();
  void prompt(const std::string& session);
  Task<void> ask(std::shared_ptr<Prompt> prompt);
  void proceed(Prompt& prompt, const std::string& text);

  World& world_;
  SimNode& node_;
  Oracle& oracle_;
  SeededRng rng_;
  std::uint64_t prompts_ = 0;
  bool live_ = true;
};

}  // namespace fleet::sim
