// SPDX-License-Identifier: Apache-2.0
#include "davy/pipeline/worker.h"

#include <algorithm>

#include "davy/detect/detectors.h"
#include "davy/detect/entities_of.h"
#include "davy/detect/fusion.h"
#include "davy/pipeline/decode_batch.h"

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

/// What the event carries of detect::Payload.
unsigned payloads_of(const event::Event& event) {
  const auto bit = [](const void* payload, unsigned its) { return payload != nullptr ? its : 0U; };
  return bit(event.api, detect::kApiCalls) | bit(event.flow, detect::kFlows) |
         bit(event.dns, detect::kDnsQueries) | bit(event.process, detect::kProcesses) |
         bit(event.metric, detect::kMetrics) | bit(event.host_change, detect::kHostChanges) |
         bit(event.connection, detect::kConnections);
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
  for (unsigned payloads = 0; payloads < readers_.size(); ++payloads) {
    for (const auto& detector : detectors_) {
      if ((detector->reads() & payloads) != 0) readers_[payloads].push_back(detector.get());
    }
  }
  for (size_t i = 0; i < tables.catalog.size(); ++i) {
    scratch_.push_back(tables.matchers[i] == nullptr ? nullptr
                                                     : tables.matchers[i]->make_scratch());
    correlations_.bind(static_cast<uint16_t>(i), tables.targets[i], tables.catalog.schema(i));
  }
}

void Worker::consume(const Batch& batch) {
  tally_ = &tallies_[batch.stream->source];
  tally_->recognised.resize(tables_.catalog.size());
  decode_batch(
      batch,
      [&](const decode::RawRecord& record, const Run& run) {
        return decode_one(run, bench_, record, *this);
      },
      [&](const Outcome& outcome, uint64_t offset) { count(outcome, offset, *tally_); });
}

void Worker::count(const Outcome& outcome, uint64_t offset, SourceTally& tally) {
  ++tally.records;
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
    if (correlations_.counts(matches_)) {
      correlations_.observe(static_cast<uint16_t>(format), matches_,
                            {event.time, event.key, event.ref, detect::RecordId(event, format_name),
                             named_.of(event)},
                            fields);
    }
    for (sigma::RuleIndex rule : matches_) {
      if (tables_.rules.reports_alone(rule)) rule_matches_.observe(rule, event, format_name);
    }
  }
  for (detect::Detector* const reader : readers_[payloads_of(event)])
    reader->observe(event);
  links_.observe(event);
  if (event.api != nullptr) countermeasures_.observe(event);
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
  detect::judge_correlations(correlations_.judge(), tables_.rules, context.notes, detections);
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
