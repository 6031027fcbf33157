// `fleet-nerve serve`: the daemon in the foreground, until SIGTERM or SIGINT. And `fleet-nerve
// mcp`: the same operations on standard input and output, from the daemon where one answers, else
// from a node of its own.
#pragma once

#include "app/config.h"
#include "app/environment.h"
#include "app/places.h"

namespace fleet::app {

struct Start {
  Places places;
  Environment environment;
  std::filesystem::path working_directory{};
  bool allow_root = false;
};

// The exit status.
int serve(const Start& start);
int serve_mcp(const Start& start);

}  // namespace fleet::app
