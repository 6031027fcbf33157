// Starts a coroutine that nobody waits for, and says so where it dies of an exception: a fault is
// never swallowed. Services with a loop of their own run under supervise() as well.
#pragma once

#include <exception>
#include <functional>
#include <string>

#include "io/clock.h"
#include "io/task.h"

namespace fleet::io {

// Told of every exception that ended a spawned coroutine. Writes to the log; a test replaces it.
using FaultHook = std::function<void(const std::string& name, const std::string& what)>;
void set_fault_hook(FaultHook hook);

void spawn(const Executor& loop, Task<void> task, std::string name);

// Runs body() again after a fault, with growing patience up to a minute; returns when body returns.
Task<void> supervise(std::string name, Clock& clock, std::function<Task<void>()> body);

}  // namespace fleet::io
