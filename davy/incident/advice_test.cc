// SPDX-License-Identifier: Apache-2.0
#include "davy/incident/advice.h"

#include <gtest/gtest.h>

#include "davy/incident/containment.h"
#include "davy/incident/indicators.h"
#include "davy/incident/machines.h"
#include "davy/incident/test_incident.h"

namespace davy::incident {
namespace {

using detect::Claim;
using detect::Detection;
using detect::Stage;
using event::EntityType;
using summary::Countermeasure;
using summary::Measure;

/// A launch that the logs show: `id` started at noon with the key, and was terminated an hour
/// later.
summary::EntityLinks launched(std::string_view id, std::string_view key, bool terminated = false) {
  summary::EntityLinks links;
  const std::string_view instances[] = {id};
  event::ApiCall call;
  call.operation = "RunInstances";
  call.instance_ids = instances;
  call.launch.emplace();
  call.launch->image = "ami-1";
  call.launch->instance_ids = instances;
  event::Event event;
  event.time = event.end = kNoon;
  event.actor.access_key = key;
  event.api = &call;
  links.observe(event);
  if (terminated) {
    call.operation = "TerminateInstances";
    call.launch.reset();
    event.time = event.end = kNoon + kHour;
    links.observe(event);
  }
  links.index();
  return links;
}

struct Advice {
  std::vector<std::string> first;
  std::vector<std::string> lasting;
  std::vector<std::string> open;
};

Advice advise(Incident incident, std::initializer_list<const Detection*> detections,
              const summary::EntityLinks& links = {},
              const std::vector<Countermeasure>& measures = {}) {
  const auto list = list_of(detections);
  incident.machines = machines_of(list, links, incident.first_activity);
  incident.containment = containment_of(incident, measures, last_uses_of(list, links));
  incident.indicators = indicators_of(list, incident.initial_access);
  const Situation situation = situation_of(incident, list, links, foothold_of(list, links));
  return {first_actions(incident, situation), remediation(incident, situation),
          still_open(incident, situation)};
}

Detection launch_by(std::string_view key, std::string_view principal) {
  return detection_of("launch", Stage::kResourceLaunch, 4,
                      {{EntityType::kAccessKey, std::string(key)},
                       {EntityType::kPrincipal, std::string(principal)},
                       {EntityType::kImage, "ami-1"},
                       {EntityType::kInstance, "i-1"}});
}

Incident launch_incident(const Detection& launch) {
  return incident_of({&launch}, Kind::kCompromisedCredential, Claim::kConfirmed, 95);
}

TEST(Advice, TerminatesWhatTheIntruderLaunchedAndRebuildsNothingOfIt) {
  const Detection launch = launch_by("AKIA1", "arn:aws:iam::111122223333:user/ci");
  const Advice advice = advise(launch_incident(launch), {&launch}, launched("i-1", "AKIA1"));
  EXPECT_TRUE(has_line(advice.first, "Deactivate access key AKIA1"));
  EXPECT_TRUE(has_line(advice.first, "terminate 1 instance that the intruder launched (i-1)"));
  EXPECT_TRUE(has_line(advice.first, "access key AKIA1; image ami-1"));
  EXPECT_FALSE(has_line(advice.first, "solate"));
  EXPECT_FALSE(has_line(advice.lasting, "Rebuild"));
  EXPECT_FALSE(has_line(advice.lasting, "ami-1"));
  EXPECT_TRUE(has_line(advice.open, "1 instance not seen ended"));
}

TEST(Advice, IsolatesAndRebuildsWhatWasThereBefore) {
  const Detection miner =
      detection_of("miner", Stage::kMining, 4, {{EntityType::kInstance, "i-1"}});
  const Advice advice =
      advise(incident_of({&miner}, Kind::kCompromisedWorkload, Claim::kConfirmed, 80), {&miner});
  EXPECT_TRUE(has_line(advice.first, "Isolate i-1"));
  EXPECT_FALSE(has_line(advice.first, "terminate"));
  EXPECT_FALSE(has_line(advice.first, "Look in every region"));
  EXPECT_TRUE(has_line(advice.lasting, "Rebuild from a clean image; do not clean in place: i-1"));
}

TEST(Advice, DoesNotTerminateWhatItsOwnerLaunchedYoung) {
  const Detection miner =
      detection_of("miner", Stage::kMining, 4, {{EntityType::kInstance, "i-1"}});
  const Advice advice =
      advise(incident_of({&miner}, Kind::kCompromisedWorkload, Claim::kConfirmed, 80), {&miner},
             launched("i-1", "AKIAOWNER"));
  EXPECT_TRUE(has_line(advice.first, "Isolate i-1"));
  EXPECT_FALSE(has_line(advice.first, "terminate"));
}

TEST(Advice, IsolatesNoMachineThatAFindingSawTerminated) {
  const Detection miner =
      detection_of("miner", Stage::kMining, 4, {{EntityType::kInstance, "i-1"}});
  event::Finding finding;
  finding.ended = kNoon + kHour;
  event::Event event;
  event.time = event.end = kNoon;
  event.instance = "i-1";
  event.finding = &finding;
  summary::EntityLinks links;
  links.observe(event);
  links.index();
  const Advice advice = advise(
      incident_of({&miner}, Kind::kCompromisedWorkload, Claim::kConfirmed, 80), {&miner}, links);
  EXPECT_FALSE(has_line(advice.first, "Isolate"));
  EXPECT_TRUE(has_line(advice.first, "outlived 1 ended instance (i-1)"));
  EXPECT_TRUE(advice.open.empty());
}

TEST(Advice, CutsNoNodeOffThatOthersWorkOn) {
  Detection miner = detection_of("miner", Stage::kMining, 4,
                                 {{EntityType::kPod, "shop/web-1"}, {EntityType::kHost, "node-3"}});
  miner.claim = Claim::kConfirmed;
  miner.indicators = {{detect::IndicatorType::kPool, "stratum+tcp://evil.example.net:3333"}};
  const Advice advice =
      advise(incident_of({&miner}, Kind::kServiceAbuse, Claim::kConfirmed, 80), {&miner});
  EXPECT_TRUE(has_line(advice.first, "delete with its owner: shop/web-1"));
  EXPECT_TRUE(has_line(advice.first, "Cordon node node-3"));
  EXPECT_TRUE(has_line(advice.first, "Block evil.example.net at the DNS firewall"));
  EXPECT_FALSE(has_line(advice.first, "off the network"));
}

TEST(Advice, CordonsNothingWhereNoSchedulerIs) {
  Detection miner =
      detection_of("miner", Stage::kMining, 4,
                   {{EntityType::kContainer, "4f1c2d3e4a5b"}, {EntityType::kHost, "docker-1"}});
  miner.claim = Claim::kConfirmed;
  const Advice advice =
      advise(incident_of({&miner}, Kind::kServiceAbuse, Claim::kConfirmed, 80), {&miner});
  EXPECT_TRUE(has_line(advice.first, "then stop: container 4f1c2d3e4a5b"));
  EXPECT_TRUE(has_line(advice.first, "Look on machine docker-1 for what got out"));
  EXPECT_TRUE(has_line(advice.first, "if anything did, cut it off the network"));
  EXPECT_FALSE(has_line(advice.first, "Cordon"));
}

TEST(Advice, AsksFirstWhichMachineAnAuditLogIsOf) {
  Detection miner = detection_of("miner", Stage::kMining, 4, {});
  miner.claim = Claim::kConfirmed;
  miner.indicators = {{detect::IndicatorType::kPool, "stratum+tcp://evil.example.net:3333"}};
  Detection cron = detection_of("cron", Stage::kPersistence, 2, {});
  cron.signal = detect::Signal::kHost;
  cron.techniques = {"T1053.003"};
  miner.evidence = cron.evidence = {{{}, "audit(1700000000.000:8000)", kNoon}};
  const auto first =
      advise(incident_of({&miner, &cron}, Kind::kCompromisedWorkload, Claim::kConfirmed, 80),
             {&miner, &cron})
          .first;
  ASSERT_FALSE(first.empty());
  EXPECT_TRUE(first.front().starts_with("Find out which machine the audit log was taken from"));
  EXPECT_TRUE(has_line(first, "Remove the cron entries that fetch and run programs on that"));
  // Another machine of the incident is not the one that was changed.
  const Detection other =
      detection_of("miner", Stage::kMining, 4, {{EntityType::kInstance, "i-2"}});
  const auto both = advise(incident_of({&miner, &cron, &other}, Kind::kCompromisedWorkload,
                                       Claim::kConfirmed, 80),
                           {&miner, &cron, &other})
                        .first;
  EXPECT_TRUE(has_line(both, "fetch and run programs on that machine"));
  EXPECT_FALSE(has_line(both, "fetch and run programs on i-2"));
}

TEST(Advice, CutsOffTheMachineBesideASharedNode) {
  const Detection on_node = detection_of(
      "miner", Stage::kMining, 4, {{EntityType::kPod, "shop/web"}, {EntityType::kInstance, "i-1"}});
  const Detection alone =
      detection_of("miner", Stage::kMining, 4, {{EntityType::kInstance, "i-2"}});
  const Advice advice =
      advise(incident_of({&on_node, &alone}, Kind::kCompromisedCredential, Claim::kConfirmed, 80),
             {&on_node, &alone});
  EXPECT_TRUE(has_line(advice.first, "delete with its owner: shop/web"));
  EXPECT_TRUE(has_line(advice.first, "Cordon node i-1"));
  EXPECT_TRUE(has_line(advice.first, "Isolate i-2 with"));
}

TEST(Advice, AsksForTheWorkloadWhereOnlyItsClusterIsKnown) {
  const Detection node = detection_of(
      "miner", Stage::kMining, 4, {{EntityType::kCluster, "prod"}, {EntityType::kInstance, "i-1"}});
  const Advice advice =
      advise(incident_of({&node}, Kind::kServiceAbuse, Claim::kConfirmed, 80), {&node});
  EXPECT_TRUE(has_line(advice.first, "which pods or tasks of cluster prod"));
  EXPECT_TRUE(has_line(advice.first, "Cordon node i-1"));
  const Detection pod = detection_of(
      "miner", Stage::kMining, 4, {{EntityType::kCluster, "prod"}, {EntityType::kPod, "shop/web"}});
  EXPECT_FALSE(has_line(
      advise(incident_of({&pod}, Kind::kServiceAbuse, Claim::kConfirmed, 80), {&pod}).first,
      "which pods or tasks"));
}

TEST(Advice, LeavesOutWhatWasDone) {
  const Detection launch = launch_by("AKIA1", "arn:aws:iam::111122223333:user/ci");
  const Advice advice = advise(
      launch_incident(launch), {&launch}, launched("i-1", "AKIA1", true),
      {measure_of(Measure::kKeyDeactivated, "AKIA1"), measure_of(Measure::kTerminated, "i-1")});
  EXPECT_FALSE(has_line(advice.first, "Deactivate"));
  EXPECT_FALSE(has_line(advice.first, "Snapshot"));
  EXPECT_TRUE(has_line(advice.first, "outlived 1 ended instance (i-1)"));
  EXPECT_TRUE(has_line(advice.lasting, "Delete the access key"));
  EXPECT_TRUE(advice.open.empty());
}

TEST(Advice, RootsRightsCannotBeReduced) {
  const Detection launch = launch_by("AKIA1", "arn:aws:iam::111122223333:root");
  const Advice advice = advise(launch_incident(launch), {&launch});
  EXPECT_TRUE(has_line(advice.first, "Delete root access key AKIA1"));
  EXPECT_FALSE(has_line(advice.lasting, "reduce its rights"));
}

TEST(Advice, TemporaryKeysAreRevokedNotDeactivated) {
  const std::string role = "arn:aws:iam::111122223333:role/deploy";
  const Detection launch = launch_by("ASIA1", role);
  const Advice advice = advise(launch_incident(launch), {&launch});
  EXPECT_FALSE(has_line(advice.first, "Deactivate"));
  EXPECT_TRUE(has_line(advice.first, "Revoke the sessions of role deploy"));
  EXPECT_TRUE(has_line(advice.first, "aws:TokenIssueTime"));
  EXPECT_FALSE(has_line(advice.lasting, "Delete the access key"));
  const Advice revoked = advise(launch_incident(launch), {&launch}, {},
                                {measure_of(Measure::kSessionsRevoked, "deploy")});
  EXPECT_FALSE(has_line(revoked.first, "Revoke"));
}

TEST(Advice, OnHostsFollowsWhatWasChanged) {
  Detection user =
      detection_of("user", Stage::kPersistence, 0.3,
                   {{EntityType::kHost, "dev-1"}, {EntityType::kAddedUser, "ubuntu-update"}});
  user.signal = detect::Signal::kHost;
  user.techniques = {"T1136.001"};
  Detection keys = detection_of("keys", Stage::kPersistence, 0.4,
                                {{EntityType::kHost, "dev-1"}, {EntityType::kUser, "root"}});
  keys.signal = detect::Signal::kHost;
  keys.techniques = {"T1098.004"};
  const Detection login =
      detection_of("login_source", Stage::kInitialAccess, 1.4,
                   {{EntityType::kHost, "dev-1"}, {EntityType::kSourceAddress, "45.155.205.17"}});
  Incident incident = incident_of({&user, &keys, &login}, Kind::kSuspected, Claim::kConsistent, 60);
  incident.initial_access.source_ip = "45.155.205.17";
  incident.initial_access.confidence = 0.7;
  const Advice advice = advise(incident, {&user, &keys, &login});
  EXPECT_TRUE(has_line(advice.first, "Cut host dev-1 off the network"));
  EXPECT_TRUE(has_line(advice.first, "Lock user ubuntu-update on dev-1"));
  EXPECT_TRUE(has_line(advice.first, "authorized_keys on dev-1"));
  EXPECT_TRUE(has_line(advice.first, "Block 45.155.205.17"));
  EXPECT_TRUE(has_line(advice.first, "Look on every machine for user ubuntu-update"));
  EXPECT_FALSE(has_line(advice.first, "every region"));
  EXPECT_FALSE(has_line(advice.first, "root"));
}

TEST(Advice, NamesTheDoorsThatWereOpened) {
  const Detection launch = launch_by("AKIA1", "arn:aws:iam::111122223333:user/ci");
  const Detection opened =
      detection_of("opened", Stage::kPersistence, 0.5,
                   {{EntityType::kSecurityGroup, "sg-1"}, {EntityType::kSshKey, "ops-bastion"}});
  Incident incident =
      incident_of({&launch, &opened}, Kind::kCompromisedCredential, Claim::kConfirmed, 95);
  incident.made_key_pairs = {"ubuntu-key1"};
  const Advice advice = advise(incident, {&launch, &opened});
  EXPECT_TRUE(has_line(advice.first, "Delete key pair ubuntu-key1"));
  EXPECT_FALSE(has_line(advice.first, "Delete key pair ops-bastion"));  // launches named it
  EXPECT_TRUE(has_line(advice.first, "security group sg-1"));
}

TEST(Advice, BlocksNothingThatTheEstateNeeds) {
  Detection mining = detection_of("mining", Stage::kMining, 3, {{EntityType::kHost, "web-1"}});
  mining.claim = Claim::kConfirmed;
  using detect::IndicatorRole;
  using detect::IndicatorType;
  mining.indicators = {{IndicatorType::kIp, "169.254.169.254", IndicatorRole::kRemoteHost},
                       {IndicatorType::kIpPort, "10.0.5.7:6379", IndicatorRole::kRemoteHost},
                       {IndicatorType::kIpPort, "203.0.113.77:3333", IndicatorRole::kRemoteHost},
                       {IndicatorType::kPool, "pool=pool.example.com:443", IndicatorRole::kPool},
                       {IndicatorType::kPool, "%:x", IndicatorRole::kPool}};
  const Advice advice =
      advise(incident_of({&mining}, Kind::kCompromisedWorkload, Claim::kConfirmed, 70), {&mining});
  EXPECT_TRUE(has_line(advice.first, "Block outbound traffic to 203.0.113.77:3333"));
  EXPECT_FALSE(has_line(advice.first, "169.254.169.254"));
  EXPECT_FALSE(has_line(advice.first, "10.0.5.7"));
  EXPECT_TRUE(has_line(advice.first, "Block pool.example.com at the DNS firewall"));
}

TEST(Advice, WhatIsSureAndNamesNobodyIsNotAskedAbout) {
  Detection mining = detection_of("mining", Stage::kMining, 3, {});
  mining.claim = Claim::kConfirmed;
  const Advice advice =
      advise(incident_of({&mining}, Kind::kCompromisedWorkload, Claim::kConfirmed, 60), {&mining});
  EXPECT_TRUE(has_line(advice.first, "Find out which machine"));
}

TEST(Advice, LoggingThatIsBackNeedsNoSwitchingOn) {
  const std::string trail = "arn:aws:cloudtrail:us-east-1:111122223333:trail/main";
  Detection stopped =
      detection_of("stopped", Stage::kDefenseEvasion, 2,
                   {{EntityType::kTrail, trail}, {EntityType::kRegion, "us-east-1"}});
  stopped.techniques = {"T1562.008"};
  const Incident incident = incident_of({&stopped}, Kind::kSuspected, Claim::kConsistent, 50);
  EXPECT_TRUE(has_line(advise(incident, {&stopped}).first, "back on in us-east-1"));
  const Advice back =
      advise(incident, {&stopped}, {}, {measure_of(Measure::kLoggingStarted, trail)});
  EXPECT_FALSE(has_line(back.first, "back on"));
}

TEST(Advice, OnMereSuspicionAsksFirst) {
  const Detection made =
      detection_of("made", Stage::kPersistence, 1.5,
                   {{EntityType::kAccessKey, "ASIA1"},
                    {EntityType::kSession, "arn:aws:sts::111122223333:assumed-role/Admin/dmitri"}});
  const Advice advice =
      advise(incident_of({&made}, Kind::kSuspected, Claim::kContext, 20), {&made});
  ASSERT_FALSE(advice.first.empty());
  EXPECT_TRUE(advice.first[0].starts_with("Ask dmitri"));
  for (size_t i = 1; i < advice.first.size(); ++i)
    EXPECT_TRUE(advice.first[i].starts_with("If it was not: ")) << advice.first[i];
  EXPECT_TRUE(advice.open.empty());
}

TEST(Advice, ADearLaunchWithNothingBesideItIsAskedAbout) {
  Detection launch = launch_by("AKIA1", "arn:aws:iam::111122223333:user/ml-anna");
  launch.detector = "launch_weight";
  launch.claim = Claim::kAttempt;
  const Incident incident =
      incident_of({&launch}, Kind::kCompromisedCredential, Claim::kAttempt, 60);
  const Advice advice = advise(incident, {&launch}, launched("i-1", "AKIA1"));
  ASSERT_FALSE(advice.first.empty());
  EXPECT_TRUE(advice.first[0].starts_with("Ask ml-anna"));
  EXPECT_TRUE(has_line(advice.first, "If it was not: deactivate access key AKIA1"));
  EXPECT_TRUE(has_line(advice.first, "terminate 1 instance"));
  EXPECT_FALSE(has_line(advice.first, "the intruder launched"));
}

TEST(Advice, WhatTheIntruderMadeIsDeletedAndHisOwnKeyDeactivated) {
  summary::EntityLinks links;
  event::ApiCall call;
  call.service = "iam.amazonaws.com";
  call.operation = "CreateUser";
  call.target = "backup";
  event::Event event;
  event.account = kTestAccount;
  event.time = event.end = kNoon;
  event.actor.access_key = "AKIADEV";
  event.api = &call;
  links.observe(event);
  call.operation = "CreateAccessKey";
  call.target = "bob";
  call.created_access_key = "AKIABOB";
  links.observe(event);
  links.index();
  const Detection made =
      detection_of("made", Stage::kPersistence, 1.5,
                   {{EntityType::kAccessKey, "AKIADEV"},
                    {EntityType::kAccessKey, "AKIABOB"},
                    {EntityType::kPrincipal, "arn:aws:iam::111122223333:user/dev"},
                    {EntityType::kGrantedUser, "arn:aws:iam::111122223333:user/backup"}});
  const Incident incident = incident_of({&made}, Kind::kCompromisedCredential, Claim::kAttempt, 80);
  const Advice advice = advise(incident, {&made}, links);
  EXPECT_TRUE(has_line(advice.first, "Deactivate access key AKIADEV and"));
  EXPECT_TRUE(has_line(advice.first, "Delete user backup"));
  EXPECT_TRUE(has_line(advice.first, "Delete access key AKIABOB, which the intruder made"));
  EXPECT_TRUE(has_line(advice.open, "user backup not seen deleted"));
  const Advice deleted =
      advise(incident, {&made}, links, {measure_of(Measure::kUserDeleted, "backup")});
  EXPECT_FALSE(has_line(deleted.first, "Delete user backup"));
}

TEST(Advice, AKeyThatIsOpenAgainIsToBeDeactivatedAgain) {
  const Detection launch = launch_by("AKIA1", "arn:aws:iam::111122223333:user/ci");
  Countermeasure back = measure_of(Measure::kKeyDeactivated, "AKIA1");
  back.reverses = true;
  back.time = kNoon + 2 * kHour;
  const Advice advice = advise(launch_incident(launch), {&launch}, launched("i-1", "AKIA1"),
                               {measure_of(Measure::kKeyDeactivated, "AKIA1"), back});
  EXPECT_TRUE(has_line(advice.first, "Deactivate access key AKIA1"));
  EXPECT_TRUE(has_line(advice.open, "access key AKIA1 open again"));
}

}  // namespace
}  // namespace davy::incident
