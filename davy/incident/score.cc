// SPDX-License-Identifier: Apache-2.0
#include "davy/incident/score.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <tuple>

#include "davy/incident/sequence.h"

namespace davy::incident {
namespace {

using detect::Detection;

/// All detections of one detector: one piece of evidence.
struct Piece {
  const Detection* strongest = nullptr;
  std::vector<std::string> ids;
  double counted = 0;  ///< log-odds after the discounts
};

using Category = std::vector<Piece>;

std::array<Category, detect::kSignalCount> by_category(
    std::span<const Detection* const> detections) {
  std::array<std::map<std::string, Piece>, detect::kSignalCount> pieces;
  for (const Detection* detection : detections) {
    Piece& piece = pieces[static_cast<size_t>(detection->signal)][detection->detector];
    if (piece.strongest == nullptr || detection->weight > piece.strongest->weight) {
      piece.strongest = detection;
    }
    piece.ids.push_back(detection->id);
  }
  std::array<Category, detect::kSignalCount> categories;
  for (size_t i = 0; i < pieces.size(); ++i) {
    for (auto& [detector, piece] : pieces[i])
      categories[i].push_back(std::move(piece));
    std::sort(categories[i].begin(), categories[i].end(), [](const Piece& a, const Piece& b) {
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
  for (Piece& piece : category) {
    piece.counted = piece.strongest->weight * factor;
    sum += piece.counted;
    factor *= kWithin;
  }
  return sum;
}

/// The sequence is told from control-plane calls, and its points are theirs.
void add_sequence(Sequence&& sequence, double points_per_unit, Score& result) {
  if (sequence.weight <= 0) return;
  const double points = sequence.weight * points_per_unit;
  result.signals[std::string(signal_name(detect::Signal::kControlPlane))] += points;
  result.why.push_back({points, std::move(sequence.text), std::move(sequence.detections)});
}

}  // namespace

Score score_of(std::span<const Detection* const> detections) {
  auto categories = by_category(detections);
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
    for (Piece& piece : categories[index])
      piece.counted *= factor;
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
    for (Piece& piece : categories[index]) {
      const double points = piece.counted * points_per_unit;
      result.signals[std::string(signal_name(static_cast<detect::Signal>(index)))] += points;
      result.why.push_back({points, piece.strongest->title, std::move(piece.ids)});
    }
  }
  add_sequence(std::move(sequence), points_per_unit, result);
  std::stable_sort(
      result.why.begin(), result.why.end(),
      [](const Contribution& a, const Contribution& b) { return a.points > b.points; });
  return result;
}

}  // namespace davy::incident
