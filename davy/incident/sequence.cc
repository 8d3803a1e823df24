// SPDX-License-Identifier: Apache-2.0
#include "davy/incident/sequence.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <tuple>

#include "davy/base/text.h"
#include "davy/incident/join_keys.h"

namespace davy::incident {
namespace {

using detect::Detection;
using detect::Stage;
using event::Entity;
using event::EntityType;

using Members = std::vector<const Detection*>;

/// Below it a call is like any other.
constexpr double kTelling = 0.3;

/// One stage at least has to be told by this much: a burst, a known name, a trail switched off.
/// Stacks that attach a policy and start machines have no such stage.
constexpr double kDistinct = 0.5;

/// Weight of a warning by AWS itself: docs/rules/README.md.
constexpr double kWarning = 2;

/// What several detections of one chain share.
std::vector<Entity> ties_of(const Detection& detection) {
  std::vector<Entity> ties;
  for (const Entity& entity : detection.entities) {
    if (entity.type == EntityType::kAccessKey) ties.push_back(entity);
    // A user made and a user who acts are one.
    if (entity.type == EntityType::kGrantedUser)
      ties.push_back({EntityType::kPrincipal, entity.id});
    if (entity.type == EntityType::kPrincipal && is_personal(entity.id)) ties.push_back(entity);
  }
  return ties;
}

/// The detections by chain; those that name no credential are in none.
std::vector<Members> chains_of(std::span<const Detection* const> detections) {
  std::vector<size_t> parent(detections.size());
  std::iota(parent.begin(), parent.end(), size_t{0});
  const auto find = [&](size_t i) {
    while (parent[i] != i)
      i = parent[i] = parent[parent[i]];
    return i;
  };
  std::map<Entity, size_t> holders;
  std::vector<bool> in_chain(detections.size());
  for (size_t i = 0; i < detections.size(); ++i) {
    for (Entity& tie : ties_of(*detections[i])) {
      in_chain[i] = true;
      const size_t other = holders.try_emplace(std::move(tie), i).first->second;
      parent[find(i)] = find(other);
    }
  }
  std::map<size_t, Members> chains;
  for (size_t i = 0; i < detections.size(); ++i) {
    if (in_chain[i]) chains[find(i)].push_back(detections[i]);
  }
  std::vector<Members> list;
  for (auto& [root, members] : chains)
    list.push_back(std::move(members));
  return list;
}

/// A launch that is an attempt by itself; after a warning of AWS that the key is public, any that
/// is no habit.
bool is_launch(const Detection& detection, bool warned) {
  return detection.stage == Stage::kResourceLaunch &&
         (detection.claim >= detect::Claim::kAttempt || (warned && detection.weight >= kDistinct));
}

/// By a vendor's warning, which outweighs anything a single call tells.
bool is_warned(const Members& members) {
  return std::any_of(members.begin(), members.end(), [](const Detection* detection) {
    return detection->stage == Stage::kInitialAccess && detection->weight >= kWarning;
  });
}

/// Telling, of a stage before the launch, by a call. What its machines do tells of itself.
bool prepares(const Detection& detection) {
  const bool by_call = detection.signal == detect::Signal::kControlPlane ||
                       detection.signal == detect::Signal::kIdentity;
  return by_call && detection.stage < Stage::kResourceLaunch && detection.weight >= kTelling;
}

/// Stages so far, the last of them `members.back()`.
struct Run {
  Members members;
  bool distinct = false;
};

bool is_better(const Run& a, const Run& b) {
  return std::tuple(a.distinct, a.members.size()) > std::tuple(b.distinct, b.members.size());
}

/// The best run of a chain that ends in a launch; fewer than two members when there is none.
Run best_run(Members chain) {
  std::sort(chain.begin(), chain.end(), [](const Detection* a, const Detection* b) {
    return std::tie(a->time, a->stage, a->id) < std::tie(b->time, b->stage, b->id);
  });
  // By the last stage and whether a distinct one was passed; a later detection only extends.
  std::map<std::pair<Stage, bool>, Run> best;
  for (const Detection* detection : chain) {
    if (!prepares(*detection)) continue;
    std::vector<Run> longer{{{detection}, detection->weight > kDistinct}};
    for (const auto& [key, run] : best) {
      if (key.first >= detection->stage) continue;
      longer.push_back(run);
      longer.back().members.push_back(detection);
      longer.back().distinct = run.distinct || detection->weight > kDistinct;
    }
    for (Run& run : longer) {
      Run& kept = best[{detection->stage, run.distinct}];
      if (kept.members.size() < run.members.size()) kept = std::move(run);
    }
  }
  Run whole;
  for (const Detection* launch : chain) {
    for (const auto& [key, run] : best) {
      if (!is_launch(*launch, is_warned(run.members))) continue;
      const bool before = run.members.back()->time <= launch->end_time;
      Run with_launch = run;
      with_launch.members.push_back(launch);
      if (before && is_better(with_launch, whole)) whole = std::move(with_launch);
    }
  }
  return whole;
}

}  // namespace

Sequence sequence_of(std::span<const Detection* const> detections) {
  Run best;
  for (Members& chain : chains_of(detections)) {
    Run run = best_run(std::move(chain));
    if (is_better(run, best)) best = std::move(run);
  }
  if (!best.distinct || best.members.size() < kLeastStages) return {};
  Sequence sequence;
  std::vector<std::string> names;
  for (const Detection* detection : best.members) {
    std::string name(detect::stage_name(detection->stage));
    std::replace(name.begin(), name.end(), '_', ' ');
    names.push_back(std::move(name));
    sequence.detections.push_back(detection->id);
  }
  sequence.weight =
      std::min(kMostForSequence, kPerStage * static_cast<double>(best.members.size() - 1));
  sequence.text = "Stages in order, by one chain of credentials: " + join(names, ", ");
  return sequence;
}

}  // namespace davy::incident
