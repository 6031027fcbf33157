// A child process of ours: an argument vector (never a shell), an environment of its own, output to
// a file. Whoever holds the object owns the child: it ends with it, and with this process.
// Blocking, for commands; the daemon starts none. Used by `demo`.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "fleet/base/result.h"
#include "fleet/base/time.h"

namespace fleet::io {

struct Program {
  std::vector<std::string> words{};        // the file to run, then its arguments
  std::vector<std::string> environment{};  // "NAME=value"; nothing is inherited
  std::filesystem::path folder{};          // where it starts
  std::filesystem::path output{};          // both of its outputs are appended here
};

class Subprocess {
 public:
  // Returns once the program runs. Code::not_found or Code::unavailable with the system's reason.
  static Result<Subprocess> start(const Program& program);

  Subprocess() = default;
  Subprocess(Subprocess&& other) noexcept;
  Subprocess& operator=(Subprocess&& other) noexcept;
  Subprocess(const Subprocess&) = delete;
  Subprocess& operator=(const Subprocess&) = delete;
  ~Subprocess();  // kill_now()

  pid_t pid() const { return pid_; }  // 0 where none runs
  bool running();
  // Its exit status, 128 + n after signal n; nothing where it still runs after `span`.
  std::optional<int> wait(Millis span);
  // SIGTERM, and SIGKILL where that is not enough within `grace`.
  void end(Millis grace);
  void kill_now();

 private:
  explicit Subprocess(pid_t pid) : pid_(pid) {}
  pid_t pid_ = 0;
  std::optional<int> status_{};
};

// The file of this very program; empty where the system does not tell.
std::filesystem::path own_program();
// `name` in the folders of `path` (as in $PATH) and where servers are usually installed.
std::optional<std::filesystem::path> find_program(const std::string& name, const std::string& path);

}  // namespace fleet::io
