// The sender's side: takes a message, makes it durable, and brings it to its recipient by whatever
// road works, until a receipt, a refusal or its lifetime settles it. The only caller of channels.
// What may be claimed comes from receipts alone. (spec: delivery §1–5)
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "catalogue/caller.h"
#include "catalogue/catalogue.h"
#include "fleet/core/speculation.h"
#include "fleet/core/streams.h"
#include "fleet/model/receipt.h"
#include "io/signal.h"
#include "services/delivery/lanes.h"
#include "services/delivery/outgoing.h"
#include "services/delivery/roads.h"
#include "services/inbox/service.h"
#include "store/database.h"

namespace fleet::delivery {

// What the frames that delivery sends and gets back are made of, besides its own messages.
struct FrameMate {
  virtual ~FrameMate() = default;
  virtual bool has_riders(const NodeId& peer) = 0;
  virtual Riders riders(const NodeId& peer) = 0;
  virtual void ride_ended(std::uint64_t ride, bool arrived) = 0;
  virtual Task<void> read_reply(NodeId peer, ChannelId channel, std::string reply) = 0;
};

class DeliveryService final : private Lanes::Owner, private Roads::Listener {
 public:
  struct Needs {
    Executor loop;
    io::Clock& clock;
    Rng& rng;
    store::Database& db;
    const Crypto& crypto;
    const trust::Membership& membership;
    catalogue::EventStream& events;
    peers::PeerBook& book;
    inbox::InboxService& inbox;
    Roads& roads;
    Epoch epoch = 0;  // of this start of the daemon
  };
  explicit DeliveryService(Needs needs);
  static void describe(catalogue::Catalogue& catalogue);
  void mate(FrameMate& mate) { mate_ = &mate; }

  // Takes up what the last daemon left open.
  void open();

  Task<Result<SendReply>> send(SendRequest request, catalogue::Caller caller);
  Task<Result<MessageReply>> message(MessageRequest request, catalogue::Caller caller);

  // A receipt whose signature was checked; from is its receiver, to is this node. `via`: the road
  // whose frame brought it, where it came by one.
  void apply(const Receipt& receipt, std::optional<ChannelId> via);
  // Resumes when everything applied so far is on disk.
  Task<Result<void>> keep();
  // What this node declares void towards a peer, for its next receipt frame.
  std::vector<VoidRange> voids(const NodeId& peer);
  // Envelopes that wait for a peer and may ride on a reply to it (pull).
  std::string waiting_for(const NodeId& peer, std::size_t max_bytes);
  // Any valid frame of the peer.
  void heard_from(const NodeId& peer, ChannelId channel) { roads_.frame(peer, channel); }
  // The peer must hear of a receipt: send riders alone if nothing else leaves soon.
  void nudge(const NodeId& peer);

  std::size_t open_count() const { return open_.size(); }
  Totals totals() { return delivery::totals(needs_.db.reader()); }

 private:
  struct Draft;
  struct Watch {
    core::RecipientState state{};
    std::vector<AttemptReport> attempts{};
    io::Signal changed{};
    int waiters = 0;
  };
  using Stream = std::pair<NodeId, Epoch>;
  // One thing that became known about a message: what, when, where, and by which road.
  struct Learnt {
    core::RecipientState state{};
    std::string event{}, detail{};
    Stamp at{};
    NodeId where{};
    std::optional<ChannelId> via{};
  };

  // send.cpp
  Result<std::vector<NodeId>> recipients(const std::string& to) const;
  Result<Draft> draft(const SendRequest& request) const;
  Result<NewRow> seal(const Draft& draft, const NodeId& to, const std::string& batch);
  Task<Result<SendReply>> send_fresh(SendRequest request, std::string key);
  void give_back(const std::vector<NewRow>& rows);
  Task<Result<void>> commit(std::vector<NewRow> rows, std::string key, std::string name);
  Task<SendReply> report(std::string id, std::string until, std::int64_t wait_s);
  Task<SendReply> report_again(std::string name);
  Task<std::shared_ptr<Watch>> wait_for(std::string id, Rank rank, Tick deadline);

  // service.cpp: the life of one message
  Outgoing& track(Row row, std::string line);
  void step(Outgoing& out, const core::CascadeEvent& event);
  void perform(Outgoing& out, const core::CascadeAction& action);
  void settle(const std::string& id, const Learnt& learnt);
  Learnt own_word(core::RecipientState state, std::string event, std::string detail = "") const;
  void write_down(const std::string& id, const Learnt& learnt);
  void note_success(Outgoing& out, ChannelId via);
  void finish(Outgoing& out, core::Finish::State state);
  void give_up(Outgoing& out, Flag flag);
  void close(Outgoing& out);
  void arm_expiry(Outgoing& out);
  void record(const std::string& id, TimelineRow row);
  void write_down(store::Job job, std::function<void()> then);
  Task<void> deliver_to_self(std::string id);
  Task<bool> try_self(std::string id);
  void step_all(const NodeId& peer, const core::CascadeEvent& event);
  Outgoing* find(const std::string& id);

  // receipts.cpp
  using Road = std::optional<ChannelId>;
  void apply_stream(const Receipt& receipt, const StreamReceipt& stream, Road via);
  void apply_fact(const Receipt& receipt, const ReceiptFact& fact, Road via);
  void offer_again(const Receipt& receipt, const StreamReceipt& stream);
  void void_what_is_gone(const NodeId& peer, const StreamReceipt& stream);
  void push_riders_soon(const NodeId& peer);
  Task<void> tell_self();
  core::SenderStream& sender_stream(const NodeId& peer, Epoch epoch);

  // Lanes::Owner
  std::string line(const Ticket& ticket) override;
  Riders riders(const NodeId& peer) override { return mate_->riders(peer); }
  void sent(const Ticket& ticket, ChannelId channel) override;
  void ended(const Ticket& ticket, ChannelId channel, const Outcome& outcome) override;
  Task<void> read_reply(NodeId peer, ChannelId channel, std::string reply) override;
  void ride_ended(std::uint64_t ride, bool arrived) override { mate_->ride_ended(ride, arrived); }

  // Roads::Listener
  void came_up(const NodeId& peer, ChannelId channel) override;
  void overdue(const NodeId& peer, ChannelId channel, core::AttemptNo no) override;
  void answered(const NodeId& peer, ChannelId channel, std::string reply) override;

  Needs needs_;
  Roads& roads_;
  Lanes lanes_;
  FrameMate* mate_ = nullptr;
  core::SpeculationBudget budget_{};
  std::uint64_t next_seq_ = 1;
  std::unordered_map<std::string, std::unique_ptr<Outgoing>> open_{};
  std::map<Stream, std::map<std::uint64_t, std::string>> by_stream_{};  // dseq → id of open ones
  std::map<Stream, core::SenderStream> streams_{};
  std::unordered_map<std::string, std::shared_ptr<Watch>> watches_{};
  std::unordered_map<std::string, std::shared_ptr<io::Signal>> keys_{};  // sends under way
  std::map<NodeId, unsigned> push_tries_{};
  // Per receiver: its newest start, and the streams that it has shown since.
  std::map<NodeId, std::pair<Epoch, std::set<Epoch>>> shown_{};
};

}  // namespace fleet::delivery
