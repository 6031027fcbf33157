#include "io/peer_uid.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <istream>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#if defined(__linux__)
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#elif defined(__APPLE__)
#include <libproc.h>
#include <sys/proc_info.h>
#endif

namespace fleet::io {
namespace {

struct Ends {
  sockaddr_storage ours{};
  sockaddr_storage theirs{};
  int family() const { return ours.ss_family; }
};

std::optional<Ends> ends_of(int socket) {
  Ends ends;
  socklen_t size = sizeof ends.ours;
  if (getsockname(socket, reinterpret_cast<sockaddr*>(&ends.ours), &size) != 0) return std::nullopt;
  size = sizeof ends.theirs;
  if (getpeername(socket, reinterpret_cast<sockaddr*>(&ends.theirs), &size) != 0) {
    return std::nullopt;
  }
  return ends;
}

struct Half {
  std::array<unsigned char, 16> address{};  // network order; IPv4 in the first four bytes
  in_port_t port = 0;                       // network order
  bool operator==(const Half&) const = default;
};

Half half_of(const sockaddr_storage& end) {
  Half half;
  if (end.ss_family == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, &end, sizeof v6);
    std::memcpy(half.address.data(), &v6.sin6_addr, 16);
    half.port = v6.sin6_port;
  } else {
    sockaddr_in v4{};
    std::memcpy(&v4, &end, sizeof v4);
    std::memcpy(half.address.data(), &v4.sin_addr, 4);
    half.port = v4.sin_port;
  }
  return half;
}

#if defined(__linux__)

bool unix_peer_is_ours(int socket) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return false;
  return peer.uid == geteuid();
}

struct Question {
  nlmsghdr header{};
  inet_diag_req_v2 body{};
};

// The client's socket, so its address is the source.
Question question_about(const Ends& ends) {
  Question question;
  question.header.nlmsg_len = sizeof question;
  question.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
  question.header.nlmsg_flags = NLM_F_REQUEST;
  question.body.sdiag_family = static_cast<unsigned char>(ends.family());
  question.body.sdiag_protocol = IPPROTO_TCP;
  question.body.idiag_states = ~0U;
  const Half client = half_of(ends.theirs);
  const Half server = half_of(ends.ours);
  auto& id = question.body.id;
  std::memcpy(id.idiag_src, client.address.data(), client.address.size());
  std::memcpy(id.idiag_dst, server.address.data(), server.address.size());
  id.idiag_sport = client.port;
  id.idiag_dport = server.port;
  id.idiag_cookie[0] = INET_DIAG_NOCOOKIE;
  id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
  return question;
}

// A socket that no process holds any more reports uid 0 and inode 0; it is nobody's.
struct Owner {
  bool known = false;
  bool ours = false;
};

Owner read_answer(const char* bytes, std::size_t size) {
  nlmsghdr header{};
  inet_diag_msg found{};
  if (size < NLMSG_LENGTH(sizeof found)) return {};
  std::memcpy(&header, bytes, sizeof header);
  if (header.nlmsg_type != SOCK_DIAG_BY_FAMILY) return {};
  std::memcpy(&found, bytes + NLMSG_HDRLEN, sizeof found);
  return {true, found.idiag_inode != 0 && found.idiag_uid == geteuid()};
}

Owner ask_kernel(const Ends& ends) {
  const int netlink = ::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
  if (netlink < 0) return {};
  Question question = question_about(ends);
  alignas(nlmsghdr) std::array<char, 2048> answer{};
  ssize_t got = -1;
  // The kernel answers within send(): nothing here waits.
  if (send(netlink, &question, sizeof question, 0) == static_cast<ssize_t>(sizeof question)) {
    got = recv(netlink, answer.data(), answer.size(), MSG_DONTWAIT);
  }
  close(netlink);
  return got > 0 ? read_answer(answer.data(), static_cast<std::size_t>(got)) : Owner{};
}

// As /proc/net/tcp spells it: each 32-bit word of the address as a number of this machine.
std::string spell(const Half& half, bool v6) {
  std::string out;
  std::array<char, 16> digits{};
  for (std::size_t i = 0; i < (v6 ? 16U : 4U); i += 4) {
    std::uint32_t word = 0;
    std::memcpy(&word, half.address.data() + i, sizeof word);
    std::snprintf(digits.data(), digits.size(), "%08X", word);
    out += digits.data();
  }
  std::snprintf(digits.data(), digits.size(), ":%04X", static_cast<unsigned>(ntohs(half.port)));
  return out + digits.data();
}

bool table_names_us(const Ends& ends) {
  const bool v6 = ends.family() == AF_INET6;
  std::ifstream table(v6 ? "/proc/net/tcp6" : "/proc/net/tcp");
  const std::string wanted = spell(half_of(ends.theirs), v6) + " " + spell(half_of(ends.ours), v6);
  return owner_in_table(table, wanted) == geteuid();
}

