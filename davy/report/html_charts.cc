// SPDX-License-Identifier: Apache-2.0
#include "davy/report/html_charts.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include <fmt/format.h>

#include "davy/report/escape.h"
#include "davy/report/wording.h"

namespace davy::report {
namespace {

using incident::Incident;

// Units of the drawings' own coordinate systems.
constexpr double kWidth = 960;
constexpr double kLabelWidth = 150;
constexpr double kRight = 24;
constexpr double kLane = 30;
constexpr double kAxis = 34;

/// A step of the time axis such that `span` has at most eight.
DurationNs tick_step(DurationNs span) {
  constexpr DurationNs kSteps[] = {
      10 * kSecond, 30 * kSecond, kMinute,  2 * kMinute, 5 * kMinute, 10 * kMinute,
      15 * kMinute, 30 * kMinute, kHour,    2 * kHour,   3 * kHour,   6 * kHour,
      12 * kHour,   kDay,         2 * kDay, 7 * kDay,    14 * kDay,   30 * kDay};
  for (const DurationNs step : kSteps) {
    if (span / step <= 8) return step;
  }
  return bucket_start(Time{span / 8}, kDay).ns + kDay;
}

/// The time axis of one incident, from its first to its last dated thing.
struct Axis {
  Time first;
  Time last;

  explicit Axis(const Incident& incident) {
    for (const auto& stage : incident.stages) {
      include(stage.first);
      include(stage.last);
    }
    for (const auto& entry : incident.timeline)
      include(entry.time);
    if (first.known() && last - first < kMinute) last = first + kMinute;
  }

  double x(Time t) const {
    if (!t.known()) return kLabelWidth;
    const double share = static_cast<double>(t - first) / static_cast<double>(last - first);
    return kLabelWidth + share * (kWidth - kLabelWidth - kRight);
  }

