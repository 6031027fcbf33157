#include "sim/faults.h"

#include <iterator>

namespace fleet::sim {
namespace {

constexpr std::array kRoads{ChannelId::nats, ChannelId::http};

}  // namespace

Faults::Faults(World& world, SimNetwork& network, Nodes& nodes, Oracle& oracle)
    : world_(world),
      network_(network),
      nodes_(nodes),
      oracle_(oracle),
      rng_(world.draws("faults")) {}

SimNode& Faults::draw_node() {
  return *std::next(nodes_.begin(), static_cast<long>(rng_.below(nodes_.size())))->second;
}

Link& Faults::draw_link() {
  const NodeId from = draw_node().name();
  const NodeId to = draw_node().name();
  return network_.link(from, to, kRoads.at(rng_.below(kRoads.size())));
}

void Faults::undo_after(Micros wait, std::function<void()> undo) {
  world_.after(wait, [this, undo = std::move(undo)] {
    if (!over_) undo();
  });
}

void Faults::repeat(double probability, unsigned most, Micros span, void (Faults::*what)()) {
  if (!chance(rng_, probability)) return;
  const auto times = 1 + rng_.below(most);
  for (std::uint64_t i = 0; i < times; ++i) {
    world_.after(between(rng_, Seconds{2}, span), [this, what] {
      if (!over_) (this->*what)();
    });
  }
}

// A fast LAN, a long way, or a bad one; loss and copies in some worlds only.
void Faults::weather() {
  const Micros delay = between(rng_, Micros{50}, chance(rng_, 0.3) ? Millis{200} : Millis{5});
  const Micros jitter = between(rng_, Micros{0}, chance(rng_, 0.3) ? Millis{400} : Millis{5});
  const double loss = chance(rng_, 0.5) ? rng_.unit() * 0.4 : 0.0;
  const double duplicates = chance(rng_, 0.5) ? rng_.unit() * 0.3 : 0.0;
  for (const auto& [from, a] : nodes_) {
    for (const auto& [to, b] : nodes_) {
      if (from == to) continue;
      for (const ChannelId road : kRoads) {
        Link& link = network_.link(from, to, road);
        link.delay = delay;
        link.jitter = jitter;
        link.loss = loss;
        link.duplicates = duplicates;
      }
    }
  }
}

void Faults::start(Micros span) {
  weather();
  repeat(0.6, 6, span, &Faults::kill);
  repeat(0.4, 4, span, &Faults::power_off);
  repeat(0.3, 3, span, &Faults::fall_asleep);
  repeat(0.25, 2, span, &Faults::restore);
  repeat(0.5, 8, span, &Faults::cut_link);
  repeat(0.4, 3, span, &Faults::isolate);
  repeat(0.4, 6, span, &Faults::clog);
  repeat(0.4, 3, span, &Faults::nats_down);
  repeat(0.3, 4, span, &Faults::sync_error);
  repeat(0.2, 3, span, &Faults::io_error);
  repeat(0.3, 2, span, &Faults::disk_full);
  repeat(0.3, 3, span, &Faults::slow_disk);
  repeat(0.3, 3, span, &Faults::clock_jump);
}

void Faults::heal() {
  over_ = true;
  world_.trace("world", "heals");
  network_.set_nats(true);
  network_.each_link([](Link& link) { link = Link{}; });
  for (auto& [name, node] : nodes_) {
    node->disk().set_quota(std::nullopt);
    node->disk().fail_syncs(0);
    node->disk().fail_at(UINT64_MAX);
    node->pace() = DiskPace{};
    node->wake();
    node->boot();
  }
}

// --- incidents -----------------------------------------------------------------------------------

void Faults::kill() {
  SimNode& node = draw_node();
  if (node.power() != SimNode::Power::on) return;
  node.kill();
  undo_after(between(rng_, Millis{100}, Seconds{20}), [&node] { node.boot(); });
}

void Faults::power_off() {
  SimNode& node = draw_node();
  if (node.power() == SimNode::Power::off) return;
  node.power_off();
  undo_after(between(rng_, Seconds{1}, Seconds{60}), [&node] { node.boot(); });
}

void Faults::fall_asleep() {
  SimNode& node = draw_node();
  node.fall_asleep();
  undo_after(between(rng_, Seconds{5}, Seconds{120}), [&node] { node.wake(); });
}

void Faults::restore() {
  SimNode& node = draw_node();
  if (!node.ready()) return;
  node.back_up();
  undo_after(between(rng_, Seconds{2}, Seconds{60}), [this, &node] {
    oracle_.restored(node.name());
    node.restore();
  });
}

void Faults::cut_link() {
  Link& link = draw_link();
  link.cut = true;
  undo_after(between(rng_, Seconds{1}, Seconds{60}), [&link] { link.cut = false; });
}

void Faults::isolate() {
  const NodeId alone = draw_node().name();
  const auto set = [this, alone](bool cut) {
    for (const auto& [peer, node] : nodes_) {
      for (const ChannelId road : kRoads) {
        network_.link(alone, peer, road).cut = cut;
        network_.link(peer, alone, road).cut = cut;
      }
    }
  };
  set(true);
  undo_after(between(rng_, Seconds{5}, Seconds{90}), [set] { set(false); });
}

void Faults::clog() {
  draw_link().clogged_until = world_.now() + between(rng_, Millis{500}, Seconds{30});
}

void Faults::nats_down() {
  network_.set_nats(false);
  undo_after(between(rng_, Seconds{1}, Seconds{60}), [this] { network_.set_nats(true); });
}

void Faults::sync_error() { draw_node().disk().fail_syncs(1 + static_cast<int>(rng_.below(3))); }

void Faults::io_error() {
  test::SimDisk& disk = draw_node().disk();
  disk.fail_at(disk.calls() + rng_.below(50));
}

void Faults::disk_full() {
  test::SimDisk& disk = draw_node().disk();
  disk.set_quota(disk.used_bytes() + rng_.below(40'000));
  undo_after(between(rng_, Seconds{1}, Seconds{40}), [&disk] { disk.set_quota(std::nullopt); });
}

void Faults::slow_disk() {
  SimNode& node = draw_node();
  node.pace() = {Millis{20}, Millis{400}};
  undo_after(between(rng_, Seconds{1}, Seconds{30}), [&node] { node.pace() = DiskPace{}; });
}

void Faults::clock_jump() {
  const Micros far = chance(rng_, 0.2) ? Seconds{100'000} : Seconds{120};
  const Micros by = between(rng_, -far, far);
  SimNode& node = draw_node();
  world_.trace(node.name(), "has its clock set");
  node.jump_clock(std::chrono::duration_cast<Millis>(by));
}

}  // namespace fleet::sim
