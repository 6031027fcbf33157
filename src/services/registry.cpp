#include "services/registry.h"

#include "services/delivery/service.h"
#include "services/doctor/service.h"
#include "services/events/service.h"
#include "services/heartbeat/table.h"
#include "services/inbox/service.h"
#include "services/offers/service.h"
#include "services/offers/table.h"
#include "services/peers/service.h"
#include "services/spine.h"
#include "services/status/service.h"
#include "services/trust/service.h"
#include "services/trust/table.h"

namespace fleet {

// The order is that of every listing: tools, help, documentation.
void describe_all(catalogue::Catalogue& catalogue) {
  delivery::DeliveryService::describe(catalogue);
  inbox::InboxService::describe(catalogue);
  status::StatusService::describe(catalogue);
  peers::PeersService::describe(catalogue);
  events::EventsService::describe(catalogue);
  doctor::DoctorService::describe(catalogue);
  offers::OfferService::describe(catalogue);
  trust::TrustService::describe(catalogue);
}

store::Migrations all_migrations() {
  store::Migrations all = Spine::migrations();
  for (const store::Migrations* more :
       {&trust::kMigrations, &heartbeat::kMigrations, &offers::kMigrations}) {
    all.insert(all.end(), more->begin(), more->end());
  }
  return all;
}

}  // namespace fleet
