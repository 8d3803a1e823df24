// SPDX-License-Identifier: Apache-2.0
#include "davy/pipeline/rule_test.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "davy/base/text.h"
#include "davy/base/yaml.h"
#include "davy/decode/json_cutter.h"
#include "davy/pipeline/logsources_seen.h"
#include "davy/pipeline/match_tables.h"
#include "davy/sigma/correlation.h"

namespace davy::pipeline {
namespace {

/// How much the events of one test file may hold. A few aliases of aliases stand for more than any
/// memory has.
class EventBudget {
 public:
  /// False when the node is one too many.
  bool take(const YamlNode& node) {
    constexpr size_t kPerValue = 16;
    const size_t cost = kPerValue + node.text().size();
    spent_ = spent_ || cost > left_;
    if (!spent_) left_ -= cost;
    return !spent_;
  }
  bool spent() const { return spent_; }

 private:
  size_t left_ = 16 << 20;
  bool spent_ = false;
};

/// A YAML event is the record as the vendor writes it: quoted scalars are strings, plain ones are
/// typed as JSON would type them.
nlohmann::ordered_json to_json(const YamlNode& node, EventBudget& budget) {
  nlohmann::ordered_json json;
  if (!budget.take(node)) return json;
  if (node.is_map()) {
    json = nlohmann::ordered_json::object();
    for (const YamlEntry& member : node.entries()) {
      if (!budget.take(member.key)) break;
      json[member.key.text()] = to_json(member.value, budget);
    }
    return json;
  }
  if (node.is_sequence()) {
    json = nlohmann::ordered_json::array();
    for (const YamlNode& item : node.items()) {
      if (budget.spent()) break;
      json.push_back(to_json(item, budget));
    }
    return json;
  }
  const std::string& text = node.text();
  if (node.is_null()) return json;
  if (node.is_quoted()) return text;
  if (text == "true" || text == "false") return text == "true";
  if (text == "null" || text == "~" || text.empty()) return json;
  if (const auto integer = parse_int<int64_t>(text)) return *integer;
  if (const auto number = parse_number(text)) return *number;
  return text;
}

std::string event_text(const YamlNode& event, EventBudget& budget) {
  if (event.is_scalar()) return budget.take(event) ? event.text() : std::string();
  const nlohmann::ordered_json json = to_json(event, budget);
  return budget.spent() ? std::string() : json.dump();
}

/// The events of a test as logs.
std::vector<std::string> logs_of(const YamlNode& test, EventBudget& budget) {
  std::vector<std::string> logs;
  for (const YamlNode& event : test["events"].items()) {
    if (budget.spent()) break;
    logs.push_back(event_text(event, budget));
  }
  if (!test["events"]) logs.push_back(event_text(test["event"], budget));
  return logs;
}

/// Decodes logs and hands every event with its matches to `each`.
class Matching final : public decode::Sink {
 public:
  using Each = std::function<void(size_t format, const event::Event&, const event::Fields&,
                                  const std::vector<sigma::RuleIndex>&)>;

  Matching(const MatchTables& tables, Each each)
      : tables_(tables), each_(std::move(each)), bench_(tables.catalog) {
    for (const auto& matcher : tables.matchers) {
      scratch_.push_back(matcher == nullptr ? nullptr : matcher->make_scratch());
    }
  }

  /// Returns the reasons of records that were not decoded.
  std::vector<std::string> read(const std::string& log) {
    std::string padded = log;
    padded.resize(log.size() + decode::RawRecord::kPadding);
    const std::string_view data(padded.data(), log.size());
    const decode::StreamContext stream;
    std::vector<std::string> problems;
    const auto note = [&](const decode::Outcome& outcome) {
      if (outcome.verdict == decode::Outcome::Verdict::kRejected) {
        problems.emplace_back(outcome.reason);
      }
    };
    const std::string_view text = trim(data);
    if (!text.starts_with('{') && !text.starts_with('[')) {
      note(bench_.decode_text(data, {data, 0, &stream}, *this));
      return problems;
    }
    decode::JsonCutter cutter;
    decode::CutResult cuts;
    cutter.cut(data, true, cuts);
    for (const decode::CutReject& reject : cuts.rejects)
      problems.emplace_back(reject.reason);
    for (const decode::Cut& cut : cuts.records) {
      note(bench_.decode_json({data.substr(cut.begin, cut.length), cut.begin, &stream}, *this));
    }
    return problems;
  }

