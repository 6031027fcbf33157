// The catalogue as Markdown: docs/OPERATIONS.md. Another rendering; a test compares the file.
#pragma once

#include <string>

#include "catalogue/catalogue.h"

namespace fleet::catalogue {

std::string operations_markdown(const Catalogue& catalogue);

}  // namespace fleet::catalogue
