// SPDX-License-Identifier: Apache-2.0
#include "davy/incident/breadth.h"

#include <gtest/gtest.h>

#include "davy/incident/test_incident.h"

namespace davy::incident {
namespace {

using detect::Claim;
using detect::Detection;
using detect::Signal;
using detect::Stage;
using event::Entity;
using event::EntityType;
using Names = std::vector<std::string>;

Detection mining(std::vector<Entity> entities) {
  Detection detection = detection_of("pool", Stage::kMining, 3, std::move(entities));
  detection.signal = Signal::kNetwork;
  detection.claim = Claim::kConfirmed;
  return detection;
}

TEST(MachinesShown, AreCountedByTheNameThatSplitsAMachineLeast) {
  const Entity address{EntityType::kAddress, "vpc-1/10.0.0.5"};
  const Entity interface{EntityType::kInterface, "eni-1"};
  const Entity pod{EntityType::kPod, "default/web-1"};
  const Entity host{EntityType::kHost, "node-1"};
  EXPECT_EQ(machines_shown(mining({address}), {}), Names{address.id});
  EXPECT_EQ(machines_shown(mining({address, interface}), {}), Names{interface.id});
  EXPECT_EQ(machines_shown(mining({pod, interface, host}), {}), Names{host.id});
  EXPECT_EQ(machines_shown(mining({host, {EntityType::kInstance, "i-1"}}), {}), Names{"i-1"});
}

TEST(MachinesShown, ANatGatewayOrAForwardingResolverIsOneMachine) {
  const Detection gateway = mining({{EntityType::kInterface, "eni-nat"},
                                    {EntityType::kAddress, "vpc-1/10.0.0.5"},
                                    {EntityType::kAddress, "vpc-1/10.0.0.6"}});
  EXPECT_EQ(machines_shown(gateway, {}), Names{"eni-nat"});
  const Detection resolver = mining({{EntityType::kAddress, "vpc-1/10.0.0.2"},
                                     {EntityType::kDomain, "a.pool.example"},
                                     {EntityType::kDomain, "b.pool.example"}});
  EXPECT_EQ(machines_shown(resolver, {}), Names{"vpc-1/10.0.0.2"});
}

TEST(MachinesShown, PodsContainersAddressesOfOthersAndPlacesAreNone) {
  EXPECT_TRUE(machines_shown(mining({{EntityType::kContainer, "c1"},
                                     {EntityType::kPod, "batch/job-1"},
                                     {EntityType::kPod, "batch/job-2"},
                                     {EntityType::kCluster, "prod"},
                                     {EntityType::kRemoteAddress, "198.51.100.7:3333"},
                                     {EntityType::kAccount, "111122223333"},
                                     {EntityType::kRegion, "us-east-1"}}),
                             {})
                  .empty());
}

TEST(MachinesShown, OnlyWhatIdentifiesMiningAndIsAboutMachinesCounts) {
  const Entity instance{EntityType::kInstance, "i-1"};
  Detection load = mining({instance});
  load.signal = Signal::kCompute;
  load.claim = Claim::kConsistent;  // a fleet of busy machines is a batch job
  EXPECT_TRUE(machines_shown(load, {}).empty());
  Detection launch = mining({instance});
  launch.signal = Signal::kControlPlane;
  EXPECT_TRUE(machines_shown(launch, {}).empty());
  Detection blocked = mining({instance});
  blocked.claim = Claim::kAttempt;
  EXPECT_TRUE(machines_shown(blocked, {}).empty());
  blocked.indicators = {
      {detect::IndicatorType::kDomain, "pool.example", detect::IndicatorRole::kPool}};
  EXPECT_EQ(machines_shown(blocked, {}), Names{"i-1"});
}

}  // namespace
}  // namespace davy::incident
