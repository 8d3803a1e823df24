// SPDX-License-Identifier: Apache-2.0
// Compute that AWS keeps running until told otherwise (services, groups, fleets, spot requests,
// notebooks) and what its units are: how many of it when, by whose call, from which task definition
// or launch template. A mergeable summary: sets of changes, of which the latest are kept.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "davy/base/bounded_map.h"
#include "davy/base/time.h"
#include "davy/event/event.h"

namespace davy::summary {

using event::StandingKind;

/// One successful call on one service, group, fleet, …
struct StandingChange {
  Time time;
  std::optional<uint32_t> units;  ///< 0 ends it; absent: as before, within `least` and `most`
  std::optional<uint32_t> least;
  std::optional<uint32_t> most;
  std::string type;         ///< instance type, where the call states one
  std::string recipe;       ///< task definition or launch template, likewise
  std::string launch_type;  ///< "FARGATE", "EC2", likewise
  std::string by_key;       ///< access key of the call

  auto operator<=>(const StandingChange&) const = default;
};

struct StandingFact {
  StandingKind kind = StandingKind::kService;
  std::string id;    ///< as people name it: "us-east-1/cluster/service"; a fleet's own id
  std::string name;  ///< without region and cluster
  std::string account;
  std::string region;
  std::set<StandingChange> changes;  ///< in time order; the latest kMaxChanges
};

/// One registration of a task definition, launch template or launch configuration.
struct RecipeVersion {
  Time time;
  std::string revision;
  std::string type;
  std::string image;
  double vcpus = 0;  ///< 0: not stated
  double memory_gib = 0;
  bool arm = false;

  auto operator<=>(const RecipeVersion&) const = default;
};

/// "us-east-1/cluster/service"; ids that are unique by themselves ("sfr-…") stay as they are.
std::string standing_id(StandingKind kind, std::string_view region, std::string_view cluster,
                        std::string_view name);

class StandingCompute {
 public:
  static constexpr size_t kMaxFacts = 10'000;  ///< of each kind
  static constexpr size_t kMaxChanges = 32;
  static constexpr size_t kMaxRecipes = 10'000;
  static constexpr size_t kMaxVersions = 8;

  void observe(const event::Event& event);
  void merge(StandingCompute&& other);

  /// By what standing_id() makes of it; null when no call about it was seen.
  const StandingFact* find(StandingKind kind, std::string_view account,
                           const std::string& id) const;

  /// Those with a change by one of the keys, in (kind, id) order.
  std::vector<const StandingFact*> changed_by(const std::set<std::string>& keys) const;

  /// What `recipe` ("family", "family:3", a template's name or id) said at `when`; null when no
  /// record until then says.
  const RecipeVersion* find_recipe(std::string_view account, std::string_view region,
                                   std::string_view recipe, Time when) const;

  /// One sentence about each bound that was met.
  std::vector<std::string> notes() const;

 private:
  struct Recipe {
    std::set<RecipeVersion> versions;
  };
  void observe_recipe(const event::Event& event);

  using Facts = BoundedMap<StandingFact>;  ///< by hash of account and id

  Facts& facts_of(StandingKind kind) { return facts_.try_emplace(kind, kMaxFacts).first->second; }

  /// Bounded one by one: batch jobs run tasks by the million, and must push out no service.
  std::map<StandingKind, Facts> facts_;
  BoundedMap<Recipe> recipes_{kMaxRecipes};  ///< by hash of account, region and name
};

}  // namespace davy::summary
