// SPDX-License-Identifier: Apache-2.0
#include "davy/detect/entities_of.h"

#include <algorithm>

#include <gtest/gtest.h>

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

TEST(RecordId, IsTheVendorsOrOneOfTheContent) {
  event::Event event;
  event.key = {1, 2};
  EXPECT_EQ(record_id_of(event, "ps"), "ps:0000000000000003");
  event.record_id = "abc";
  EXPECT_EQ(record_id_of(event, "ps"), "abc");
}

}  // namespace
}  // namespace davy::detect
