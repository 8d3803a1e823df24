// SPDX-License-Identifier: Apache-2.0
#include "davy/detect/entities_of.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "davy/detect/instances_of.h"
#include "davy/detect/test_events.h"

namespace davy::detect {
namespace {

using event::Entity;
using event::EntityType;
using testing::record_of;

std::vector<Entity> entities_of(const event::Event& event) {
  std::vector<Entity> entities;
  visit_entities(event, [&](EntityType type, std::string_view id) {
    entities.push_back({type, std::string(id)});
  });
  return entities;
}

bool names(const std::vector<Entity>& entities, EntityType type, std::string_view id) {
  return std::count(entities.begin(), entities.end(), Entity{type, std::string(id)}) == 1;
}

TEST(EntitiesOf, ALaunchNamesWhoWhatAndWhereFrom) {
  record_of(testing::Launch{})([](const event::Event& event) {
    const auto entities = entities_of(event);
    EXPECT_TRUE(names(entities, EntityType::kAccessKey, "AKIAIOSFODNN7EXAMPLE"));
    EXPECT_TRUE(names(entities, EntityType::kPrincipal, "arn:aws:iam::111122223333:user/build"));
    EXPECT_TRUE(names(entities, EntityType::kSourceAddress, "203.0.113.9"));
    EXPECT_TRUE(names(entities, EntityType::kRegion, "us-east-1"));
    EXPECT_EQ(std::count_if(entities.begin(), entities.end(),
                            [](const Entity& e) { return e.type == EntityType::kInstance; }),
              10);
  });
}

TEST(EntitiesOf, ASessionIsNamedBesideItsRoleAndAServiceIsNobody) {
  event::Event event;
  event.actor.type = "AssumedRole";
  event.actor.arn = "arn:aws:sts::111122223333:assumed-role/build/job-7";
  event.actor.issuer_arn = "arn:aws:iam::111122223333:role/build";
  const auto session = entities_of(event);
  EXPECT_TRUE(names(session, EntityType::kPrincipal, event.actor.issuer_arn));
  EXPECT_TRUE(names(session, EntityType::kSession, event.actor.arn));

  event.actor = {};
  event.actor.type = "AWSService";
  event.actor.arn = "autoscaling";
  EXPECT_TRUE(entities_of(event).empty());
}

TEST(EntitiesOf, ACallNamesTheUserItEquipsAndAServiceTheUserItActsOn) {
  event::ApiCall call;
  call.service = "iam.amazonaws.com";
  call.operation = "CreateUser";
  call.target = "backup";
  event::Event event;
  event.account = "111122223333";
  event.actor.type = "IAMUser";
  event.actor.arn = "arn:aws-cn:iam::111122223333:user/dev";
  event.api = &call;
  EXPECT_TRUE(names(entities_of(event), EntityType::kGrantedUser,
                    "arn:aws-cn:iam::111122223333:user/backup"));

  call.operation = "AttachUserPolicy";
  call.setting = "arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV2";
  event.actor = {};
  event.actor.type = "AWSService";
  EXPECT_TRUE(
      names(entities_of(event), EntityType::kPrincipal, "arn:aws:iam::111122223333:user/backup"));
  const uint64_t one = subject_hash(event);
  call.target = "ci";
  EXPECT_NE(subject_hash(event), one);
}

TEST(EntitiesOf, AnEmptyEventNamesNothing) {
  EXPECT_TRUE(entities_of({}).empty());
}

TEST(SubjectHash, TellsCredentialsAndHostsApartAndNothingElse) {
  const auto hash_of = [](const testing::Record& record) {
    uint64_t hash = 0;
    record([&](const event::Event& event) { hash = subject_hash(event); });
    return hash;
  };
  const testing::ProcessSeen seen{testing::kMidnight, "/bin/a", "", "", "web-1"};
  testing::ProcessSeen later = seen;
  later.time = later.time + kHour;
  later.path = "/bin/b";
  testing::ProcessSeen elsewhere = seen;
  elsewhere.host = "web-2";
  EXPECT_EQ(hash_of(record_of(seen)), hash_of(record_of(later)));
  EXPECT_NE(hash_of(record_of(seen)), hash_of(record_of(elsewhere)));
  testing::Launch other;
  other.principal = "arn:aws:iam::111122223333:user/eve";
  EXPECT_NE(hash_of(record_of(testing::Launch{})), hash_of(record_of(other)));
}

TEST(EntitiesOf, AnAttackSequenceNamesWhatRunsOnItsMachines) {
  const event::Named named[] = {{EntityType::kPod, "shop/web"}, {EntityType::kPod, "shop/cart"}};
  event::Finding finding;
  finding.named = named;
  event::Event event;
  event.finding = &finding;
  const auto entities = entities_of(event);
  EXPECT_TRUE(names(entities, EntityType::kPod, "shop/web"));
  EXPECT_TRUE(names(entities, EntityType::kPod, "shop/cart"));
  event.cluster = "prod";
  const uint64_t one = subject_hash(event);
  event.cluster = "staging";
  EXPECT_NE(subject_hash(event), one);
}

TEST(RecordId, IsTheVendorsOrOneOfTheContent) {
  event::Event event;
  event.key = {1, 2};
  EXPECT_EQ(record_id_of(event, "ps"), "ps:0000000000000003");
  event.record_id = "abc";
  EXPECT_EQ(record_id_of(event, "ps"), "abc");
}

TEST(EntitiesOf, OneAddressInTwoNetworksIsTwoSubjects) {
  event::DnsQuery dns;
  dns.client_ip = "10.0.0.5";
  dns.vpc = "vpc-a";
  event::Event look_up;
  look_up.dns = &dns;
  const uint64_t one = subject_hash(look_up);
  EXPECT_EQ(subject_hash(look_up), one);
  dns.vpc = "vpc-b";
  EXPECT_NE(subject_hash(look_up), one);

  event::Flow flow;
  flow.local_ip = "10.0.0.5";
  flow.vpc = "vpc-a";
  event::Event traffic;
  traffic.flow = &flow;
  const uint64_t first = subject_hash(traffic);
  flow.vpc = "vpc-b";
  EXPECT_NE(subject_hash(traffic), first);
}

TEST(EntitiesOf, AnAddressLeadsToTheMachineOfItsNetwork) {
  constexpr std::string_view kIds[] = {"i-1"};
  constexpr std::string_view kAddresses[] = {"10.0.0.5"};
  constexpr std::string_view kVpcs[] = {"vpc-a"};
  const auto instances_at = [&](std::string_view address, bool launch_tells_network) {
    event::ApiCall call;
    call.operation = "RunInstances";
    call.instance_ids = kIds;
    call.launch = event::Launch{};
    call.launch->instance_ids = kIds;
    call.launch->private_ips = kAddresses;
    if (launch_tells_network) call.launch->vpcs = kVpcs;
    event::Event launch;
    launch.account = "111122223333";
    launch.time = launch.end = testing::kMidnight;
    launch.api = &call;
    summary::EntityLinks links;
    links.observe(launch);
    links.index();
    Detection detection;
    detection.time = testing::kMidnight + kHour;
    detection.entities = {{EntityType::kAccount, "111122223333"},
                          {EntityType::kAddress, std::string(address)}};
    return instances_of(detection, links);
  };
  const std::vector<std::string> found = {"i-1"};
  EXPECT_EQ(instances_at("vpc-a/10.0.0.5", true), found);
  EXPECT_TRUE(instances_at("vpc-b/10.0.0.5", true).empty());
  EXPECT_EQ(instances_at("vpc-b/10.0.0.5", false), found);
  EXPECT_EQ(instances_at("111122223333/10.0.0.5", true), found);
}

}  // namespace
}  // namespace davy::detect
