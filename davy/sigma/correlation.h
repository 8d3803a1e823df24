// SPDX-License-Identifier: Apache-2.0
// Sigma correlations on event time, as a mergeable summary.
//
// The state is, per correlation and group, the distinct base-rule matches: (time, record key, value
// of the counted field). Adding is a set insertion and merging is a set union, so the result cannot
// depend on order, threads, chunking or duplicates; windows are judged over the finished, sorted
// run. Sliding windows; a group that keeps matching is one match that grows until a gap of one
// timespan (correlation_window.h says exactly when a condition holds).
//
// An event without a time, without a value for every group-by field (absent, null, empty or an
// object), or without the counted field is not part of the correlation. Values are compared as they
// are written. A record counts once however many of the rules it matches, except to the temporal
// types, which count rules; where rules read a number from different fields, the first listed wins.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "davy/base/hash.h"
#include "davy/base/time.h"
#include "davy/event/event.h"
#include "davy/event/field.h"
#include "davy/sigma/matcher.h"
#include "davy/sigma/rule_set.h"

namespace davy::sigma {

struct CorrelationRule;

/// What a caller hangs on a record and is handed back with the match; nobody here looks into it. Of
/// one record it always has the same content.
using Attachment = std::shared_ptr<const void>;

/// A record as a correlation remembers it. Id and attachment are kept only while a correlation
/// holds the record.
struct SeenRecord {
  Time time;
  Hash128 key;
  event::RecordRef ref;
  std::string_view record_id = {};  ///< what the caller wants to cite it by
  Attachment attachment = {};
};

/// A correlation that held for one group over [first, last].
struct CorrelationMatch {
  RuleIndex rule;
  std::vector<std::pair<std::string, std::string>> group;  ///< group-by name -> value
  Time first;
  Time last;
  Time met;             ///< when the condition first held; `last` where that is not told
  uint64_t events = 0;  ///< distinct records (of a chain: inner matches) in the span
  double value = 0;     ///< the count, sum, … at its extreme
  struct Member {
    RuleIndex rule;
    Time time;
    Hash128 key;
    event::RecordRef ref;
    std::string record_id;  ///< as given to observe()
    auto operator<=>(const Member&) const = default;
  };
  /// In time order, the first kMaxMembers. In place of an inner correlation's match stand its
  /// members.
  std::vector<Member> members;
  static constexpr size_t kMaxMembers = 1000;
  /// Of every record in the span, members or not, each object once.
  std::vector<Attachment> attachments;
};

class CorrelationState {
 public:
  /// `target` and `schema` are those the format's Matcher was compiled with; one state serves many
  /// formats, each registered once with bind().
  /// The rules are not copied and have to outlive the state.
  explicit CorrelationState(const RuleSet& rules);
  /// `first` is the RuleIndex of rules[0]; the rest follow in order.
  CorrelationState(std::span<const CorrelationRule> rules, RuleIndex first);
  CorrelationState(CorrelationState&&) noexcept;
  CorrelationState& operator=(CorrelationState&&) noexcept;
  ~CorrelationState();

  /// Resolves group-by and counted fields for the events of format number `format`.
  void bind(uint16_t format, const Target& target, const event::Schema& schema);

  /// False when no correlation counts any of these rules: observe() would do nothing.
  bool counts(const std::vector<RuleIndex>& matches) const;

  /// Adds one record that matched `matches`.
  void observe(uint16_t format, const std::vector<RuleIndex>& matches, const SeenRecord& record,
               const event::Fields& fields);

  void merge(CorrelationState&& other);

  /// Judges the finished state. Chained correlations feed on the matches of the inner ones.
  /// In (rule, group, first) order. Inner correlations are included: RuleSet::reports_alone() tells
  /// which of the matches are for the user.
  std::vector<CorrelationMatch> judge() const;

  /// What the user has to know about the correlations: bounds that were reached, events that could
  /// not take part. A function of what was observed, like judge().
  std::vector<std::string> notes() const;

 private:
  struct Rep;
  std::unique_ptr<Rep> rep_;
};

}  // namespace davy::sigma
