#include "io/subprocess.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif
#ifdef __APPLE__
#include <mach-o/dyld.h>
#endif

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

#include "io/owned_fd.h"
#include "io/waiting.h"

namespace fleet::io {
namespace {

constexpr Millis kLook{5};  // between two looks at a child that is waited for
constexpr int kNotStarted = 127;

std::vector<char*> pointers(const std::vector<std::string>& words) {
  std::vector<char*> list;
  for (const std::string& word : words) list.push_back(const_cast<char*>(word.c_str()));
  list.push_back(nullptr);
  return list;
}

// Everything that the child needs, made before the fork: after it only system calls are safe.
struct Launch {
  std::vector<char*> words, environment;
  std::string folder;
  int input, output, report;
  pid_t parent;
};

[[noreturn]] void become(const Launch& launch) {
  ::setpgid(0, 0);  // a Ctrl-C at the terminal is for the parent, which ends its children in order
#ifdef __linux__
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != launch.parent) ::_exit(kNotStarted);
#endif
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) std::signal(number, SIG_DFL);
  ::dup2(launch.input, STDIN_FILENO);
  ::dup2(launch.output, STDOUT_FILENO);
  ::dup2(launch.output, STDERR_FILENO);
  if (launch.folder.empty() || ::chdir(launch.folder.c_str()) == 0) {
    ::execve(launch.words.front(), launch.words.data(), launch.environment.data());
  }
  const int reason = errno;
  static_cast<void>(!::write(launch.report, &reason, sizeof reason));
  ::_exit(kNotStarted);
}

Error not_started(const std::string& file, int reason) {
  const Code code = reason == ENOENT ? Code::not_found : Code::unavailable;
  return refuse(code, "cannot start " + file + ": " + std::strerror(reason));
}

int status_of(int raw) { return WIFEXITED(raw) ? WEXITSTATUS(raw) : 128 + WTERMSIG(raw); }

// What execve said: the pipe closes with it, or brings its errno.
int read_report(int fd) {
  int reason = 0;
  ssize_t got = 0;
  do {
    got = ::read(fd, &reason, sizeof reason);
  } while (got < 0 && errno == EINTR);
  return got == static_cast<ssize_t>(sizeof reason) ? reason : 0;
}

}  // namespace

Result<Subprocess> Subprocess::start(const Program& program) {
  if (program.words.empty()) return refuse(Code::invalid, "no program to start");
  const OwnedFd input(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  const OwnedFd output(
      ::open(program.output.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  std::array<int, 2> ends{-1, -1};
  if (!input || !output || ::pipe(ends.data()) != 0) return not_started(program.words[0], errno);
  const OwnedFd heard(ends[0]);
  OwnedFd report(ends[1]);
  for (const int end : ends) ::fcntl(end, F_SETFD, FD_CLOEXEC);
  const Launch launch{pointers(program.words),
                      pointers(program.environment),
                      program.folder.string(),
                      input.get(),
                      output.get(),
                      report.get(),
                      ::getpid()};
  const pid_t pid = ::fork();
  if (pid < 0) return not_started(program.words[0], errno);
  if (pid == 0) become(launch);
  Subprocess child(pid);
  report.reset();
  if (const int reason = read_report(heard.get()); reason != 0) {
    child.kill_now();
    return not_started(program.words[0], reason);
  }
  return child;
}

Subprocess::Subprocess(Subprocess&& other) noexcept
    : pid_(std::exchange(other.pid_, 0)), status_(std::exchange(other.status_, std::nullopt)) {}

Subprocess& Subprocess::operator=(Subprocess&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(status_, other.status_);
  return *this;
}

Subprocess::~Subprocess() { kill_now(); }

bool Subprocess::running() {
  if (pid_ == 0) return false;
  int raw = 0;
  pid_t ended = 0;
  do {
    ended = ::waitpid(pid_, &raw, WNOHANG);
  } while (ended < 0 && errno == EINTR);
  if (ended == 0) return true;
  status_ = ended == pid_ ? status_of(raw) : kNotStarted;
  pid_ = 0;
  return false;
}

std::optional<int> Subprocess::wait(Millis span) {
  for (Millis waited{0}; running(); waited += kLook) {
    if (waited >= span) return std::nullopt;
    static_cast<void>(pause(kLook));
  }
  return status_;
}

void Subprocess::end(Millis grace) {
  if (!running()) return;
  ::kill(pid_, SIGTERM);
  if (!wait(grace)) kill_now();
}

void Subprocess::kill_now() {
  if (!running()) return;
  ::kill(pid_, SIGKILL);
  int raw = 0;
  while (::waitpid(pid_, &raw, 0) < 0 && errno == EINTR) {
  }
  status_ = status_of(raw);
  pid_ = 0;
}

std::filesystem::path own_program() {
#ifdef __APPLE__
  std::array<char, 4096> text{};
  std::uint32_t size = text.size();
  return ::_NSGetExecutablePath(text.data(), &size) == 0 ? std::filesystem::path(text.data()) : "";
#else
  std::error_code unknown;
  return std::filesystem::read_symlink("/proc/self/exe", unknown);
#endif
}

std::optional<std::filesystem::path> find_program(const std::string& name,
                                                  const std::string& path) {
  const std::string folders =
      path + ":/usr/local/bin:/usr/local/sbin:/usr/bin:/usr/sbin:/opt/homebrew/bin";
  for (std::size_t at = 0; at < folders.size();) {
    const std::size_t end = std::min(folders.find(':', at), folders.size());
    const auto file = std::filesystem::path(folders.substr(at, end - at)) / name;
    if (file.is_absolute() && ::access(file.c_str(), X_OK) == 0) return file;
    at = end + 1;
  }
  return std::nullopt;
}

}  // namespace fleet::io
