#include "sim/sim_node.h"

#include <asio/co_spawn.hpp>
#include <asio/post.hpp>

#include "fleet/base/plant.h"
#include "sim/sim_channel.h"
#include "sim/sim_session.h"
#include "store/fault.h"

namespace fleet::sim {
namespace {

constexpr const char* kFile = "fleet.db";
constexpr Micros kRestart = Seconds{2};   // what a supervisor waits before it starts a daemon again
constexpr Micros kPatience = Millis{50};  // of the store with what nobody waits for
constexpr std::size_t kDatagramBytes = 900;
constexpr std::array kRoads{ChannelId::nats, ChannelId::http};

store::Migrations migrations() {
  store::Migrations all = Spine::migrations();
  all.insert(all.end(), offers::kMigrations.begin(), offers::kMigrations.end());
  return all;
}

// A disk as the first start leaves it; made once, since every node of every seed begins with it.
const test::SimDisk::Snapshot& fresh_disk() {
  static const test::SimDisk::Snapshot files = [] {
    test::SimDisk disk(1);
    asio::io_context loop;
    store::open_inline(kFile, loop.get_executor(), migrations(), disk.vfs());
    return disk.snapshot();
  }();
  return files;
}

channels::SendOutcome outcome_of(Result<std::string> answer) {
  channels::SendOutcome outcome;
  outcome.proved = true;
  if (answer) {
    outcome.outcome.kind = OutcomeKind::receipted;
    outcome.reply = std::move(*answer);
  } else {
    outcome.outcome = {OutcomeKind::back_pressure, answer.error().message,
                       Seconds{answer.error().retry_after_s}};
  }
  return outcome;
}

}  // namespace

void request_ended(std::exception_ptr thrown) {
  try {
    if (thrown) std::rethrow_exception(thrown);
  } catch (const store::SqlFault& fault) {
    if (!fault.storage()) throw;
  }
}

Life::Life(const World& world, Micros uptime, const Millis& wall_error, const Cast& cast,
           const NodeId& name, SeededRng draws)
    : guard(loop.get_executor()),
      clock(world, uptime, wall_error),
      rng(draws),
      membership(cast.membership(name)),
      events(clock) {}

// As a kill -9 would: nobody is asked, everything is gone. Whatever waits goes before what it waits
// for, and the loop last, since every coroutine counts as its work.
Life::~Life() {
  clock.clear();
  calls.clear();
  db.reset();
  offers.reset();
  spine.reset();
}

SimNode::SimNode(World& world, SimNetwork& network, const Cast& cast, NodeId name)
    : world_(world),
      network_(network),
      cast_(cast),
      name_(std::move(name)),
      rng_(world.draws("node " + name_)),
      disk_(rng_.u64()),
      transcripts_(std::make_unique<SimTranscripts>()) {
  disk_.restore(fresh_disk());
  uptime_ = between(rng_, Seconds{10}, Seconds{1'000'000});
  network_.join(name_, *this);
}

SimNode::~SimNode() {
  if (life_) end_process();
}

// --- what can happen to it -----------------------------------------------------------------------

void SimNode::boot() {
  if (life_) return;
  power_ = Power::on;
  try {
    start_process();
  } catch (const std::exception& fault) {
    world_.trace(name_, std::string("does not start: ") + fault.what());
    end_process();
    boot_again();
  }
}

// A supervisor tries again until it succeeds, or until somebody switches the machine off.
void SimNode::boot_again() {
  power_ = Power::crashed;
  world_.after(kRestart, [this, life = life_number_] {
    if (life == life_number_ && power_ == Power::crashed) boot();
  });
}

Epoch SimNode::pick_epoch() {
  const Epoch fresh = rng_.u64();
  const bool keep = planted(Plant::epoch_kept_over_restore) && restored_;
  restored_ = false;
  return last_epoch_ = keep ? last_epoch_ : fresh;
}

void SimNode::start_process() {
  life_ = std::make_unique<Life>(world_, uptime_, wall_error_, cast_, name_, SeededRng(rng_.u64()));
  ++life_number_;
  Life& life = *life_;
  life.epoch = pick_epoch();
  store::Options options;
  options.clock = &life.clock;
  options.commit_later = [this, &life](std::function<void()> commit) {
    const Tick done = life.clock.now() + between(rng_, pace_.least, pace_.most);
    life.clock.call_at(done, std::move(commit));
  };
  options.commit_soon = [&life](std::function<void()> commit) {
    life.clock.call_at(life.clock.now() + kPatience, std::move(commit));
  };
  life.db = store::open_inline(kFile, life.loop.get_executor(), migrations(), disk_.vfs(),
                               std::move(options));
  std::vector<std::unique_ptr<channels::Channel>> roads;
  for (const ChannelId id : kRoads) roads.push_back(std::make_unique<SimChannel>(id, *this));
  Spine::Needs needs{.loop = life.loop.get_executor(),
                     .clock = life.clock,
                     .rng = life.rng,
                     .db = *life.db,
                     .crypto = cast_.crypto(),
                     .events = life.events,
                     .membership = life.membership,
                     .policy = life.policy,
                     .hop_seals = [](const NodeId&) { return nullptr; },
                     .channels = std::move(roads),
                     .epoch = life.epoch};
  life.spine = std::make_unique<Spine>(std::move(needs));
  life.offers = std::make_unique<offers::OfferService>(
      offers::OfferService::Needs{life.loop.get_executor(), life.clock, life.rng, *life.db,
                                  life.spine->inbox, life.events, *transcripts_});
  for (const NodeId& peer : cast_.names()) {
    if (peer == name_) continue;
    life.spine->book.configure(peer, {{ChannelId::nats, {peer}}, {ChannelId::http, {peer}}});
  }
  asio::co_spawn(life.loop, open(), request_ended);
}

Task<void> SimNode::open() {
  bool opened = false;
  try {
    const Result<void> result = co_await spine().open();
    opened = result.ok();
    if (opened) life_->offers->open();
  } catch (const store::SqlFault& fault) {
    if (!fault.storage()) throw;
  }
  if (!opened) {
    world_.trace(name_, "does not open");
    world_.after(Micros{1}, [this, life = life_number_] {
      if (life != life_number_ || !life_) return;
      kill();
      boot_again();
    });
    co_return;
  }
  world_.trace(name_, "is up");
  life_->ready = true;
  on_ready(*this);
  if (heartbeats_) beat();
}

void SimNode::end_process() {
  ++life_number_;
  life_.reset();
}

void SimNode::kill() {
  if (!life_) return;
  world_.trace(name_, "is killed");
  disk_.restore(disk_.snapshot());  // the handles die, the bytes stay
  auto cut_off = std::move(life_->serving);
  end_process();
  power_ = Power::crashed;
  channels::SendOutcome reset;
  reset.outcome = {OutcomeKind::fault, "connection reset", Millis{0}};
  for (auto& [number, reply] : cut_off) reply(reset);
}

void SimNode::power_off() {
  world_.trace(name_, "loses power");
  if (life_) {
    disk_.crash();
    end_process();
  }
  power_ = Power::off;
  uptime_ = between(rng_, Micros{0}, Seconds{100}) - (world_.now() - Tick{});
}

void SimNode::fall_asleep() {
  if (power_ != Power::on) return;
  world_.trace(name_, "sleeps");
  power_ = Power::asleep;
}

void SimNode::wake() {
  if (power_ != Power::asleep) return;
  world_.trace(name_, "wakes");
  power_ = Power::on;
}

void SimNode::restore() {
  power_off();
  world_.trace(name_, "is restored from a backup");
  disk_.restore(*backup_);
  restored_ = true;
  ++restores_;
  boot();
}

// --- the loop ------------------------------------------------------------------------------------

std::optional<Tick> SimNode::next() const {
  if (!life_ || power_ == Power::asleep) return std::nullopt;
  return life_->clock.next();
}

void SimNode::fire_due() {
  const auto at = next();
  if (!at || *at > world_.now()) return;
  asio::post(life_->loop, [clock = &life_->clock] { clock->fire_due(); });
}

// A disk that cannot be read ends the daemon; its supervisor starts it again.
bool SimNode::poll() {
  if (!life_ || power_ == Power::asleep) return false;
  try {
    return life_->loop.poll() > 0;
  } catch (const store::SqlFault& fault) {
    if (!fault.storage()) throw;
    kill();
    boot_again();
    return true;
  }
}

// Life signs; receipts ride on every second one.
void SimNode::beat() {
  Life& life = *life_;
  life.spine->book.tick();
  for (const NodeId& peer : cast_.names()) {
    if (peer == name_) continue;
    std::string line;
    if (chance(rng_, 0.5)) line = life.spine->exchange.statement(peer, kDatagramBytes);
    network_.datagram(name_, peer, epoch_text(life.epoch) + line);
  }
  life.clock.call_at(life.clock.now() + between(rng_, Seconds{9}, Seconds{11}), [this] {
    if (heartbeats_) beat();
  });
}

void SimNode::set_heartbeats(bool on) {
  const bool begins = on && !heartbeats_;
  heartbeats_ = on;
  if (begins && ready()) beat();
}

// --- Station -------------------------------------------------------------------------------------

Station::Presence SimNode::presence() const {
  if (power_ == Power::off || power_ == Power::asleep) return Presence::dark;
  return ready() ? Presence::serving : Presence::refusing;
}

void SimNode::serve(const NodeId& from, ChannelId channel, std::string frame, Reply reply) {
  const std::uint64_t number = ++life_->last_call;
  life_->serving[number] = std::move(reply);
  asio::co_spawn(life_->loop, receive(number, from, channel, std::move(frame)), request_ended);
}

Task<void> SimNode::receive(std::uint64_t number, NodeId from, ChannelId channel,
                            std::string frame) {
  Result<std::string> answer =
      co_await spine().exchange.receive(std::move(from), channel, std::move(frame));
  const auto found = life_->serving.extract(number);
  found.mapped()(outcome_of(std::move(answer)));
}

void SimNode::datagram(const NodeId& from, std::string bytes) {
  const auto boot = parse_epoch(std::string_view(bytes).substr(0, 16));
  asio::post(life_->loop, [life = life_.get(), from, boot, line = bytes.substr(16)] {
    life->spine->book.life(from, boot.value_or(0));
    if (line.empty()) return;
    asio::co_spawn(life->loop, life->spine->exchange.receive_line(line), request_ended);
  });
}

void SimNode::call(const NodeId& to, ChannelId channel, std::string frame, Deadline deadline,
                   Reply done) {
  const std::uint64_t number = ++life_->last_call;
  Life::Call& call = life_->calls[number];
  call.done = std::move(done);
  call.deadline = life_->clock.call_at(deadline.at, [this, number] {
    channels::SendOutcome silent;
    silent.outcome = {OutcomeKind::fault, "timed out", Millis{0}};
    answered(number, std::move(silent));
  });
  network_.call(name_, to, channel, number, std::move(frame));
}

void SimNode::answered(std::uint64_t number, channels::SendOutcome outcome) {
  if (power_ == Power::asleep || !life_) return;
  auto found = life_->calls.extract(number);
  if (found.empty()) return;
  life_->clock.cancel(found.mapped().deadline);
  asio::post(life_->loop, [done = std::move(found.mapped().done),
                           outcome = std::move(outcome)]() mutable { done(std::move(outcome)); });
}

}  // namespace fleet::sim
