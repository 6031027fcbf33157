// Api: the catalogue as HTTP. REST routes come from the specs, POST /op/<name> runs any operation,
// GET /events streams, GET /health says that somebody is there. It knows no operation by name and
// authenticates nobody: local requests have passed the local rules, and for remote ones the app,
// having checked the signature, calls answer() with Caller::Kind::peer.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "catalogue/catalogue.h"
#include "catalogue/dispatcher.h"
#include "catalogue/event_stream.h"
#include "faces/http/handler.h"
#include "faces/http/route_table.h"

namespace fleet::http {

class Api final : public Handler {
 public:
  struct Needs {
    const catalogue::Catalogue& catalogue;
    catalogue::Dispatcher& dispatcher;
    catalogue::EventStream& events;
    io::Clock& clock;
  };
  // What is not an operation: the dashboard, Prometheus text.
  using Page = std::function<Task<Response>(Request request)>;

  // Reads the catalogue as it stands: describe() every slice before.
  explicit Api(Needs needs);
  // For the owner's entries only, like every page. Throws where the path is taken.
  void page(const std::string& method, const std::string& path, Page page);

  // Local and unix entries; of remote ones only GET /health, anything else is the uniform 401.
  std::optional<Response> admit(const Request& head) override;
  Task<Response> handle(Request request) override;

  // 404 and 405, before a body is read; for the app's own remote handler.
  std::optional<Response> route_refusal(const Request& head) const;
  // For a caller that somebody has authenticated.
  Task<Response> answer(Request request, catalogue::Caller caller);

 private:
  struct Target {
    const catalogue::Operation* operation = nullptr;  // else a page
    Page page{};
  };
  void add_route(const std::string& method, const std::string& path, Target target);
  Task<Response> run(const catalogue::Operation& operation, Request request,
                     RouteTable::Match match, catalogue::Caller caller);
  Response open_stream(const catalogue::Operation& operation, const Request& request,
                       const catalogue::Caller& caller);

  Needs needs_;
  RouteTable routes_{};
  std::vector<Target> targets_{};
};

}  // namespace fleet::http
