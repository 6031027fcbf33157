// Result<T>: a value, or a refusal with a Code, a sentence and the fields at fault.
// It is for answers that a caller must handle; faults (a broken invariant, a closed database)
// are exceptions. Every layer speaks it; Code alone decides HTTP status and exit status.
#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace fleet {

// The twelve ways to say no. The tables in result.cpp map each to HTTP, JSON-RPC and exit status.
enum class Code {
  malformed,        // 400: broken syntax
  unauthenticated,  // 401
  forbidden,        // 403: Host, Origin, policy
  not_found,        // 404: path, peer, id
  conflict,         // 409: same id, other bytes
  too_large,        // 413
  invalid,          // 422: a field is missing, mistyped or unknown
  limited,          // 429: back-pressure; Error::retry_after_s says when
  unavailable,      // 503: store not writable, daemon not ready
  full,             // 507: disk full
  timed_out,        // 504
  config,           // exit 78
};

std::string_view to_string(Code code);
int http_status(Code code);
int jsonrpc_code(Code code);
int exit_status(Code code);

// One fault in one field of a request or a configuration.
struct FieldFault {
  std::string path;     // "to", "payload.body", "listen.local"
  std::string problem;  // "is missing", "must be a string"
};

struct Error {
  Code code = Code::invalid;
  std::string name;     // wire code where it is narrower than Code: "unknown_peer"; else empty
  std::string message;  // names the thing and the remedy; never a body, key or token
  std::vector<FieldFault> fields{};
  int retry_after_s = 0;  // only with Code::limited and Code::unavailable

  std::string_view wire_name() const { return name.empty() ? to_string(code) : name; }
};

inline Error refuse(Code code, std::string message) { return Error{code, "", std::move(message)}; }
inline Error refuse(Code code, std::string name, std::string message) {
  return Error{code, std::move(name), std::move(message)};
}

// A Result that is read on the wrong side is a bug of the reader, hence an exception.
struct WrongSide : std::logic_error {
  using std::logic_error::logic_error;
};

template <class T = void>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  T& value() & { return read<0>(*this); }
  const T& value() const& { return read<0>(*this); }
  T value() && { return std::move(read<0>(*this)); }
  const Error& error() const { return read<1>(*this); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }

 private:
  template <std::size_t Side, class Self>
  static auto& read(Self& self) {
    if (self.state_.index() != Side) throw WrongSide(self.ok() ? "no error here" : "no value here");
    return std::get<Side>(self.state_);
  }
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}

  bool ok() const { return !error_; }
  explicit operator bool() const { return ok(); }
  const Error& error() const {
    if (!error_) throw WrongSide("no error here");
    return *error_;
  }

 private:
  std::optional<Error> error_;
};

}  // namespace fleet
