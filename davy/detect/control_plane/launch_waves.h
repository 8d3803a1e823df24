// SPDX-License-Identifier: Apache-2.0
// Launches of one principal that fall together, weighed against what it did on earlier days.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "davy/base/time.h"
#include "davy/event/event.h"
#include "davy/impact/unit_price.h"

namespace davy::detect {

/// Waves reported of one principal: an attack has a few; a root key at work all year has thousands.
inline constexpr size_t kMaxWaves = 100;

/// Launches on fewer earlier days than this are no habit.
inline constexpr size_t kHabitDays = 3;

/// From this weight on a wave is an attempt, and reported whatever else the principal launched.
inline constexpr double kAttemptWeight = 1.5;

struct LaunchCall {
  Time time;
  event::RecordRef ref;
  std::string record_id;
  std::string account;
  std::string region;
  std::string operation;
  std::string type;
  std::string image;
  std::string key_name;
  std::string access_key;
  std::string source_ip;
  std::optional<event::StandingKind> standing;  ///< what keeps running, if it does
  std::string standing_id;                      ///< of its first, see summary::standing_id
  std::string recipe;                           ///< its task definition or launch template
  std::string launch_type;
  uint32_t requested = 0;
  uint32_t potential = 0;  ///< what a group may grow to
  bool failed = false;
  bool dry_run = false;
  bool probe = false;  ///< a try of what is allowed, or was refused for what the caller lacks
  bool mfa = false;    ///< by a session that gave a second factor
  std::vector<std::string> instance_ids;
};

struct Priced {
  const LaunchCall* call;
  uint32_t requested;  ///< what the call adds
  double usd_per_hour;
  bool accelerator;
  bool price_known;
  std::string unit;   ///< what one of what was asked for is
  std::string image;  ///< of its task definition or launch template
};

/// What a principal did by day, for "is this its habit": only days before a burst are asked about,
/// so that neither the burst nor what its author did next can excuse it.
class Past {
 public:
  Past(const std::vector<Priced>& calls, Time log_begins);

  /// Dollars an hour: the median over earlier days of each day's busiest hour; 0 when there are too
  /// few such days.
  double usual(Time burst) const;

  /// 0 to 1: how new accelerators are in a burst of this size.
  double novelty_of_accelerators(Time burst, double usd_per_hour) const;

 private:
  Time log_begins_;
  std::vector<std::pair<int64_t, double>> busiest_hours_;  ///< by day
  std::vector<int64_t> accelerator_days_;
  mutable std::map<int64_t, double> usual_;  ///< by day, as asked
};

/// Calls within one window, weighed.
struct Wave {
  size_t begin = 0;
  size_t end = 0;  ///< one past
  double usd_per_hour = 0;
  double usual = 0;
  double weight = 0;
  bool habitual = false;
};

/// What is reported of one principal.
struct Waves {
  std::vector<Wave> in_time_order;
  bool more = false;  ///< than kMaxWaves
};

/// The heaviest wave, and the others that are attempts by themselves, heaviest first.
Waves waves_of(const std::vector<Priced>& calls, bool root, const Past& past);

}  // namespace davy::detect