 private:
  void include(Time t) {
    if (!t.known()) return;
    if (!first.known() || t < first) first = t;
    last = std::max(last, t);
  }
};

/// The stages that occur, in ATT&CK order.
std::vector<detect::Stage> lanes_of(const Incident& incident) {
  std::vector<detect::Stage> lanes;
  for (const auto& stage : incident.stages)
    lanes.push_back(stage.stage);
  for (const auto& entry : incident.timeline)
    lanes.push_back(entry.stage);
  std::sort(lanes.begin(), lanes.end());
  lanes.erase(std::unique(lanes.begin(), lanes.end()), lanes.end());
  return lanes;
}

/// Labels stand in the middle below their tick; the last moves left so that it is not cut off.
std::string tick_label(double x, double y, std::string_view label) {
  const double half = 3.6 * static_cast<double>(label.size());
  return fmt::format("<text class=\"tick\" x=\"{:.1f}\" y=\"{:.0f}\">{}</text>",
                     std::min(x, kWidth - half), y, label);
}

std::string ticks(const Axis& axis, double height) {
  std::string svg;
  const DurationNs step = tick_step(axis.last - axis.first);
  std::string date;
  double free_from = 0;  // where the previous label ends
  for (Time t = bucket_start(axis.first, step); t <= axis.last; t = t + step) {
    if (t < axis.first) continue;
    const double x = axis.x(t);
    svg += fmt::format(
        "<line class=\"grid\" x1=\"{0:.1f}\" x2=\"{0:.1f}\" y1=\"0\" y2=\"{1:.0f}\"/>", x, height);
    std::string label = step >= kDay ? to_date(t) : step < kMinute ? to_clock(t) : hour_minute(t);
    if (x >= free_from) {
      svg += tick_label(x, height + 14, label);
      free_from = x + (step >= kDay ? 78 : 44);
    }
    if (step < kDay && to_date(t) != date) {
      date = to_date(t);
      svg += tick_label(x, height + 28, date);
    }
  }
  return svg;
}

double lane_middle(const std::vector<detect::Stage>& lanes, detect::Stage stage) {
  const auto place = std::lower_bound(lanes.begin(), lanes.end(), stage);
  return (static_cast<double>(place - lanes.begin()) + 0.5) * kLane;
}

std::string lane(const Axis& axis, const incident::StageSpan& stage, double middle) {
  const double left = axis.x(stage.first);
  const double right = std::max(axis.x(stage.last), left);
  return fmt::format(
      "<rect class=\"span s{}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"12\" "
      "rx=\"6\"><title>{}: "
      "{}</title></rect>",
      static_cast<int>(stage.stage), left - 6, middle - 6, right - left + 12,
      spaced(detect::stage_name(stage.stage)), escape_html(span(stage.first, stage.last)));
}

}  // namespace

std::string score_ring(const Incident& incident) {
  constexpr double kRadius = 42;
  const double around = 2 * std::numbers::pi * kRadius;
  const int score = whole_score(incident.score);
  return fmt::format(
      "<svg class=\"ring\" viewBox=\"0 0 104 104\" width=\"104\" height=\"104\" role=\"img\" "
      "aria-label=\"Score {0} of 100\">"
      "<circle class=\"track\" cx=\"52\" cy=\"52\" r=\"{1}\"/>"
      "<circle class=\"arc\" cx=\"52\" cy=\"52\" r=\"{1}\" stroke-dasharray=\"{2:.1f} {3:.1f}\" "
      "transform=\"rotate(-90 52 52)\"/>"
      "<text class=\"big\" x=\"52\" y=\"58\">{0}</text><text class=\"unit\" x=\"52\" y=\"74\">of "
      "100</text></svg>",
      score, kRadius, around * score / 100, around);
}

std::string share_bar(double share) {
  const double size = std::isfinite(share) ? std::min(std::abs(share), 1.0) : 0;
  return fmt::format(
      "<svg class=\"bar\" viewBox=\"0 0 120 10\" width=\"120\" height=\"10\" aria-hidden=\"true\">"
      "<rect class=\"track\" width=\"120\" height=\"10\" rx=\"2\"/>"
      "<rect class=\"{}\" width=\"{:.1f}\" height=\"10\" rx=\"2\"/></svg>",
      share < 0 ? "minus" : "plus", size * 120);
}

std::string timeline_chart(const Incident& incident) {
  const std::vector<detect::Stage> lanes = lanes_of(incident);
  const Axis axis(incident);
  if (lanes.empty() || !axis.first.known()) return {};
  const double height = static_cast<double>(lanes.size()) * kLane;
  std::string svg = fmt::format(
      "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"Timeline drawing\">"
      "<svg class=\"timeline\" viewBox=\"0 0 {:.0f} {:.0f}\" role=\"img\" aria-label=\"{} entries "
      "in {} stages, "
      "{}\">",
      kWidth, height + kAxis, incident.timeline.size(), lanes.size(),
      escape_html(span(axis.first, axis.last)));
  for (const detect::Stage stage : lanes) {
    const double middle = lane_middle(lanes, stage);
    svg += fmt::format(
        "<line class=\"lane\" x1=\"{0}\" x2=\"{1}\" y1=\"{2:.1f}\" y2=\"{2:.1f}\"/><text "
        "class=\"name\" x=\"0\" "
        "y=\"{3:.1f}\">{4}</text>",
        kLabelWidth, kWidth, middle, middle + 4, spaced(detect::stage_name(stage)));
  }
  svg += ticks(axis, height);
  for (const auto& stage : incident.stages)
    svg += lane(axis, stage, lane_middle(lanes, stage.stage));
  const std::vector<std::string> names = defang_names(incident);
  for (const auto& entry : incident.timeline) {
    svg += fmt::format(
        "<circle class=\"dot\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4.5\"><title>{} {}</title></circle>",
        axis.x(entry.time), lane_middle(lanes, entry.stage), to_clock(entry.time),
        escape_html(defang(entry.text, names)));
  }
  return svg + "</svg></div>";
}

std::string signal_chart(const Incident& incident) {
  if (incident.signals.empty()) return {};
  constexpr double kRow = 26;
  constexpr double kChart = 460;
  constexpr double kBars = kChart - 130 - 60;
  double most = 1;
  for (const auto& [name, value] : incident.signals)
    most = std::max(most, std::abs(value));
  std::string svg = fmt::format(
      "<svg class=\"signals\" viewBox=\"0 0 {0:.0f} {1:.0f}\" width=\"{0:.0f}\" height=\"{1:.0f}\" "
      "role=\"img\" "
      "aria-label=\"Points a signal\">",
      kChart, static_cast<double>(incident.signals.size()) * kRow);
  double y = 0;
  for (const auto& [name, value] : incident.signals) {
    const double length = std::isfinite(value) ? std::abs(value) / most * kBars : 0;
    svg += fmt::format(
        "<text class=\"name\" x=\"0\" y=\"{:.0f}\">{}</text><rect class=\"{}\" x=\"130\" "
        "y=\"{:.0f}\" "
        "width=\"{:.1f}\" height=\"14\" rx=\"2\"/><text class=\"value\" x=\"{:.1f}\" "
        "y=\"{:.0f}\">{}</text>",
        y + 16, escape_html(spaced(escape_terminal(name, 24))), value < 0 ? "minus" : "plus", y + 5,
        std::max(length, 1.0), 130 + length + 8, y + 16, points(value));
    y += kRow;
  }
  return svg + "</svg>";
}

}  // namespace davy::report
