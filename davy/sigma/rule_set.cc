// SPDX-License-Identifier: Apache-2.0
#include "davy/sigma/rule_set.h"

#include <algorithm>
#include <map>
#include <optional>

#include <fmt/format.h>

#include "davy/base/text.h"
#include "davy/base/yaml.h"
#include "davy/sigma/correlation_rule.h"
#include "davy/sigma/internal/detection.h"
#include "davy/sigma/internal/filter.h"
#include "davy/sigma/internal/reader.h"
#include "davy/sigma/internal/rule_set_rep.h"

namespace davy::sigma {
namespace {

using internal::Filter;
using internal::Reader;
using internal::Rule;

constexpr size_t kMaxDocumentBytes = 4 * 1024 * 1024;

/// One document, whatever it turned out to be; nothing when it was refused.
struct Document {
  std::optional<Rule> rule;
  std::optional<Filter> filter;
  std::optional<CorrelationRule> correlation;
};

/// Everything read of one RuleText.
struct FileContent {
  std::vector<Document> documents;
  Diagnostics diagnostics;
  size_t refused = 0;
};

void check_heading(Reader& reader, const YamlNode& document, const RuleInfo& info) {
  if (trim(info.title).empty()) reader.refuse("DVY-R003", document, "the rule has no title");
  const YamlNode& logsource = document["logsource"];
  if (!logsource.is_map()) {
    reader.refuse("DVY-R004", document, "the rule has no logsource",
                  "name at least one of category, product and service");
  } else if (info.category.empty() && info.product.empty() && info.service.empty()) {
    reader.refuse("DVY-R004", logsource, "the logsource names no category, product or service");
  }
}

Rule read_rule(Reader& reader, const YamlNode& document, RuleInfo info) {
  Rule rule;
  rule.info = std::move(info);
  const YamlNode& detection = document["detection"];
  if (!detection.is_map()) {
    reader.refuse("DVY-R005", detection, "'detection' has to be a map");
    return rule;
  }
  rule.selections = internal::read_selections(reader, detection, {"condition", "timeframe"});
  rule.condition =
      internal::read_conditions(reader, detection, rule.selections, rule.condition_texts);
  return rule;
}

Document read_document(const YamlNode& node, const std::string& file,
                       const Placeholders& placeholders, Diagnostics& diagnostics) {
  Document document;
  Reader reader(file, placeholders, diagnostics);
  if (!node.is_map()) {
    reader.refuse("DVY-R002", node, "a rule has to be a map of keys");
    return document;
  }
  if (node["correlation"]) {
    // A key that did not parse has left its diagnostics behind.
    Result<CorrelationRule> correlation = parse_correlation(node, file, diagnostics);
    if (correlation) document.correlation = *std::move(correlation);
    return document;
  }
  if (node["action"].is_scalar()) {
    reader.refuse("DVY-R008", node["action"], "'action' documents were removed from Sigma",
                  "write every rule out in full; for shared exclusions use a filter");
    return document;
  }
  if (!node["detection"] && !node["filter"]) {
    reader.refuse("DVY-R005", node, "the document has no detection, correlation or filter");
    return document;
  }
  RuleInfo info = read_rule_info(node, file);
  check_heading(reader, node, info);
  if (node["filter"]) {
    Filter filter = internal::read_filter(reader, node, std::move(info));
    if (!reader.refused()) document.filter = std::move(filter);
  } else {
    Rule rule = read_rule(reader, node, std::move(info));
    if (!reader.refused()) document.rule = std::move(rule);
  }
  return document;
}

FileContent read_text(const RuleText& text, const Placeholders& placeholders) {
  FileContent content;
  const auto fail = [&](int line, int column, std::string message) {
    content.diagnostics.push_back(
        {"DVY-R001", Severity::kError, text.file, line, column, std::move(message), ""});
    ++content.refused;
  };
  if (text.yaml.size() > kMaxDocumentBytes) {
    fail(0, 0, fmt::format("the file is larger than {}", human_bytes(kMaxDocumentBytes)));
    return content;
  }
  const YamlStream stream = YamlStream::read(text.yaml);
  for (const YamlFault& fault : stream.faults()) {
    fail(fault.line, fault.column, fmt::format("not valid YAML: {}", printable(fault.message)));
  }
  for (const YamlNode& node : stream.documents()) {
    Document document = read_document(node, text.file, placeholders, content.diagnostics);
    if (document.rule || document.filter || document.correlation) {
      content.documents.push_back(std::move(document));
    } else {
      ++content.refused;
    }
  }
  return content;
}

/// Keeps the first rule of each id and tells about the others.
class Registry {
 public:
  explicit Registry(LoadReport& report) : report_(report) {}

  bool admit(const RuleInfo& info) {
    const auto [place, added] = by_id_.emplace(info.id, info.file);
    if (!added) {
      refuse(info, "DVY-R009",
             fmt::format("the id {} is already used by {}", info.id, place->second),
             "give one of the rules a new id, or load the file once");
      return false;
    }
    if (!info.name.empty() && !names_.emplace(info.name, info.file).second) {
      report_.diagnostics.push_back(
          {"DVY-R024", Severity::kWarning, info.file, info.line, 0,
           fmt::format("the name '{}' is used by more than one rule", printable(info.name, 80)),
           "references by this name mean the first of them"});
    }
    return true;
  }

