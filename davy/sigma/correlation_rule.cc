// SPDX-License-Identifier: Apache-2.0
#include "davy/sigma/correlation_rule.h"

#include <algorithm>
#include <array>
#include <limits>

#include <fmt/format.h>

#include "davy/base/hash.h"
#include "davy/base/text.h"
#include "davy/base/yaml.h"
#include "davy/sigma/correlation_condition.h"
#include "davy/sigma/correlation_problem.h"

namespace davy::sigma {
namespace {

using Problem = CorrelationProblem;

// In the order of CorrelationType.
constexpr std::array<std::string_view, 8> kTypeNames = {
    "event_count", "value_count", "temporal",         "temporal_ordered",
    "value_sum",   "value_avg",   "value_percentile", "value_median"};

struct TimespanUnit {
  char letter;
  DurationNs length;
};
// Months and years are the mean Gregorian ones, as pySigma counts them.
constexpr TimespanUnit kTimespanUnits[] = {
    {'s', kSecond},
    {'m', kMinute},
    {'h', kHour},
    {'d', kDay},
    {'w', 7 * kDay},
    {'M', 2'629'746 * kSecond},
    {'y', 31'556'952 * kSecond},
};
// Leaves room to add a timespan to any time a log can hold.
constexpr DurationNs kMaxTimespan = 100 * 365 * kDay;

constexpr size_t kMaxRules = 1000;
constexpr size_t kMaxGroupBy = 16;
constexpr size_t kMaxCustomEntries = 256;
constexpr int kMaxCustomDepth = 8;

// Keys of the document itself. Sigma allows others, so only a near miss is told.
const std::vector<std::string_view> kDocumentKeys = {
    "title",    "id",   "name",     "status",   "description",    "author", "references",
    "date",     "tags", "modified", "taxonomy", "falsepositives", "level",  "correlation",
    "generate", "davy", "license",  "related",  "scope",          "fields"};
const std::vector<std::string_view> kCorrelationKeys = {
    "type", "rules", "group-by", "timespan", "aliases", "condition", "generate"};

std::string scalar(const YamlNode& node) {
  return node.is_scalar() ? node.text() : std::string();
}

/// A list of scalars, or one scalar; anything else in it is left out.
std::vector<std::string> scalars(const YamlNode& node) {
  std::vector<std::string> list;
  if (node.is_scalar() && !node.text().empty()) list.push_back(node.text());
  for (const YamlNode& item : node.items()) {
    if (item.is_scalar()) list.push_back(item.text());
  }
  return list;
}

void flatten(const YamlNode& node, const std::string& key, int depth,
             std::vector<std::pair<std::string, std::string>>& out) {
  if (depth > kMaxCustomDepth || out.size() >= kMaxCustomEntries) return;
  if (node.is_scalar()) out.emplace_back(key, node.text());
  for (const YamlNode& item : node.items())
    flatten(item, key, depth + 1, out);
  for (const YamlEntry& entry : node.entries()) {
    const std::string name = scalar(entry.key);
    flatten(entry.value, key.empty() ? name : key + "." + name, depth + 1, out);
  }
}

/// All scalars of `node`, or nothing when it is no scalar and no list of scalars.
std::optional<std::vector<std::string>> strict_scalars(const YamlNode& node) {
  std::vector<std::string> list = scalars(node);
  const size_t expected = node.is_sequence() ? node.items().size() : 1;
  const bool blank = std::any_of(list.begin(), list.end(), [](const auto& s) { return s.empty(); });
  if (list.size() != expected || list.empty() || blank) return std::nullopt;
  return list;
}

/// Reads the `correlation` map of one document.
class Reader {
 public:
  Reader(const YamlNode& document, CorrelationRule& rule, CorrelationProblems& problems)
      : document_(document), rule_(rule), problems_(problems) {}

  void read() {
    const YamlNode& body = document_["correlation"];
    if (!body.is_map()) {
      problems_.add(Problem::kShape, document_.line(), "'correlation' has to be a map");
      return;
    }
    check_keys(body);
    read_type(body);
    read_rules(body["rules"]);
    read_group_by(body["group-by"]);
    read_timespan(body);
    // The condition can only be judged when it is known what it counts.
    if (problems_.errors() == 0) parse_condition(body["condition"], body.line(), rule_, problems_);
    if (rule_.rules.empty() && problems_.errors() == 0) {
      problems_.add(Problem::kRules, body.line(), "'rules' is missing",
                    "list the names or ids of the rules to correlate");
    }
    read_aliases(body["aliases"]);
    read_generate(document_["generate"], body["generate"]);
  }

