// SPDX-License-Identifier: Apache-2.0
#include "davy/summary/standing.h"

#include <algorithm>
#include <initializer_list>
#include <iterator>
#include <tuple>

#include <fmt/format.h>

#include "davy/base/hash.h"
#include "davy/base/text.h"

namespace davy::summary {
namespace {

uint64_t hash_of(std::initializer_list<std::string_view> parts) {
  uint64_t hash = 0;
  for (std::string_view part : parts)
    hash = hash_combine(hash, hash64(part));
  return hash;
}

/// Keeps the `limit` largest. What was dropped is smaller than all that are kept, so no later
/// insertion or merge would have kept it.
template <typename Item>
void keep_latest(std::set<Item>& items, Item&& item, size_t limit) {
  items.insert(std::forward<Item>(item));
  if (items.size() > limit) items.erase(items.begin());
}

template <typename Item>
void merge_latest(std::set<Item>& mine, std::set<Item>& theirs, size_t limit) {
  mine.merge(theirs);
  while (mine.size() > limit)
    mine.erase(mine.begin());
}

/// "family:3" -> {"family", "3"}. Names of templates have no colon.
std::pair<std::string_view, std::string_view> split_revision(std::string_view recipe) {
  const size_t colon = recipe.rfind(':');
  if (colon == std::string_view::npos) return {recipe, {}};
  return {recipe.substr(0, colon), recipe.substr(colon + 1)};
}

bool is_unique_by_itself(StandingKind kind) {
  return kind == StandingKind::kSpotFleet || kind == StandingKind::kFleet ||
         kind == StandingKind::kSpotRequest || kind == StandingKind::kTask ||
         kind == StandingKind::kEmrCluster;
}

std::string_view kind_in_plural(StandingKind kind) {
  switch (kind) {
    case StandingKind::kService: return "ECS services";
    case StandingKind::kTask: return "ECS tasks";
    case StandingKind::kGroup: return "Auto Scaling groups";
    case StandingKind::kSpotFleet: return "spot fleets";
    case StandingKind::kFleet: return "EC2 fleets";
    case StandingKind::kSpotRequest: return "spot requests";
    case StandingKind::kNotebook: return "notebook instances";
    case StandingKind::kNodeGroup: return "EKS node groups";
    case StandingKind::kTrainingJob: return "training jobs";
    case StandingKind::kProcessingJob: return "processing jobs";
    case StandingKind::kEmrCluster: return "EMR clusters";
  }
  return "services";
}

}  // namespace

std::string standing_id(StandingKind kind, std::string_view region, std::string_view cluster,
                        std::string_view name) {
  if (is_unique_by_itself(kind)) return std::string(name);
  std::string id(region);
  const bool in_cluster = kind == StandingKind::kService || kind == StandingKind::kNodeGroup;
  if (in_cluster) id += fmt::format("/{}", cluster.empty() ? "default" : cluster);
  return id + '/' + std::string(name);
}

void StandingCompute::observe(const event::Event& event) {
  if (event.api == nullptr || event.api->failed) return;
  if (event.api->recipe) observe_recipe(event);
  if (!event.api->standing) return;
  const event::Standing& standing = *event.api->standing;
  for (std::string_view name : standing.names) {
    std::string id = standing_id(standing.kind, event.region, standing.cluster, name);
    StandingFact* const fact = facts_of(standing.kind).at(hash_of({event.account, id}));
    if (fact == nullptr) continue;
    fact->kind = standing.kind;
    fact->id = std::move(id);
    fact->name = name;
    fact->account = event.account;
    fact->region = event.region;
    keep_latest(
        fact->changes,
        StandingChange{event.time, standing.units, standing.least, standing.most,
                       std::string(standing.instance_type), std::string(standing.recipe),
                       std::string(standing.launch_type), std::string(event.actor.access_key)},
        kMaxChanges);
  }
}

void StandingCompute::observe_recipe(const event::Event& event) {
  const event::Recipe& said = *event.api->recipe;
  for (std::string_view name : said.names) {
    Recipe* const recipe = recipes_.at(hash_of({event.account, event.region, name}));
    if (recipe == nullptr) continue;
    keep_latest(
        recipe->versions,
        RecipeVersion{event.time, std::string(said.revision), std::string(said.instance_type),
                      std::string(said.image), said.vcpus, said.memory_gib, said.arm},
        kMaxVersions);
  }
}

void StandingCompute::merge(StandingCompute&& other) {
  for (auto& [kind, facts] : other.facts_) {
    facts_of(kind).merge(std::move(facts), [](StandingFact& mine, StandingFact& theirs) {
      std::set<StandingChange> changes = std::move(mine.changes);
      merge_latest(changes, theirs.changes, kMaxChanges);
      mine = std::move(theirs);
      mine.changes = std::move(changes);
    });
  }
  recipes_.merge(std::move(other.recipes_), [](Recipe& mine, Recipe& theirs) {
    merge_latest(mine.versions, theirs.versions, kMaxVersions);
  });
}

const StandingFact* StandingCompute::find(StandingKind kind, std::string_view account,
                                          const std::string& id) const {
  const auto facts = facts_.find(kind);
  return facts == facts_.end() ? nullptr : facts->second.find(hash_of({account, id}));
}

std::vector<const StandingFact*> StandingCompute::changed_by(
    const std::set<std::string>& keys) const {
  std::vector<const StandingFact*> found;
  const auto by_one = [&](const StandingChange& change) { return keys.contains(change.by_key); };
  for (const auto& [kind, facts] : facts_) {
    for (const auto& [hash, fact] : facts) {
      if (std::any_of(fact.changes.begin(), fact.changes.end(), by_one)) found.push_back(&fact);
    }
  }
  std::sort(found.begin(), found.end(), [](const StandingFact* a, const StandingFact* b) {
    return std::tie(a->kind, a->account, a->id) < std::tie(b->kind, b->account, b->id);
  });
  return found;
}

const RecipeVersion* StandingCompute::find_recipe(std::string_view account, std::string_view region,
                                                  std::string_view recipe, Time when) const {
  const auto [name, revision] = split_revision(recipe);
  const Recipe* const known = recipes_.find(hash_of({account, region, name}));
  if (known == nullptr) return nullptr;
  const RecipeVersion* latest = nullptr;
  for (const RecipeVersion& version : known->versions) {
    if (version.time > when) break;
    if (!revision.empty() && version.revision == revision) return &version;
    latest = &version;
  }
  return latest;
}

std::vector<std::string> StandingCompute::notes() const {
  std::vector<std::string> notes;
  for (const auto& [kind, facts] : facts_) {
    if (!facts.cut()) continue;
    notes.push_back(
        fmt::format("more than {} {}: those of a sample are known, so incidents may leave some out "
                    "of what is to be ended, and of the cost",
                    with_thousands(kMaxFacts), kind_in_plural(kind)));
  }
  if (recipes_.cut()) {
    notes.push_back(
        fmt::format("more than {} task definitions and launch templates: those of a sample are "
                    "known, so the cost of services and groups may be incomplete",
                    with_thousands(kMaxRecipes)));
  }
  return notes;
}

}  // namespace davy::summary