  void refuse(const RuleInfo& info, std::string code, std::string message, std::string hint) {
    ++report_.refused;
    report_.diagnostics.push_back({std::move(code), Severity::kError, info.file, info.line, 0,
                                   std::move(message), std::move(hint)});
  }

 private:
  LoadReport& report_;
  std::map<std::string, std::string> by_id_;
  std::map<std::string, std::string> names_;
};

/// Binds the names correlations use. What leads nowhere, or back to itself, is refused; since that
/// can leave others without their rule, it is repeated until nothing changes.
void bind_correlations(RuleSet::Rep& rep, Registry& registry, LoadReport& report) {
  const auto first = static_cast<RuleIndex>(rep.rules.size());
  for (bool changed = true; changed;) {
    changed = false;
    std::map<std::string_view, RuleIndex> by_name;
    std::map<std::string_view, RuleIndex> by_id;
    const auto enter = [&](const RuleInfo& info, size_t index) {
      by_id.emplace(info.id, static_cast<RuleIndex>(index));
      if (!info.name.empty()) by_name.emplace(info.name, static_cast<RuleIndex>(index));
    };
    for (size_t i = 0; i < rep.rules.size(); ++i)
      enter(rep.rules[i].info, i);
    for (size_t i = 0; i < rep.correlations.size(); ++i) {
      enter(rep.correlations[i].info, first + i);
    }
    const auto find = [&](std::string_view name) -> std::optional<RuleIndex> {
      if (const auto found = by_id.find(name); found != by_id.end()) return found->second;
      if (const auto found = by_name.find(name); found != by_name.end()) return found->second;
      return std::nullopt;
    };
    std::vector<char> keep;
    for (CorrelationRule& correlation : rep.correlations) {
      Diagnostics found;
      keep.push_back(resolve_references(correlation, find, found) ? 1 : 0);
      if (keep.back() == 0) {
        report.diagnostics.insert(report.diagnostics.end(), found.begin(), found.end());
        ++report.refused;
      }
    }
    if (std::find(keep.begin(), keep.end(), 0) == keep.end()) {
      keep.assign(rep.correlations.size(), 0);
      for (const size_t i : chain_order(rep.correlations, first))
        keep[i] = 1;
      for (size_t i = 0; i < keep.size(); ++i) {
        if (keep[i] != 0) continue;
        registry.refuse(rep.correlations[i].info, "DVY-R023",
                        "the correlation leads back to itself through the rules it refers to", "");
      }
    }
    std::vector<CorrelationRule> kept;
    for (size_t i = 0; i < keep.size(); ++i) {
      if (keep[i] != 0) kept.push_back(std::move(rep.correlations[i]));
    }
    changed = kept.size() != keep.size();
    rep.correlations = std::move(kept);
  }
}

/// A referenced rule only feeds, unless one of the correlations says that it reports as well.
void mark_feeding_rules(RuleSet::Rep& rep) {
  rep.feeds_only.assign(rep.rules.size() + rep.correlations.size(), 0);
  for (const CorrelationRule& correlation : rep.correlations) {
    for (const RuleIndex member : correlation.members)
      rep.feeds_only[member] = 1;
  }
  for (const CorrelationRule& correlation : rep.correlations) {
    if (!correlation.generate) continue;
    for (const RuleIndex member : correlation.members)
      rep.feeds_only[member] = 0;
  }
}

}  // namespace

RuleSet::RuleSet() : rep_(std::make_unique<Rep>()) {}
RuleSet::RuleSet(RuleSet&&) noexcept = default;
RuleSet& RuleSet::operator=(RuleSet&&) noexcept = default;
RuleSet::~RuleSet() = default;

RuleSet RuleSet::load(std::span<const RuleText> texts, const Placeholders& placeholders,
                      LoadReport& report) {
  RuleSet set;
  Rep& rep = *set.rep_;
  std::vector<Filter> filters;
  Registry registry(report);
  for (const RuleText& text : texts) {
    FileContent content = read_text(text, placeholders);
    ++report.files;
    report.refused += content.refused;
    report.diagnostics.insert(report.diagnostics.end(), content.diagnostics.begin(),
                              content.diagnostics.end());
    for (Document& document : content.documents) {
      if (document.filter) {
        filters.push_back(*std::move(document.filter));
      } else if (document.rule && registry.admit(document.rule->info)) {
        rep.rules.push_back(*std::move(document.rule));
      } else if (document.correlation && registry.admit(document.correlation->info)) {
        rep.correlations.push_back(*std::move(document.correlation));
      }
    }
  }
  internal::apply_filters(filters, rep.rules, report.diagnostics);
  bind_correlations(rep, registry, report);
  mark_feeding_rules(rep);
  report.rules += rep.rules.size();
  report.correlations += rep.correlations.size();
  report.filters += filters.size();
  return set;
}

size_t RuleSet::size() const {
  return rep_->rules.size() + rep_->correlations.size();
}

const RuleInfo& RuleSet::info(RuleIndex index) const {
  const size_t rules = rep_->rules.size();
  return index < rules ? rep_->rules[index].info : rep_->correlations[index - rules].info;
}

bool RuleSet::reports_alone(RuleIndex index) const {
  return rep_->feeds_only[index] == 0;
}

std::span<const CorrelationRule> correlation_rules(const RuleSet& rules) {
  return rules.rep().correlations;
}

RuleIndex first_correlation(const RuleSet& rules) {
  return static_cast<RuleIndex>(rules.rep().rules.size());
}

}  // namespace davy::sigma