 private:
  void check_keys(const YamlNode& body) {
    for (const YamlEntry& entry : document_.entries()) {
      const std::string name = scalar(entry.key);
      if (std::find(kDocumentKeys.begin(), kDocumentKeys.end(), name) != kDocumentKeys.end())
        continue;
      if (const std::string_view near = nearest_name(name, kDocumentKeys); !near.empty()) {
        problems_.add(Problem::kUnknownKey, entry.key.line(),
                      fmt::format("unknown key '{}'", printable(name, 60)),
                      fmt::format("did you mean '{}'?", near));
      }
    }
    for (const YamlEntry& entry : body.entries()) {
      const std::string name = scalar(entry.key);
      if (std::find(kCorrelationKeys.begin(), kCorrelationKeys.end(), name) ==
          kCorrelationKeys.end()) {
        problems_.add(
            Problem::kUnknownKey, entry.key.line(),
            fmt::format("unknown key '{}' in correlation is ignored", printable(name, 60)),
            suggestion(name, kCorrelationKeys));
      }
    }
  }

  void read_type(const YamlNode& body) {
    const YamlNode& node = body["type"];
    const std::string name = scalar(node);
    const auto* place = std::find(kTypeNames.begin(), kTypeNames.end(), name);
    if (place != kTypeNames.end()) {
      rule_.type = static_cast<CorrelationType>(place - kTypeNames.begin());
    } else if (name.empty()) {
      problems_.add(Problem::kType, (node ? node : body).line(), "the correlation has no type",
                    suggestion("", {kTypeNames.begin(), kTypeNames.end()}));
    } else {
      problems_.add(Problem::kType, node.line(),
                    fmt::format("unknown correlation type '{}'", printable(name, 60)),
                    suggestion(name, {kTypeNames.begin(), kTypeNames.end()}));
    }
  }

  void read_rules(const YamlNode& node) {
    if (!node || node.is_null()) return;  // a condition in words may name them
    const auto listed = strict_scalars(node);
    if (!listed) {
      problems_.add(Problem::kRules, node.line(), "'rules' has to be a list of rule names or ids");
    } else if (listed->size() > kMaxRules) {
      problems_.add(
          Problem::kLimit, node.line(),
          fmt::format("'rules' lists {} rules, at most {} are allowed", listed->size(), kMaxRules));
    } else {
      for (const std::string& name : *listed)
        add_rule(name, node.line());
    }
  }

  void add_rule(const std::string& name, int line) {
    if (std::find(rule_.rules.begin(), rule_.rules.end(), name) == rule_.rules.end()) {
      rule_.rules.push_back(name);
    } else {
      problems_.add(Problem::kRuleTwice, line,
                    fmt::format("'rules' lists '{}' twice; it counts once", printable(name, 100)));
    }
  }

  void read_group_by(const YamlNode& node) {
    if (!node || node.is_null() || (node.is_sequence() && node.items().empty())) return;
    const auto names = strict_scalars(node);
    if (!names) {
      problems_.add(Problem::kGroupBy, node.line(), "'group-by' has to be a list of field names");
    } else if (names->size() > kMaxGroupBy) {
      problems_.add(Problem::kLimit, node.line(),
                    fmt::format("'group-by' lists {} fields, at most {} are allowed", names->size(),
                                kMaxGroupBy));
    } else {
      for (const std::string& name : *names) {
        if (std::find(rule_.group_by.begin(), rule_.group_by.end(), name) == rule_.group_by.end()) {
          rule_.group_by.push_back(name);
        }
      }
    }
  }

  void read_timespan(const YamlNode& body) {
    const YamlNode& node = body["timespan"];
    const std::string text = scalar(node);
    const char letter = text.empty() ? '\0' : text.back();
    const auto* unit = std::find_if(std::begin(kTimespanUnits), std::end(kTimespanUnits),
                                    [&](const TimespanUnit& u) { return u.letter == letter; });
    const auto count = text.empty()
                           ? std::nullopt
                           : parse_int<int64_t>(std::string_view(text).substr(0, text.size() - 1));
    if (text.empty()) {
      problems_.add(Problem::kTimespan, (node ? node : body).line(),
                    "the correlation has no timespan", "for example 'timespan: 15m'");
    } else if (unit == std::end(kTimespanUnits) || !count || *count <= 0) {
      problems_.add(Problem::kTimespan, node.line(),
                    fmt::format("'{}' is not a timespan", printable(text, 40)),
                    "write a whole number and one of s, m, h, d, w, M, y, for example '15m'");
    } else if (*count > kMaxTimespan / unit->length) {
      problems_.add(Problem::kTimespan, node.line(), "the timespan is longer than 100 years");
    } else {
      rule_.timespan = *count * unit->length;
    }
  }

