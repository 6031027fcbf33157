// The table of slices: what each brings to the catalogue and to the database. Adding a slice is a
// folder and its lines in registry.cpp.
#pragma once

#include "catalogue/catalogue.h"
#include "store/migration.h"

namespace fleet {

void describe_all(catalogue::Catalogue& catalogue);
store::Migrations all_migrations();

}  // namespace fleet
