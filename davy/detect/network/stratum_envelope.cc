// SPDX-License-Identifier: Apache-2.0
#include "davy/detect/network/stratum_envelope.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <set>

namespace davy::detect {
namespace {

constexpr double kInfinite = std::numeric_limits<double>::infinity();
constexpr int64_t kWindowMinutes = 10;

/// The first kRateBounds are rates, asked of each ten-minute window as well.
constexpr size_t kRateBounds = 6;
constexpr EnvelopeBound kBounds[] = {
    {"packets out a minute", &SessionShape::out_packets_per_minute, 1.5, 25},
    {"packets in a minute", &SessionShape::in_packets_per_minute, 1.5, 25},
    {"bytes out a minute", &SessionShape::out_bytes_per_minute, 150, 6'000},
    {"bytes in a minute", &SessionShape::in_bytes_per_minute, 200, 12'000},
    {"bytes a packet out", &SessionShape::out_bytes_per_packet, 40, 220},
    {"bytes a packet in", &SessionShape::in_bytes_per_packet, 100, 950},
    {"share of minutes with traffic", &SessionShape::busy_minutes, 0.9, 1},
    // Measured on real captures: 0.89-1.00 of the windows fit, 0.96 on average.
    {"share of ten-minute windows inside", &SessionShape::fitting_windows, 0.85, 1},
    {"variation between ten-minute windows", &SessionShape::window_variation, 0, 0.4},
    // A WebSocket or push ping is a metronome (below 0.05); shares and jobs are not (0.2-1.1).
    {"variation between minutes", &SessionShape::minute_variation, 0.05, kInfinite},
    {"reconnects an hour", &SessionShape::reconnects_per_hour, 0, 2},
};

/// SSH, SMTP, DNS, NTP, LDAP, BGP, mail, databases, OpenVPN, MQTT, push services, XMPP, AMQP, RDP,
/// Redis, Kafka, MongoDB.
constexpr uint16_t kLookAlikePorts[] = {
    22,   25,   53,   123,  179,  389,  465,  587,  636,  993,  995,  1194, 1433, 1521, 1883, 3306,
    3389, 5222, 5223, 5228, 5229, 5230, 5432, 5671, 5672, 6379, 8883, 9092, 9093, 9094, 27017};

double ratio(double part, double whole) {
  return whole > 0 ? part / whole : 0;
}

/// Sums over [from, to) minutes of the run.
struct Sums {
  double out_bytes = 0;
  double out_packets = 0;
  double in_bytes = 0;
  double in_packets = 0;
};

Sums sum(const FlowRun& run, int64_t from, int64_t to) {
  Sums sums;
  auto at = std::lower_bound(run.begin(), run.end(), FlowMinute{from, {}, {}});
  for (; at != run.end() && at->minute < to; ++at) {
    sums.out_bytes += static_cast<double>(at->out.bytes);
    sums.out_packets += static_cast<double>(at->out.packets);
    sums.in_bytes += static_cast<double>(at->in.bytes);
    sums.in_packets += static_cast<double>(at->in.packets);
  }
  return sums;
}

void set_rates(const Sums& sums, double minutes, SessionShape& shape) {
  shape.out_packets_per_minute = sums.out_packets / minutes;
  shape.in_packets_per_minute = sums.in_packets / minutes;
  shape.out_bytes_per_minute = sums.out_bytes / minutes;
  shape.in_bytes_per_minute = sums.in_bytes / minutes;
  shape.out_bytes_per_packet = ratio(sums.out_bytes, sums.out_packets);
  shape.in_bytes_per_packet = ratio(sums.in_bytes, sums.in_packets);
}

bool inside(const EnvelopeBound& bound, const SessionShape& shape) {
  const double value = shape.*bound.measure;
  return value >= bound.low && value <= bound.high;
}

/// Standard deviation over mean; 0 for fewer than two values.
double variation(const std::vector<double>& values) {
  if (values.size() < 2) return 0;
  const auto count = static_cast<double>(values.size());
  double mean = 0;
  for (const double value : values)
    mean += value / count;
  double squares = 0;
  for (const double value : values)
    squares += (value - mean) * (value - mean);
  return ratio(std::sqrt(squares / count), mean);
}

/// Full ten-minute windows from the run's start; a shorter run is one window.
void set_windows(const FlowRun& run, int64_t minutes, SessionShape& shape) {
  std::vector<double> out;
  std::vector<double> in;
  double fitting = 0;
  const int64_t width = std::min(minutes, kWindowMinutes);
  const int64_t start = run.front().minute;
  for (int64_t from = start; from + width <= start + minutes; from += width) {
    const Sums sums = sum(run, from, from + width);
    out.push_back(sums.out_bytes);
    in.push_back(sums.in_bytes);
    SessionShape window;
    set_rates(sums, static_cast<double>(width), window);
    const bool fits =
        std::all_of(std::begin(kBounds), std::begin(kBounds) + kRateBounds,
                    [&](const EnvelopeBound& bound) { return inside(bound, window); });
    fitting += fits ? 1 : 0;
  }
  shape.fitting_windows = fitting / static_cast<double>(out.size());
  shape.window_variation = std::max(variation(out), variation(in));
}

void set_minute_variation(const FlowRun& run, int64_t minutes, SessionShape& shape) {
  std::vector<double> out(static_cast<size_t>(minutes));
  std::vector<double> in(static_cast<size_t>(minutes));
  for (const FlowMinute& minute : run) {
    const auto at = static_cast<size_t>(minute.minute - run.front().minute);
    out[at] = static_cast<double>(minute.out.bytes);
    in[at] = static_cast<double>(minute.in.bytes);
  }
  shape.minute_variation = std::max(variation(out), variation(in));
}

/// New local ports after the first, per hour; infinite when there were too many to count.
double reconnects_per_hour(const FlowRun& run, const FlowService& service, double minutes) {
  std::set<uint16_t> ports;
  for (const FlowCell* cell : service.cells) {
    if (cell->key.hour < run.front().minute / 60 || cell->key.hour > run.back().minute / 60)
      continue;
    if (cell->local_ports.more()) return kInfinite;
    for (size_t i = 0; i < cell->local_ports.count(); ++i)
      ports.insert(cell->local_ports[i]);
  }
  return (static_cast<double>(ports.size()) - 1) / std::max(1.0, minutes / 60);
}

}  // namespace

std::span<const EnvelopeBound> stratum_envelope() {
  return kBounds;
}

SessionShape session_shape(const FlowRun& run, const FlowService& service) {
  SessionShape shape;
  const int64_t minutes = run.back().minute - run.front().minute + 1;
  shape.minutes = static_cast<double>(minutes);
  set_rates(sum(run, run.front().minute, run.back().minute + 1), shape.minutes, shape);
  shape.busy_minutes = static_cast<double>(run.size()) / shape.minutes;
  set_windows(run, minutes, shape);
  const bool spread = std::any_of(service.cells.begin(), service.cells.end(),
                                  [](const FlowCell* cell) { return cell->spread; });
  shape.minute_variation = 1;
  if (!spread) set_minute_variation(run, minutes, shape);
  shape.reconnects_per_hour = reconnects_per_hour(run, service, shape.minutes);
  return shape;
}

const EnvelopeBound* broken_bound(const SessionShape& shape) {
  for (const EnvelopeBound& bound : kBounds) {
    if (!inside(bound, shape)) return &bound;
  }
  return nullptr;
}

bool is_look_alike_port(uint16_t port) {
  return std::binary_search(std::begin(kLookAlikePorts), std::end(kLookAlikePorts), port);
}

}  // namespace davy::detect
