// Catalogue: the table of what this node offers. describe(Catalogue&) of a slice adds its specs,
// attach(service) later binds the object that serves them; so help, schemas and docs exist without
// a running node. It knows no operation by name and runs none by itself: see dispatcher.h.
//
//   void describe(Catalogue& c) {
//     c.add({.name = "fleet_lease_request", .summary = "Hold a resource for a while.",
//            .http = {"POST", "/leases"}, .access = Access::peer,
//            .cli = {.command = "lease request", .positional = {"resource"}}},
//           &LeaseService::request);   // Task<Result<LeaseReply>> request(LeaseRequest, Caller)
//   }
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <typeindex>
#include <typeinfo>
#include <utility>

#include "catalogue/caller.h"
#include "catalogue/fields.h"
#include "catalogue/operation.h"
#include "catalogue/shape.h"
#include "fleet/base/result.h"
#include "io/task.h"

namespace fleet::catalogue {

using Reply = Result<nlohmann::json>;

struct Operation {
  OperationSpec spec;
  Shape input;
  Shape output;
  std::type_index service;
  // The service is the attached object of type `service`.
  std::function<Task<Reply>(void* service, nlohmann::json args, Caller caller)> run;
};

template <class T>
Shape shape_of_message() {
  if constexpr (Structured<T>) return shape_of<T>();
  return Shape{};  // nlohmann::json, as is
}

template <class T>
Result<T> decode_message(nlohmann::json&& args) {
  if constexpr (Structured<T>)
    return decode<T>(args);
  else
    return Result<T>(std::move(args));
}

template <class T>
nlohmann::json encode_message(T&& value) {
  nlohmann::json out;
  if constexpr (Structured<T>)
    encode_into(out, value);
  else
    out = std::move(value);
  return out;
}

template <class Service, class Request, class Response>
using Method = Task<Result<Response>> (Service::*)(Request, Caller);

template <class Service, class Request, class Response>
Task<Reply> run_method(Service* service, Method<Service, Request, Response> method,
                       nlohmann::json args, Caller caller) {
  Result<Request> request = decode_message<Request>(std::move(args));
  if (!request) co_return request.error();
  Result<Response> answer =
      co_await (service->*method)(std::move(request.value()), std::move(caller));
  if (!answer) co_return answer.error();
  if constexpr (std::is_void_v<Response>) {
    co_return nlohmann::json::object();
  } else {
    co_return encode_message<Response>(std::move(answer.value()));
  }
}

class Catalogue {
 public:
  Catalogue() = default;
  Catalogue(const Catalogue&) = delete;
  Catalogue& operator=(const Catalogue&) = delete;

  // Throws std::logic_error on a bad or doubled name, route or command: a mistake of the program,
  // met at start and in every test.
  template <class Service, class Request, class Response>
  void add(OperationSpec spec, Method<Service, Request, Response> method) {
    Shape input = shape_of_message<Request>();
    Shape output = shape_of<Nothing>();
    if constexpr (!std::is_void_v<Response>) output = shape_of_message<Response>();
    insert({std::move(spec), std::move(input), std::move(output), typeid(Service),
            [method](void* service, nlohmann::json args, Caller caller) {
              return run_method<Service, Request, Response>(static_cast<Service*>(service), method,
                                                            std::move(args), std::move(caller));
            }});
  }

  // Binds the object that serves its operations; it must outlive every call.
  template <class Service>
  void attach(Service& service) {
    services_[typeid(Service)] = &service;
  }

  const Operation* find(std::string_view name) const;
  void* service_of(const Operation& operation) const;  // null where none is attached
  // In the order of registration, which every rendering keeps.
  const std::deque<Operation>& operations() const { return operations_; }

 private:
  void insert(Operation operation);

  std::deque<Operation> operations_{};
  std::map<std::string, const Operation*, std::less<>> by_name_{};
  std::map<std::type_index, void*> services_{};
};

}  // namespace fleet::catalogue
