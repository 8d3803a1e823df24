// SPDX-License-Identifier: Apache-2.0
#include "davy/decode/cloudtrail_standing.h"

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <iterator>

#include "davy/base/text.h"
#include "davy/decode/instance_groups.h"

namespace davy::decode {
namespace {

using event::Fields;
using event::Recipe;
using event::Slot;
using event::Standing;
using event::StandingKind;

// Parameter names: the service API references, as CloudTrail records them; where lists of ids are
// recorded in more than one shape, each is here. Of alternatives the first that is present counts.
constexpr std::string_view kServicePaths[] = {"responseElements.service.serviceArn",
                                              "requestParameters.service",
                                              "requestParameters.serviceName"};
constexpr std::string_view kTaskPaths[] = {"responseElements.tasks.taskArn",
                                           "requestParameters.task"};
constexpr std::string_view kGroupPaths[] = {"requestParameters.autoScalingGroupName"};
constexpr std::string_view kSpotFleetPaths[] = {
    "responseElements.spotFleetRequestId",
    "requestParameters.spotFleetRequestId",
    "requestParameters.spotFleetRequestIds",
    "requestParameters.spotFleetRequestIdSet.items.spotFleetRequestId",
    "requestParameters.CancelSpotFleetRequestsRequest.SpotFleetRequestId",
    "requestParameters.CancelSpotFleetRequestsRequest.SpotFleetRequestId.content",
    "requestParameters.ModifySpotFleetRequestRequest.SpotFleetRequestId"};
constexpr std::string_view kFleetPaths[] = {"responseElements.CreateFleetResponse.fleetId",
                                            "responseElements.fleetId",
                                            "requestParameters.ModifyFleetRequest.FleetId",
                                            "requestParameters.DeleteFleetsRequest.FleetId",
                                            "requestParameters.DeleteFleetsRequest.FleetId.content",
                                            "requestParameters.fleetId",
                                            "requestParameters.fleetIds"};
constexpr std::string_view kSpotRequestPaths[] = {
    "responseElements.spotInstanceRequestSet.items.spotInstanceRequestId",
    "requestParameters.spotInstanceRequestIdSet.items.spotInstanceRequestId"};
constexpr std::string_view kNotebookPaths[] = {"requestParameters.notebookInstanceName"};
constexpr std::string_view kNodeGroupPaths[] = {"requestParameters.nodegroupName"};
constexpr std::string_view kTrainingJobPaths[] = {"requestParameters.trainingJobName"};
constexpr std::string_view kProcessingJobPaths[] = {"requestParameters.processingJobName"};
constexpr std::string_view kEmrClusterPaths[] = {"responseElements.jobFlowId",
                                                 "requestParameters.jobFlowIds"};

constexpr std::string_view kUnitPaths[] = {
    "requestParameters.desiredCount",
    "responseElements.service.desiredCount",
    "requestParameters.desiredCapacity",
    "requestParameters.spotFleetRequestConfig.targetCapacity",
    "requestParameters.targetCapacity",
    "requestParameters.ModifySpotFleetRequestRequest.TargetCapacity",
    "requestParameters.CreateFleetRequest.TargetCapacitySpecification.TotalTargetCapacity",
    "requestParameters.ModifyFleetRequest.TargetCapacitySpecification.TotalTargetCapacity",
    "requestParameters.scalingConfig.desiredSize",
    "requestParameters.resourceConfig.instanceCount",
    "requestParameters.processingResources.clusterConfig.instanceCount",
    "requestParameters.instances.instanceCount"};
constexpr std::string_view kLeastPaths[] = {"requestParameters.minSize",
                                            "requestParameters.scalingConfig.minSize"};
constexpr std::string_view kMostPaths[] = {"requestParameters.maxSize",
                                           "requestParameters.scalingConfig.maxSize"};

// Types said outright come before those that override a template's.
// NOLINTBEGIN(bugprone-suspicious-missing-comma): some paths are longer than a line
constexpr std::string_view kTypePaths[] = {
    "requestParameters.instanceType",
    "requestParameters.instanceTypes",
    "requestParameters.launchSpecification.instanceType",
    "requestParameters.spotFleetRequestConfig.launchSpecifications.instanceType",
    "requestParameters.spotFleetRequestConfig.launchSpecifications.items.instanceType",
    "requestParameters.spotFleetRequestConfig.launchTemplateConfigs.overrides.instanceType",
    "requestParameters.spotFleetRequestConfig.launchTemplateConfigs.items.overrides.items."
    "instanceType",
    "requestParameters.CreateFleetRequest.LaunchTemplateConfigs.Overrides.InstanceType",
    "requestParameters.mixedInstancesPolicy.launchTemplate.overrides.instanceType",
    "requestParameters.resourceConfig.instanceType",
    "requestParameters.processingResources.clusterConfig.instanceType",
    "requestParameters.instances.slaveInstanceType",
    "requestParameters.instances.masterInstanceType"};

/// Where machines of several types are asked for: types, and counts beside them.
constexpr std::string_view kGroupTypePaths[] = {
    "requestParameters.resourceConfig.instanceGroups.instanceType",
    "requestParameters.instances.instanceGroups.instanceType"};
constexpr std::string_view kGroupCountPaths[] = {
    "requestParameters.resourceConfig.instanceGroups.instanceCount",
    "requestParameters.instances.instanceGroups.instanceCount"};

constexpr std::string_view kRecipePaths[] = {
    "requestParameters.taskDefinition",
    "requestParameters.launchTemplate.launchTemplateName",
    "requestParameters.launchTemplate.launchTemplateId",
    "requestParameters.launchTemplate.name",
    "requestParameters.launchTemplate.id",
    "requestParameters.launchConfigurationName",
    "requestParameters.mixedInstancesPolicy.launchTemplate.launchTemplateSpecification."
    "launchTemplateName",
    "requestParameters.mixedInstancesPolicy.launchTemplate.launchTemplateSpecification."
    "launchTemplateId",
    "requestParameters.CreateFleetRequest.LaunchTemplateConfigs.LaunchTemplateSpecification."
    "LaunchTemplateName",
    "requestParameters.CreateFleetRequest.LaunchTemplateConfigs.LaunchTemplateSpecification."
    "LaunchTemplateId",
    "requestParameters.spotFleetRequestConfig.launchTemplateConfigs.launchTemplateSpecification."
    "launchTemplateName",
    "requestParameters.spotFleetRequestConfig.launchTemplateConfigs.launchTemplateSpecification."
    "launchTemplateId",
    "requestParameters.spotFleetRequestConfig.launchTemplateConfigs.items."
    "launchTemplateSpecification.launchTemplateName",
    "requestParameters.spotFleetRequestConfig.launchTemplateConfigs.items."
    "launchTemplateSpecification.launchTemplateId"};
// NOLINTEND(bugprone-suspicious-missing-comma)

constexpr std::string_view kClusterPaths[] = {
    "requestParameters.cluster", "requestParameters.clusterName", "requestParameters.name"};
constexpr std::string_view kLaunchTypePaths[] = {
    "requestParameters.launchType", "requestParameters.capacityProviderStrategy.capacityProvider"};
/// Whether a cancelled request is to take its machines with it.
constexpr std::string_view kEndsMachinesPaths[] = {
    "requestParameters.CancelSpotFleetRequestsRequest.TerminateInstances",
    "requestParameters.DeleteFleetsRequest.TerminateInstances",
    "requestParameters.terminateInstances"};
constexpr std::string_view kFleetTypePath[] = {"requestParameters.CreateFleetRequest.Type"};

// Recipes.
constexpr std::string_view kFamilyPath[] = {"requestParameters.family"};
constexpr std::string_view kTemplatePaths[] = {
    "requestParameters.CreateLaunchTemplateRequest.LaunchTemplateName",
    "requestParameters.CreateLaunchTemplateVersionRequest.LaunchTemplateName"};
constexpr std::string_view kTemplateIdPaths[] = {
    "responseElements.CreateLaunchTemplateResponse.launchTemplate.launchTemplateId",
    "requestParameters.CreateLaunchTemplateVersionRequest.LaunchTemplateId"};
constexpr std::string_view kConfigurationPath[] = {"requestParameters.launchConfigurationName"};
constexpr std::string_view kRevisionPaths[] = {"responseElements.taskDefinition.revision"};
constexpr std::string_view kRecipeTypePaths[] = {
    "requestParameters.CreateLaunchTemplateRequest.LaunchTemplateData.InstanceType",
    "requestParameters.CreateLaunchTemplateVersionRequest.LaunchTemplateData.InstanceType",
    "requestParameters.instanceType"};
constexpr std::string_view kImagePaths[] = {
    "requestParameters.containerDefinitions.image",
    "requestParameters.CreateLaunchTemplateRequest.LaunchTemplateData.ImageId",
    "requestParameters.CreateLaunchTemplateVersionRequest.LaunchTemplateData.ImageId",
    "requestParameters.imageId"};
constexpr std::string_view kTaskCpuPath[] = {"requestParameters.cpu"};
constexpr std::string_view kTaskMemoryPath[] = {"requestParameters.memory"};
constexpr std::string_view kArchitecturePath[] = {
    "requestParameters.runtimePlatform.cpuArchitecture"};

using Paths = std::span<const std::string_view>;

/// Every list above, so that slots are found by list and place.
constexpr Paths kLists[] = {
    kServicePaths,      kTaskPaths,       kGroupPaths,      kSpotFleetPaths,   kFleetPaths,
    kSpotRequestPaths,  kNotebookPaths,   kNodeGroupPaths,  kTrainingJobPaths, kProcessingJobPaths,
    kEmrClusterPaths,   kUnitPaths,       kLeastPaths,      kMostPaths,        kTypePaths,
    kGroupTypePaths,    kGroupCountPaths, kRecipePaths,     kClusterPaths,     kLaunchTypePaths,
    kEndsMachinesPaths, kFleetTypePath,   kFamilyPath,      kTemplatePaths,    kTemplateIdPaths,
    kConfigurationPath, kRevisionPaths,   kRecipeTypePaths, kImagePaths,       kTaskCpuPath,
    kTaskMemoryPath,    kArchitecturePath};

enum List : size_t {
  kNameLists = 0,  ///< by StandingKind
  kUnits = 11,
  kLeast,
  kMost,
  kTypes,
  kGroupTypes,
  kGroupCounts,
  kRecipes,
  kClusters,
  kLaunchTypes,
  kEndsMachines,
  kFleetType,
  kFamily,
  kTemplates,
  kTemplateIds,
  kConfigurations,
  kRevisions,
  kRecipeTypes,
  kImages,
  kTaskCpu,
  kTaskMemory,
  kArchitecture,
  kListCount,
};
static_assert(std::size(kLists) == kListCount);
static_assert(static_cast<size_t>(StandingKind::kEmrCluster) + 1 == kUnits);

enum class Effect : uint8_t {
  kSizes,   ///< the units asked for, where the call says
  kEachIs,  ///< every name is one unit
  kEnds,
  kEndsIfAsked,  ///< the request; its machines only where the call says so
};

struct CallRow {
  std::string_view operation;
  std::string_view service;  ///< other services have calls of the same name
  StandingKind kind;
  Effect effect;
};

constexpr CallRow kCalls[] = {
    {"CreateService", "ecs", StandingKind::kService, Effect::kSizes},
    {"UpdateService", "ecs", StandingKind::kService, Effect::kSizes},
    {"DeleteService", "ecs", StandingKind::kService, Effect::kEnds},
    {"RunTask", "ecs", StandingKind::kTask, Effect::kEachIs},
    {"StopTask", "ecs", StandingKind::kTask, Effect::kEnds},
    {"CreateAutoScalingGroup", "autoscaling", StandingKind::kGroup, Effect::kSizes},
    {"UpdateAutoScalingGroup", "autoscaling", StandingKind::kGroup, Effect::kSizes},
    {"SetDesiredCapacity", "autoscaling", StandingKind::kGroup, Effect::kSizes},
    {"DeleteAutoScalingGroup", "autoscaling", StandingKind::kGroup, Effect::kEnds},
    {"RequestSpotFleet", "ec2", StandingKind::kSpotFleet, Effect::kSizes},
    {"ModifySpotFleetRequest", "ec2", StandingKind::kSpotFleet, Effect::kSizes},
    {"CancelSpotFleetRequests", "ec2", StandingKind::kSpotFleet, Effect::kEndsIfAsked},
    {"CreateFleet", "ec2", StandingKind::kFleet, Effect::kSizes},
    {"ModifyFleet", "ec2", StandingKind::kFleet, Effect::kSizes},
    {"DeleteFleets", "ec2", StandingKind::kFleet, Effect::kEndsIfAsked},
    {"RequestSpotInstances", "ec2", StandingKind::kSpotRequest, Effect::kEachIs},
    {"CancelSpotInstanceRequests", "ec2", StandingKind::kSpotRequest, Effect::kEndsIfAsked},
    {"CreateNotebookInstance", "sagemaker", StandingKind::kNotebook, Effect::kEachIs},
    {"StartNotebookInstance", "sagemaker", StandingKind::kNotebook, Effect::kEachIs},
    {"StopNotebookInstance", "sagemaker", StandingKind::kNotebook, Effect::kEnds},
    {"DeleteNotebookInstance", "sagemaker", StandingKind::kNotebook, Effect::kEnds},
    {"CreateNodegroup", "eks", StandingKind::kNodeGroup, Effect::kSizes},
    {"UpdateNodegroupConfig", "eks", StandingKind::kNodeGroup, Effect::kSizes},
    {"DeleteNodegroup", "eks", StandingKind::kNodeGroup, Effect::kEnds},
    {"CreateTrainingJob", "sagemaker", StandingKind::kTrainingJob, Effect::kSizes},
    {"StopTrainingJob", "sagemaker", StandingKind::kTrainingJob, Effect::kEnds},
    {"CreateProcessingJob", "sagemaker", StandingKind::kProcessingJob, Effect::kSizes},
    {"StopProcessingJob", "sagemaker", StandingKind::kProcessingJob, Effect::kEnds},
    {"RunJobFlow", "elasticmapreduce", StandingKind::kEmrCluster, Effect::kSizes},
    {"TerminateJobFlows", "elasticmapreduce", StandingKind::kEmrCluster, Effect::kEnds},
};

/// Where the slots of a list begin.
constexpr size_t begin_of(size_t list) {
  size_t at = 0;
  for (size_t i = 0; i < list; ++i)
    at += kLists[i].size();
  return at;
}

/// "arn:…:service/cluster/name" -> "name"; a name, which may have slashes of its own, whole.
std::string_view last_part(std::string_view name) {
  return name.starts_with("arn:") ? name.substr(name.rfind('/') + 1) : name;
}

/// "16384", "16 vCPU", "32 GB": task sizes are CPU units and MiB, or numbers with their unit.
double task_size(std::string_view text) {
  double factor = 1.0 / 1024;
  for (const std::string_view unit : {"vCPU", "vcpu", "VCPU", "GB", "gb"}) {
    if (!text.ends_with(unit)) continue;
    text = trim(text.substr(0, text.size() - unit.size()));
    factor = 1;
    break;
  }
  constexpr double kMost = 1'000'000;
  const double size = parse_number(text).value_or(0) * factor;
  return std::isfinite(size) && size > 0 && size < kMost ? size : 0;
}

/// Looks values up by list; lives as long as one call.
struct Reading {
  const std::vector<Slot>& slots;
  const Fields& fields;

