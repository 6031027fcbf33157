// One simulated machine: a disk, a wrong clock, and most of the time a daemon built of the real
// slices (Spine). It can be killed, lose power, sleep, and be put back to an earlier disk. The life
// of one daemon process is one Life; nothing of it survives but the disk.
#pragma once

#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "services/offers/service.h"
#include "services/spine.h"
#include "sim/cast.h"
#include "sim/sim_clock.h"
#include "sim/sim_network.h"
#include "sim/world.h"
#include "store/open.h"
#include "support/sim_disk.h"

namespace fleet::sim {

class SimTranscripts;

// How slow this machine's disk is.
struct DiskPace {
  Micros least{100};
  Micros most{2'000};
};

// One process.
struct Life {
  Life(const World& world, Micros uptime, const Millis& wall_error, const Cast& cast,
       const NodeId& name, SeededRng draws);
  ~Life();
  Life(const Life&) = delete;
  Life& operator=(const Life&) = delete;

  struct Call {
    Station::Reply done;
    io::Clock::TimerId deadline = 0;
  };

  asio::io_context loop{1};
  asio::executor_work_guard<asio::io_context::executor_type> guard;
  SimClock clock;
  SeededRng rng;
  trust::Membership membership;
  trust::Policy policy{};
  catalogue::EventStream events;
  std::unique_ptr<store::Database> db;
  std::unique_ptr<Spine> spine;
  std::unique_ptr<offers::OfferService> offers;
  std::map<std::uint64_t, Call> calls{};              // of ours, unanswered
  std::map<std::uint64_t, Station::Reply> serving{};  // of others, under way here
  std::uint64_t last_call = 0;
  std::uint64_t events_read = 0;
  Epoch epoch = 0;
  bool ready = false;
};

// What dispatch does with a fault of the disk: the request fails and the daemon goes on. Every
// other exception is a bug and ends the world.
void request_ended(std::exception_ptr thrown);

class SimNode final : public Station {
 public:
  enum class Power { on, crashed, off, asleep };

  SimNode(World& world, SimNetwork& network, const Cast& cast, NodeId name);
  ~SimNode() override;

  // What can happen to it.
  void boot();
  void kill();       // the process dies; what it wrote the kernel still has
  void power_off();  // what was not synced is lost
  void fall_asleep();
  void wake();
  void back_up() { backup_ = disk_.snapshot(); }
  bool has_backup() const { return backup_.has_value(); }
  void restore();  // power_off, and the disk of the backup; boots with it
  void jump_clock(Millis by) { wall_error_ += by; }
  void set_heartbeats(bool on);

  // The loop.
  std::optional<Tick> next() const;
  void fire_due();
  bool poll();

  const NodeId& name() const { return name_; }
  Power power() const { return power_; }
  bool ready() const { return life_ && life_->ready && power_ == Power::on; }
  bool has_process() const { return life_ != nullptr; }
  Life& now_living() { return *life_; }
  Spine& spine() { return *life_->spine; }
  offers::OfferService& offers() { return *life_->offers; }
  SimTranscripts& transcripts() { return *transcripts_; }
  test::SimDisk& disk() { return disk_; }
  DiskPace& pace() { return pace_; }
  std::uint64_t restores() const { return restores_; }
  Millis wall_error() const { return wall_error_; }

  // Called after every start, before anything is received.
  std::function<void(SimNode&)> on_ready = [](SimNode&) {};

  // Station
  Presence presence() const override;
  std::uint64_t life() const override { return life_number_; }
  void serve(const NodeId& from, ChannelId channel, std::string frame, Reply reply) override;
  void datagram(const NodeId& from, std::string bytes) override;
  void answered(std::uint64_t call, channels::SendOutcome outcome) override;

  // For SimChannel.
  void call(const NodeId& to, ChannelId channel, std::string frame, Deadline deadline, Reply done);

 private:
  void start_process();
  void end_process();
  Task<void> open();
  Task<void> receive(std::uint64_t number, NodeId from, ChannelId channel, std::string frame);
  void boot_again();
  void beat();
  Epoch pick_epoch();

  World& world_;
  SimNetwork& network_;
  const Cast& cast_;
  NodeId name_;
  SeededRng rng_;
  test::SimDisk disk_;
  std::unique_ptr<SimTranscripts> transcripts_;
  DiskPace pace_{};
  Millis wall_error_{0};
  Micros uptime_{0};
  Power power_ = Power::crashed;
  std::uint64_t life_number_ = 0;
  Epoch last_epoch_ = 0;
  bool restored_ = false;  // and not started since
  std::uint64_t restores_ = 0;
  bool heartbeats_ = true;
  std::optional<test::SimDisk::Snapshot> backup_{};
  std::unique_ptr<Life> life_{};
};

}  // namespace fleet::sim
