#include "faces/http/listen.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <asio/ip/v6_only.hpp>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <optional>

namespace fleet::http {
namespace {

namespace fs = std::filesystem;
using asio::ip::tcp;

Error bad_config(std::string message) { return refuse(Code::config, std::move(message)); }

std::string in_quotes(std::string_view text) { return "'" + std::string(text) + "'"; }

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return port;
}

bool is_wildcard(const asio::ip::address& address) {
  if (address.is_unspecified()) return true;
  return address.is_v6() && address.to_v6().is_v4_mapped() &&
         asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).is_unspecified();
}

Error cannot_listen(const std::string& where, const std::error_code& error) {
  if (error == asio::error::address_in_use) {
    return refuse(Code::unavailable, "address_in_use",
                  where +
                      " is taken: another fleet-nerve (or another program) listens there; stop "
                      "it, or choose another address under \"listen\" in config.json");
  }
  return refuse(Code::unavailable, "cannot_listen",
                "cannot listen on " + where + ": " + error.message());
}

// --- the unix socket ---

enum class Answer { nobody, somebody };

Answer knock(const std::string& path) {
  const int probe = ::socket(AF_UNIX, SOCK_STREAM, 0);
  if (probe < 0) return Answer::somebody;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  const int result = connect(probe, reinterpret_cast<sockaddr*>(&address), sizeof address);
  const bool refused = result != 0 && errno == ECONNREFUSED;
  close(probe);
  return refused ? Answer::nobody : Answer::somebody;
}

Result<void> prepare_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder.parent_path(), error);
  if (mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
    return bad_config("cannot make the folder " + in_quotes(folder.string()) + ": " +
                      std::string(std::strerror(errno)));
  }
  struct stat info {};
  if (lstat(folder.c_str(), &info) != 0 || !S_ISDIR(info.st_mode) || info.st_uid != geteuid()) {
    return bad_config(in_quotes(folder.string()) + " must be a folder of your own");
  }
  if ((info.st_mode & 077) != 0) {
    return bad_config(in_quotes(folder.string()) + " is open to others; run: chmod 700 " +
                      in_quotes(folder.string()));
  }
  return {};
}

Result<void> remove_stale(const std::string& path) {
  struct stat info {};
  if (lstat(path.c_str(), &info) != 0) return {};
  if (!S_ISSOCK(info.st_mode)) return bad_config(in_quotes(path) + " is in the way and no socket");
  if (knock(path) == Answer::somebody) return cannot_listen(path, asio::error::address_in_use);
  ::unlink(path.c_str());
  return {};
}

}  // namespace

Result<tcp::endpoint> parse_listen_address(std::string_view text, bool allow_wildcard) {
  const std::size_t colon = text.rfind(':');
  const Error usage = bad_config(in_quotes(text) +
                                 " is no address to listen on; write 127.0.0.1:8855 or [::1]:8855");
  if (colon == std::string_view::npos) return usage;
  const auto port = parse_port(text.substr(colon + 1));
  std::string host(text.substr(0, colon));
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (host == "localhost") host = "127.0.0.1";
  std::error_code error;
  const auto address = asio::ip::make_address(host, error);
  if (error || !port || address.is_v6() != bracketed) return usage;
  if (is_wildcard(address) && !allow_wildcard) {
    return bad_config(in_quotes(text) + " would listen on every network; name one address");
  }
  return tcp::endpoint(address, *port);
}

Result<std::shared_ptr<TcpAcceptor>> open_tcp(Executor loop, const tcp::endpoint& at) {
  const std::string where =
      (at.address().is_v6() ? "[" + at.address().to_string() + "]" : at.address().to_string()) +
      ":" + std::to_string(at.port());
  auto acceptor = std::make_shared<TcpAcceptor>(std::move(loop));
  std::error_code error;
  acceptor->open(at.protocol(), error);
  if (!error) acceptor->set_option(asio::socket_base::reuse_address(true), error);
  if (!error && at.address().is_v6()) acceptor->set_option(asio::ip::v6_only(true), error);
  if (!error) acceptor->bind(at, error);
  if (!error) acceptor->listen(asio::socket_base::max_listen_connections, error);
  if (error) return cannot_listen(where, error);
  return acceptor;
}

Result<std::shared_ptr<UnixAcceptor>> open_unix(Executor loop, const std::string& path) {
  if (path.size() >= sizeof(sockaddr_un{}.sun_path)) {
    return bad_config(in_quotes(path) +
                      " is too long for a socket; choose a shorter "
                      "FLEET_NERVE_HOME or set XDG_RUNTIME_DIR");
  }
  if (auto folder = prepare_folder(fs::path(path).parent_path()); !folder) return folder.error();
  if (auto stale = remove_stale(path); !stale) return stale.error();
  auto acceptor = std::make_shared<UnixAcceptor>(std::move(loop));
  std::error_code error;
  acceptor->open(asio::local::stream_protocol(), error);
  if (!error) acceptor->bind(asio::local::stream_protocol::endpoint(path), error);
  if (!error && chmod(path.c_str(), 0600) != 0) error = {errno, std::generic_category()};
  if (!error) acceptor->listen(asio::socket_base::max_listen_connections, error);
  if (error) return cannot_listen(path, error);
  return acceptor;
}

}  // namespace fleet::http
