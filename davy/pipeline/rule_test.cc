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
#include "davy/pipeline/match_tables.h"
#include "davy/sigma/correlation.h"

namespace davy::pipeline {
namespace {

/// A YAML event is the record as the vendor writes it: quoted scalars are strings, plain ones are
/// typed as JSON would type them.
nlohmann::ordered_json to_json(const YamlNode& node) {
  nlohmann::ordered_json json;
  if (node.is_map()) {
    json = nlohmann::ordered_json::object();
    for (const YamlEntry& member : node.entries())
      json[member.key.text()] = to_json(member.value);
    return json;
  }
  if (node.is_sequence()) {
    json = nlohmann::ordered_json::array();
    for (const YamlNode& item : node.items())
      json.push_back(to_json(item));
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

std::string event_text(const YamlNode& event) {
  return event.is_scalar() ? event.text() : to_json(event).dump();
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
                       const std::string& file) {
  RuleTestResult result{file, test["name"].text(), false, ""};
  std::vector<std::string> logs;
  for (const YamlNode& event : test["events"].items())
    logs.push_back(event_text(event));
  if (!test["events"]) logs.push_back(event_text(test["event"]));
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

}  // namespace

std::vector<RuleTestResult> run_rule_tests(
    const sigma::RuleSet& rules, const std::vector<std::pair<std::string, std::string>>& tests,
    Diagnostics& diagnostics) {
  const MatchTables tables(rules, decode::PlainJson::kAccept);
  std::vector<RuleTestResult> results;
  for (const auto& [file, yaml] : tests) {
    const auto rule = rule_of_test(rules, file);
    if (!rule) {
      diagnostics.push_back({"DVY-R301", Severity::kError, file, 0, 0,
                             "there is no loaded rule beside this test",
                             "the rule of a.test.yml is a.yml in the same folder"});
      continue;
    }
    const auto refuse = [&](int line, int column, std::string message) {
      diagnostics.push_back({"DVY-R302", Severity::kError, file, line, column, std::move(message),
                             "see docs/rules/README.md for the form of a test"});
    };
    const YamlStream stream = YamlStream::read(yaml);
    for (const YamlFault& fault : stream.faults())
      refuse(fault.line, fault.column, fault.message);
    for (const YamlNode& document : stream.documents()) {
      const YamlNode& listed = document["tests"];
      if (!listed.is_sequence()) refuse(document.line(), document.column(), "there are no 'tests'");
      for (const YamlNode& test : listed.items()) {
        const std::string fault = fault_of(test);
        if (fault.empty()) {
          results.push_back(run_one(tables, *rule, test, file));
        } else {
          refuse(test.line(), test.column(), fault);
        }
      }
    }
  }
  return results;
}

std::string explain_log(const sigma::RuleSet& rules, sigma::RuleIndex rule,
                        const std::string& log) {
  const MatchTables tables(rules, decode::PlainJson::kAccept);
  std::string text;
  Matching matching(tables, [&](size_t format, const event::Event& event,
                                const event::Fields& fields,
                                const std::vector<sigma::RuleIndex>& matches) {
    const bool matched = std::find(matches.begin(), matches.end(), rule) != matches.end();
    text += fmt::format("{} record at {}: {}\n", tables.catalog.format(format).name,
                        event.time.known() ? to_rfc3339(event.time) : "unknown time",
                        matched ? "MATCH" : "no match");
    text +=
        sigma::explain(rules, rule, tables.targets[format], tables.catalog.schema(format), fields);
  });
  for (const std::string& problem : matching.read(log))
    text += "not decoded: " + problem + "\n";
  return text;
}

}  // namespace davy::pipeline