  std::string_view text(List list) const {
    for (size_t i = 0; i < kLists[list].size(); ++i) {
      const std::string_view value = fields.text(slots[begin_of(list) + i]);
      if (!value.empty()) return value;
    }
    return {};
  }
  std::optional<uint32_t> number(List list) const {
    const auto value = parse_int<uint64_t>(text(list));
    if (!value) return std::nullopt;
    return static_cast<uint32_t>(std::min<uint64_t>(*value, UINT32_MAX));
  }
  InstanceGroup largest_group() const {
    InstanceGroup group;
    for (size_t i = 0; i < kLists[kGroupTypes].size() && group.count == 0; ++i) {
      group = decode::largest_group(fields, slots[begin_of(kGroupTypes) + i],
                                    slots[begin_of(kGroupCounts) + i]);
    }
    return group;
  }
  /// All strings of the first path that has one.
  void names(size_t list, std::vector<std::string_view>& into) const {
    into.clear();
    for (size_t i = 0; i < kLists[list].size() && into.empty(); ++i) {
      for (const event::Value& value : fields.values(slots[begin_of(list) + i])) {
        if (value.type == event::Value::Type::kString && !value.text.empty()) {
          into.push_back(last_part(value.text));
        }
      }
    }
  }
};

}  // namespace

StandingReader::StandingReader(const event::Schema& schema) {
  for (const Paths list : kLists) {
    for (std::string_view path : list)
      slots_.push_back(schema.find(path));
  }
}

void StandingReader::declare_fields(event::Schema& schema) {
  for (const Paths list : kLists) {
    for (std::string_view path : list)
      schema.add(path);
  }
}

std::optional<Standing> StandingReader::read(std::string_view service, std::string_view operation,
                                             const Fields& fields) {
  const auto row = std::find_if(std::begin(kCalls), std::end(kCalls), [&](const CallRow& call) {
    return call.operation == operation && service.substr(0, service.find('.')) == call.service;
  });
  if (row == std::end(kCalls)) return std::nullopt;
  const Reading reading{slots_, fields};
  reading.names(kNameLists + static_cast<size_t>(row->kind), names_);
  // The machines of an instant fleet are in its answer, and nobody replaces them.
  if (names_.empty() || reading.text(kFleetType) == "instant") return std::nullopt;

  Standing standing;
  standing.kind = row->kind;
  standing.names = names_;
  standing.cluster = last_part(reading.text(kClusters));
  standing.recipe = last_part(reading.text(kRecipes));
  standing.instance_type = reading.text(kTypes);
  standing.launch_type = reading.text(kLaunchTypes);
  switch (row->effect) {
    case Effect::kEnds: standing.units = 0; break;
    case Effect::kEndsIfAsked:
      if (reading.text(kEndsMachines) == "true") standing.units = 0;
      break;
    case Effect::kEachIs: standing.units = 1; break;
    case Effect::kSizes:
      standing.units = reading.number(kUnits);
      standing.least = reading.number(kLeast);
      standing.most = reading.number(kMost);
      if (const InstanceGroup group = reading.largest_group(); group.count > 0) {
        standing.instance_type = group.type;
        standing.units = group.count;
      }
      break;
  }
  return standing;
}

std::optional<Recipe> StandingReader::read_recipe(std::string_view operation,
                                                  const Fields& fields) {
  const Reading reading{slots_, fields};
  recipe_names_.clear();
  const auto name = [&](List list) {
    if (const std::string_view text = reading.text(list); !text.empty())
      recipe_names_.push_back(text);
  };
  Recipe recipe;
  if (operation == "RegisterTaskDefinition") {
    name(kFamily);
    recipe.vcpus = task_size(reading.text(kTaskCpu));
    recipe.memory_gib = task_size(reading.text(kTaskMemory));
    recipe.arm = reading.text(kArchitecture) == "ARM64";
    recipe.revision = reading.text(kRevisions);
  } else if (operation == "CreateLaunchTemplate" || operation == "CreateLaunchTemplateVersion") {
    name(kTemplates);
    name(kTemplateIds);
    recipe.instance_type = reading.text(kRecipeTypes);
  } else if (operation == "CreateLaunchConfiguration") {
    name(kConfigurations);
    recipe.instance_type = reading.text(kRecipeTypes);
  }
  if (recipe_names_.empty()) return std::nullopt;
  recipe.names = recipe_names_;
  recipe.image = reading.text(kImages);
  return recipe;
}

}  // namespace davy::decode
