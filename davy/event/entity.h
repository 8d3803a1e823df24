// SPDX-License-Identifier: Apache-2.0
// Entities: the things incidents are about, and the only vocabulary for naming them.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace davy::event {

enum class EntityType : uint8_t {
  kAccount,         ///< cloud account id
  kRegion,          ///< "us-east-1"
  kAccessKey,       ///< AKIA… / ASIA…
  kPrincipal,       ///< ARN of a user, role or root
  kSession,         ///< ARN of an assumed-role session
  kInstance,        ///< i-…, OCID, VM id
  kInterface,       ///< eni-…
  kAddress,         ///< a workload's own address, scoped: "<vpc-or-account>/10.0.0.5"
  kCluster,         ///< ECS / EKS cluster
  kTask,            ///< ECS task or task definition ARN
  kContainer,       ///< container id
  kPod,             ///< namespace/pod
  kHost,            ///< host name
  kProcess,         ///< host or instance + executable path
  kFunction,        ///< Lambda function
  kImage,           ///< machine or container image
  kDomain,          ///< remote name
  kRemoteAddress,   ///< remote IP (and port where it matters: "1.2.3.4:3333")
  kSourceAddress,   ///< where an API caller or a login came from
  kWallet,          ///< cryptocurrency address
  kSshKey,          ///< SSH key name
  kUser,            ///< operating-system user
  kTrail,           ///< CloudTrail trail, GuardDuty detector: what an attacker switches off
  kAddedUser,       ///< operating-system user that the logs show being added
  kSecurityGroup,   ///< sg-…, changed by the call
  kService,         ///< ECS service: "us-east-1/cluster/name"
  kScalingGroup,    ///< Auto Scaling or node group: "us-east-1/name"
  kFleet,           ///< fleet-…, sfr-…, sir-…: what launches instances again
  kNotebook,        ///< SageMaker notebook instance: "us-east-1/name"
  kTaskDefinition,  ///< family, with its revision where the log has it
  kGrantedUser,     ///< ARN of a user that the call made, or gave a key or a password
  kJob,             ///< SageMaker training or processing job: "us-east-1/name"
  kEmrCluster,      ///< EMR cluster: j-…
};

/// The name in JSON and on screen: "access_key", "instance", …
std::string_view entity_type_name(EntityType type);

/// A strong entity joins two detections by itself; a weak one (region, image, pool, wallet, …) only
/// with a second tie. Account alone never joins. See spec DETECTION, "From detections to
/// incidents".
bool is_strong(EntityType type);

struct Entity {
  EntityType type;
  std::string id;

  auto operator<=>(const Entity&) const = default;
};

}  // namespace davy::event
