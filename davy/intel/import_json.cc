// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <iterator>
#include <optional>
#include <string>

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

/// Alternatives only: a pattern that wants two things together says nothing about either alone.
void import_pattern(std::string_view pattern, std::string_view family, std::string_view confidence,
                    ImportSink& sink) {
  std::vector<Comparison> comparisons;
  size_t at = 0;
  while (auto comparison = next_comparison(pattern, at)) {
    const std::string joined = to_lower(comparison->joined_by);
    for (const auto refused : {"and", "not", "followedby"}) {
      if (joined.find(refused) != std::string::npos) return;
    }
    if (comparison->path.ends_with('!')) return;
    comparisons.push_back(*std::move(comparison));
  }
  const std::string rest = to_lower(pattern.substr(std::min(at, pattern.size())));
  if (rest.find("and") != std::string::npos || rest.find("followedby") != std::string::npos) return;
  for (const auto& comparison : comparisons) {
    if (const auto kind = kind_of_path(comparison.path)) {
      sink.add(*kind, comparison.literal, family, confidence);
    } else if (comparison.path == "url:value") {
      sink.add(comparison.literal, family, confidence);
    }
  }
}

/// STIX 2.1 appendix A: 0-29 low, 30-69 medium, 70-100 high.
std::string_view confidence_of(const Json& object) {
  const auto found = object.find("confidence");
  if (found == object.end() || !found->is_number_integer()) return "medium";
  const auto value = found->get<int64_t>();
  return value >= 70 ? "high" : value >= 30 ? "medium" : "low";
}

void import_stix(const Json& bundle, ImportSink& sink) {
  const Json* objects = array_of(bundle, "objects");
  if (objects == nullptr) return;
  for (const Json& object : *objects) {
    if (text_of(object, "type") != "indicator" || is_true(object, "revoked")) continue;
    const std::string_view expiry = text_of(object, "valid_until").substr(0, 10);
    if (!expiry.empty() && expiry < sink.date()) continue;
    const std::string_view language = text_of(object, "pattern_type");
    if (!language.empty() && language != "stix") continue;
    import_pattern(text_of(object, "pattern"), text_of(object, "name"), confidence_of(object),
                   sink);
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

void import_attribute(const Json& attribute, std::string_view family, ImportSink& sink) {
  const std::string_view type = text_of(attribute, "type");
  const std::string_view value = text_of(attribute, "value");
  // MISP marks what is context rather than evidence as not for detection.
  const auto to_ids = attribute.is_object() ? attribute.find("to_ids") : attribute.end();
  if (attribute.is_object() && to_ids != attribute.end() && to_ids->is_boolean() &&
      !to_ids->get<bool>())
    return;
  if (attribute.is_object() && is_true(attribute, "deleted")) return;
  if (type == "ip-dst|port" || type == "ip-src|port") {
    std::string endpoint(value);
    std::replace(endpoint.begin(), endpoint.end(), '|', ':');
    sink.add(IndicatorKind::kIpPort, endpoint, family, "medium");
    return;
  }
  const auto* row = std::find_if(std::begin(kMispTypes), std::end(kMispTypes),
                                 [&](const MispType& known) { return known.type == type; });
  if (row == std::end(kMispTypes)) return;
  const auto parts = split(value, '|');
  if (row->part >= parts.size()) return;
  if (row->kind) {
    sink.add(*row->kind, parts[row->part], family, "medium");
  } else {
    sink.add(parts[row->part], family, "medium");
  }
}

void import_event(const Json& wrapped, ImportSink& sink) {
  const auto inner = wrapped.is_object() ? wrapped.find("Event") : wrapped.end();
  const Json& event = wrapped.is_object() && inner != wrapped.end() ? *inner : wrapped;
  const std::string_view family = text_of(event, "info");
  if (const Json* attributes = array_of(event, "Attribute")) {
    for (const Json& attribute : *attributes)
      import_attribute(attribute, family, sink);
  }
  if (const Json* objects = array_of(event, "Object")) {
    for (const Json& object : *objects) {
      const Json* attributes = array_of(object, "Attribute");
      if (attributes == nullptr) continue;
      for (const Json& attribute : *attributes)
        import_attribute(attribute, family, sink);
    }
  }
}

void import_misp(const Json& document, ImportSink& sink) {
  const Json* response = array_of(document, "response");
  const Json& events = response != nullptr ? *response : document;
  if (!events.is_array()) {
    import_event(events, sink);
    return;
  }
  for (const Json& event : events)
    import_event(event, sink);
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
