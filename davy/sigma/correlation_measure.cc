// SPDX-License-Identifier: Apache-2.0
#include "davy/sigma/correlation_measure.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace davy::sigma {
namespace {

using Kind = ExpressionStep::Kind;

/// How many different numbers are in the window.
class DistinctCounter {
 public:
  void enter(uint32_t id) {
    if (id >= counts_.size()) counts_.resize(id + size_t{1});
    if (counts_[id]++ == 0) ++distinct_;
  }
  void leave(uint32_t id) {
    if (--counts_[id] == 0) --distinct_;
  }
  size_t distinct() const { return distinct_; }
  bool has(uint32_t id) const { return id < counts_.size() && counts_[id] > 0; }

 private:
  std::vector<uint32_t> counts_;
  size_t distinct_ = 0;
};

/// event_count, value_count and temporal: distinct records, values or rules.
class CountMeasure : public Measure {
 public:
  CountMeasure(const CorrelationRule& rule, std::span<const Occurrence> run)
      : rule_(rule), run_(run) {}

  void enter(size_t position) override { counter_.enter(id(run_[position])); }
  void leave(size_t position) override { counter_.leave(id(run_[position])); }
  double value() const override { return static_cast<double>(counter_.distinct()); }

  bool holds() const override {
    if (!rule_.expression.empty()) return expression_holds();
    if (rule_.bounds.empty()) return counter_.distinct() == rule_.rules.size();
    return sigma::holds(rule_.bounds, value());
  }

 private:
  uint32_t id(const Occurrence& o) const {
    if (rule_.type == CorrelationType::kEventCount) return o.record;
    return rule_.type == CorrelationType::kValueCount ? o.value : o.member;
  }

  bool expression_holds() const {
    std::vector<bool> stack;
    for (const ExpressionStep& step : rule_.expression) {
      if (step.kind == Kind::kRule) {
        stack.push_back(counter_.has(step.member));
      } else if (step.kind == Kind::kNot) {
        stack.back() = !stack.back();
      } else {
        const bool right = stack.back();
        stack.pop_back();
        stack.back() = step.kind == Kind::kAnd ? stack.back() && right : stack.back() || right;
      }
    }
    return stack.back();
  }

  const CorrelationRule& rule_;
  std::span<const Occurrence> run_;
  DistinctCounter counter_;
};

/// temporal_ordered. Matches of the same time count as in order: logs often tell whole seconds
/// only.
class OrderMeasure : public Measure {
 public:
  OrderMeasure(const CorrelationRule& rule, std::span<const Occurrence> run)
      : rule_(rule), run_(run), times_(rule.rules.size()), head_(rule.rules.size(), 0) {
    find_operands();
  }

  void enter(size_t position) override {
    times_[run_[position].member].push_back(run_[position].time);
  }
  void leave(size_t position) override { ++head_[run_[position].member]; }

  /// The most rules that occur one after another in the order of the list.
  double value() const override {
    return static_cast<double>(wants_all() ? leading_chain() : longest_chain());
  }

  bool holds() const override {
    if (!rule_.expression.empty())
      return completed(rule_.expression.size() - 1, kStart).has_value();
    if (rule_.bounds.empty()) return leading_chain() == rule_.rules.size();
    return sigma::holds(rule_.bounds, value());
  }

 private:
  bool wants_all() const { return rule_.bounds.empty() && rule_.expression.empty(); }

  static constexpr Time kStart{std::numeric_limits<int64_t>::min()};

  /// The first match of a rule in the window, not before `from`.
  std::optional<Time> next(size_t member, Time from) const {
    const auto& times = times_[member];
    const auto place =
        std::lower_bound(times.begin() + static_cast<ptrdiff_t>(head_[member]), times.end(), from);
    if (place == times.end()) return std::nullopt;
    return *place;
  }

  size_t leading_chain() const {
    Time at = kStart;
    for (size_t member = 0; member < times_.size(); ++member) {
      const auto found = next(member, at);
      if (!found) return member;
      at = *found;
    }
    return times_.size();
  }

  size_t longest_chain() const {
    std::vector<Time> earliest = {kStart};  // [n]: the earliest end of a chain of n rules
    for (size_t member = 0; member < times_.size(); ++member) {
      for (size_t length = earliest.size(); length-- > 0;) {
        const auto found = next(member, earliest[length]);
        if (!found) continue;
        if (length + 1 == earliest.size()) {
          earliest.push_back(*found);
        } else {
          earliest[length + 1] = std::min(earliest[length + 1], *found);
        }
      }
    }
    return earliest.size() - 1;
  }

  /// left_[i]: the step at which the left operand of `and` or `or` step i ends.
  void find_operands() {
    std::vector<size_t> begins;  // of the operands on the stack
    left_.resize(rule_.expression.size());
    for (size_t i = 0; i < rule_.expression.size(); ++i) {
      const Kind kind = rule_.expression[i].kind;
      if (kind == Kind::kRule) begins.push_back(i);
      if (kind != Kind::kAnd && kind != Kind::kOr) continue;
      left_[i] = begins.back() - 1;
      begins.pop_back();
    }
  }

