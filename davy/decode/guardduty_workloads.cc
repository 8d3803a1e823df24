// SPDX-License-Identifier: Apache-2.0
#include "davy/decode/guardduty_workloads.h"

#include <algorithm>
#include <array>

#include "davy/decode/part_reader.h"

namespace davy::decode {
namespace {

using event::EntityType;
using event::Fields;
using event::Named;

enum Field : size_t {
  kUid,
  kName,
  kType,
  kNamespace,
  kImage,
  kTagKey,
  kTagValue,
  kFieldCount,
};

constexpr std::array<std::string_view, kFieldCount> kPaths = {
    "uid",
    "name",
    "resourceType",
    "data.kubernetesWorkload.namespace",
    "data.container.image",
    "tags.key",
    "tags.value",
};

using Resource = PartReader<kFieldCount>;

/// Of one sequence; AWS names some dozens.
constexpr size_t kMaxNamed = 500;

/// "prod" of "arn:aws:eks:eu-west-1:123456789012:cluster/prod"
std::string_view after_slash(std::string_view arn) {
  return arn.substr(arn.rfind('/') + 1);
}

std::string_view by_uid(const Resource& resource, Arena& arena) {
  return arena.copy(resource.text(kUid));
}

std::string_view by_name(const Resource& resource, Arena& arena) {
  const std::string_view name = resource.text(kName);
  return arena.copy(name.empty() ? after_slash(resource.text(kUid)) : name);
}

/// "namespace/name", as findings about one workload are read.
std::string_view by_namespace(const Resource& resource, Arena& arena) {
  const std::string_view space = resource.text(kNamespace);
  const std::string_view name = by_name(resource, arena);
  if (space.empty() || name.empty()) return name;
  char* const place = arena.allocate(space.size() + 1 + name.size());
  char* const slash = std::copy(space.begin(), space.end(), place);
  *slash = '/';
  std::copy(name.begin(), name.end(), slash + 1);
  return {place, space.size() + 1 + name.size()};
}

std::string_view by_image(const Resource& resource, Arena& arena) {
  return arena.copy(resource.text(kImage));
}

std::string_view by_tags(const Resource& resource, Arena& arena) {
  return arena.copy(cluster_of_tags(resource.values(kTagKey), resource.values(kTagValue)));
}

/// What a resource names, in the same words as a finding about it alone: there an ECS cluster is an
/// ARN, an EKS cluster a name.
struct Row {
  std::string_view resource_type;
  EntityType type;
  std::string_view (*id)(const Resource&, Arena&);
};
constexpr Row kRows[] = {
    {"EKS_CLUSTER", EntityType::kCluster, by_name},
    {"ECS_CLUSTER", EntityType::kCluster, by_uid},
    {"EC2_INSTANCE", EntityType::kCluster, by_tags},
    {"KUBERNETES_WORKLOAD", EntityType::kPod, by_namespace},
    {"ECS_TASK", EntityType::kTask, by_uid},
    {"CONTAINER", EntityType::kContainer, by_uid},
    {"CONTAINER", EntityType::kImage, by_image},
};

}  // namespace

std::string_view tag_value(Fields::Range keys, Fields::Range values, std::string_view key) {
  auto value = values.begin();
  for (const event::Value& one : keys) {
    if (!(value != values.end())) return {};
    if (one.text == key) return value->text;
    ++value;
  }
  return {};
}

std::string_view cluster_of_tags(Fields::Range keys, Fields::Range values) {
  // Of managed node groups; of every instance that EKS itself launches.
  for (std::string_view key : {"eks:cluster-name", "aws:eks:cluster-name"}) {
    const std::string_view cluster = tag_value(keys, values, key);
    if (!cluster.empty()) return cluster;
  }
  return {};
}

struct SequenceWorkloads::Rep {
  JsonParser elements;  ///< walks the list whose elements `resource` reads
  Resource resource{kPaths, KeyCase::kFoldFirst};
};

SequenceWorkloads::SequenceWorkloads() : rep_(std::make_unique<Rep>()) {}
SequenceWorkloads::~SequenceWorkloads() = default;

void SequenceWorkloads::read(std::string_view resources, Arena& arena, std::vector<Named>& out) {
  for_each_element(resources, rep_->elements, [&](std::string_view json) {
    if (!rep_->resource.read(json)) return;
    for (const Row& row : kRows) {
      if (row.resource_type != rep_->resource.text(kType)) continue;
      const Named named{row.type, row.id(rep_->resource, arena)};
      const bool known = std::find(out.begin(), out.end(), named) != out.end();
      if (!named.id.empty() && !known && out.size() < kMaxNamed) out.push_back(named);
    }
  });
}

}  // namespace davy::decode
