// SPDX-License-Identifier: Apache-2.0
#include "davy/incident/narrative.h"

#include <gtest/gtest.h>

#include "davy/incident/indicators.h"
#include "davy/incident/initial_access.h"
#include "davy/incident/naming.h"
#include "davy/incident/test_incident.h"

namespace davy::incident {
namespace {

using detect::Claim;
using detect::Detection;
using detect::Indicator;
using detect::IndicatorRole;
using detect::IndicatorType;
using detect::Stage;
using event::EntityType;

bool has(const std::string& text, std::string_view piece) {
  return text.find(piece) != std::string::npos;
}

Detection key_use() {
  return detection_of("use", Stage::kPersistence, 1.5, {{EntityType::kAccessKey, "AKIA1"}});
}

TEST(Narrative, ClaimsNoTheftOnALowScore) {
  const Detection use = key_use();
  const auto list = list_of({&use});
  const Incident low = incident_of({&use}, Kind::kSuspected, Claim::kContext, 20);
  const InitialAccess unsure = initial_access_of(low, list, {}, {});
  EXPECT_EQ(unsure.vector, "unknown");
  EXPECT_EQ(unsure.credential, "AKIA1");
  EXPECT_FALSE(unsure.would_settle.empty());
  const Incident high = incident_of({&use}, Kind::kCompromisedCredential, Claim::kConfirmed, 80);
  EXPECT_TRUE(has(initial_access_of(high, list, {}, {}).vector, "told from its use"));
}

TEST(Narrative, AsksForNoLogThatWasRead) {
  Detection login =
      detection_of("login_source", Stage::kInitialAccess, 1.4,
                   {{EntityType::kHost, "dev-1"}, {EntityType::kSourceAddress, "45.155.205.17"}});
  login.confidence = 0.4;
  const auto list = list_of({&login});
  const Incident incident =
      incident_of({&login}, Kind::kCompromisedWorkload, Claim::kConfirmed, 80);
  Coverage coverage;
  EXPECT_TRUE(
      has(initial_access_of(incident, list, coverage, {}).would_settle, "authentication log"));
  coverage.formats = {"auditd"};
  EXPECT_FALSE(
      has(initial_access_of(incident, list, coverage, {}).would_settle, "authentication log"));
}

TEST(Narrative, TitlesReadAsSentences) {
  const Detection use = key_use();
  Incident incident = incident_of({&use}, Kind::kSuspected, Claim::kContext, 20);
  incident.initial_access.credential = "AKIA1";
  incident.title = title_of(incident);
  EXPECT_EQ(incident.title, "Suspicious control-plane activity by access key AKIA1");
  EXPECT_EQ(summary_of(incident, list_of({&use})),
            "Suspicious control-plane activity by access key AKIA1 in account 111122223333: use. "
            "Nothing seen here is mining.");
  EXPECT_EQ(kind_title(incident), "Suspicious activity, no mining seen");
  incident.scope.accounts.clear();
  EXPECT_FALSE(has(summary_of(incident, list_of({&use})), "account"));
}

TEST(Narrative, AMinerThatWasEndedRan) {
  const Detection miner =
      detection_of("miner", Stage::kMining, 4, {{EntityType::kInstance, "i-1"}});
  Incident incident = incident_of({&miner}, Kind::kCompromisedWorkload, Claim::kConfirmed, 80);
  EXPECT_EQ(title_of(incident), "Cryptocurrency miner running on i-1");
  incident.contained_at = kNoon;
  EXPECT_EQ(title_of(incident), "Cryptocurrency miner ran on i-1");
}

TEST(Narrative, ProofNamesWhatWasSeenAndExplainsALowScore) {
  Detection miner = detection_of("miner", Stage::kMining, 4, {});
  miner.claim = Claim::kConfirmed;
  const auto list = list_of({&miner, &miner});
  Incident incident = incident_of({&miner}, Kind::kCompromisedWorkload, Claim::kConfirmed, 80);
  EXPECT_EQ(proof_of(incident, list), "miner (x 2)");
  incident.score = 44;
  incident.severity = severity_of(44);
  EXPECT_TRUE(has(proof_of(incident, list), "miner (x 2). The score is 44 because"));
}

TEST(Indicators, LeaveOutTheSystemsProgramsAndTellTheParts) {
  Detection command = detection_of("command", Stage::kMining, 1.6, {});
  command.claim = Claim::kConsistent;
  command.indicators = {{IndicatorType::kPath, "/usr/bin/curl"},
                        {IndicatorType::kSha256, "of-curl"}};
  Detection miner = detection_of("miner", Stage::kMining, 4, {});
  miner.claim = Claim::kConfirmed;
  miner.indicators = {{IndicatorType::kPath, "/tmp/xmrig"}, {IndicatorType::kSha256, "of-xmrig"}};
  // A list knows better than the stage of the detection, and a pool may listen on a web port.
  Detection fetched = detection_of("known_pool_address", Stage::kMining, 2.5, {});
  fetched.claim = Claim::kConfirmed;
  fetched.indicators = {{IndicatorType::kIp, "185.143.221.89", IndicatorRole::kDownloadHost}};
  Detection vendor = detection_of("finding", Stage::kMining, 2.5,
                                  {{EntityType::kRemoteAddress, "198.51.100.7:443"}});
  vendor.claim = Claim::kConfirmed;
  vendor.indicators = {{IndicatorType::kIp, "198.51.100.7"}};
  Detection session = detection_of("stratum_envelope", Stage::kMining, 1.6, {});
  session.claim = Claim::kConsistent;
  session.indicators = {{IndicatorType::kIpPort, "176.9.53.68:3333", IndicatorRole::kSessionPeer}};
  const Detection login = detection_of("login_source", Stage::kInitialAccess, 0.02,
                                       {{EntityType::kSourceAddress, "45.155.205.17"}});
  InitialAccess way_in;
  way_in.source_ip = "45.155.205.17";
  way_in.confidence = 0.4;
  const std::vector<Indicator> expected = {
      {IndicatorType::kIp, "185.143.221.89", IndicatorRole::kDownloadHost},
      {IndicatorType::kIp, "198.51.100.7", IndicatorRole::kPool},
      {IndicatorType::kIpPort, "176.9.53.68:3333", IndicatorRole::kSessionPeer},
      {IndicatorType::kPath, "/tmp/xmrig", IndicatorRole::kMiner},
      {IndicatorType::kSha256, "of-xmrig", IndicatorRole::kMiner},
      {IndicatorType::kSourceIp, "45.155.205.17", IndicatorRole::kWayIn},
  };
  EXPECT_EQ(indicators_of(list_of({&command, &miner, &fetched, &vendor, &session, &login}), way_in),
            expected);
  EXPECT_EQ(indicators_of(list_of({&login, &session, &vendor, &fetched, &miner, &command}), way_in),
            expected);
}

TEST(Naming, CutsListsAndArns) {
  EXPECT_EQ(some_of({"a", "b", "c"}, 2), "a, b, c");
  EXPECT_EQ(some_of({"a", "b", "c", "d"}, 2), "a, b and 2 more");
  EXPECT_EQ(last_part("arn:aws:iam::1:user/ci"), "ci");
  EXPECT_EQ(last_part("arn:aws:iam::1:root"), "root");
  EXPECT_EQ(last_part("ci"), "ci");
  EXPECT_EQ(actor_name("arn:aws:sts::1:assumed-role/Responder/anna"), "Responder/anna");
}

TEST(Narrative, ALaunchAloneIsNoTheft) {
  Detection launch =
      detection_of("launch_weight", Stage::kResourceLaunch, 3, {{EntityType::kAccessKey, "AKIA1"}});
  launch.claim = Claim::kAttempt;
  const Incident incident =
      incident_of({&launch}, Kind::kCompromisedCredential, Claim::kAttempt, 60);
  EXPECT_EQ(initial_access_of(incident, list_of({&launch}), {}, {}).vector, "unknown");
  Detection refused =
      detection_of("refused", Stage::kResourceLaunch, 0.4, {{EntityType::kAccessKey, "AKIA1"}});
  refused.claim = Claim::kAttempt;
  EXPECT_TRUE(has(initial_access_of(incident, list_of({&launch, &refused}), {}, {}).vector,
                  "in other hands"));
}

TEST(Narrative, TheWayInIsNoCredentialThatTheIncidentMade) {
  const Detection made = detection_of(
      "made", Stage::kPersistence, 1.5,
      {{EntityType::kAccessKey, "AKIADEV"}, {EntityType::kPrincipal, "arn:aws:iam::1:user/dev"}});
  const Detection launch = detection_of("launch_weight", Stage::kResourceLaunch, 4,
                                        {{EntityType::kAccessKey, "AKIANEW"},
                                         {EntityType::kPrincipal, "arn:aws:iam::1:user/backup"}});
  const Detection login = detection_of("login", Stage::kInitialAccess, 0.3,
                                       {{EntityType::kPrincipal, "arn:aws:iam::1:user/backup"}});
  Foothold foothold;
  foothold.keys = {"AKIANEW"};
  foothold.users = {"arn:aws:iam::1:user/backup"};
  const Incident incident =
      incident_of({&made, &launch, &login}, Kind::kCompromisedCredential, Claim::kAttempt, 80);
  const InitialAccess access =
      initial_access_of(incident, list_of({&made, &launch, &login}), {}, foothold);
  EXPECT_EQ(access.credential, "AKIADEV");
  EXPECT_TRUE(has(access.vector, "in other hands"));
}

TEST(Narrative, RoleCredentialsLeadToTheirInstance) {
  const Detection use = detection_of(
      "use", Stage::kPersistence, 1.3,
      {{EntityType::kAccessKey, "ASIA1"},
       {EntityType::kSession, "arn:aws:sts::1:assumed-role/jupyter/i-0aaaabbbbccccdddd"}});
  const Incident incident = incident_of({&use}, Kind::kCompromisedCredential, Claim::kAttempt, 80);
  EXPECT_TRUE(has(initial_access_of(incident, list_of({&use}), {}, {}).vector,
                  "role credentials of instance i-0aaaabbbbccccdddd"));
}

TEST(Narrative, ALaunchThatSucceededIsNotSaidToHaveFailedAndTwoWavesAreTwo) {
  Detection one = detection_of("launch_weight", Stage::kResourceLaunch, 3, {});
  one.title = "20 x c5.24xlarge requested";
  Detection other = detection_of("launch_weight", Stage::kResourceLaunch, 4, {});
  other.title = "20 x p3.8xlarge requested";
  one.claim = other.claim = Claim::kAttempt;
  Incident incident =
      incident_of({&one, &other}, Kind::kCompromisedCredential, Claim::kAttempt, 80);
  EXPECT_EQ(proof_of(incident, list_of({&one, &other})),
            "20 x p3.8xlarge requested, and 1 more of this kind; nothing shows that it succeeded");
  incident.launches.launched = 40;
  EXPECT_TRUE(has(proof_of(incident, list_of({&other, &one})),
                  "; the launch succeeded; mining itself was not seen"));
}

TEST(Narrative, NamesTheMachineWhereNoCredentialWasSeen) {
  Detection asked =
      detection_of("known_pool_name", Stage::kMining, 2.5, {{EntityType::kInstance, "i-1"}});
  asked.claim = Claim::kAttempt;
  const Incident incident = incident_of({&asked}, Kind::kSuspected, Claim::kAttempt, 53);
  EXPECT_EQ(title_of(incident), "Attempts to mine on i-1");
}

TEST(Narrative, AFunctionIsNamedShortAndHasNoLogins) {
  Detection finding = detection_of(
      "guardduty", Stage::kMining, 3.5,
      {{EntityType::kFunction, "arn:aws:lambda:eu-west-1:111122223333:function:thumbnails"}});
  finding.claim = Claim::kConfirmed;
  const auto list = list_of({&finding});
  const Incident incident = incident_of({&finding}, Kind::kServiceAbuse, Claim::kConfirmed, 64);
  EXPECT_TRUE(has(title_of(incident), "function thumbnails"));
  EXPECT_TRUE(has(initial_access_of(incident, list, {}, {}).would_settle, "function's code"));
}

TEST(Narrative, AClusterIsNamedWhereNothingInItIs) {
  const Detection finding =
      detection_of("guardduty", Stage::kMining, 4,
                   {{EntityType::kCluster, "arn:aws:ecs:eu-west-1:111122223333:cluster/shop"}});
  const Incident incident = incident_of({&finding}, Kind::kServiceAbuse, Claim::kConfirmed, 80);
  EXPECT_TRUE(has(title_of(incident), "Mining in cluster shop"));
}

TEST(Narrative, AToldPoolIsNotSaidToBeUnknown) {
  Detection call = detection_of(
      "known_pool_connection", Stage::kMining, 2.5,
      {{EntityType::kHost, "web-1"}, {EntityType::kRemoteAddress, "203.0.113.50:443"}});
  call.claim = Claim::kConsistent;
  const Incident incident = incident_of({&call}, Kind::kSuspected, Claim::kConsistent, 40);
  EXPECT_TRUE(has(proof_of(incident, list_of({&call})), "no pool, miner or wallet"));
  call.indicators = {{IndicatorType::kIp, "203.0.113.50", IndicatorRole::kPool}};
  EXPECT_TRUE(has(proof_of(incident, list_of({&call})), "no mining session"));
}

TEST(Narrative, ASentenceCutsTheScoreAsTheHeadingDoes) {
  Detection miner = detection_of("miner", Stage::kMining, 4, {});
  miner.claim = Claim::kConfirmed;
  const Incident incident = incident_of({&miner}, Kind::kServiceAbuse, Claim::kConfirmed, 59.9);
  EXPECT_TRUE(has(proof_of(incident, list_of({&miner})), "The score is 59 because"));
}

}  // namespace
}  // namespace davy::incident
