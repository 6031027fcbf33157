#include "sim/sim_session.h"

#include <algorithm>
#include <asio/co_spawn.hpp>
#include <nlohmann/json.hpp>
#include <utility>

namespace fleet::sim {
namespace {

using nlohmann::json;

constexpr Micros kHookLimit = Seconds{1};  // then the client goes on without it
constexpr std::array kSessions{"left", "right"};

}  // namespace

Task<Result<io::FileTail>> SimTranscripts::read(std::string path, std::uint64_t from,
                                                std::size_t cap) {
  const auto found = files_.find(path);
  if (found == files_.end()) co_return refuse(Code::not_found, "no transcript");
  io::FileTail tail;
  tail.size = found->second.size();
  if (from < tail.size) tail.bytes = found->second.substr(from, cap);
  co_return tail;
}

SimSessions::SimSessions(World& world, SimNode& node, Oracle& oracle)
    : world_(world), node_(node), oracle_(oracle), rng_(world.draws("sessions " + node.name())) {}

void SimSessions::prompt_soon() {
  world_.after(between(rng_, Seconds{1}, Seconds{20}), [this] {
    if (!live_) return;
    const std::size_t first = rng_.below(kSessions.size());
    prompt(kSessions.at(first));
    if (chance(rng_, 0.5)) prompt(kSessions.at(1 - first));  // both at once
    prompt_soon();
  });
}

void SimSessions::prompt(const std::string& session) {
  auto prompt = std::make_shared<Prompt>();
  prompt->session = session;
  prompt->id = "p" + std::to_string(++prompts_);
  world_.after(kHookLimit, [this, prompt] { proceed(*prompt, ""); });
  if (node_.ready()) asio::co_spawn(node_.now_living().loop, ask(prompt), request_ended);
}

Task<void> SimSessions::ask(std::shared_ptr<Prompt> prompt) {
  offers::HookRequest request;
  request.event = "user-prompt-submit";
  request.client = "claude";
  request.session_id = prompt->session;
  request.transcript_path = prompt->session;
  request.prompt_id = prompt->id;
  catalogue::Caller caller;
  const auto reply = co_await node_.offers().hook(std::move(request), std::move(caller));
  if (reply) proceed(*prompt, reply->text);
}

// The model is asked: the prompt, what the hook said, unless the client loses it, and an answer.
void SimSessions::proceed(Prompt& prompt, const std::string& text) {
  if (std::exchange(prompt.over, true)) return;
  SimTranscripts& files = node_.transcripts();
  const auto write = [&](json line) {
    line["sessionId"] = prompt.session;
    files.append(prompt.session, line.dump());
  };
  write({{"type", "user"}, {"promptId", prompt.id}, {"message", {{"content", "go on"}}}});
  const bool lost = chance(rng_, 0.1);
  if (!text.empty() && !lost) {
    write(
        {{"type", "attachment"},
         {"attachment", {{"type", "hook_additional_context"}, {"content", json::array({text})}}}});
    oracle_.shown(node_, prompt.session, text);
  }
  write({{"type", "assistant"}, {"message", {{"content", "done"}}}});
}

}  // namespace fleet::sim
