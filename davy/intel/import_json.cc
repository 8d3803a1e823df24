// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <iterator>
#include <optional>
#include <string>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "davy/base/text.h"
#include "davy/intel/import_sink.h"

namespace davy::intel {
namespace {

using Json = nlohmann::json;

constexpr size_t kDeepest = 64;

/// Nesting is bounded before the document is built.
bool is_too_deep(std::string_view text) {
  size_t depth = 0;
  bool quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c == '\\') ++i;
      if (c == '"') quoted = false;
    } else if (c == '"') {
      quoted = true;
    } else if (c == '{' || c == '[') {
      if (++depth > kDeepest) return true;
    } else if ((c == '}' || c == ']') && depth > 0) {
      --depth;
    }
  }
  return false;
}

/// A member as text, or empty when it is absent or something else.
std::string_view text_of(const Json& object, const char* name) {
  const auto found = object.is_object() ? object.find(name) : object.end();
  return found != object.end() && found->is_string()
             ? std::string_view(found->get_ref<const std::string&>())
             : std::string_view{};
}

const Json* array_of(const Json& object, const char* name) {
  const auto found = object.is_object() ? object.find(name) : object.end();
  return object.is_object() && found != object.end() && found->is_array() ? &*found : nullptr;
}

bool is_true(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_boolean() && found->get<bool>();
}

// ---- STIX 2.1

struct StixPath {
  std::string_view path;
  IndicatorKind kind;
};
constexpr StixPath kStixPaths[] = {
    {"domain-name:value", IndicatorKind::kDomain},
    {"ipv4-addr:value", IndicatorKind::kIp},
    {"ipv6-addr:value", IndicatorKind::kIp},
    {"file:hashes.'SHA-256'", IndicatorKind::kSha256},
    {"file:hashes.\"SHA-256\"", IndicatorKind::kSha256},
    {"file:hashes.SHA256", IndicatorKind::kSha256},
    {"cryptocurrency-wallet:value", IndicatorKind::kWallet},
};

std::optional<IndicatorKind> kind_of_path(std::string_view path) {
  for (const auto& row : kStixPaths) {
    if (equals_ignore_case(row.path, path)) return row.kind;
  }
  return std::nullopt;
}

/// One comparison "path = 'literal'" after `at`; moves `at` behind it.
struct Comparison {
  std::string_view path;
  std::string_view
      joined_by;  ///< operators and brackets between the comparison before and this one
  std::string literal;
};
std::optional<Comparison> next_comparison(std::string_view pattern, size_t& at) {
  const size_t path_start = pattern.find_first_not_of("[]() \t\r\n", at);
  const size_t equals = pattern.find('=', at);
  if (path_start == std::string_view::npos || equals == std::string_view::npos) return std::nullopt;
  const size_t open = pattern.find('\'', equals);
  if (open == std::string_view::npos) return std::nullopt;

  Comparison comparison;
  const std::string_view before = trim(pattern.substr(at, equals - at));
  const size_t last_space = before.find_last_of(" \t\r\n[(");
  comparison.path = last_space == std::string_view::npos ? before : before.substr(last_space + 1);
  comparison.joined_by = before.substr(0, before.size() - comparison.path.size());
  size_t i = open + 1;
  for (; i < pattern.size() && pattern[i] != '\''; ++i) {
    if (pattern[i] == '\\' && i + 1 < pattern.size()) ++i;
    comparison.literal += pattern[i];
  }
  at = i + 1;
  const bool plain = trim(pattern.substr(equals + 1, open - equals - 1)).empty();
  if (!plain) comparison.path = {};  // "= 5 AND …": not a text comparison
  return comparison;
}

constexpr std::string_view kNeedsTogether =
    "the pattern needs several things together; it says nothing about one alone";

/// The comparisons of a pattern of alternatives; nothing for one that wants two things together.
std::optional<std::vector<Comparison>> alternatives_of(std::string_view pattern) {
  std::vector<Comparison> comparisons;
  size_t at = 0;
  while (auto comparison = next_comparison(pattern, at)) {
    const std::string joined = to_lower(comparison->joined_by);
    for (const auto refused : {"and", "not", "followedby"}) {
      if (joined.find(refused) != std::string::npos) return std::nullopt;
    }
    if (comparison->path.ends_with('!')) return std::nullopt;
    comparisons.push_back(*std::move(comparison));
  }
  const std::string rest = to_lower(pattern.substr(std::min(at, pattern.size())));
  if (rest.find("and") != std::string::npos || rest.find("followedby") != std::string::npos)
    return std::nullopt;
  return comparisons;
}