  void emit(const event::Event& event, const event::Fields& fields) override {
    const size_t format = bench_.running_format();
    matches_.clear();
    if (tables_.matchers[format] != nullptr) {
      tables_.matchers[format]->match(event.logsources, fields, *scratch_[format], matches_);
    }
    each_(format, event, fields, matches_);
  }

 private:
  const MatchTables& tables_;
  Each each_;
  decode::Workbench bench_;
  std::vector<std::unique_ptr<sigma::Matcher::Scratch>> scratch_;
  std::vector<sigma::RuleIndex> matches_;
};

/// The rule a test file speaks of: the correlation of its rule file, else the last rule in it.
std::optional<sigma::RuleIndex> rule_of_test(const sigma::RuleSet& rules,
                                             std::string_view test_file) {
  std::string rule_file(test_file.substr(0, test_file.size() - std::strlen(".test.yml")));
  rule_file += ".yml";
  std::optional<sigma::RuleIndex> found;
  for (sigma::RuleIndex i = 0; i < rules.size(); ++i) {
    if (rules.info(i).file == rule_file) found = i;  // correlations come after detection rules
  }
  return found;
}

/// True when `rule` matches the log of one test. Problems of decoding go to `problems`.
bool matches_log(const MatchTables& tables, sigma::RuleIndex rule,
                 const std::vector<std::string>& logs, std::vector<std::string>& problems) {
  sigma::CorrelationState correlations(tables.rules);
  for (size_t i = 0; i < tables.catalog.size(); ++i) {
    correlations.bind(static_cast<uint16_t>(i), tables.targets[i], tables.catalog.schema(i));
  }
  bool matched = false;
  Matching matching(
      tables, [&](size_t format, const event::Event& event, const event::Fields& fields,
                  const std::vector<sigma::RuleIndex>& matches) {
        matched = matched || std::find(matches.begin(), matches.end(), rule) != matches.end();
        if (!matches.empty()) {
          correlations.observe(static_cast<uint16_t>(format), matches,
                               {event.time, event.key, event.ref}, fields);
        }
      });
  for (const std::string& log : logs) {
    for (std::string& problem : matching.read(log))
      problems.push_back(std::move(problem));
  }
  if (!tables.rules.info(rule).is_correlation) return matched;
  const auto found = correlations.judge();
  return std::any_of(found.begin(), found.end(),
                     [&](const sigma::CorrelationMatch& match) { return match.rule == rule; });
}

/// What is wrong with the form of a test; empty when nothing is.
std::string fault_of(const YamlNode& test) {
  if (!test["name"].is_scalar()) return "the test has no name";
  if (!test["expect"].is_scalar()) return "the test does not say what to expect";
  if (!test["event"] && !test["events"].is_sequence()) return "the test has no event";
  return "";
}

RuleTestResult run_one(const MatchTables& tables, sigma::RuleIndex rule, const YamlNode& test,
                       const std::vector<std::string>& logs, const std::string& file) {
  RuleTestResult result{file, test["name"].text(), false, ""};
  const bool expected = test["expect"].text() == "match";
  std::vector<std::string> problems;
  const bool matched = matches_log(tables, rule, logs, problems);
  result.passed = matched == expected && problems.empty();
  if (!problems.empty()) {
    result.message = "the event could not be decoded: " + problems.front();
  } else if (!result.passed) {
    result.message =
        expected ? "expected a match, there was none" : "expected no match, it matched";
  }
  return result;
}

/// Why records were not held against the rule at all, and what to do when none was.
std::string logsource_mismatch(const sigma::RuleInfo& rule, const LogsourcesSeen& others,
                               size_t count, bool none_fits) {
  const std::string wanted = printable(event::to_text({rule.category, rule.product, rule.service}));
  std::string text = fmt::format(
      "no match: {} of another logsource than the rule: the rule is for {}, the file has {}\n",
      count == 1 ? "1 record is" : with_thousands(count) + " records are", wanted, others.names());
  if (none_fits) {
    text += fmt::format(
        "The rule is asked about no record of this file. Try a log of {}, or change the rule's "
        "logsource to that of the records.\n",
        wanted);
  }
  return text;
}

}  // namespace

std::vector<RuleTestResult> run_rule_tests(
    const sigma::RuleSet& rules, const std::vector<std::pair<std::string, std::string>>& tests,
    Diagnostics& diagnostics) {
  const MatchTables tables(rules, decode::PlainJson::kAccept);
  std::vector<RuleTestResult> results;
  for (const auto& [file, yaml] : tests) {
    const auto rule = rule_of_test(rules, file);
    if (!rule) {
      diagnostics.push_back({"DVY-R301", Severity::kError, file, 1, 1,
                             "there is no loaded rule beside this test",
                             "the rule of a.test.yml is a.yml in the same folder"});
      continue;
    }
    const auto refuse = [&](int line, int column, std::string message) {
      diagnostics.push_back({"DVY-R302", Severity::kError, file, line, column, std::move(message),
                             "see docs/rules/README.md for the form of a test"});
    };
    const YamlStream stream = YamlStream::read(yaml);
    EventBudget budget;
    for (const YamlFault& fault : stream.faults())
      refuse(fault.line, fault.column, fault.message);
    for (const YamlNode& document : stream.documents()) {
      const YamlNode& listed = document["tests"];
      if (!listed.is_sequence()) refuse(document.line(), document.column(), "there are no 'tests'");
      for (const YamlNode& test : listed.items()) {
        if (budget.spent()) break;
        const std::string fault = fault_of(test);
        if (!fault.empty()) {
          refuse(test.line(), test.column(), fault);
          continue;
        }
        const std::vector<std::string> logs = logs_of(test, budget);
        if (budget.spent()) {
          refuse(test.line(), test.column(),
                 "the events of the file hold more than is read, those that aliases stand for "
                 "counted");
          break;
        }
        results.push_back(run_one(tables, *rule, test, logs, file));
      }
    }
  }
  return results;
}

Explanation explain_log(const sigma::RuleSet& rules, sigma::RuleIndex rule,
                        const std::string& log) {
  const MatchTables tables(rules, decode::PlainJson::kAccept);
  const sigma::RuleInfo& info = rules.info(rule);
  if (info.is_correlation) return {sigma::explain(rules, rule, {}, {}, {}), 0, false, false};
  LogsourcesSeen others(tables);
  size_t of_others = 0;
  Explanation explanation;
  std::string& text = explanation.text;
  Matching matching(tables, [&](size_t format, const event::Event& event,
                                const event::Fields& fields,
                                const std::vector<sigma::RuleIndex>& matches) {
    ++explanation.records;
    // The fields of a rule that is never asked are not even read: its tests would mean nothing.
    if (!others.is_asked(info, format, event.logsources)) {
      ++of_others;
      others.add(format, event.logsources);
      return;
    }
    const bool matched = std::find(matches.begin(), matches.end(), rule) != matches.end();
    explanation.matched |= matched;
    text += fmt::format("{} record at {}: {}\n", tables.catalog.format(format).name,
                        event.time.known() ? to_rfc3339(event.time) : "unknown time",
                        matched ? "MATCH" : "no match");
    text +=
        sigma::explain(rules, rule, tables.targets[format], tables.catalog.schema(format), fields);
  });
  for (const std::string& problem : matching.read(log))
    text += "not decoded: " + problem + "\n";
  if (of_others > 0)
    text += logsource_mismatch(info, others, of_others, of_others == explanation.records);
  if (text.empty()) text = "there is no record in the file\n";
  return explanation;
}

}  // namespace davy::pipeline
