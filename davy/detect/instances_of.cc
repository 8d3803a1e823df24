// SPDX-License-Identifier: Apache-2.0
#include "davy/detect/instances_of.h"

#include <set>
#include <utility>

namespace davy::detect {
namespace {

/// False when the detection names accounts, and not this one.
bool may_be_in(const Detection& detection, const std::string& account) {
  bool names_another = false;
  for (const event::Entity& entity : detection.entities) {
    if (entity.type != event::EntityType::kAccount) continue;
    if (account.empty() || entity.id == account) return true;
    names_another = true;
  }
  return !names_another;
}

/// The machine at "<vpc-or-account>/<ip>". A launch that told no network may be in any of its
/// account.
const summary::InstanceFact* find_at(std::string_view address, const Detection& detection,
                                     const summary::EntityLinks& links) {
  const size_t slash = address.find('/');
  if (slash == std::string_view::npos) return nullptr;
  const std::string_view ip = address.substr(slash + 1);
  const auto* fact = links.find_by_address(address.substr(0, slash), ip, detection.time);
  for (const event::Entity& entity : detection.entities) {
    if (fact != nullptr) break;
    if (entity.type != event::EntityType::kAccount) continue;
    fact = links.find_by_address(entity.id, ip, detection.time);
    if (fact != nullptr && !fact->vpc.empty()) fact = nullptr;
  }
  return fact;
}

}  // namespace

std::string instance_behind(const Detection& detection, const event::Entity& entity,
                            const summary::EntityLinks& links) {
  using event::EntityType;
  const summary::InstanceFact* fact = nullptr;
  if (entity.type == EntityType::kInstance) return entity.id;
  if (entity.type == EntityType::kHost) {
    fact = links.find_by_host(entity.id);
    // Machines of two accounts may bear one name.
    if (fact != nullptr && !may_be_in(detection, fact->account)) fact = nullptr;
  }
  if (entity.type == EntityType::kInterface) fact = links.find_by_interface(entity.id);
  if (entity.type == EntityType::kAddress) fact = find_at(entity.id, detection, links);
  return fact == nullptr ? std::string{} : fact->id;
}

std::vector<std::string> instances_of(const Detection& detection,
                                      const summary::EntityLinks& links) {
  std::set<std::string> ids;
  for (const event::Entity& entity : detection.entities) {
    std::string id = instance_behind(detection, entity, links);
    if (!id.empty()) ids.insert(std::move(id));
  }
  return {ids.begin(), ids.end()};
}

}  // namespace davy::detect