  /// When the expression ending at `step` is first fulfilled, begun at `from`: what stands right of
  /// `and` has to come after what stands left; `not` means nowhere in the window.
  std::optional<Time> completed(size_t step, Time from) const {
    switch (rule_.expression[step].kind) {
      case Kind::kRule: return next(rule_.expression[step].member, from);
      case Kind::kNot: return completed(step - 1, kStart) ? std::nullopt : std::optional(from);
      case Kind::kAnd: {
        const auto left = completed(left_[step], from);
        return left ? completed(step - 1, *left) : std::nullopt;
      }
      case Kind::kOr: {
        const auto left = completed(left_[step], from);
        const auto right = completed(step - 1, from);
        return left && right ? std::min(left, right) : left ? left : right;
      }
    }
    return std::nullopt;
  }

  const CorrelationRule& rule_;
  std::span<const Occurrence> run_;
  std::vector<std::vector<Time>> times_;  // per rule, of all that entered
  std::vector<size_t> head_;              // per rule, how many of those left
  std::vector<size_t> left_;
};

/// value_sum and value_avg. Nothing is ever subtracted, so no rounding error outlives its window:
/// the older part of the window is held as sums from each position to `middle_`, the newer as one.
class SumMeasure : public Measure {
 public:
  SumMeasure(const CorrelationRule& rule, std::span<const Occurrence> run)
      : rule_(rule), run_(run), older_(run.size() + 1, 0) {}

  void enter(size_t position) override {
    newer_ += run_[position].number;
    end_ = position + 1;
  }
  void leave(size_t position) override {
    if (position == middle_) {
      older_[end_] = 0;
      for (size_t i = end_; i-- > position;)
        older_[i] = older_[i + 1] + run_[i].number;
      middle_ = end_;
      newer_ = 0;
    }
    begin_ = position + 1;
  }
  double value() const override {
    const double sum = (begin_ < middle_ ? older_[begin_] : 0) + newer_;
    return rule_.type == CorrelationType::kValueSum ? sum
                                                    : sum / static_cast<double>(end_ - begin_);
  }
  bool holds() const override { return sigma::holds(rule_.bounds, value()); }

 private:
  const CorrelationRule& rule_;
  std::span<const Occurrence> run_;
  std::vector<double> older_;
  double newer_ = 0;
  size_t begin_ = 0;
  size_t middle_ = 0;
  size_t end_ = 0;
};

/// value_percentile and value_median: a Fenwick tree over the run's distinct numbers finds the
/// k-th. Between two ranks the percentile is interpolated linearly; the median is the 50th.
class RankMeasure : public Measure {
 public:
  RankMeasure(const CorrelationRule& rule, std::span<const Occurrence> run)
      : rule_(rule), run_(run) {
    for (const Occurrence& o : run)
      numbers_.push_back(o.number);
    std::sort(numbers_.begin(), numbers_.end());
    numbers_.erase(std::unique(numbers_.begin(), numbers_.end()), numbers_.end());
    tree_.assign(numbers_.size() + 1, 0);
  }

  void enter(size_t position) override { change(position, 1); }
  void leave(size_t position) override { change(position, -1); }

  double value() const override {
    const double percent = rule_.type == CorrelationType::kValueMedian ? 50 : rule_.percentile;
    const double rank = percent / 100 * static_cast<double>(size_ - 1);
    const auto below = static_cast<int64_t>(std::floor(rank));
    const double low = kth(below);
    if (rank == static_cast<double>(below)) return low;
    return low + (kth(below + 1) - low) * (rank - static_cast<double>(below));
  }
  bool holds() const override { return sigma::holds(rule_.bounds, value()); }

 private:
  void change(size_t position, int64_t by) {
    const auto place = std::lower_bound(numbers_.begin(), numbers_.end(), run_[position].number);
    for (auto i = static_cast<size_t>(place - numbers_.begin()) + 1; i < tree_.size();
         i += i & (~i + 1)) {
      tree_[i] += by;
    }
    size_ += by;
  }

  /// The number of rank `k`, from 0.
  double kth(int64_t k) const {
    size_t at = 0;
    size_t step = 1;
    while (step * 2 < tree_.size())
      step *= 2;
    for (; step > 0; step /= 2) {
      if (at + step < tree_.size() && tree_[at + step] <= k) {
        at += step;
        k -= tree_[at];
      }
    }
    return numbers_[at];
  }

  const CorrelationRule& rule_;
  std::span<const Occurrence> run_;
  std::vector<double> numbers_;
  std::vector<int64_t> tree_;
  int64_t size_ = 0;
};

template <typename T>
std::unique_ptr<Measure> make(const CorrelationRule& rule, std::span<const Occurrence> run) {
  return std::make_unique<T>(rule, run);
}

// In the order of CorrelationType.
constexpr decltype(&make<CountMeasure>) kMakers[] = {
    make<CountMeasure>, make<CountMeasure>, make<CountMeasure>, make<OrderMeasure>,
    make<SumMeasure>,   make<SumMeasure>,   make<RankMeasure>,  make<RankMeasure>};

}  // namespace

std::unique_ptr<Measure> make_measure(const CorrelationRule& rule,
                                      std::span<const Occurrence> run) {
  return kMakers[static_cast<size_t>(rule.type)](rule, run);
}

}  // namespace davy::sigma