  void read_aliases(const YamlNode& node) {
    if (!node || node.is_null()) return;
    if (!node.is_map()) {
      problems_.add(Problem::kAlias, node.line(), "'aliases' has to be a map of alias names",
                    "write 'alias: {rule_name: field}'");
      return;
    }
    for (const YamlEntry& entry : node.entries()) {
      const YamlNode& alias = entry.key;
      const YamlNode& per_rule = entry.value;
      if (!alias.is_scalar() || !per_rule.is_map()) {
        problems_.add(Problem::kAlias, alias.line(),
                      fmt::format("alias '{}' has to map rule names to field names",
                                  printable(scalar(alias), 60)),
                      "write 'alias: {rule_name: field}'");
        continue;
      }
      for (const YamlEntry& named : per_rule.entries())
        read_alias(alias, named.key, named.value);
      check_alias_is_used(alias);
    }
  }

  void read_alias(const YamlNode& alias, const YamlNode& rule, const YamlNode& field) {
    if (scalar(rule).empty() || scalar(field).empty()) {
      problems_.add(Problem::kAlias, rule.line(),
                    fmt::format("alias '{}' maps something that is not a name",
                                printable(scalar(alias), 60)));
    } else {
      rule_.aliases.push_back({scalar(alias), scalar(rule), scalar(field), kNoRule});
    }
  }

  void check_alias_is_used(const YamlNode& alias) {
    const std::string name = scalar(alias);
    const auto uses = [&](const std::vector<std::string>& names) {
      return std::find(names.begin(), names.end(), name) != names.end();
    };
    if (!uses(rule_.group_by) && !uses(rule_.fields)) {
      problems_.add(
          Problem::kAliasUnused, alias.line(),
          fmt::format("alias '{}' is used in neither 'group-by' nor 'field'", printable(name, 60)));
    }
  }

  /// The specification has the key at the root, pySigma reads it from the correlation.
  void read_generate(const YamlNode& at_root, const YamlNode& in_correlation) {
    for (const YamlNode* node : {&at_root, &in_correlation}) {
      if (!*node) continue;
      const auto value = node->is_scalar() ? parse_yaml_bool(node->text()) : std::nullopt;
      if (!value) {
        problems_.add(Problem::kGenerate, node->line(), "'generate' has to be true or false");
      }
      rule_.generate = rule_.generate || value.value_or(false);
    }
  }

  const YamlNode& document_;
  CorrelationRule& rule_;
  CorrelationProblems& problems_;
};

}  // namespace

std::string_view correlation_type_name(CorrelationType type) {
  return kTypeNames[static_cast<size_t>(type)];
}

bool reads_numbers(CorrelationType type) {
  return type == CorrelationType::kValueSum || type == CorrelationType::kValueAvg ||
         type == CorrelationType::kValuePercentile || type == CorrelationType::kValueMedian;
}

std::string derived_rule_id(std::string_view file, std::string_view title) {
  return to_hex(hash64(title, hash64(file)));
}

RuleInfo read_rule_info(const YamlNode& document, const std::string& file) {
  RuleInfo info;
  info.file = file;
  info.line = document.line();
  struct Text {
    const char* key;
    std::string RuleInfo::* member;
  };
  for (const Text& text :
       {Text{"id", &RuleInfo::id}, Text{"name", &RuleInfo::name}, Text{"title", &RuleInfo::title},
        Text{"description", &RuleInfo::description}, Text{"author", &RuleInfo::author},
        Text{"status", &RuleInfo::status}, Text{"level", &RuleInfo::level}}) {
    info.*text.member = scalar(document[text.key]);
  }
  info.tags = scalars(document["tags"]);
  info.references = scalars(document["references"]);
  info.falsepositives = scalars(document["falsepositives"]);
  const YamlNode& logsource = document["logsource"];
  info.category = scalar(logsource["category"]);
  info.product = scalar(logsource["product"]);
  info.service = scalar(logsource["service"]);
  if (const YamlNode& custom = document["davy"]; custom.is_map()) {
    flatten(custom, "", 0, info.custom);
  }
  info.is_correlation = static_cast<bool>(document["correlation"]);
  if (info.id.empty()) info.id = derived_rule_id(file, info.title);
  return info;
}

Result<CorrelationRule> parse_correlation(const YamlNode& document, const std::string& file,
                                          Diagnostics& diagnostics) {
  CorrelationProblems problems(file, diagnostics);
  CorrelationRule rule;
  if (document.is_map()) {
    rule.info = read_rule_info(document, file);
    Reader(document, rule, problems).read();
  } else {
    problems.add(Problem::kShape, 0, "a correlation document has to be a map");
  }
  if (problems.errors() > 0) return Error(ErrorCode::kInvalidInput, problems.first_error());
  return rule;
}

}  // namespace davy::sigma
