#include "catalogue/docs.h"

namespace fleet::catalogue {
namespace {

// A | inside a table cell would end it.
std::string cell(std::string text) {
  for (std::size_t at = text.find('|'); at != text.npos; at = text.find('|', at + 2)) {
    text.insert(at, 1, '\\');
  }
  return text;
}

std::string access_text(Access access) {
  switch (access) {
    case Access::local:
      return "this user on this machine";
    case Access::peer:
      return "this user, and signed nodes of the fleet";
    case Access::trust:
      return "a person at a terminal of this machine";
  }
  return "";
}

std::string rows(const Shape& shape, const std::string& prefix) {
  std::string text;
  for (const Field& field : shape.fields) {
    text += "| `" + prefix + field.name + "` | " + cell(describe_shape(field)) + " | " +
            (field.required ? "yes" : "") + " | " + cell(field.doc) + " |\n";
    const bool list = field.shape.kind == Kind::list || field.shape.kind == Kind::map;
    const Shape& inner = list ? field.shape.item.front() : field.shape;
    if (inner.fields.empty()) continue;
    text += rows(inner, prefix + field.name + (list ? "[]." : "."));
  }
  return text;
}

std::string table(const std::string& heading, const Shape& shape) {
  if (shape.fields.empty()) return "";
  return "\n" + heading + "\n\n| field | type | required | |\n|---|---|---|---|\n" +
         rows(shape, "");
}

std::string roads(const OperationSpec& spec) {
  std::string text;
  if (!spec.http.path.empty()) text += "`" + spec.http.method + " " + spec.http.path + "` · ";
  text += "`POST /op/" + spec.name + "`";
  if (!spec.cli.command.empty()) text += " · `fleet-nerve " + spec.cli.command + "`";
  if (!spec.resource.empty()) text += " · `" + spec.resource + "`";
  return text;
}

std::string section(const Operation& operation) {
  const OperationSpec& spec = operation.spec;
  std::string text = "\n## " + spec.name + "\n\n" + spec.summary + "\n\n" + roads(spec) +
                     "  \nFor " + access_text(spec.access) + ".\n";
  text += table("Request:", operation.input);
  text += table("Reply:", operation.output);
  if (!spec.cli.example.empty()) {
    text += "\n```\nfleet-nerve " + spec.cli.example + "\n```\n";
  }
  return text;
}

}  // namespace

std::string operations_markdown(const Catalogue& catalogue) {
  std::string text =
      "# Operations\n\nGenerated from the catalogue; do not edit. What is not marked \"a person at "
      "a terminal\" is also an MCP tool of the same name.\n";
  for (const Operation& operation : catalogue.operations()) {
    if (!operation.spec.hints.internal) text += section(operation);
  }
  return text;
}

}  // namespace fleet::catalogue
