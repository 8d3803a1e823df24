// SPDX-License-Identifier: Apache-2.0
#include "davy/incident/join.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <string>
#include <utility>

#include "davy/incident/join_keys.h"

namespace davy::incident {
namespace {

using detect::Detection;
using event::Entity;
using event::EntityType;

/// Context counts only near the trigger it explains.
constexpr DurationNs kContextReach = 24 * kHour;

/// A credential made longer before its use was made for work, as far as context can tell: published
/// intrusions took half an hour at most from the key to the launch.
constexpr DurationNs kFootholdReach = 2 * kHour;

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

/// A credential behind an entity, and when it stood there: at the launch, at the handing out.
struct Backing {
  Entity credential;
  Time when;
};

std::vector<Backing> backing_of(const Entity& entity, const summary::EntityLinks& links) {
  std::vector<Backing> backing;
  if (entity.type == EntityType::kInstance) {
    const summary::InstanceFact* fact = links.find_instance(entity.id);
    if (fact != nullptr && !fact->launched_by_key.empty()) {
      backing.push_back({{EntityType::kAccessKey, fact->launched_by_key}, fact->launched});
    }
    if (fact != nullptr && is_personal(fact->launched_by_principal)) {
      backing.push_back({{EntityType::kPrincipal, fact->launched_by_principal}, fact->launched});
    }
  }
  if (entity.type == EntityType::kPrincipal) {
    const summary::UserFact* fact = links.find_user(entity.id);
    if (fact == nullptr) return backing;
    for (const summary::Grant& grant : fact->grants) {
      backing.push_back({{EntityType::kAccessKey, grant.by_key}, grant.when});
      if (is_personal(grant.by_principal)) {
        backing.push_back({{EntityType::kPrincipal, grant.by_principal}, grant.when});
      }
    }
  }
  if (entity.type == EntityType::kAccessKey) {
    const summary::KeyFact* fact = links.find_key(entity.id);
    if (fact != nullptr && !fact->issued_by_key.empty()) {
      backing.push_back({{EntityType::kAccessKey, fact->issued_by_key}, fact->issued});
    }
  }
  return backing;
}

/// Detections by the names they share; each list in time order.
using Groups = std::map<Key, std::vector<size_t>>;

/// Unites what follows within reach of all that came before.
void unite_chains(const std::vector<size_t>& members, DurationNs reach,
                  const std::vector<Detection>& detections, UnionFind& sets) {
  Time last = detections[members.front()].end_time;
  for (size_t i = 1; i < members.size(); ++i) {
    const Detection& next = detections[members[i]];
    if (next.time <= last + reach) sets.unite(members[i - 1], members[i]);
    last = std::max(last, next.end_time);
  }
}

/// Unites an entity with the credential that was at work when it came to be. A launcher that
/// nothing points at is a platform (Karpenter, CI): it ties no strangers.
void unite_backing(const Key& key, const std::vector<size_t>& members, const Groups& groups,
                   const std::vector<Detection>& detections, const summary::EntityLinks& links,
                   UnionFind& sets) {
  for (const Backing& backing : backing_of(key.entity, links)) {
    const auto behind = groups.find(key_of(backing.credential));
    if (behind == groups.end() || !backing.when.known()) continue;
    for (size_t user : behind->second) {
      const Detection& use = detections[user];
      const bool then =
          use.time <= backing.when + kContextReach && backing.when <= use.end_time + kContextReach;
      if (!then) continue;
      for (size_t member : members) {
        const Detection& act = detections[member];
        // A password reset after the attack is the answer to it, not its source.
        const bool since =
            key.entity.type != EntityType::kPrincipal || backing.when <= act.end_time;
        if (since && act.time <= backing.when + key.reach) sets.unite(user, member);
      }
    }
  }
}

/// Where nobody has a name (localhost), detections that begin with one record tell of one event.
void join_nameless(const std::vector<Detection>& detections, const std::vector<bool>& trigger,
                   const std::vector<std::set<Key>>& keys, UnionFind& sets) {
  std::map<std::pair<event::RecordRef, Time>, size_t> by_record;
  for (size_t i = 0; i < detections.size(); ++i) {
    if (!trigger[i] || !keys[i].empty() || detections[i].evidence.empty()) continue;
    const detect::Evidence& first = detections[i].evidence.front();
    sets.unite(i, by_record.try_emplace({first.ref, first.time}, i).first->second);
  }
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

/// True for what outlives the call that handed it out: a user, a long-lived key.
bool is_foothold(const Entity& entity) {
  return entity.type == EntityType::kPrincipal ||
         (entity.type == EntityType::kAccessKey && !entity.id.starts_with("ASIA"));
}

/// A group, and when somebody gave one of its credentials what it acts with.
struct Made {
  size_t root;
  Time when;
};

/// Whose context speaks of a group because he made a credential of it shortly before it was used.
std::map<Key, std::vector<Made>> makers_of(const Groups& triggers_by_key,
                                           const summary::EntityLinks& links,
                                           const std::map<size_t, Span>& spans, UnionFind& sets) {
  std::map<Key, std::vector<Made>> makers;
  for (const auto& [key, members] : triggers_by_key) {
    if (!is_foothold(key.entity)) continue;
    for (const Backing& backing : backing_of(key.entity, links)) {
      std::set<size_t> roots;
      for (size_t member : members)
        roots.insert(sets.find(member));
      for (size_t root : roots) {
        const auto& [first, last] = spans.at(root);
        const bool just_before = first <= backing.when + kFootholdReach && backing.when <= last;
        if (just_before) makers[key_of(backing.credential)].push_back({root, backing.when});
      }
    }
  }
  return makers;
}

/// Adds to each group the context that shares a name with it, near in time.
void add_context(const std::vector<std::set<Key>>& keys, const std::vector<bool>& trigger,
                 const Groups& triggers_by_key, const std::vector<Detection>& detections,
                 const std::map<size_t, Span>& spans,
                 const std::map<Key, std::vector<Made>>& makers, UnionFind& sets,
                 std::map<size_t, std::vector<size_t>>& groups) {
  std::map<Key, std::set<size_t>> roots_by_key;
  for (const auto& [key, members] : triggers_by_key) {
    for (size_t member : members)
      roots_by_key[key].insert(sets.find(member));
  }
  for (size_t i = 0; i < detections.size(); ++i) {
    if (trigger[i]) continue;
    std::set<size_t> near;
    for (const Key& key : keys[i]) {
      const Span span{detections[i].time, detections[i].end_time};
      if (const auto made = makers.find(key); made != makers.end()) {
        for (const Made& making : made->second) {
          const bool then = span.first <= making.when + kFootholdReach &&
                            making.when <= span.second + kFootholdReach;
          if (then) near.insert(making.root);
        }
      }
      const auto roots = roots_by_key.find(key);
      if (roots == roots_by_key.end()) continue;
      for (size_t root : roots->second) {
        if (near_in_time(spans.at(root), span)) near.insert(root);
      }
    }
    for (size_t root : near)
      groups[root].push_back(i);
  }
}

}  // namespace

bool is_trigger(const Detection& detection) {
  return detection.claim != detect::Claim::kContext || detection.weight >= 1.5;
}

std::vector<std::vector<size_t>> join(const std::vector<Detection>& detections,
                                      const summary::EntityLinks& links) {
  const ScopesByName scopes = scopes_by_name(detections);
  const bool unnamed_are_one = links.audit_order().is_of_one_machine();
  std::vector<bool> trigger(detections.size());
  std::vector<std::set<Key>> keys(detections.size());
  Groups triggers_by_key;
  for (size_t i = 0; i < detections.size(); ++i) {
    trigger[i] = is_trigger(detections[i]);
    keys[i] = join_keys(detections[i], links, scopes, unnamed_are_one);
    if (!trigger[i]) continue;
    for (const Key& key : keys[i])
      triggers_by_key[key].push_back(i);
  }
  for (auto& [key, members] : triggers_by_key) {
    std::stable_sort(members.begin(), members.end(),
                     [&](size_t a, size_t b) { return detections[a].time < detections[b].time; });
  }

  UnionFind sets(detections.size());
  for (const auto& [key, members] : triggers_by_key) {
    unite_chains(members, key.reach, detections, sets);
    unite_backing(key, members, triggers_by_key, detections, links, sets);
  }
  join_nameless(detections, trigger, keys, sets);
  join_weak(detections, trigger, sets);

  std::map<size_t, std::vector<size_t>> groups;
  const auto spans = spans_of(detections, trigger, sets);
  for (size_t i = 0; i < detections.size(); ++i) {
    if (trigger[i]) groups[sets.find(i)].push_back(i);
  }
  add_context(keys, trigger, triggers_by_key, detections, spans,
              makers_of(triggers_by_key, links, spans, sets), sets, groups);

  std::vector<std::vector<size_t>> incidents;
  for (auto& [root, members] : groups) {
    std::sort(members.begin(), members.end());
    incidents.push_back(std::move(members));
  }
  return incidents;
}

}  // namespace davy::incident
