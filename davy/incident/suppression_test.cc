// SPDX-License-Identifier: Apache-2.0
#include "davy/incident/suppression.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "davy/incident/allow_list_reader.h"
#include "davy/incident/build.h"
#include "davy/incident/test_incident.h"

namespace davy::incident {
namespace {

using detect::Claim;
using detect::Detection;
using detect::Signal;
using detect::Stage;
using event::Entity;
using event::EntityType;

const Entity kAccount{EntityType::kAccount, std::string(kTestAccount)};
const Entity kNode{EntityType::kInstance, "i-0node"};
const Entity kPool{EntityType::kDomain, "eth.pool.example"};

Detection mining(std::string_view detector, std::vector<Entity> entities,
                 Signal signal = Signal::kNetwork) {
  Detection one = detection_of(detector, Stage::kMining, 3, std::move(entities));
  one.claim = Claim::kConfirmed;
  one.signal = signal;
  return one;
}

Detection root_key_used() {
  Detection one = detection_of("root_key", Stage::kInitialAccess, 2,
                               {kAccount, kNode, {EntityType::kAccessKey, "AKIAROOT"}});
  one.title = "Root access key used";
  one.signal = Signal::kIdentity;
  return one;
}

Detection trail_stopped() {
  Detection one = detection_of("trail", Stage::kDefenseEvasion, 1.6, {kAccount, kNode});
  one.title = "Trail stopped";
  return one;
}

/// Entries of the test account unless another scope is given; of 2025 unless another end is.
AllowList entries(const std::string& text) {
  const DetectorNames names = {{"dns", "dns"},
                               {"root_key", "root_key"},
                               {"cpu", "cpu"},
                               {"trail", "trail"},
                               {"managed", "managed"}};
  Diagnostics diagnostics;
  const AllowFile file{"allow.yml", text.empty() ? "allow: []\n" : "allow:\n" + text};
  AllowList list = read_allow_list({&file, 1}, names, diagnostics);
  for (const Diagnostic& one : diagnostics)
    ADD_FAILURE() << to_text(one);
  return list;
}

std::string entry(const std::string& scope, const std::string& what = "any",
                  const std::string& expires = "2025-12-31", const std::string& name = "node") {
  return "  - {name: " + name + ", scope: {" + scope + "}, what: " + what +
         ", reason: validator, owner: web3, expires: " + expires + "}\n";
}

const std::string kAccountScope = "account: \"111122223333\"";

struct Outcome {
  std::vector<Incident> incidents;
  Suppression result;
};

Outcome judged(std::vector<Detection> detections, const std::string& allow,
               const summary::EntityLinks& links = {}) {
  for (Detection& one : detections)
    detect::finish(one);
  Outcome outcome;
  outcome.incidents = build(detections, links, {}, {}, {});
  outcome.result = suppress(entries(allow), detections, links, outcome.incidents);
  return outcome;
}

/// Links that saw `principal` launch the node.
summary::EntityLinks launch_of_node(std::string_view principal) {
  const std::string_view ids[] = {kNode.id};
  event::ApiCall call;
  call.operation = "RunInstances";
  call.instance_ids = ids;
  call.launch = event::Launch{};
  call.launch->instance_ids = ids;
  event::Event event;
  event.account = kTestAccount;
  event.region = "eu-central-1";
  event.time = event.end = kNoon;
  event.actor.arn = principal;
  event.actor.access_key = "AKIANODE";
  event.api = &call;
  summary::EntityLinks links;
  links.observe(event);
  links.index();
  return links;
}

/// Links that saw the node ask for a name.
summary::EntityLinks query_of_node(std::string_view vpc, std::string_view address) {
  event::DnsQuery query;
  query.client_ip = address;
  query.vpc = vpc;
  event::Event event;
  event.account = kTestAccount;
  event.time = event.end = kNoon;
  event.instance = kNode.id;
  event.dns = &query;
  summary::EntityLinks links;
  links.observe(event);
  links.index();
  return links;
}

TEST(Suppression, ASuppressedIncidentIsStillBuiltWhole) {
  const std::vector<Detection> detections = {mining("dns", {kAccount, kNode, kPool})};
  const Outcome without = judged(detections, "");
  const Outcome with = judged(detections, entry(kAccountScope));
  ASSERT_EQ(without.incidents.size(), 1u);
  EXPECT_TRUE(with.incidents.empty());
  ASSERT_EQ(with.result.suppressed.size(), 1u);
  const Incident& incident = with.result.suppressed[0];
  EXPECT_EQ(incident.id, without.incidents[0].id);
  EXPECT_EQ(incident.number, without.incidents[0].number);
  EXPECT_EQ(incident.score, without.incidents[0].score);
  EXPECT_EQ(incident.detections, without.incidents[0].detections);
  EXPECT_EQ(incident.suppressed_by, "node (owner web3, to 2025-12-31): validator");
  EXPECT_TRUE(with.result.notes.empty());
}

TEST(Suppression, AStolenRootKeyShowsAlthoughItsAccountMayMine) {
  const Outcome outcome =
      judged({mining("dns", {kAccount, kNode, kPool}), root_key_used()}, entry(kAccountScope));
  ASSERT_EQ(outcome.incidents.size(), 1u);
  EXPECT_TRUE(outcome.result.suppressed.empty());
  const Incident& incident = outcome.incidents[0];
  EXPECT_FALSE(incident.suppressed_by);
  ASSERT_EQ(incident.allowed.size(), 1u);
  EXPECT_EQ(incident.allowed[0].by, "node (owner web3, to 2025-12-31)");
  EXPECT_EQ(incident.allowed[0].texts, (std::vector<std::string>{"dns"}));
  EXPECT_EQ(incident.kept_by,
            (std::vector<std::string>{"Root access key used (an identity signal, which no entry "
                                      "names)"}));
}

TEST(Suppression, WhatStaysKeepsItsScore) {
  const std::vector<Detection> detections = {mining("dns", {kAccount, kNode, kPool}),
                                             root_key_used()};
  const Incident with = judged(detections, entry(kAccountScope)).incidents.at(0);
  const Incident without = judged(detections, "").incidents.at(0);
  EXPECT_EQ(with.score, without.score);
  EXPECT_EQ(with.severity, without.severity);
  EXPECT_EQ(with.do_first, without.do_first);
}

TEST(Suppression, IdentityAndEvasionAreCoveredWhenNamed) {
  const std::vector<Detection> root = {mining("dns", {kAccount, kNode, kPool}), root_key_used()};
  const std::vector<Detection> trail = {mining("dns", {kAccount, kNode, kPool}), trail_stopped()};
  const std::string others = entry(kAccountScope);
  const auto suppressed = [&](const std::vector<Detection>& detections, const std::string& what) {
    const std::string all =
        what.empty() ? others : others + entry(kAccountScope, what, "2025-12-31", "named");
    return judged(detections, all).result.suppressed.size() == 1;
  };
  EXPECT_FALSE(suppressed(root, ""));
  EXPECT_TRUE(suppressed(root, "{detectors: [root_key]}"));
  EXPECT_TRUE(suppressed(root, "{signals: [identity]}"));
  EXPECT_FALSE(suppressed(root, "{stages: [initial_access]}"));
  EXPECT_FALSE(suppressed(trail, ""));
  EXPECT_FALSE(suppressed(trail, "{signals: [control_plane]}"));
  EXPECT_TRUE(suppressed(trail, "{stages: [defense_evasion]}"));
  EXPECT_TRUE(suppressed(trail, "{detectors: [trail]}"));
}

TEST(Suppression, ProtectedEvidenceKeepsAnIncidentEvenWithoutPoints) {
  Detection login = root_key_used();
  login.weight = 0;
  const Outcome outcome =
      judged({mining("dns", {kAccount, kNode, kPool}), login}, entry(kAccountScope));
  ASSERT_EQ(outcome.incidents.size(), 1u);
  EXPECT_EQ(outcome.incidents[0].kept_by.size(), 1u);
}

TEST(Suppression, OtherContextWithoutPointsKeepsNothing) {
  Detection context = detection_of("context", Stage::kDiscovery, 0, {kNode});
  const Outcome outcome =
      judged({mining("dns", {kAccount, kNode, kPool}), context}, entry(kAccountScope));
  EXPECT_TRUE(outcome.incidents.empty());
}

TEST(Suppression, AnotherPoolBesideThePermittedOneShows) {
  const std::string allow = entry("resource: i-0node, pool: [eth.pool.example]");
  EXPECT_TRUE(judged({mining("dns", {kAccount, kNode, kPool})}, allow).incidents.empty());
  // In one detection: everything it names must be permitted.
  const Entity other{EntityType::kDomain, "xmr.other.example"};
  EXPECT_EQ(judged({mining("dns", {kAccount, kNode, kPool, other})}, allow).incidents.size(), 1u);
  // In another: an intruder who hides behind the permitted pool.
  EXPECT_EQ(judged({mining("dns", {kAccount, kNode, kPool}), mining("flow", {kNode, other})}, allow)
                .incidents.size(),
            1u);
}

TEST(Suppression, EveryScopeKeyMustHold) {
  const std::vector<Detection> detections = {mining("dns", {kAccount, kNode, kPool})};
  const auto stays = [&](const std::string& scope) {
    return judged(detections, entry(scope)).incidents.size() == 1;
  };
  EXPECT_FALSE(stays("account: \"111122223333\", resource: i-0node, pool: \"*.pool.example\""));
  EXPECT_TRUE(stays("account: \"999999999999\", resource: i-0node"));
  EXPECT_TRUE(stays("resource: i-0other"));
  EXPECT_FALSE(stays("resource: \"i-0nod*\""));
  EXPECT_TRUE(stays("resource: i-0node, wallet: 4abc")) << "it names no wallet";
  EXPECT_TRUE(stays("resource: i-0node, source: 10.0.0.0/8")) << "it names no source";
}

TEST(Suppression, AMachineCannotTakeThePermittedOnesName) {
  const Entity host{EntityType::kHost, "eth-node"};
  const std::string allow = entry("resource: eth-node");
  EXPECT_TRUE(judged({mining("miner", {host})}, allow).incidents.empty());
  const Entity other{EntityType::kInstance, "i-0other"};
  EXPECT_EQ(judged({mining("miner", {host, other})}, allow).incidents.size(), 1u);
}

TEST(Suppression, ChosenNamesDoNotOverrideTheInstance) {
  const std::string allow = entry("resource: [i-0node, \"*/eth-node-*\", c0ffee, eth-node]");
  const auto stays = [&](std::vector<Entity> entities) {
    return judged({mining("managed", std::move(entities), Signal::kManaged)}, allow)
               .incidents.size() == 1;
  };
  const Entity other{EntityType::kInstance, "i-0other"};
  const Entity pod{EntityType::kPod, "evil/eth-node-0"};
  EXPECT_TRUE(stays({other, pod}));
  EXPECT_TRUE(stays({other, {EntityType::kContainer, "c0ffee"}}));
  EXPECT_TRUE(stays({other, {EntityType::kHost, "eth-node"}, pod}));
  EXPECT_TRUE(stays({{EntityType::kAddress, "vpc-1/10.0.1.20"}, pod}));
  EXPECT_TRUE(stays({kNode, other, pod}));
  EXPECT_FALSE(stays({kNode, {EntityType::kPod, "evil/any-0"}}));
  EXPECT_FALSE(stays({pod})) << "no machine is named";
}

TEST(Suppression, EveryMachineOfADetectionMustBeKnownOrListed) {
  const summary::EntityLinks links = query_of_node("vpc-1", "10.0.1.20");
  const auto stays = [&](std::vector<Entity> entities, const std::string& scope) {
    return judged({mining("dns", std::move(entities))}, entry(scope), links).incidents.size() == 1;
  };
  const Entity node_address{EntityType::kAddress, "vpc-1/10.0.1.20"};
  const Entity twin{EntityType::kAddress, "vpc-2/10.0.1.20"};
  const Entity host{EntityType::kHost, "ip-10-0-1-20"};
  EXPECT_FALSE(stays({node_address, host}, "resource: i-0node"));
  EXPECT_TRUE(stays({node_address, twin}, "resource: i-0node"));
  EXPECT_FALSE(stays({node_address, twin}, "resource: [i-0node, vpc-2/10.0.1.20]"));
  EXPECT_TRUE(stays({kNode, {EntityType::kInterface, "eni-2"}}, "resource: i-0node"));
  EXPECT_TRUE(stays({kNode, {EntityType::kHost, "db-1"}}, "resource: i-0node"));
  // What is asked of the machines is not known of all of them.
  EXPECT_FALSE(stays({node_address}, kAccountScope));
  EXPECT_TRUE(stays({node_address, twin}, kAccountScope));
}

TEST(Suppression, ASessionNameAlonePermitsNothing) {
  const std::string role = "arn:aws:iam::111122223333:role/team/admin";
  const std::string session = "arn:aws:sts::111122223333:assumed-role/admin/pentest";
  const Entity key{EntityType::kAccessKey, "ASIA1"};
  const auto stays = [&](std::vector<Entity> entities, const std::string& principal) {
    return judged({mining("launch", std::move(entities), Signal::kControlPlane)},
                  entry("principal: \"" + principal + "\""))
               .incidents.size() == 1;
  };
  const std::vector<Entity> acted = {
      key, {EntityType::kPrincipal, role}, {EntityType::kSession, session}};
  EXPECT_TRUE(stays(acted, "*/pentest"));
  EXPECT_TRUE(stays(acted, "arn:aws:sts::111122223333:assumed-role/*/pentest"));
  EXPECT_FALSE(stays(acted, role));
  EXPECT_FALSE(stays(acted, "arn:aws:iam::111122223333:role/team/*"));
  EXPECT_FALSE(stays(acted, session)) << "listed in full";
  EXPECT_FALSE(stays(acted, "arn:aws:sts::111122223333:assumed-role/admin/*"));
  // Another session, another user or another role beside it.
  auto with = [&](Entity entity) {
    std::vector<Entity> more = acted;
    more.push_back(std::move(entity));
    return more;
  };
  EXPECT_TRUE(stays(with({EntityType::kSession, "arn:aws:sts::111122223333:assumed-role/admin/x"}),
                    session));
  EXPECT_TRUE(
      stays(with({EntityType::kPrincipal, "arn:aws:iam::111122223333:user/anna"}), session));
  EXPECT_TRUE(
      stays(with({EntityType::kPrincipal, "arn:aws:iam::444455556666:role/admin"}), session));
  // A record that has no role tells the session only.
  EXPECT_TRUE(stays({key, {EntityType::kPrincipal, session}}, "*/pentest"));
  EXPECT_FALSE(stays({key, {EntityType::kPrincipal, session}}, session));
}

TEST(Suppression, AWayInShowsWhateverItsSignal) {
  // Of a vendor's finding "InstanceCredentialExfiltration": managed, not identity.
  Detection stolen = detection_of("managed", Stage::kInitialAccess, 3.5,
                                  {kAccount, kNode, {EntityType::kAccessKey, "ASIA1"}});
  stolen.signal = Signal::kManaged;
  const auto stays = [&](const std::string& what) {
    return judged({stolen}, entry(kAccountScope, what)).incidents.size() == 1;
  };
  for (const Stage stage :
       {Stage::kInitialAccess, Stage::kPersistence, Stage::kPrivilegeEscalation}) {
    stolen.stage = stage;
    const std::string name(detect::stage_name(stage));
    EXPECT_TRUE(stays("any")) << name;
    EXPECT_TRUE(stays("{signals: [managed]}")) << name;
    EXPECT_TRUE(stays("{stages: [defense_evasion]}")) << name;
    EXPECT_FALSE(stays("{stages: [" + name + "]}"));
    EXPECT_FALSE(stays("{detectors: [managed]}"));
  }
  const Outcome outcome =
      judged({mining("dns", {kAccount, kNode, kPool}), stolen}, entry(kAccountScope));
  ASSERT_EQ(outcome.incidents.size(), 1u);
  EXPECT_TRUE(has_line(outcome.incidents[0].kept_by,
                       "(of stage privilege_escalation, which no entry names)"));
}

TEST(Suppression, AddressesAreComparedAsNumbers) {
  const auto stays = [&](const char* type, EntityType kind, const char* id, const char* value) {
    const std::string scope = std::string(type) + ": [\"" + value + "\"]";
    return judged({mining("flow", {kNode, {kind, id}})}, entry(scope)).incidents.size() == 1;
  };
  const EntityType remote = EntityType::kRemoteAddress;
  EXPECT_FALSE(stays("pool", remote, "198.51.100.7:3333", "198.51.100.7"));
  EXPECT_FALSE(stays("pool", remote, "198.51.100.7:3333", "198.51.100.0/24"));
  EXPECT_FALSE(stays("pool", remote, "198.51.100.7:3333", "198.51.100.7:3333"));
  EXPECT_TRUE(stays("pool", remote, "198.51.100.7:4444", "198.51.100.7:3333"));
  EXPECT_TRUE(stays("pool", remote, "198.51.101.7:3333", "198.51.100.0/24"));
  EXPECT_FALSE(stays("pool", remote, "[2001:db8::7]:3333", "2001:db8::/32"));
  const EntityType source = EntityType::kSourceAddress;
  EXPECT_FALSE(stays("source", source, "10.1.2.3", "10.0.0.0/8"));
  EXPECT_TRUE(stays("source", source, "11.1.2.3", "10.0.0.0/8"));
  EXPECT_TRUE(stays("source", source, "autoscaling.amazonaws.com", "10.0.0.0/8"));
}

TEST(Suppression, APrincipalCoversTheMachinesItLaunched) {
  const std::string pentest = "arn:aws:iam::111122223333:user/pentest";
  const std::vector<Detection> detections = {mining("dns", {kNode, kPool})};
  const summary::EntityLinks links = launch_of_node(pentest);
  EXPECT_TRUE(judged(detections, entry("principal: " + pentest), links).incidents.empty());
  EXPECT_TRUE(judged(detections, entry("access_key: AKIANODE"), links).incidents.empty());
  EXPECT_TRUE(
      judged(detections, entry(kAccountScope + ", region: eu-central-1"), links).incidents.empty());
  EXPECT_EQ(
      judged(detections, entry("principal: \"arn:aws:iam::*:user/anna\""), links).incidents.size(),
      1u);
  EXPECT_EQ(judged(detections, entry("principal: " + pentest)).incidents.size(), 1u)
      << "nobody saw the launch";
}

TEST(Suppression, KindsLimitAnEntryToIncidentsOfThem) {
  const std::vector<Detection> detections = {mining("dns", {kAccount, kNode, kPool})};
  const std::string kind(kind_name(judged(detections, "").incidents.at(0).kind));
  EXPECT_TRUE(
      judged(detections, entry(kAccountScope, "{kinds: [" + kind + "]}")).incidents.empty());
  EXPECT_EQ(
      judged(detections, entry(kAccountScope, "{kinds: [unauthorised_use]}")).incidents.size(), 1u);
}

TEST(Suppression, AnEntryThatHadEndedIsNotAppliedAndIsTold) {
  const Outcome outcome =
      judged({mining("dns", {kAccount, kNode, kPool})}, entry(kAccountScope, "any", "2025-02-22"));
  ASSERT_EQ(outcome.incidents.size(), 1u);
  EXPECT_TRUE(outcome.incidents[0].allowed.empty());
  ASSERT_EQ(outcome.result.notes.size(), 1u);
  EXPECT_EQ(outcome.result.notes[0],
            "allow-list entry node (owner web3, allow.yml:2) is in force to 2025-02-23T00:00:00Z "
            "only: not applied to " +
                outcome.incidents[0].id);
}

TEST(Suppression, TheLastDayCountsWhole) {
  const std::vector<Detection> detections = {mining("dns", {kAccount, kNode, kPool})};
  EXPECT_TRUE(judged(detections, entry(kAccountScope, "any", "2025-02-23")).incidents.empty());
  // It has to last to the end of the incident, by the clock of the logs.
  Detection later = mining("dns", {kAccount, kNode, kPool});
  later.end_time = kNoon + kDay;
  EXPECT_EQ(judged({later}, entry(kAccountScope, "any", "2025-02-23")).incidents.size(), 1u);
}

TEST(Suppression, AnIncidentWithoutTimesIsNotCovered) {
  Detection timeless = mining("dns", {kAccount, kNode, kPool});
  timeless.time = timeless.end_time = timeless.known_at = Time{};
  EXPECT_EQ(judged({timeless}, entry(kAccountScope)).incidents.size(), 1u);
}

TEST(Suppression, AnEntryThatMatchesNothingIsTold) {
  const Outcome outcome =
      judged({mining("dns", {kAccount, kNode, kPool}), trail_stopped()},
             entry("account: \"999999999999\"") +
                 entry(kAccountScope + ", resource: i-0node", "{stages: [defense_evasion]}",
                       "2025-12-31", "used") +
                 entry(kAccountScope, "{signals: [host]}", "2025-12-31", "other"));
  EXPECT_TRUE(
      has_line(outcome.result.notes, "entry node (owner web3, allow.yml:2) matched nothing"));
  EXPECT_TRUE(has_line(outcome.result.notes, "entry other"));
  EXPECT_FALSE(has_line(outcome.result.notes, "entry used"));
}

TEST(Suppression, SeveralEntriesTogetherCoverAnIncidentAndAreAllNamed) {
  const Outcome outcome = judged(
      {mining("dns", {kAccount, kNode, kPool}), mining("cpu", {kAccount, kNode}, Signal::kCompute)},
      entry("resource: i-0node", "{detectors: [cpu]}", "2025-12-31", "load") +
          entry("pool: eth.pool.example", "any", "2025-12-31", "pool"));
  ASSERT_EQ(outcome.result.suppressed.size(), 1u);
  EXPECT_EQ(outcome.result.suppressed[0].suppressed_by,
            "load (owner web3, to 2025-12-31): validator; pool (owner web3, to 2025-12-31): "
            "validator");
}

TEST(Suppression, MoreNamesThanAreKeptProveNothing) {
  std::vector<Entity> entities = {kAccount};
  for (int i = 0; i < 600; ++i)
    entities.push_back({EntityType::kInstance, "i-node" + std::to_string(i)});
  const std::string allow = entry("resource: \"i-node*\"");
  EXPECT_EQ(judged({mining("dns", entities)}, allow).incidents.size(), 1u);
  entities.pop_back();
  EXPECT_TRUE(judged({mining("dns", entities)}, allow).incidents.empty());
}

TEST(Suppression, TheOrderOfDetectionsAndEntriesChangesNothing) {
  std::vector<Detection> detections = {mining("dns", {kAccount, kNode, kPool}),
                                       mining("cpu", {kAccount, kNode}, Signal::kCompute),
                                       root_key_used(), trail_stopped()};
  const std::string one = entry("resource: i-0node", "{detectors: [cpu]}", "2025-12-31", "load");
  const std::string two = entry(kAccountScope, "any", "2025-12-31", "all");
  const Outcome forth = judged(detections, one + two);
  std::reverse(detections.begin(), detections.end());
  const Outcome back = judged(detections, two + one);
  ASSERT_EQ(forth.incidents.size(), 1u);
  ASSERT_EQ(back.incidents.size(), 1u);
  EXPECT_EQ(forth.incidents[0].kept_by, back.incidents[0].kept_by);
  ASSERT_EQ(forth.incidents[0].allowed.size(), back.incidents[0].allowed.size());
  for (size_t i = 0; i < forth.incidents[0].allowed.size(); ++i) {
    EXPECT_EQ(forth.incidents[0].allowed[i].by, back.incidents[0].allowed[i].by);
    EXPECT_EQ(forth.incidents[0].allowed[i].detections, back.incidents[0].allowed[i].detections);
  }
}

}  // namespace
}  // namespace davy::incident
