#include "app/places.h"

namespace fleet::app {

std::filesystem::path Places::socket() const { return home / "run" / "sock"; }

Places places(const Environment& environment) {
  std::string home = environment.get("FLEET_NERVE_HOME");
  if (home.empty()) home = environment.get("HOME") + "/.fleet-nerve";
  return Places{std::filesystem::absolute(home).lexically_normal(), environment.get("HOME")};
}

}  // namespace fleet::app
