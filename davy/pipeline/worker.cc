// SPDX-License-Identifier: Apache-2.0
#include "davy/pipeline/worker.h"

#include <algorithm>

#include "davy/decode/json_cutter.h"
#include "davy/detect/detectors.h"
#include "davy/detect/entities_of.h"
#include "davy/detect/fusion.h"

namespace davy::pipeline {
namespace {

using decode::Outcome;

void count_reason(SourceTally::Reasons& reasons, std::string_view reason) {
  const auto known = reasons.find(reason);
  if (known == reasons.end()) {
    reasons.emplace(reason, 1);
  } else {
    ++known->second;
  }
}

}  // namespace

void SourceTally::skip(std::string_view reason) {
  ++skipped;
  count_reason(skipped_by_reason, reason);
}

void SourceTally::reject(uint64_t offset, std::string_view reason) {
  ++rejected;
  count_reason(rejected_by_reason, reason);
  if (first_rejects.size() == kMaxShown && offset >= first_rejects.back().offset) return;
  const auto later =
      std::upper_bound(first_rejects.begin(), first_rejects.end(), offset,
                       [](uint64_t at, const BatchReject& kept) { return at < kept.offset; });
  first_rejects.insert(later, {offset, reason});
  if (first_rejects.size() > kMaxShown) first_rejects.pop_back();
}

void SourceTally::merge(const SourceTally& other) {
  recognised.resize(std::max(recognised.size(), other.recognised.size()));
  for (size_t i = 0; i < other.recognised.size(); ++i) {
    if (other.recognised[i]) recognised[i] = true;
  }
  records += other.records;
  events += other.events;
  skipped += other.skipped;
  repaired += other.repaired;
  first_time = std::min(first_time, other.first_time);
  last_time = std::max(last_time, other.last_time);
  for (const BatchReject& kept : other.first_rejects) {
    const auto later =
        std::upper_bound(first_rejects.begin(), first_rejects.end(), kept.offset,
                         [](uint64_t at, const BatchReject& mine) { return at < mine.offset; });
    first_rejects.insert(later, kept);
  }
  if (first_rejects.size() > kMaxShown) first_rejects.resize(kMaxShown);
  rejected += other.rejected;
  for (const auto& [reason, count] : other.skipped_by_reason)
    skipped_by_reason[reason] += count;
  for (const auto& [reason, count] : other.rejected_by_reason)
    rejected_by_reason[reason] += count;
}

Worker::Worker(const MatchTables& tables, const intel::Intel& intel)
    : tables_(tables),
      bench_(tables.catalog),
      correlations_(tables.rules),
      detectors_(detect::make_detectors(intel)) {
  for (size_t i = 0; i < tables.catalog.size(); ++i) {
    scratch_.push_back(tables.matchers[i] == nullptr ? nullptr
                                                     : tables.matchers[i]->make_scratch());
    correlations_.bind(static_cast<uint16_t>(i), tables.targets[i], tables.catalog.schema(i));
  }
}

void Worker::consume(const Batch& batch) {
  tally_ = &tallies_[batch.stream->source];
  tally_->recognised.resize(tables_.catalog.size());
  for (const BatchReject& reject : batch.rejects)
    tally_->reject(reject.offset, reject.reason);
  tally_->records += batch.records.size() + batch.rejects.size();
  for_each_record(batch, [&](const decode::RawRecord& record, const Run& run) {
    const Outcome outcome = run.text_format ? bench_.decode_line(*run.text_format, record, *this)
                                            : bench_.decode_json(record, *this);
    if (outcome.reason == decode::kTrailingContent) {
      decode_again(record, *tally_);
    } else {
      count(outcome, record.offset, *tally_);
    }
  });
}

void Worker::count(const Outcome& outcome, uint64_t offset, SourceTally& tally) {
  if (outcome.verdict == Outcome::Verdict::kSkipped &&
      bench_.last_format() < tables_.catalog.size()) {
    tally.recognised[bench_.last_format()] = true;
  }
  if (bench_.repaired() && outcome.verdict != Outcome::Verdict::kRejected) ++tally.repaired;
  switch (outcome.verdict) {
    case Outcome::Verdict::kDecoded: break;
    case Outcome::Verdict::kSkipped: tally.skip(outcome.reason); break;
    case Outcome::Verdict::kRejected: tally.reject(offset, outcome.reason); break;
    case Outcome::Verdict::kNotMine: tally.reject(offset, "not of the format of its stream"); break;
  }
}

/// A line that holds several JSON values is cut again, value by value.
void Worker::decode_again(const decode::RawRecord& line, SourceTally& tally) {
  size_t at = 0;
  while (at < line.bytes.size()) {
    const size_t length = decode::find_value_end(line.bytes.substr(at), 0);
    if (length == std::string_view::npos || line.bytes[at] != '{') {
      tally.reject(line.offset + at, "text after a JSON value");
      return;
    }
    const decode::RawRecord value{line.bytes.substr(at, length), line.offset + at, line.stream};
    count(bench_.decode_json(value, *this), value.offset, tally);
    at += length;
    while (at < line.bytes.size() && line.bytes[at] != '{' &&
           static_cast<unsigned char>(line.bytes[at]) <= ' ') {
      ++at;
    }
    if (at < line.bytes.size()) ++tally.records;
  }
}

void Worker::emit(const event::Event& event, const event::Fields& fields) {
  const size_t format = bench_.running_format();
  ++tally_->events;
  tally_->recognised[format] = true;
  if (event.time.known()) {
    tally_->first_time = std::min(tally_->first_time, event.time);
    tally_->last_time = std::max(tally_->last_time, event.end);
  }

  matches_.clear();
  if (tables_.matchers[format] != nullptr) {
    tables_.matchers[format]->match(event.logsources, fields, *scratch_[format], matches_);
  }
  if (!matches_.empty()) {
    const std::string_view format_name = tables_.catalog.format(format).name;
    correlations_.observe(static_cast<uint16_t>(format), matches_, event.time, event.key, event.ref,
                          fields, detect::record_id_of(event, format_name));
    for (sigma::RuleIndex rule : matches_) {
      if (tables_.rules.reports_alone(rule)) rule_matches_.observe(rule, event, format_name);
    }
  }
  for (const auto& detector : detectors_)
    detector->observe(event);
  links_.observe(event);
  countermeasures_.observe(event);
}

void Worker::merge(Worker& other) {
  rule_matches_.merge(std::move(other.rule_matches_));
  correlations_.merge(std::move(other.correlations_));
  for (size_t i = 0; i < detectors_.size(); ++i)
    detectors_[i]->merge(*other.detectors_[i]);
  links_.merge(std::move(other.links_));
  countermeasures_.merge(std::move(other.countermeasures_));
  for (const auto& [source, tally] : other.tallies_)
    tallies_[source].merge(tally);
}

std::vector<detect::Detection> Worker::judge(const detect::JudgeContext& context) const {
  std::vector<detect::Detection> detections;
  rule_matches_.judge(tables_.rules, context.notes, detections);
  for (const sigma::CorrelationMatch& match : correlations_.judge()) {
    if (!tables_.rules.reports_alone(match.rule)) continue;
    detections.push_back(detect::detection_of(match, tables_.rules));
  }
  for (std::string& note : correlations_.notes())
    context.notes.push_back(std::move(note));
  for (const auto& detector : detectors_)
    detector->judge(context, detections);
  for (std::string& note : links_.notes())
    context.notes.push_back(std::move(note));
  for (detect::Detection& fused : detect::fuse(detections, context.links))
    detections.push_back(std::move(fused));
  std::sort(detections.begin(), detections.end(),
            [](const detect::Detection& a, const detect::Detection& b) {
              return std::tie(a.time, a.id) < std::tie(b.time, b.id);
            });
  return detections;
}

}  // namespace davy::pipeline
