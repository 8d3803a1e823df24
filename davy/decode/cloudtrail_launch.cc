// SPDX-License-Identifier: Apache-2.0
#include "davy/decode/cloudtrail_launch.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "davy/base/text.h"
#include "davy/decode/instance_groups.h"

namespace davy::decode {
namespace {

using event::Fields;
using event::Launch;
using event::Slot;

enum Field : size_t {
  kNone,
  // EC2 RunInstances
  kInstanceType,
  kItemImage,
  kItemKey,
  kItemMin,
  kItemMax,
  kNoTerminate,
  kNoStop,
  kRequester,
  kNewIds,
  kNamedIds,
  kNewTypes,
  kNewIps,
  kNewInterfaces,
  kNewVpcs,
  // spot and fleets
  kSpotCount,
  kSpotType,
  kSpotImage,
  kSpotFleetCount,
  kSpotFleetType,
  kSpotFleetItemType,
  kSpotFleetOverride,
  kSpotFleetItemOverride,
  kSpotFleetNewCount,
  kFleetCount,
  kFleetNewCount,
  kFleetType,
  kFleetNewIds,
  // groups
  kGroupMin,
  kGroupMax,
  kGroupDesired,
  kGroupOverride,
  // ECS
  kDesiredCount,
  kTaskCount,
  // managed services
  kTrainingType,
  kTrainingCount,
  kTrainingGroupType,
  kTrainingGroupCount,
  kProcessingType,
  kProcessingCount,
  kEmrType,
  kEmrOnlyType,
  kEmrCount,
  kEmrGroupType,
  kEmrGroupCount,
  kEmrAddedType,
  kEmrAddedCount,
  kNodegroupMin,
  kNodegroupMax,
  kNodegroupDesired,
  kNodegroupType,
  // for whom a service launched
  kTagKeys,
  kTagValues,
  kFieldCount,
};

constexpr std::array<std::string_view, kFieldCount> kPaths = {
    "",
    "requestParameters.instanceType",
    "requestParameters.instancesSet.items.imageId",
    "requestParameters.instancesSet.items.keyName",
    "requestParameters.instancesSet.items.minCount",
    "requestParameters.instancesSet.items.maxCount",
    "requestParameters.disableApiTermination",
    "requestParameters.disableApiStop",
    "responseElements.requesterId",
    "responseElements.instancesSet.items.instanceId",
    "requestParameters.instancesSet.items.instanceId",
    "responseElements.instancesSet.items.instanceType",
    "responseElements.instancesSet.items.privateIpAddress",
    "responseElements.instancesSet.items.networkInterfaceSet.items.networkInterfaceId",
    "responseElements.instancesSet.items.vpcId",
    "requestParameters.instanceCount",
    "requestParameters.launchSpecification.instanceType",
    "requestParameters.launchSpecification.imageId",
    "requestParameters.spotFleetRequestConfig.targetCapacity",
    "requestParameters.spotFleetRequestConfig.launchSpecifications.instanceType",
    "requestParameters.spotFleetRequestConfig.launchSpecifications.items.instanceType",
    "requestParameters.spotFleetRequestConfig.launchTemplateConfigs.overrides.instanceType",
    "requestParameters.spotFleetRequestConfig.launchTemplateConfigs.items.overrides.items."
    "instanceType",
    "requestParameters.ModifySpotFleetRequestRequest.TargetCapacity",
    "requestParameters.CreateFleetRequest.TargetCapacitySpecification.TotalTargetCapacity",
    "requestParameters.ModifyFleetRequest.TargetCapacitySpecification.TotalTargetCapacity",
    "requestParameters.CreateFleetRequest.LaunchTemplateConfigs.Overrides.InstanceType",
    "responseElements.CreateFleetResponse.fleetInstanceSet.item.instanceIds.item",
    "requestParameters.minSize",
    "requestParameters.maxSize",
    "requestParameters.desiredCapacity",
    "requestParameters.mixedInstancesPolicy.launchTemplate.overrides.instanceType",
    "requestParameters.desiredCount",
    "requestParameters.count",
    "requestParameters.resourceConfig.instanceType",
    "requestParameters.resourceConfig.instanceCount",
    "requestParameters.resourceConfig.instanceGroups.instanceType",
    "requestParameters.resourceConfig.instanceGroups.instanceCount",
    "requestParameters.processingResources.clusterConfig.instanceType",
    "requestParameters.processingResources.clusterConfig.instanceCount",
    "requestParameters.instances.slaveInstanceType",
    "requestParameters.instances.masterInstanceType",
    "requestParameters.instances.instanceCount",
    "requestParameters.instances.instanceGroups.instanceType",
    "requestParameters.instances.instanceGroups.instanceCount",
    "requestParameters.instanceGroups.instanceType",
    "requestParameters.instanceGroups.instanceCount",
    "requestParameters.scalingConfig.minSize",
    "requestParameters.scalingConfig.maxSize",
    "requestParameters.scalingConfig.desiredSize",
    "requestParameters.instanceTypes",
    "requestParameters.tagSpecificationSet.items.tags.key",
    "requestParameters.tagSpecificationSet.items.tags.value",
};

/// Where a type is looked for: the first that is said counts, so what overrides a template is last.
using Types = std::array<Field, 4>;

constexpr Types kSpotFleetTypes = {kSpotFleetType, kSpotFleetItemType, kSpotFleetOverride,
                                   kSpotFleetItemOverride};
constexpr Types kGroupTypes = {kInstanceType, kGroupOverride};
constexpr Types kNodegroupTypes = {kNodegroupType};

/// Which fields of which call say what. kNone: the call does not say.
struct CallRow {
  std::string_view operation;
  Types types;
  Field count;
  Field image = kNone;
  Field least = kNone;        ///< what is to run now where the count is not said
  Field most = kNone;         ///< what it may grow to
  Field group_type = kNone;   ///< where groups of several types may be asked for instead
  Field group_count = kNone;  ///< beside it
};

// Parameter names: the service API references; spellings as CloudTrail records them. Older calls of
// EC2 may have lists under "items".
constexpr CallRow kCalls[] = {
    {"RunInstances", {kInstanceType}, kItemMax, kItemImage},
    {"RequestSpotInstances", {kSpotType}, kSpotCount, kSpotImage},
    {"RequestSpotFleet", kSpotFleetTypes, kSpotFleetCount},
    {"CreateFleet", {kFleetType}, kFleetCount},
    {"CreateAutoScalingGroup", kGroupTypes, kGroupDesired, kNone, kGroupMin, kGroupMax},
    {"UpdateAutoScalingGroup", kGroupTypes, kGroupDesired, kNone, kGroupMin, kGroupMax},
    {"SetDesiredCapacity", {}, kGroupDesired},
    {"CreateService", {}, kDesiredCount},
    {"UpdateService", {}, kDesiredCount},
    {"RunTask", {}, kTaskCount},
    {"CreateNotebookInstance", {kInstanceType}, kNone},
    {"CreateTrainingJob",
     {kTrainingType},
     kTrainingCount,
     kNone,
     kNone,
     kNone,
     kTrainingGroupType,
     kTrainingGroupCount},
    {"CreateProcessingJob", {kProcessingType}, kProcessingCount},
    {"RunJobFlow",
     {kEmrType, kEmrOnlyType},
     kEmrCount,
     kNone,
     kNone,
     kNone,
     kEmrGroupType,
     kEmrGroupCount},
    {"AddInstanceGroups", {}, kNone, kNone, kNone, kNone, kEmrAddedType, kEmrAddedCount},
    {"ModifySpotFleetRequest", {}, kSpotFleetNewCount},
    {"ModifyFleet", {}, kFleetNewCount},
    {"UpdateNodegroupConfig", {}, kNodegroupDesired, kNone, kNodegroupMin, kNodegroupMax},
    {"CreateNodegroup", kNodegroupTypes, kNodegroupDesired, kNone, kNodegroupMin, kNodegroupMax},
};

constexpr uint64_t kMostRequested = UINT32_MAX;

void collect_strings(const Fields& fields, Slot slot, std::vector<std::string_view>& into) {
  into.clear();
  for (const event::Value& value : fields.values(slot)) {
    if (value.type == event::Value::Type::kString) into.push_back(value.text);
  }
}

}  // namespace

LaunchReader::LaunchReader(const event::Schema& schema) {
  for (std::string_view path : kPaths) {
    slots_.push_back(path.empty() ? event::kNoSlot : schema.find(path));
  }
}

void LaunchReader::declare_fields(event::Schema& schema) {
  for (std::string_view path : kPaths) {
    if (!path.empty()) schema.add(path);
  }
}

std::span<const std::string_view> LaunchReader::read_instances(const Fields& fields) {
  for (Field field : {kNewIds, kFleetNewIds, kNamedIds}) {
    if (fields.has(slots_[field])) {
      collect_strings(fields, slots_[field], instance_ids_);
      return instance_ids_;
    }
  }
  return {};
}

std::string_view LaunchReader::owner(const Fields& fields) const {
  // Tags that AWS sets itself, from the user guides of Auto Scaling, EC2 Fleet and Spot Fleet.
  constexpr std::string_view kOwnerTags[] = {"aws:autoscaling:groupName", "aws:ec2:fleet-id",
                                             "aws:ec2spot:fleet-request-id"};
  const auto keys = fields.values(slots_[kTagKeys]);
  const auto values = fields.values(slots_[kTagValues]);
  auto value = values.begin();
  for (auto key = keys.begin(); key != keys.end() && value != values.end(); ++key, ++value) {
    if (std::find(std::begin(kOwnerTags), std::end(kOwnerTags), key->text) != std::end(kOwnerTags))
      return value->text;
  }
  return {};
}

std::optional<Launch> LaunchReader::read(std::string_view operation, const Fields& fields) {
  const auto row = std::find_if(std::begin(kCalls), std::end(kCalls),
                                [&](const CallRow& call) { return call.operation == operation; });
  if (row == std::end(kCalls)) return std::nullopt;
  const auto text = [&](Field field) { return fields.text(slots_[field]); };

  Launch launch;
  for (Field type : row->types) {
    launch.instance_type = text(type);
    if (!launch.instance_type.empty()) break;
  }
  launch.image = text(row->image);
  launch.key_name = text(kItemKey);
  launch.requester = text(kRequester);
  launch.termination_protection = text(kNoTerminate) == "true" || text(kNoStop) == "true";
  // Several items in one call each carry a count: the request is their sum, as far as it can be
  // counted. Counts are whatever the caller asked for.
  const auto count = [&](Field field) {
    uint64_t sum = 0;
    for (const event::Value& value : fields.values(slots_[field])) {
      const uint64_t more = parse_int<uint64_t>(value.text).value_or(0);
      sum = std::min(sum + std::min(more, kMostRequested), kMostRequested);
    }
    return static_cast<uint32_t>(sum);
  };
  uint32_t requested = count(fields.has(slots_[row->count]) ? row->count : row->least);
  const InstanceGroup group =
      largest_group(fields, slots_[row->group_type], slots_[row->group_count]);
  if (group.count > 0) {
    launch.instance_type = group.type;
    requested = group.count;
  }
  launch.potential = count(row->most);
  launch.owner = owner(fields);
  collect_strings(fields, slots_[fields.has(slots_[kNewIds]) ? kNewIds : kFleetNewIds],
                  instance_ids_);
  collect_strings(fields, slots_[kNewIps], private_ips_);
  collect_strings(fields, slots_[kNewInterfaces], interfaces_);
  collect_strings(fields, slots_[kNewVpcs], vpcs_);
  launch.instance_ids = instance_ids_;
  if (private_ips_.size() == instance_ids_.size()) launch.private_ips = private_ips_;
  if (interfaces_.size() == instance_ids_.size()) launch.interfaces = interfaces_;
  if (vpcs_.size() == instance_ids_.size()) launch.vpcs = vpcs_;
  if (launch.instance_type.empty()) launch.instance_type = text(kNewTypes);
  const auto launched = static_cast<uint32_t>(instance_ids_.size());
  launch.requested = std::max({requested, launched, uint32_t{row->count == kNone ? 1u : 0u}});
  return launch;
}

}  // namespace davy::decode
