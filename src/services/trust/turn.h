// One change at a time: whoever reads the roster or the policy, waits for a file and then writes on
// it takes a turn first. First come is not always first served. Loop thread only.
#pragma once

#include "io/signal.h"
#include "io/task.h"

namespace fleet::trust {

class Turns {
 public:
  // Gives the turn back, by whatever road the coroutine ends.
  class Held {
   public:
    explicit Held(Turns& turns) : turns_(turns) {}
    ~Held() { turns_.give_back(); }
    Held(const Held&) = delete;
    Held& operator=(const Held&) = delete;

   private:
    Turns& turns_;
  };

  Task<void> take();  // then make a Held before the next co_await

 private:
  void give_back();

  bool taken_ = false;
  io::Signal free_{};
};

}  // namespace fleet::trust