void import_pattern(std::string_view pattern, std::string_view family, std::string_view confidence,
                    ImportSink& sink) {
  const auto comparisons = alternatives_of(pattern);
  if (!comparisons) {
    sink.leave_out(pattern, kNeedsTogether);
    return;
  }
  bool read = false;
  for (const auto& comparison : *comparisons) {
    const auto kind = kind_of_path(comparison.path);
    if (!kind && comparison.path != "url:value") continue;
    read = true;
    const bool added = kind ? sink.add(*kind, comparison.literal, family, confidence)
                            : sink.add(comparison.literal, family, confidence);
    if (!added) sink.leave_out(comparison.literal);
  }
  if (!read)
    sink.leave_out(pattern, "the pattern compares no name, address, URL, SHA-256 or wallet");
}

/// STIX 2.1 appendix A: 0-29 low, 30-69 medium, 70-100 high.
std::string_view confidence_of(const Json& object) {
  const auto found = object.find("confidence");
  if (found == object.end() || !found->is_number_integer()) return "medium";
  const auto value = found->get<int64_t>();
  return value >= 70 ? "high" : value >= 30 ? "medium" : "low";
}

/// Why an indicator is not to be used; empty when it is.
std::string_view why_not_in_force(const Json& indicator, std::string_view today) {
  if (is_true(indicator, "revoked")) return "revoked";
  const std::string_view expiry = text_of(indicator, "valid_until").substr(0, 10);
  if (!expiry.empty() && expiry < today) return "expired by its valid_until";
  const std::string_view language = text_of(indicator, "pattern_type");
  if (!language.empty() && language != "stix") return "its pattern is not in the language of STIX";
  return {};
}

/// An observable is something seen, not something judged: of low confidence, unless an indicator
/// says more. False when the object is none.
bool import_observable(const Json& object, ImportSink& sink) {
  const std::string_view type = text_of(object, "type");
  std::string_view value = text_of(object, "value");
  if (type == "file") {
    const auto hashes = object.find("hashes");
    if (hashes == object.end()) return false;
    value = text_of(*hashes, "SHA-256");
    if (value.empty()) {
      sink.leave_out(text_of(object, "name"), "a file without a SHA-256");
      return true;
    }
  }
  const std::string path = std::string(type) + (type == "file" ? ":hashes.'SHA-256'" : ":value");
  const auto kind = kind_of_path(path);
  if (!kind && type != "url") return false;
  const bool added = kind ? sink.add(*kind, value, "", "low") : sink.add(value, "", "low");
  if (!added) sink.leave_out(value);
  return true;
}

void import_stix(const Json& bundle, ImportSink& sink) {
  const Json* objects = array_of(bundle, "objects");
  if (objects == nullptr) return;
  size_t number = 0;
  for (const Json& object : *objects) {
    sink.at(fmt::format("objects[{}]", number++));
    if (text_of(object, "type") != "indicator") {
      if (object.is_object()) import_observable(object, sink);
      continue;
    }
    const std::string_view pattern = text_of(object, "pattern");
    if (const auto reason = why_not_in_force(object, sink.date()); !reason.empty()) {
      sink.leave_out(pattern, reason);
    } else {
      import_pattern(pattern, text_of(object, "name"), confidence_of(object), sink);
    }
  }
}

// ---- MISP

struct MispType {
  std::string_view type;
  std::optional<IndicatorKind> kind;  ///< none: told from the value's looks
  size_t part = 0;                    ///< which side of the '|' of a composite value
};
const MispType kMispTypes[] = {
    {"domain", IndicatorKind::kDomain, 0},
    {"hostname", IndicatorKind::kDomain, 0},
    {"domain|ip", IndicatorKind::kDomain, 0},
    {"hostname|port", IndicatorKind::kDomain, 0},
    {"ip-dst", IndicatorKind::kIp, 0},
    {"ip-src", IndicatorKind::kIp, 0},
    {"sha256", IndicatorKind::kSha256, 0},
    {"filename|sha256", IndicatorKind::kSha256, 1},
    {"url", std::nullopt, 0},
    {"btc", IndicatorKind::kWallet, 0},
    {"xmr", IndicatorKind::kWallet, 0},
};

bool is_read(std::string_view type) {
  return type == "ip-dst|port" || type == "ip-src|port" ||
         std::any_of(std::begin(kMispTypes), std::end(kMispTypes),
                     [&](const MispType& known) { return known.type == type; });
}

