// SPDX-License-Identifier: Apache-2.0
#include "davy/incident/score.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include "davy/incident/breadth.h"
#include "davy/incident/naming.h"
#include "davy/incident/sequence.h"

namespace davy::incident {
namespace {

using detect::Detection;

/// All detections of one detector: one piece of evidence.
struct Piece {
  const Detection* strongest = nullptr;
  std::vector<std::string> ids;
  double counted = 0;              ///< log-odds after the discounts
  std::set<std::string> machines;  ///< that it shows mining on
};

struct Category {
  std::vector<Piece> pieces;  ///< strongest first
  /// Of the detector that shows most of them: two detectors may have two names for one machine.
  size_t machines = 0;
  std::vector<std::string> shown_by;  ///< ids of that detector's detections
  double breadth = 0;                 ///< log-odds of their number, likewise discounted
};

using Categories = std::array<Category, detect::kSignalCount>;

Categories by_category(std::span<const Detection* const> detections,
                       const summary::EntityLinks& links) {
  Categories categories;
  std::array<std::map<std::string, Piece>, detect::kSignalCount> pieces;
  for (const Detection* detection : detections) {
    const auto category = static_cast<size_t>(detection->signal);
    Piece& piece = pieces[category][detection->detector];
    if (piece.strongest == nullptr || detection->weight > piece.strongest->weight) {
      piece.strongest = detection;
    }
    piece.ids.push_back(detection->id);
    for (std::string& machine : machines_shown(*detection, links))
      piece.machines.insert(std::move(machine));
  }
  for (size_t i = 0; i < pieces.size(); ++i) {
    std::vector<Piece>& of_category = categories[i].pieces;
    for (auto& [detector, piece] : pieces[i])
      of_category.push_back(std::move(piece));
    std::sort(of_category.begin(), of_category.end(), [](const Piece& a, const Piece& b) {
      return std::tie(b.strongest->weight, a.strongest->detector) <
             std::tie(a.strongest->weight, b.strongest->detector);
    });
  }
  return categories;
}

/// Applies the discount within the category; returns its strength.
double discount_within(Category& category) {
  double factor = 1;
  double sum = 0;
  for (Piece& piece : category.pieces) {
    if (piece.machines.size() > category.machines) {
      category.machines = piece.machines.size();
      category.shown_by = piece.ids;
    }
    piece.counted = piece.strongest->weight * factor;
    sum += piece.counted;
    factor *= kWithin;
  }
  if (category.machines > 1) {
    category.breadth = kBreadth * std::log2(static_cast<double>(category.machines));
  }
  return sum + category.breadth;
}

/// The contributions of one category, with `points_per_unit` points for a unit of log-odds.
void tell(Category& category, std::string_view signal, double points_per_unit, Score& score) {
  const auto add = [&](double counted, std::string text, std::vector<std::string>& ids) {
    const double points = counted * points_per_unit;
    score.signals[std::string(signal)] += points;
    score.why.push_back({points, std::move(text), std::move(ids)});
  };
  for (Piece& piece : category.pieces)
    add(piece.counted, piece.strongest->title, piece.ids);
  if (category.machines < 2) return;
  add(category.breadth,
      fmt::format("{} show it ({})", plural(category.machines, "machine"), signal),
      category.shown_by);
}

/// The sequence is told from control-plane calls, and its points are theirs.
void add_sequence(Sequence&& sequence, double points_per_unit, Score& result) {
  if (sequence.weight <= 0) return;
  const double points = sequence.weight * points_per_unit;
  result.signals[std::string(signal_name(detect::Signal::kControlPlane))] += points;
  result.why.push_back({points, std::move(sequence.text), std::move(sequence.detections)});
}

}  // namespace

Score score_of(std::span<const Detection* const> detections, const summary::EntityLinks& links) {
  Categories categories = by_category(detections, links);
  std::vector<std::pair<double, size_t>> ranked;  // (strength, category)
  for (size_t i = 0; i < categories.size(); ++i) {
    const double strength = discount_within(categories[i]);
    if (strength > 0) ranked.emplace_back(strength, i);
  }
  std::sort(ranked.begin(), ranked.end(), [](const auto& a, const auto& b) {
    return std::tie(b.first, a.second) < std::tie(a.first, b.second);
  });

  double factor = 1;
  double total = 0;
  for (const auto& [strength, index] : ranked) {
    for (Piece& piece : categories[index].pieces)
      piece.counted *= factor;
    categories[index].breadth *= factor;
    total += strength * factor;
    factor *= kAcross;
  }

  Sequence sequence = sequence_of(detections);
  total += sequence.weight;

  Score result;
  result.score = 100 / (1 + std::exp(-(kPrior + total)));
  if (total <= 0) return result;
  const double points_per_unit = result.score / total;
  for (const auto& [strength, index] : ranked) {
    tell(categories[index], signal_name(static_cast<detect::Signal>(index)), points_per_unit,
         result);
  }
  add_sequence(std::move(sequence), points_per_unit, result);
  std::stable_sort(
      result.why.begin(), result.why.end(),
      [](const Contribution& a, const Contribution& b) { return a.points > b.points; });
  return result;
}

}  // namespace davy::incident
