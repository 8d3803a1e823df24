// SPDX-License-Identifier: Apache-2.0
// A bench for correlation tests: rules from YAML, events in one line, no RuleSet. Base rules are
// named a … h (rules 0 … 7); correlations get the indices from kFirstCorrelation on, in the given
// order.
//
//   Bench bench({"{name: c, correlation: {type: event_count, …}}"});
//   auto state = bench.state();
//   bench.observe(state, {"a", 10, "key", {{"user", "eve"}}});
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "davy/base/yaml.h"
#include "davy/sigma/correlation.h"
#include "davy/sigma/correlation_rule.h"

namespace davy::sigma::testing {

inline constexpr RuleIndex kFirstCorrelation = 8;

/// An event in seconds after 2020-09-13. A field may be given several times; `matches` has a letter
/// per matching rule.
struct Seen {
  std::string matches;
  int64_t second = 0;
  std::string key;
  std::vector<std::pair<std::string, std::string>> fields = {};
  uint64_t offset = 0;
};

inline Time at(int64_t second) {
  return {(1'600'000'000 + second) * kSecond};
}

class Bench {
 public:
  explicit Bench(const std::vector<std::string>& documents) {
    for (const std::string& yaml : documents) {
      Diagnostics diagnostics;
      const YamlStream stream = YamlStream::read(yaml);
      auto rule = parse_correlation(stream.documents()[0], "test.yml", diagnostics);
      if (!rule) throw std::runtime_error(rule.error().message() + " in " + yaml);
      rules_.push_back(*std::move(rule));
    }
    for (CorrelationRule& rule : rules_) {
      Diagnostics diagnostics;
      const auto find_rule = [this](std::string_view name) { return find(name); };
      if (!resolve_references(rule, find_rule, diagnostics))
        throw std::runtime_error("no such rule");
      for (const std::string& field : fields_read(rule))
        schema_.add(field);
    }
  }

  CorrelationState state() const {
    CorrelationState state(rules_, kFirstCorrelation);
    state.bind(0, Target{}, schema_);
    return state;
  }

  void observe(CorrelationState& state, const Seen& seen) const {
    event::Fields fields;
    fields.reset(schema_.size());
    for (const auto& [name, value] : seen.fields) {
      const event::Slot slot = schema_.find(name);
      if (slot != event::kNoSlot) fields.add(slot, event::Value::Type::kString, value);
    }
    std::vector<RuleIndex> matches;
    for (const char letter : seen.matches)
      matches.push_back(static_cast<RuleIndex>(letter - 'a'));
    const Time time = seen.second < 0 ? Time{} : at(seen.second);
    state.observe(0, matches,
                  {time,
                   hash128(seen.key),
                   {0, seen.offset},
                   "id of " + seen.key,
                   std::make_shared<std::string>("of " + seen.key)},
                  fields);
  }

  std::vector<CorrelationMatch> judge(const std::vector<Seen>& events) const {
    CorrelationState state = this->state();
    for (const Seen& seen : events)
      observe(state, seen);
    return state.judge();
  }

  const std::vector<CorrelationRule>& rules() const { return rules_; }
  const event::Schema& schema() const { return schema_; }

 private:
  std::optional<RuleIndex> find(std::string_view name) const {
    if (name.size() == 1) return static_cast<RuleIndex>(name[0] - 'a');
    for (size_t i = 0; i < rules_.size(); ++i) {
      if (rules_[i].info.name == name) return kFirstCorrelation + static_cast<RuleIndex>(i);
    }
    return std::nullopt;
  }

  std::vector<CorrelationRule> rules_;
  event::Schema schema_;
};

/// One line per match: "name{group} first-last xEVENTS =VALUE".
inline std::string told(const Bench& bench, const std::vector<CorrelationMatch>& matches) {
  std::string text;
  for (const CorrelationMatch& m : matches) {
    std::string group;
    for (const auto& [name, value] : m.group)
      group += (group.empty() ? "" : ",") + value;
    std::string value = std::to_string(m.value);
    value.erase(value.find_last_not_of('0') + 1);
    if (value.back() == '.') value.pop_back();
    const auto second = [](Time t) { return std::to_string((t - at(0)) / kSecond); };
    text += bench.rules()[m.rule - kFirstCorrelation].info.name + "{" + group + "} " +
            second(m.first) + "-" + second(m.last) + " x" + std::to_string(m.events) + " =" +
            value + "\n";
  }
  return text;
}

/// The Bench attaches "of KEY" to each record; here are those of a match, sorted.
inline std::string attached(const CorrelationMatch& match) {
  std::set<std::string> texts;
  for (const Attachment& attachment : match.attachments)
    texts.insert(*static_cast<const std::string*>(attachment.get()));
  std::string all;
  for (const std::string& text : texts)
    all += (all.empty() ? "" : ", ") + text;
  return all;
}

}  // namespace davy::sigma::testing
