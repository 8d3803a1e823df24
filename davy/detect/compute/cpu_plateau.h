// SPDX-License-Identifier: Apache-2.0
// The flat CPU plateau a miner draws, found in one series.
//
// Problem. An alarm at 90 % cries over every build and misses each of the eight malware samples
// measured at 51-54 %.
//
// Idea. A miner's load is dull: once it runs, it stays within a point or so of its level. A plateau
// begins where six samples in a row (30 min) are each above max(99th percentile, median + 20
// points) of the normal samples of the three days before, with a coefficient of variation below
// 0.1, and goes on while that holds. The baseline is frozen while it lasts and its samples are
// never learnt, so that mining cannot become its own normal.
//
// Worked example. Usual 24 %, 99th percentile 31 %; from 13:00 98.0 ± 0.7: the bar is 44 %, the
// sixth sample (13:30) completes it. A build at 98, 41, 88, 63 … varies by 0.3: nothing.
//
// Before a full day is known "normal" may lack the working hours: such a plateau must vary by less
// than 0.05. With less than an hour there is no normal at all: the machine is "born busy" when
// twelve such samples in a row are above 45 %.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "davy/detect/compute/cpu_series.h"

namespace davy::detect {

/// A day of samples: with less, "usual" has not seen a whole daily cycle.
inline constexpr size_t kFullHistory = static_cast<size_t>(kCpuSlotsPerDay);
inline constexpr size_t kFirstHour = 12;

struct Plateau {
  Time first;
  Time end;
  double level = 0;      ///< mean, percent
  double deviation = 0;  ///< standard deviation, points
  double lowest = 0;
  double usual = 0;    ///< median of the history
  double high = 0;     ///< its 99th percentile
  size_t history = 0;  ///< normal samples before it, of three days at most
  size_t as_high = 0;  ///< of them, at least as high as the plateau's lowest sample
  size_t samples = 0;
  bool static_alarm = false;  ///< three samples in a row above 90 %

  DurationNs length() const { return end - first; }
  bool born_busy() const { return history < kFirstHour; }
  /// Chance that a normal sample is as high as the plateau's lowest, by the empirical tail.
  double tail() const {
    return static_cast<double>(as_high + 1) / static_cast<double>(history + 1);
  }
};

/// `samples` ascend by slot. Plateaus ascend and do not overlap.
std::vector<Plateau> find_plateaus(std::span<const CpuSample> samples);

/// Evidence of one plateau by how long it lasted: 1.0 at 30 min, 1.3 at 1 h, 1.6 at 2 h.
/// What lasts longer weighs no more.
inline constexpr DurationNs kFullPersistence = 2 * kHour;
double persistence_weight(DurationNs length);

/// A plateau of some machine, to compare others with.
struct Episode {
  uint64_t machine = 0;
  Time first;
  DurationNs length = 0;
  double level = 0;  ///< mean, percent
};

/// Every stay of at least 15 min within 10 points of `level`, plateau or not, by machine `self`.
std::vector<Episode> stays_near(double level, std::span<const CpuSample> samples, uint64_t self);

/// Why a plateau of machine `self` is habit, in words; empty when it is not. `own` are the stays of
/// that machine near its level, `kind` the plateaus of machines of its kind (its own among them are
/// left out). Habit is what comes back and rests in between: at the same time of day as on an
/// earlier day, on three days, or as short bursts, at much the same level; or the same of at least
/// three machines of its kind.
std::string habit_of(const Plateau& plateau, uint64_t self, std::span<const Episode> own,
                     std::span<const Episode> kind);

}  // namespace davy::detect
