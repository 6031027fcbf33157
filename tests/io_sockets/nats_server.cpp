#include "io_sockets/nats_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "io_sockets/scripted_server.h"

extern char** environ;

namespace fleet::test {
namespace {

constexpr int kStartMs = 10'000;

std::string find_program() {
  const char* path = std::getenv("PATH");
  std::stringstream folders(std::string(path == nullptr ? "" : path) + ":/usr/sbin");
  for (std::string folder; std::getline(folders, folder, ':');) {
    const std::string program = folder + "/nats-server";
    if (::access(program.c_str(), X_OK) == 0) return program;
  }
  return "";
}

}  // namespace

bool NatsServer::installed() { return !find_program().empty(); }

NatsServer::NatsServer() {
  const std::string address = closed_address();
  port_ = std::stoi(address.substr(address.rfind(':') + 1));
}

NatsServer::~NatsServer() { kill(); }

void NatsServer::start(const std::string& token) {
  std::vector<std::string> words{find_program(), "-a", "127.0.0.1", "-p", std::to_string(port_)};
  if (!token.empty()) words.insert(words.end(), {"--auth", token});
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
  const int failed = posix_spawn(&pid_, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) throw std::runtime_error("cannot start nats-server");
  for (int waited = 0; waited < kStartMs; waited += 20) {
    if (greets()) return;
    ::poll(nullptr, 0, 20);
  }
  throw std::runtime_error("nats-server does not greet");
}

bool NatsServer::greets() const {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  name.sin_port = htons(static_cast<in_port_t>(port_));
  char byte = 0;
  const bool up = ::connect(fd, reinterpret_cast<sockaddr*>(&name), sizeof name) == 0 &&
                  ::recv(fd, &byte, 1, 0) == 1;
  ::close(fd);
  return up;
}

void NatsServer::kill() {
  if (pid_ < 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

void NatsServer::pause() const {
  ::kill(pid_, SIGSTOP);
  ::waitpid(pid_, nullptr, WUNTRACED);  // until it has stopped
}

void NatsServer::resume() const { ::kill(pid_, SIGCONT); }

}  // namespace fleet::test
