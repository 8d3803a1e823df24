// SPDX-License-Identifier: Apache-2.0
#include "davy/incident/join.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <string>

namespace davy::incident {
namespace {

using detect::Detection;
using event::Entity;
using event::EntityType;

/// Context counts only near the trigger it explains.
constexpr DurationNs kContextReach = 24 * kHour;

/// A weak entity shared by more groups than this is infrastructure, not a tie.
constexpr size_t kMaxWeakDegree = 20;

class UnionFind {
 public:
  explicit UnionFind(size_t size) : parent_(size) {
    std::iota(parent_.begin(), parent_.end(), size_t{0});
  }
  size_t find(size_t i) {
    while (parent_[i] != i) {
      parent_[i] = parent_[parent_[i]];
      i = parent_[i];
    }
    return i;
  }
  /// The smaller index leads, so that the result does not depend on the order of unions.
  void unite(size_t a, size_t b) {
    a = find(a);
    b = find(b);
    parent_[std::max(a, b)] = std::min(a, b);
  }

 private:
  std::vector<size_t> parent_;
};

/// A user or the root account is one actor; a role is worn by many.
bool is_personal(std::string_view arn) {
  return arn.find(":user/") != std::string_view::npos || arn.ends_with(":root");
}

bool joins(const Entity& entity) {
  if (entity.type == EntityType::kPrincipal) return is_personal(entity.id);
  return event::is_strong(entity.type);
}

bool is_weak_tie(EntityType type) {
  switch (type) {
    case EntityType::kImage:
    case EntityType::kDomain:
    case EntityType::kWallet:
    case EntityType::kSshKey:
    case EntityType::kSourceAddress: return true;
    default: return false;
  }
}

/// The strong names a detection is known by, links followed.
std::set<Entity> join_keys(const Detection& detection, const summary::EntityLinks& links) {
  std::set<Entity> keys;
  for (const Entity& entity : detection.entities) {
    if (joins(entity)) keys.insert(entity);
  }
  for (std::string& id : instances_of(detection, links)) {
    keys.insert({EntityType::kInstance, std::move(id)});
  }
  return keys;
}

/// The credential that stands behind a key: what launched an instance, what issued a key.
std::vector<Entity> backing_credentials(const Entity& key, const summary::EntityLinks& links) {
  std::vector<Entity> credentials;
  if (key.type == EntityType::kInstance) {
    const summary::InstanceFact* fact = links.find_instance(key.id);
    if (fact != nullptr && !fact->launched_by_key.empty()) {
      credentials.push_back({EntityType::kAccessKey, fact->launched_by_key});
    }
    if (fact != nullptr && is_personal(fact->launched_by_principal)) {
      credentials.push_back({EntityType::kPrincipal, fact->launched_by_principal});
    }
  }
  if (key.type == EntityType::kAccessKey) {
    const summary::KeyFact* fact = links.find_key(key.id);
    if (fact != nullptr && !fact->issued_by_key.empty()) {
      credentials.push_back({EntityType::kAccessKey, fact->issued_by_key});
    }
  }
  return credentials;
}

using Groups = std::map<Entity, std::vector<size_t>>;

void unite_all(const std::vector<size_t>& members, UnionFind& sets) {
  for (size_t member : members)
    sets.unite(members.front(), member);
}

using Span = std::pair<Time, Time>;

/// From the first to the last trigger of each group, by the group's root.
std::map<size_t, Span> spans_of(const std::vector<Detection>& detections,
                                const std::vector<bool>& trigger, UnionFind& sets) {
  std::map<size_t, Span> spans;
  for (size_t i = 0; i < detections.size(); ++i) {
    if (!trigger[i]) continue;
    auto& span =
        spans.try_emplace(sets.find(i), detections[i].time, detections[i].end_time).first->second;
    span.first = std::min(span.first, detections[i].time);
    span.second = std::max(span.second, detections[i].end_time);
  }
  return spans;
}

bool near_in_time(const Span& a, const Span& b) {
  return a.first <= b.second + kContextReach && b.first <= a.second + kContextReach;
}

/// Groups that agree on two kinds of weak entity within a day are one.
void join_weak(const std::vector<Detection>& detections, const std::vector<bool>& trigger,
               UnionFind& sets) {
  const auto spans = spans_of(detections, trigger, sets);
  std::map<Entity, std::set<size_t>> by_weak;
  for (size_t i = 0; i < detections.size(); ++i) {
    if (!trigger[i]) continue;
    for (const Entity& entity : detections[i].entities) {
      if (is_weak_tie(entity.type)) by_weak[entity].insert(sets.find(i));
    }
  }
  std::map<std::pair<size_t, size_t>, std::set<EntityType>> ties;
  for (const auto& [entity, groups] : by_weak) {
    if (groups.size() < 2 || groups.size() > kMaxWeakDegree) continue;
    for (auto a = groups.begin(); a != groups.end(); ++a) {
      for (auto b = std::next(a); b != groups.end(); ++b)
        ties[{*a, *b}].insert(entity.type);
    }
  }
  for (const auto& [pair, types] : ties) {
    if (types.size() < 2) continue;
    if (near_in_time(spans.at(pair.first), spans.at(pair.second)))
      sets.unite(pair.first, pair.second);
  }
}

}  // namespace

bool is_trigger(const Detection& detection) {
  return detection.claim != detect::Claim::kContext || detection.weight >= 1.5;
}

std::vector<std::string> instances_of(const Detection& detection,
                                      const summary::EntityLinks& links) {
  std::set<std::string> ids;
  for (const Entity& entity : detection.entities) {
    const summary::InstanceFact* fact = nullptr;
    if (entity.type == EntityType::kHost) fact = links.find_by_host(entity.id);
    if (entity.type == EntityType::kInterface) fact = links.find_by_interface(entity.id);
    if (entity.type == EntityType::kAddress) {
      const size_t slash = entity.id.find('/');
      fact = links.find_by_address(entity.id.substr(0, slash), entity.id.substr(slash + 1),
                                   detection.time);
    }
    if (fact != nullptr) ids.insert(fact->id);
  }
  return {ids.begin(), ids.end()};
}

std::vector<std::vector<size_t>> join(const std::vector<Detection>& detections,
                                      const summary::EntityLinks& links) {
  std::vector<bool> trigger(detections.size());
  std::vector<std::set<Entity>> keys(detections.size());
  Groups triggers_by_key;
  for (size_t i = 0; i < detections.size(); ++i) {
    trigger[i] = is_trigger(detections[i]);
    keys[i] = join_keys(detections[i], links);
    if (!trigger[i]) continue;
    for (const Entity& key : keys[i])
      triggers_by_key[key].push_back(i);
  }

  UnionFind sets(detections.size());
  for (const auto& [key, members] : triggers_by_key) {
    unite_all(members, sets);
    // A launcher that nothing points at is a platform (Karpenter, CI): it ties no strangers.
    for (const Entity& credential : backing_credentials(key, links)) {
      const auto behind = triggers_by_key.find(credential);
      if (behind != triggers_by_key.end()) sets.unite(members.front(), behind->second.front());
    }
  }
  join_weak(detections, trigger, sets);

  std::map<size_t, std::vector<size_t>> groups;
  const auto spans = spans_of(detections, trigger, sets);
  for (size_t i = 0; i < detections.size(); ++i) {
    if (trigger[i]) groups[sets.find(i)].push_back(i);
  }
  for (size_t i = 0; i < detections.size(); ++i) {
    if (trigger[i]) continue;
    std::set<size_t> near;
    for (const Entity& key : keys[i]) {
      const auto members = triggers_by_key.find(key);
      if (members == triggers_by_key.end()) continue;
      const size_t root = sets.find(members->second.front());
      if (near_in_time(spans.at(root), {detections[i].time, detections[i].end_time})) {
        near.insert(root);
      }
    }
    for (size_t root : near)
      groups[root].push_back(i);
  }

  std::vector<std::vector<size_t>> incidents;
  for (auto& [root, members] : groups) {
    std::sort(members.begin(), members.end());
    incidents.push_back(std::move(members));
  }
  return incidents;
}

}  // namespace davy::incident
