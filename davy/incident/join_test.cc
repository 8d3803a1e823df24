// SPDX-License-Identifier: Apache-2.0
#include "davy/incident/join.h"

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

#include "davy/incident/join_keys.h"

namespace davy::incident {
namespace {

using detect::Claim;
using detect::Detection;
using detect::Stage;
using event::Entity;
using event::EntityType;

constexpr Time kStart{1'700'000'000 * kSecond};

/// Something telling at `when`, about `entities`.
Detection telling(std::vector<Entity> entities, Time when = kStart) {
  Detection detection;
  detection.detector = "test";
  detection.claim = Claim::kAttempt;
  detection.weight = 2;
  detection.time = detection.end_time = when;
  detection.entities = std::move(entities);
  finish(detection);
  return detection;
}

Detection mining(std::vector<Entity> entities, Time when = kStart) {
  Detection detection = telling(std::move(entities), when);
  detection.claim = Claim::kConfirmed;
  detection.stage = Stage::kMining;
  return detection;
}

Entity account(std::string id) {
  return {EntityType::kAccount, std::move(id)};
}

size_t incidents(const std::vector<Detection>& detections, const summary::EntityLinks& links = {}) {
  return join(detections, links).size();
}

/// A launch by `key` that named `id`.
summary::EntityLinks launched(std::string_view id, std::string_view key, Time when) {
  const std::string_view ids[] = {id};
  event::ApiCall call;
  call.operation = "RunInstances";
  call.instance_ids = ids;
  call.launch = event::Launch{};
  call.launch->instance_ids = ids;
  event::Event event;
  event.account = "1";
  event.actor.access_key = key;
  event.time = event.end = when;
  event.api = &call;
  summary::EntityLinks links;
  links.observe(event);
  links.index();
  return links;
}

TEST(Join, OneCampaignOfManyMachinesAtOnePoolIsOneIncident) {
  std::vector<Detection> by_name;
  std::vector<Detection> by_address;
  for (int i = 0; i < 40; ++i) {
    const std::string n = std::to_string(i);
    const Time when = kStart + i * 30 * kMinute;  // each within reach of the one before
    by_name.push_back(mining(
        {account("1"), {EntityType::kInstance, "i-" + n}, {EntityType::kDomain, "pool.example"}},
        when));
    by_address.push_back(mining({account("1"),
                                 {EntityType::kInterface, "eni-" + n},
                                 {EntityType::kRemoteAddress, "192.0.2.1:" + n}},
                                when));
  }
  EXPECT_EQ(incidents(by_name), 1u);
  EXPECT_EQ(incidents(by_address), 1u);
}

TEST(Join, UnrelatedAccountsNeverJoinOnAPoolAlone) {
  const Entity pool{EntityType::kDomain, "pool.example"};
  EXPECT_EQ(incidents({mining({account("1"), {EntityType::kInstance, "i-1"}, pool}),
                       mining({account("2"), {EntityType::kInstance, "i-2"}, pool})}),
            2u);
  EXPECT_EQ(incidents({mining({{EntityType::kInstance, "i-1"}, pool}),
                       mining({{EntityType::kInstance, "i-2"}, pool})}),
            2u);
}

TEST(Join, APoolTiesMachinesOnlyWithinHoursAndOnlyWhereMiningWasSeen) {
  const Entity pool{EntityType::kDomain, "pool.example"};
  const Detection one = mining({account("1"), {EntityType::kInstance, "i-1"}, pool});
  EXPECT_EQ(incidents({one, mining({account("1"), {EntityType::kInstance, "i-2"}, pool},
                                   kStart + 2 * kDay)}),
            2u);
  EXPECT_EQ(incidents({one, telling({account("1"), {EntityType::kInstance, "i-2"}, pool})}), 2u);
}

TEST(Join, MachinesWhoseLookUpsOfOnePoolWereBlockedAreOneCampaign) {
  std::vector<Detection> detections;
  for (const char* id : {"i-1", "i-2"}) {
    detections.push_back(
        mining({account("1"), {EntityType::kInstance, id}, {EntityType::kDomain, "pool.example"}}));
    detections.back().claim = Claim::kAttempt;
  }
  EXPECT_EQ(incidents(detections), 2u);
  for (Detection& detection : detections) {
    detection.indicators = {
        {detect::IndicatorType::kDomain, "pool.example", detect::IndicatorRole::kPool}};
  }
  EXPECT_EQ(incidents(detections), 1u);
}

TEST(Join, MachinesWithoutANameAreNotOneMachine) {
  for (const char* name : {"localhost", "localhost.localdomain", "(none)"}) {
    const Entity host{EntityType::kHost, name};
    EXPECT_EQ(incidents({telling({host}), telling({host}, kStart + kMinute)}), 2u) << name;
  }
}

/// A program started at kStart + `seconds` under the number `serial` of a log without node.
struct Started {
  int64_t seconds;
  uint64_t serial;
  std::string id() const {
    return "audit(" + std::to_string(1'700'000'000 + seconds) + ".000:" + std::to_string(serial) +
           ")";
  }
};

size_t incidents_of_audit_log(std::initializer_list<Started> records) {
  summary::EntityLinks links;
  std::vector<Detection> detections;
  for (const Started& record : records) {
    const std::string id = record.id();
    event::Process process;
    process.started = true;
    event::Event event;
    event.time = event.end = kStart + record.seconds * kSecond;
    event.record_id = id;
    event.process = &process;
    links.observe(event);
    detections.push_back(telling({{EntityType::kUser, "root"}}, event.time));
    detections.back().evidence = {{{}, id, event.time}};
  }
  links.index();
  return incidents(detections, links);
}

TEST(Join, AnAuditLogThatNamesNoMachineIsOfOneWhileItsNumbersRunInOrder) {
  EXPECT_EQ(incidents_of_audit_log({{0, 8000}, {60, 8010}, {3600, 9000}}), 1u);
  EXPECT_EQ(incidents_of_audit_log({{3600, 9000}, {0, 8000}, {60, 8010}}), 1u) << "any order";
  EXPECT_EQ(incidents_of_audit_log({{0, 8000}, {0, 8000}}), 1u) << "the same record twice";
  EXPECT_EQ(incidents_of_audit_log({{0, 8001}, {1, 8000}}), 1u) << "numbered when it ends";
  EXPECT_EQ(incidents_of_audit_log({{0, 8000}, {9 * 3600, 9000}}), 2u) << "out of reach";
  EXPECT_EQ(incidents_of_audit_log({{0, 8000}, {30, 120}, {60, 8010}, {90, 130}}), 4u)
      << "two machines";
}

TEST(Join, OneNamedMachineIsNotTheOneThatAnAuditLogDoesNotName) {
  Detection named = telling({{EntityType::kHost, "web-1"}});
  Detection unnamed = telling({});
  unnamed.evidence = {{{}, Started{0, 8000}.id(), kStart}};
  EXPECT_EQ(incidents({named, unnamed}), 2u);
  EXPECT_FALSE(is_of_unnamed_audit_log(named));
  EXPECT_TRUE(is_of_unnamed_audit_log(unnamed));
  named.evidence = unnamed.evidence;
  EXPECT_FALSE(is_of_unnamed_audit_log(named)) << "another log names it";
}

TEST(Join, DetectionsThatBeginWithOneRecordAreOneEventEvenOfANamelessMachine) {
  Detection one = telling({{EntityType::kHost, "localhost"}});
  one.evidence = {{{}, "falco:1", kStart}};
  Detection other = one;
  other.detector = "other";
  EXPECT_EQ(incidents({one, other}), 1u);
  other.evidence[0].ref.offset = 512;
  EXPECT_EQ(incidents({one, other}), 2u);
}

TEST(Join, HostsPodsAndClustersOfTwoTenantsStayApart) {
  for (const EntityType type :
       {EntityType::kHost, EntityType::kPod, EntityType::kContainer, EntityType::kCluster}) {
    const Entity name{type, "web-1"};
    EXPECT_EQ(incidents({telling({account("1"), name}), telling({account("2"), name})}), 2u);
    EXPECT_EQ(incidents({telling({account("1"), name}), telling({account("1"), name})}), 1u);
  }
  const Entity pod{EntityType::kPod, "default/web"};
  EXPECT_EQ(incidents({telling({{EntityType::kCluster, "a"}, pod}),
                       telling({{EntityType::kCluster, "b"}, pod})}),
            2u);
}

TEST(Join, AHostLogWithoutAnAccountBorrowsItFromTheOnlyOneThatStatesIt) {
  const Entity host{EntityType::kHost, "web-1"};
  const Detection bare = telling({host});
  EXPECT_EQ(incidents({bare, telling({account("1"), host})}), 1u);
  EXPECT_EQ(incidents({bare, telling({account("1"), host}), telling({account("2"), host})}), 3u);
  EXPECT_EQ(incidents({bare, telling({host}, kStart + kHour)}), 1u);
  EXPECT_EQ(incidents({bare, telling({host}, kStart + 9 * kDay)}), 2u);
}

TEST(Join, ASessionNameIsNoActorButItsKeyIs) {
  const Entity session{EntityType::kSession, "arn:aws:sts::1:assumed-role/ci/GitHubActions"};
  const Entity role{EntityType::kPrincipal, "arn:aws:iam::1:role/ci"};
  EXPECT_EQ(incidents({telling({session, role, {EntityType::kAccessKey, "ASIA1"}}),
                       telling({session, role, {EntityType::kAccessKey, "ASIA2"}})}),
            2u);
  EXPECT_EQ(incidents({telling({session, role, {EntityType::kAccessKey, "ASIA1"}}),
                       telling({session, role, {EntityType::kAccessKey, "ASIA1"}})}),
            1u);
}

TEST(Join, AKeyTiesWhatFollowsWithinAWeek) {
  const Entity key{EntityType::kAccessKey, "AKIA1"};
  EXPECT_EQ(incidents({telling({key}), telling({key}, kStart + 5 * kDay),
                       telling({key}, kStart + 10 * kDay)}),
            1u);
  EXPECT_EQ(incidents({telling({key}), telling({key}, kStart + 180 * kDay)}), 2u);
}

TEST(Join, AMachineBelongsToTheUseOfTheKeyThatLaunchedIt) {
  const auto links = launched("i-1", "AKIA1", kStart);
  const Entity key{EntityType::kAccessKey, "AKIA1"};
  const Detection miner = mining({{EntityType::kInstance, "i-1"}}, kStart + 3 * kDay);
  EXPECT_EQ(incidents({telling({key}), miner}, links), 1u);
  EXPECT_EQ(incidents({telling({key}, kStart - 60 * kDay), miner}, links), 2u);
}

/// `by` gives user `user` of account 1 a key.
summary::EntityLinks equipped(std::string_view by, std::string_view user, Time when) {
  event::ApiCall call;
  call.service = "iam.amazonaws.com";
  call.operation = "CreateUser";
  call.target = user;
  event::Event event;
  event.account = "1";
  event.actor.access_key = by;
  event.time = event.end = when;
  event.api = &call;
  summary::EntityLinks links;
  links.observe(event);
  links.index();
  return links;
}

TEST(Join, AUserBelongsToTheCredentialThatMadeHim) {
  const auto links = equipped("AKIADEV", "backup", kStart);
  const Entity maker{EntityType::kAccessKey, "AKIADEV"};
  const Entity made{EntityType::kPrincipal, "arn:aws:iam::1:user/backup"};
  EXPECT_EQ(incidents({telling({maker}), telling({made}, kStart + 4 * kHour)}, links), 1u);
  EXPECT_EQ(incidents({telling({maker}), telling({made}, kStart + 8 * kDay)}, links), 2u);
  EXPECT_EQ(incidents({telling({maker}, kStart - 3 * kDay), telling({made}, kStart)}, links), 2u);
  // What the user did before is not the doing of whoever reset his password.
  EXPECT_EQ(incidents({telling({maker}), telling({made}, kStart - kHour)}, links), 2u);
  EXPECT_EQ(incidents({telling({maker}), telling({made}, kStart + kHour)}), 2u);
}

TEST(Join, ContextOfTheMakerBelongsToWhatFollowsSoon) {
  const auto links = equipped("AKIADEV", "backup", kStart);
  Detection context = telling({{EntityType::kAccessKey, "AKIADEV"}}, kStart - kMinute);
  context.claim = Claim::kContext;
  context.weight = 0.2;
  const Entity made{EntityType::kPrincipal, "arn:aws:iam::1:user/backup"};
  const auto soon = join({context, telling({made}, kStart + kHour)}, links);
  ASSERT_EQ(soon.size(), 1u);
  EXPECT_EQ(soon[0].size(), 2u);
  const auto later = join({context, telling({made}, kStart + 20 * kHour)}, links);
  ASSERT_EQ(later.size(), 1u);
  EXPECT_EQ(later[0].size(), 1u);
}

TEST(Join, ContextGoesToTheIncidentOfItsTime) {
  const Entity key{EntityType::kAccessKey, "AKIA1"};
  Detection context = telling({key}, kStart + 180 * kDay - kHour);
  context.claim = Claim::kContext;
  context.weight = 0.1;
  const auto groups = join({telling({key}), telling({key}, kStart + 180 * kDay), context}, {});
  ASSERT_EQ(groups.size(), 2u);
  EXPECT_EQ(groups[0], (std::vector<size_t>{0}));
  EXPECT_EQ(groups[1], (std::vector<size_t>{1, 2}));
}

TEST(Join, DoesNotDependOnOrder) {
  std::vector<Detection> detections;
  for (int i = 0; i < 60; ++i) {
    const std::string n = std::to_string(i % 7);
    detections.push_back(mining({account(std::to_string(i % 3)),
                                 {EntityType::kHost, "h" + n},
                                 {EntityType::kDomain, "pool" + std::to_string(i % 5)}},
                                kStart + i * 5 * kHour));
  }
  const auto named = [](const std::vector<Detection>& list) {
    std::vector<std::vector<std::string>> groups;
    for (const auto& group : join(list, {})) {
      std::vector<std::string>& ids = groups.emplace_back();
      for (size_t index : group)
        ids.push_back(list[index].id);
      std::sort(ids.begin(), ids.end());
    }
    std::sort(groups.begin(), groups.end());
    return groups;
  };
  const auto expected = named(detections);
  EXPECT_GT(expected.size(), 1u);
  std::mt19937 random(7);
  for (int round = 0; round < 20; ++round) {
    std::shuffle(detections.begin(), detections.end(), random);
    EXPECT_EQ(named(detections), expected);
  }
}

}  // namespace
}  // namespace davy::incident
