// SPDX-License-Identifier: Apache-2.0
#include "davy/incident/sequence.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <tuple>

#include "davy/base/text.h"
#include "davy/detect/rule_matches.h"
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
  // A responder's call names his key beside the one that he switches off.
  if (detect::is_foreign_context(detection)) return ties;
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

/// When a detection takes its place: a launch may come in several calls, the last of which counts.
Time place_of(const Detection& detection) {
  return detection.stage == Stage::kResourceLaunch ? detection.end_time : detection.time;
}

/// By the last stage, whether a distinct one was passed, and whether AWS had warned: of two runs
/// alike in these the longer can do whatever the shorter can.
using Runs = std::map<std::tuple<Stage, bool, bool>, Run>;

void extend(const Detection& detection, Runs& runs) {
  const bool distinct = detection.weight > kDistinct;
  std::vector<Run> longer{{{&detection}, distinct}};
  for (const auto& [key, run] : runs) {
    if (std::get<Stage>(key) >= detection.stage) continue;
    longer.push_back(run);
    longer.back().members.push_back(&detection);
    longer.back().distinct = run.distinct || distinct;
  }
  for (Run& run : longer) {
    Run& kept = runs[{detection.stage, run.distinct, is_warned(run.members)}];
    if (kept.members.size() < run.members.size()) kept = std::move(run);
  }
}

/// The best run of a chain that ends in a launch; fewer than two members when there is none.
Run best_run(Members chain) {
  std::sort(chain.begin(), chain.end(), [](const Detection* a, const Detection* b) {
    return std::tuple(place_of(*a), a->stage, a->id) < std::tuple(place_of(*b), b->stage, b->id);
  });
  Runs runs;
  Run whole;
  for (const Detection* detection : chain) {
    if (prepares(*detection)) extend(*detection, runs);
    if (detection->stage != Stage::kResourceLaunch) continue;
    for (const auto& [key, run] : runs) {
      if (!is_launch(*detection, std::get<2>(key))) continue;
      Run with_launch = run;
      with_launch.members.push_back(detection);
      if (is_better(with_launch, whole)) whole = std::move(with_launch);
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
