// SPDX-License-Identifier: Apache-2.0
#include "davy/pipeline/match.h"

#include <map>
#include <memory>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "davy/base/text.h"
#include "davy/decode/workbench.h"
#include "davy/detect/entities_of.h"
#include "davy/pipeline/decode_batch.h"
#include "davy/pipeline/line_places.h"
#include "davy/pipeline/logsources_seen.h"
#include "davy/pipeline/match_tables.h"
#include "davy/pipeline/reading.h"
#include "davy/sigma/correlation.h"

namespace davy::pipeline {
namespace {

using Json = nlohmann::ordered_json;

std::string to_line(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

class Matcher final : public BatchConsumer, public decode::Sink {
 public:
  Matcher(const MatchTables& tables, const MatchOptions& options, MatchReport& report,
          const std::function<bool(std::string_view)>& write)
      : tables_(tables),
        options_(options),
        report_(report),
        write_(write),
        bench_(tables.catalog),
        correlations_(tables.rules),
        logsources_(tables) {
    for (size_t i = 0; i < tables.catalog.size(); ++i) {
      scratch_.push_back(tables.matchers[i] == nullptr ? nullptr
                                                       : tables.matchers[i]->make_scratch());
      correlations_.bind(static_cast<uint16_t>(i), tables.targets[i], tables.catalog.schema(i));
    }
  }

  void consume(const Batch& batch) override {
    if (closed_) return;
    if (source_ != batch.stream->source) shown_of_stream_ = 0;
    source_ = batch.stream->source;
    stream_ = batch.stream.get();
    places_.enter(batch);
    paths_.try_emplace(batch.stream->source, batch.stream->path);
    decode_batch(
        batch,
        [&](const decode::RawRecord& record, const Run& run) {
          stream_ = record.stream;
          record_ = record.bytes;
          return decode_one(run, bench_, record, *this);
        },
        [&](const decode::Outcome& outcome, uint64_t offset) {
          using Verdict = decode::Outcome::Verdict;
          if (outcome.verdict == Verdict::kRejected) reject(offset, outcome.reason);
          if (outcome.verdict == Verdict::kNotMine)
            reject(offset, "not of the format of its stream");
        });
  }

  void emit(const event::Event& event, const event::Fields& fields) override {
    ++report_.events;
    const size_t format = bench_.running_format();
    logsources_.add(format, event.logsources);
    matches_.clear();
    if (tables_.matchers[format] != nullptr) {
      tables_.matchers[format]->match(event.logsources, fields, *scratch_[format], matches_);
    }
    if (matches_.empty()) return;
    correlations_.observe(static_cast<uint16_t>(format), matches_,
                          {event.time, event.key, event.ref}, fields);
    for (sigma::RuleIndex rule : matches_) {
      if (tables_.rules.reports_alone(rule)) write_match(rule, event, format);
    }
  }

  /// The logsources of the records when no rule is for any of them; else empty.
  std::string unasked_logsources() const {
    for (sigma::RuleIndex i = 0; i < tables_.rules.size(); ++i) {
      const sigma::RuleInfo& rule = tables_.rules.info(i);
      if (!rule.is_correlation && logsources_.was_asked(rule)) return {};
    }
    return logsources_.names();
  }

  /// What the correlations could not take into account.
  std::vector<std::string> notes() const { return correlations_.notes(); }

  void write_correlations() {
    for (const sigma::CorrelationMatch& match : correlations_.judge()) {
      const sigma::RuleInfo& rule = tables_.rules.info(match.rule);
      if (closed_ || !tables_.rules.reports_alone(match.rule)) continue;
      Json line = {{"rule", rule.id},
                   {"title", rule.title},
                   {"level", rule.level},
                   {"time", to_rfc3339(match.first)},
                   {"end_time", to_rfc3339(match.last)},
                   {"events", match.events},
                   {"value", match.value}};
      Json group = Json::object();
      for (const auto& [name, value] : match.group)
        group[name] = value;
      line["group"] = std::move(group);
      Json members = Json::array();
      for (const auto& member : match.members) {
        members.push_back({{"rule", tables_.rules.info(member.rule).id},
                           {"time", to_rfc3339(member.time)},
                           {"source", paths_[member.ref.source]},
                           {"offset", member.ref.offset}});
      }
      line["members"] = std::move(members);
      put(to_line(line));
    }
  }

 private:
  void reject(uint64_t offset, std::string_view reason) {
    ++report_.rejected;
    if (shown_of_stream_ == kRejectsShownPerStream ||
        report_.rejected_places.size() == kRejectsShown) {
      return;
    }
    ++shown_of_stream_;
    report_.rejected_places.push_back({stream_->path, offset, places_.line_of(offset), reason});
  }

  void write_match(sigma::RuleIndex index, const event::Event& event, size_t format) {
    const sigma::RuleInfo& rule = tables_.rules.info(index);
    Json line = {{"rule", rule.id}, {"title", rule.title}, {"level", rule.level}};
    line["time"] = event.time.known() ? Json(to_rfc3339(event.time)) : Json();
    line["source"] = stream_->path;
    line["offset"] = event.ref.offset;
    line["record_id"] = detect::record_id_of(event, tables_.catalog.format(format).name);
    if (options_.with_event) {
      Json raw = Json::parse(record_, nullptr, false);
      line["event"] = raw.is_discarded() ? Json(std::string(record_)) : std::move(raw);
    }
    put(to_line(line));
  }

  void put(const std::string& line) {
    ++report_.matches;
    closed_ = closed_ || !write_(line);
  }

  const MatchTables& tables_;
  const MatchOptions& options_;
  MatchReport& report_;
  const std::function<bool(std::string_view)>& write_;
  decode::Workbench bench_;
  sigma::CorrelationState correlations_;
  std::vector<std::unique_ptr<sigma::Matcher::Scratch>> scratch_;
  std::vector<sigma::RuleIndex> matches_;
  std::map<uint32_t, std::string> paths_;
  std::optional<uint32_t> source_;  ///< of the batch before
  const decode::StreamContext* stream_ = nullptr;
  std::string_view record_;
  LinePlaces places_;
  LogsourcesSeen logsources_;
  size_t shown_of_stream_ = 0;
  bool closed_ = false;
};

}  // namespace

MatchReport match(const std::vector<std::string>& places, const sigma::RuleSet& rules,
                  const MatchOptions& options, source::Progress& progress,
                  const std::function<bool(std::string_view)>& write) {
  MatchReport report;
  source::Expanded expanded = source::expand(places, {}, progress);
  for (const source::Unreadable& place : expanded.unreadable) {
    report.problems.push_back(printable(place.path) + ": " + place.error.message());
  }
  const MatchTables tables(rules, decode::PlainJson::kAccept);
  Matcher matcher(tables, options, report, write);
  Reading reading(std::move(expanded), tables.catalog);
  reading.run({&matcher});
  matcher.write_correlations();
  report.notes = matcher.notes();
  report.unasked_logsources = matcher.unasked_logsources();
  for (const StreamEnd& end : reading.take_ends()) {
    ++report.sources;
    if (!end.error.empty()) report.problems.push_back(printable(end.path) + ": " + end.error);
  }
  for (const source::Unreadable& place : reading.take_failures()) {
    report.problems.push_back(printable(place.path) + ": " + place.error.message());
  }
  return report;
}

}  // namespace davy::pipeline
