#include "services/spine.h"

#include "services/delivery/table.h"
#include "services/inbox/table.h"

namespace fleet {

Spine::Spine(Needs n)
    : book(n.clock, n.timing),
      inbox({n.loop, n.clock, n.db, n.membership, n.policy, n.crypto, n.events, n.epoch}),
      roads({n.loop, n.clock, n.rng, n.events, n.membership, book, n.hop_seals,
             std::move(n.channels), n.timing}),
      delivery({n.loop, n.clock, n.rng, n.db, n.crypto, n.membership, n.events, book, inbox, roads,
                n.epoch}),
      exchange({n.loop, n.clock, n.membership, inbox, delivery, n.events, n.offer_roster,
                n.roster_line}) {
  delivery.mate(exchange);
}

Task<Result<void>> Spine::open() {
  Result<void> opened = co_await inbox.open();
  if (opened) delivery.open();
  co_return opened;
}

void Spine::prune(store::Connection& db, Stamp now, Millis kept) {
  inbox::prune(db, now, kept);
  delivery::prune(db, now - kept);
}

store::Migrations Spine::migrations() {
  store::Migrations all = inbox::kMigrations;
  all.insert(all.end(), delivery::kMigrations.begin(), delivery::kMigrations.end());
  return all;
}

}  // namespace fleet
