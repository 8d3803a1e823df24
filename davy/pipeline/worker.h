// SPDX-License-Identifier: Apache-2.0
// What one thread accumulates: it decodes batches, matches rules and adds to summaries. Workers
// share nothing but read-only tables; when all bytes are read they merge into one.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "davy/decode/workbench.h"
#include "davy/detect/correlations.h"
#include "davy/detect/detector.h"
#include "davy/detect/rule_matches.h"
#include "davy/pipeline/match_tables.h"
#include "davy/pipeline/reading.h"
#include "davy/sigma/correlation.h"
#include "davy/sigma/matcher.h"
#include "davy/summary/countermeasures.h"
#include "davy/summary/entity_links.h"

namespace davy::pipeline {

/// Figures of one source, as one worker saw it.
struct SourceTally {
  std::vector<bool> recognised;  ///< formats seen, by index into the catalog
  uint64_t records = 0;
  uint64_t events = 0;
  uint64_t skipped = 0;
  uint64_t rejected = 0;
  uint64_t repaired = 0;  ///< decoded although bytes of their text had to be replaced
  using Reasons = std::map<std::string, uint64_t, std::less<>>;
  Reasons skipped_by_reason;
  Reasons rejected_by_reason;
  std::vector<BatchReject> first_rejects;  ///< smallest offsets, at most kMaxShown
  Time first_time = kEndOfTime;
  Time last_time;

  static constexpr size_t kMaxShown = 1'000;
  void skip(std::string_view reason);
  void reject(uint64_t offset, std::string_view reason);
  void merge(const SourceTally& other);
};

class Worker final : public BatchConsumer, public decode::Sink {
 public:
  /// Both outlive the worker.
  Worker(const MatchTables& tables, const intel::Intel& intel);

  /// Decodes a batch; the tally of its source is in tallies().
  void consume(const Batch& batch) override;
  void emit(const event::Event& event, const event::Fields& fields) override;
  void merge(Worker& other);

  std::map<uint32_t, SourceTally>& tallies() { return tallies_; }
  summary::EntityLinks& links() { return links_; }
  const summary::Countermeasures& countermeasures() const { return countermeasures_; }

  /// Every detection of the finished, merged state, in (time, id) order. Call links().index()
  /// first.
  std::vector<detect::Detection> judge(const detect::JudgeContext& context) const;

 private:
  void count(const decode::Outcome& outcome, uint64_t offset, SourceTally& tally);

  const MatchTables& tables_;
  decode::Workbench bench_;
  std::vector<std::unique_ptr<sigma::Matcher::Scratch>> scratch_;
  std::vector<sigma::RuleIndex> matches_;
  detect::RuleMatches rule_matches_;
  sigma::CorrelationState correlations_;
  detect::NamedRecords named_;
  std::vector<std::unique_ptr<detect::Detector>> detectors_;
  /// Who reads an event, by the payloads it carries.
  std::array<std::vector<detect::Detector*>, detect::kAllPayloads + 1> readers_;
  summary::EntityLinks links_;
  summary::Countermeasures countermeasures_;
  std::map<uint32_t, SourceTally> tallies_;
  SourceTally* tally_ = nullptr;  ///< of the batch being consumed
};

}  // namespace davy::pipeline