bool tcp_peer_is_ours(const Ends& ends) {
  // The table costs a walk over every socket of the machine: only where queries never worked.
  static bool queries_work = false;
  const Owner owner = ask_kernel(ends);
  queries_work = queries_work || owner.known;
  return queries_work ? owner.ours : table_names_us(ends);
}

#elif defined(__APPLE__)

bool unix_peer_is_ours(int socket) {
  uid_t uid = 0;
  gid_t gid = 0;
  return getpeereid(socket, &uid, &gid) == 0 && uid == geteuid();
}

bool is_client_socket(int pid, int fd, const Ends& ends) {
  socket_fdinfo info{};
  const int size = proc_pidfdinfo(pid, fd, PROC_PIDFDSOCKETINFO, &info, sizeof info);
  if (size < static_cast<int>(sizeof info) || info.psi.soi_kind != SOCKINFO_TCP) return false;
  const in_sockinfo& tcp = info.psi.soi_proto.pri_tcp.tcpsi_ini;
  const bool v4 = (tcp.insi_vflag & INI_IPV4) != 0;
  Half local;
  Half foreign;
  local.port = static_cast<in_port_t>(tcp.insi_lport);
  foreign.port = static_cast<in_port_t>(tcp.insi_fport);
  if (v4) {
    std::memcpy(local.address.data(), &tcp.insi_laddr.ina_46.i46a_addr4, 4);
    std::memcpy(foreign.address.data(), &tcp.insi_faddr.ina_46.i46a_addr4, 4);
  } else {
    std::memcpy(local.address.data(), &tcp.insi_laddr.ina_6, 16);
    std::memcpy(foreign.address.data(), &tcp.insi_faddr.ina_6, 16);
  }
  return local == half_of(ends.theirs) && foreign == half_of(ends.ours);
}

bool holds_client_socket(int pid, const Ends& ends) {
  const int bytes = proc_pidinfo(pid, PROC_PIDLISTFDS, 0, nullptr, 0);
  if (bytes <= 0) return false;
  std::vector<proc_fdinfo> fds(static_cast<std::size_t>(bytes) / sizeof(proc_fdinfo) + 8);
  const int room = static_cast<int>(fds.size() * sizeof(proc_fdinfo));
  const int filled = proc_pidinfo(pid, PROC_PIDLISTFDS, 0, fds.data(), room);
  if (filled <= 0) return false;
  fds.resize(static_cast<std::size_t>(filled) / sizeof(proc_fdinfo));
  for (const proc_fdinfo& entry : fds) {
    if (entry.proc_fdtype == PROX_FDTYPE_SOCKET && is_client_socket(pid, entry.proc_fd, ends)) {
      return true;
    }
  }
  return false;
}

bool tcp_peer_is_ours(const Ends& ends) {
  const int bytes = proc_listpids(PROC_UID_ONLY, geteuid(), nullptr, 0);
  if (bytes <= 0) return false;
  std::vector<pid_t> pids(static_cast<std::size_t>(bytes) / sizeof(pid_t) + 16);
  const int room = static_cast<int>(pids.size() * sizeof(pid_t));
  const int filled = proc_listpids(PROC_UID_ONLY, geteuid(), pids.data(), room);
  if (filled <= 0) return false;
  pids.resize(static_cast<std::size_t>(filled) / sizeof(pid_t));
  for (const pid_t pid : pids) {
    if (pid > 0 && holds_client_socket(pid, ends)) return true;
  }
  return false;
}

#else
#error "peer_uid: tell how this system names the owner of a TCP socket"
#endif

}  // namespace

std::optional<unsigned> owner_in_table(std::istream& table, std::string_view ends) {
  std::string line;
  while (std::getline(table, line)) {
    const std::size_t at = line.find(ends);
    if (at == std::string::npos) continue;
    // After the ends: state, queues, timer, retransmits, uid, timeout, inode.
    std::istringstream rest(line.substr(at + ends.size()));
    std::string skipped;
    unsigned uid = 0;
    unsigned long inode = 0;
    if (rest >> skipped >> skipped >> skipped >> skipped >> uid >> skipped >> inode && inode != 0) {
      return uid;
    }
  }
  return std::nullopt;
}

bool peer_has_our_uid(int socket) {
  const auto ends = ends_of(socket);
  if (!ends) return false;
  if (ends->family() == AF_UNIX) return unix_peer_is_ours(socket);
  if (ends->family() != AF_INET && ends->family() != AF_INET6) return false;
  return tcp_peer_is_ours(*ends);
}

}  // namespace fleet::io
