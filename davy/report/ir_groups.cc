// SPDX-License-Identifier: Apache-2.0
#include "davy/report/ir_groups.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "davy/report/wording.h"

namespace davy::report {
namespace {

using detect::Detection;
using event::EntityType;

/// What tells two detections of one kind apart, the most telling first.
constexpr EntityType kSubjects[] = {
    EntityType::kInstance,  EntityType::kPod,  EntityType::kTask,   EntityType::kFunction,
    EntityType::kContainer, EntityType::kHost, EntityType::kAddress};

std::vector<std::string> subjects_of(const Detection& detection) {
  std::vector<std::string> names;
  for (const EntityType type : kSubjects) {
    for (const event::Entity& entity : detection.entities) {
      if (entity.type != type) continue;
      const bool scoped = type == EntityType::kAddress;  // "vpc-1/10.0.0.5"
      names.push_back(scoped ? entity.id.substr(entity.id.find('/') + 1) : entity.id);
    }
    if (!names.empty()) break;
  }
  return names;
}

/// The part before ": ", where detectors put what they speak of.
std::string kind_of(const std::string& title) {
  return title.substr(0, title.find(": "));
}

/// The types that a provider gave, each once over all detections of the group.
void add_types(const Detection& detection, SignalGroup& group) {
  if (detection.signal != detect::Signal::kManaged) return;
  for (const detect::VendorFinding& finding : detection.vendor) {
    const auto place = std::lower_bound(
        group.vendor.begin(), group.vendor.end(), finding, [](const auto& a, const auto& b) {
          return std::tie(a.type, a.product) < std::tie(b.type, b.product);
        });
    const bool known = place != group.vendor.end() && place->type == finding.type &&
                       place->product == finding.product;
    if (known) {
      place->merge(finding);
    } else {
      group.vendor.insert(place, finding);
    }
  }
}

void add(const Detection& detection, SignalGroup& group) {
  if (group.detections.empty()) {
    group.title = detection.title;
    group.signal = detection.signal;
    group.level = detection.level;
    group.first = detection.time;
    group.last = detection.end_time;
  }
  if (group.title != detection.title) group.title = kind_of(group.title);
  group.level = std::max(group.level, detection.level);
  group.first = std::min(group.first, detection.time);
  group.last = std::max(group.last, detection.end_time);
  group.records = std::max(group.records, detection.count);
  for (std::string& name : subjects_of(detection))
    group.names.push_back(std::move(name));
  add_types(detection, group);
  group.detections.push_back(&detection);
}

}  // namespace

std::vector<SignalGroup> signal_groups(const incident::Incident& incident,
                                       const ScanReport& report) {
  std::vector<const Detection*> found = detections_of(incident, report);
  std::sort(found.begin(), found.end(), [](const auto* a, const auto* b) {
    return std::tie(a->time, a->id) < std::tie(b->time, b->id);
  });
  std::map<std::pair<std::string, std::string>, SignalGroup> by_kind;
  for (const Detection* detection : found)
    add(*detection, by_kind[{detection->detector, kind_of(detection->title)}]);
  std::vector<SignalGroup> groups;
  for (auto& [kind, group] : by_kind) {
    std::sort(group.names.begin(), group.names.end());
    group.names.erase(std::unique(group.names.begin(), group.names.end()), group.names.end());
    groups.push_back(std::move(group));
  }
  std::stable_sort(groups.begin(), groups.end(), [](const SignalGroup& a, const SignalGroup& b) {
    return std::tie(a.first, a.title) < std::tie(b.first, b.title);
  });
  return groups;
}

}  // namespace davy::report
