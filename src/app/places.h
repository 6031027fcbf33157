// Where things lie on this machine: the node's home and what is in it. Nothing is opened here.
// (spec: interfaces §1)
#pragma once

#include <filesystem>
#include <string>

#include "app/environment.h"

namespace fleet::app {

struct Places {
  std::filesystem::path home;
  std::filesystem::path user_home{};  // of the person, where clients keep their transcripts

  std::filesystem::path config() const { return home / "config.json"; }
  std::filesystem::path policy() const { return home / "policy.json"; }
  std::filesystem::path database() const { return home / "fleet.db"; }
  std::filesystem::path lock() const { return home / "run" / "lock"; }
  std::filesystem::path run() const { return home / "run"; }
  std::filesystem::path socket() const;
};

// FLEET_NERVE_HOME, else ~/.fleet-nerve.
Places places(const Environment& environment);

}  // namespace fleet::app