/// MISP marks what is context rather than evidence as not for detection.
std::string_view why_not_for_detection(const Json& attribute) {
  if (is_true(attribute, "deleted")) return "deleted";
  const auto to_ids = attribute.find("to_ids");
  const bool context = to_ids != attribute.end() && to_ids->is_boolean() && !to_ids->get<bool>();
  return context ? "marked as not for detection (to_ids)" : "";
}

/// False when the attribute's value is not what its type says, or of a type that is not read.
bool add_attribute(std::string_view type, std::string_view value, std::string_view family,
                   ImportSink& sink) {
  if (type == "ip-dst|port" || type == "ip-src|port") {
    std::string endpoint(value);
    std::replace(endpoint.begin(), endpoint.end(), '|', ':');
    return sink.add(IndicatorKind::kIpPort, endpoint, family, "medium");
  }
  const auto* row = std::find_if(std::begin(kMispTypes), std::end(kMispTypes),
                                 [&](const MispType& known) { return known.type == type; });
  if (row == std::end(kMispTypes)) return false;
  const auto parts = split(value, '|');
  if (row->part >= parts.size()) return false;
  return row->kind ? sink.add(*row->kind, parts[row->part], family, "medium")
                   : sink.add(parts[row->part], family, "medium");
}

void import_attribute(const Json& attribute, std::string_view family, ImportSink& sink) {
  if (!attribute.is_object()) return;
  const std::string_view type = text_of(attribute, "type");
  const std::string_view value = text_of(attribute, "value");
  // What a search for attributes finds names its event in each.
  if (const auto event = attribute.find("Event"); family.empty() && event != attribute.end())
    family = text_of(*event, "info");
  if (const auto reason = why_not_for_detection(attribute); !reason.empty()) {
    sink.leave_out(value, reason);
  } else if (!add_attribute(type, value, family, sink)) {
    const bool known = type == "md5" || type == "sha1" || is_read(type);
    sink.leave_out(value, known ? "" : "attributes of this type are not read");
  }
}

/// Below `path`, that of the event or object that has them.
void import_attributes(const Json& owner, const std::string& path, std::string_view family,
                       ImportSink& sink) {
  const Json* attributes = array_of(owner, "Attribute");
  if (attributes == nullptr) return;
  size_t number = 0;
  for (const Json& attribute : *attributes) {
    sink.at(fmt::format("{}Attribute[{}]", path, number++));
    import_attribute(attribute, family, sink);
  }
}

void import_event(const Json& wrapped, const std::string& path, ImportSink& sink) {
  const auto inner = wrapped.is_object() ? wrapped.find("Event") : wrapped.end();
  const Json& event = wrapped.is_object() && inner != wrapped.end() ? *inner : wrapped;
  const std::string_view family = text_of(event, "info");
  import_attributes(event, path, family, sink);
  const Json* objects = array_of(event, "Object");
  if (objects == nullptr) return;
  size_t number = 0;
  for (const Json& object : *objects)
    import_attributes(object, fmt::format("{}Object[{}].", path, number++), family, sink);
}

/// An event, a list of them, the answer to a search for events, or for attributes.
void import_misp(const Json& document, ImportSink& sink) {
  const auto response = document.is_object() ? document.find("response") : document.end();
  const Json& found = document.is_object() && response != document.end() ? *response : document;
  if (!found.is_array()) {
    import_event(found, "", sink);
    return;
  }
  size_t number = 0;
  for (const Json& event : found)
    import_event(event, fmt::format("event {}: ", number++), sink);
}

}  // namespace

Result<void> import_json(std::string_view text, std::string_view format_hint, ImportSink& sink) {
  if (is_too_deep(text)) {
    return Error{ErrorCode::kLimitExceeded, "the JSON is nested more than 64 levels deep"};
  }
  const Json document = Json::parse(text, nullptr, false);
  if (document.is_discarded()) return Error{ErrorCode::kInvalidInput, "the text is not valid JSON"};
  const bool is_bundle = text_of(document, "type") == "bundle";
  if (format_hint == "stix" && !is_bundle) {
    return Error{ErrorCode::kInvalidInput, "the JSON is not a STIX bundle"};
  }
  if (is_bundle && format_hint != "misp") {
    import_stix(document, sink);
  } else {
    import_misp(document, sink);
  }
  return {};
}

}  // namespace davy::intel
