// SPDX-License-Identifier: Apache-2.0
#include "davy/decode/guardduty.h"

#include <gtest/gtest.h>

#include "davy/decode/aws_names.h"
#include "davy/decode/testing.h"

namespace davy::decode {
namespace {

constexpr std::string_view kConnection = R"({"schemaVersion":"2.0","accountId":"123456789012",
 "region":"eu-west-1","id":"f-1","type":"CryptoCurrency:EC2/BitcoinTool.B","severity":8,
 "createdAt":"2026-03-04T14:20:00.000Z","updatedAt":"2026-03-04T14:30:00.000Z","title":"Mining",
 "resource":{"resourceType":"Instance","instanceDetails":{"instanceId":"i-0a1b2c3d4e5f67890",
 "instanceType":"c5.4xlarge","imageId":"ami-1","platform":null}},
 "service":{"serviceName":"guardduty","detectorId":"d","archived":false,"count":3,
 "eventFirstSeen":"2026-03-04T14:00:15.000Z","eventLastSeen":"2026-03-04T14:10:15.000Z",
 "action":{"actionType":"NETWORK_CONNECTION","networkConnectionAction":{
 "remoteIpDetails":{"ipAddressV4":"203.0.113.77"},"remotePortDetails":{"port":3333}}},
 "additionalInfo":{"value":"{}","type":"default"}}})";

/// The finding as an AWS SDK prints it: every key that starts a word of the API is capitalised.
std::string pascal(std::string_view camel) {
  std::string text(camel);
  for (size_t at = 0; at + 1 < text.size(); ++at) {
    const bool is_key = text[at] == '"' && (at == 0 || text[at - 1] != ':') &&
                        text.find('"', at + 1) != std::string::npos &&
                        text[text.find('"', at + 1) + 1] == ':';
    if (is_key)
      text[at + 1] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[at + 1])));
  }
  return text;
}

std::string with(std::string_view from, std::string_view to, std::string_view text = kConnection) {
  std::string changed(text);
  const size_t at = changed.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return changed.replace(at, from.size(), to);
}

TEST(GuardDuty, ReadsAFindingInEitherSpellingOfItsKeys) {
  int events = 0;
  Hash128 keys[3];
  for (const std::string& text : {std::string(kConnection), pascal(kConnection),
                                  "{\"Findings\": [" + pascal(kConnection) + "]}"}) {
    const auto decoded =
        testing::decode_stream(text, [&](const event::Event& e, const event::Fields&) {
          keys[events++] = e.key;
          EXPECT_EQ(e.record_id, "f-1");
          EXPECT_EQ(to_rfc3339(e.time), "2026-03-04T14:00:15Z");
          EXPECT_EQ(to_rfc3339(e.end), "2026-03-04T14:10:15Z");
          EXPECT_EQ(e.account, "123456789012");
          EXPECT_EQ(e.region, "eu-west-1");
          EXPECT_EQ(e.instance, "i-0a1b2c3d4e5f67890");
          EXPECT_EQ(e.instance_type, "c5.4xlarge");
          EXPECT_EQ(e.image, "ami-1");
          ASSERT_NE(e.finding, nullptr);
          EXPECT_EQ(e.finding->type, "CryptoCurrency:EC2/BitcoinTool.B");
          EXPECT_DOUBLE_EQ(e.finding->severity, 80);
          EXPECT_EQ(to_rfc3339(e.finding->reported), "2026-03-04T14:20:00Z");
          EXPECT_FALSE(e.finding->archived);
          EXPECT_EQ(e.finding->count, 3u);
          EXPECT_EQ(e.finding->remote_ip, "203.0.113.77");
          EXPECT_EQ(e.finding->remote_port, 3333);
        });
    EXPECT_EQ(decoded.formats, (std::vector<std::string>{"guardduty"})) << text;
  }
  ASSERT_EQ(events, 3);
  EXPECT_EQ(keys[0], keys[1]);
  EXPECT_EQ(keys[0], keys[2]);
}

TEST(GuardDuty, ATerminatedMachineHadEndedByTheUpdate) {
  const auto ended = [](std::string_view state) {
    Time time;
    testing::decode_stream(
        with(R"("imageId")", R"("instanceState":")" + std::string(state) + R"(","imageId")"),
        [&](const event::Event& e, const event::Fields&) { time = e.finding->ended; });
    return time;
  };
  EXPECT_EQ(to_rfc3339(ended("terminated")), "2026-03-04T14:30:00Z");
  for (std::string_view state : {"running", "stopped", ""})
    EXPECT_FALSE(ended(state).known()) << state;
}

TEST(GuardDuty, WhatAFindingNamesIsLookedUpUnlessItSpeaksOfMining) {
  const std::string look_up =
      with(R"("networkConnectionAction":{)",
           R"("dnsRequestAction":{"domain":"Pool.Example.","blocked":true},"other":{)");
  const std::string connection =
      with(R"("networkConnectionAction":{)", R"("networkConnectionAction":{"blocked":true,)");
  int events = 0;
  for (std::string_view type :
       {"CryptoCurrency:Runtime/BitcoinTool.B!DNS", "Impact:EC2/BitcoinDomainRequest.Reputation",
        "Impact:Runtime/CryptoMinerExecuted"}) {
    for (const std::string& text : {look_up, connection}) {
      testing::decode_stream(with("CryptoCurrency:EC2/BitcoinTool.B", type, text),
                             [&](const event::Event& e, const event::Fields&) {
                               ++events;
                               EXPECT_EQ(e.dns, nullptr) << type;
                               EXPECT_EQ(e.connection, nullptr) << type;
                             });
    }
  }
  const auto other = [](std::string_view text) {
    return with("CryptoCurrency:EC2/BitcoinTool.B", "Trojan:EC2/DropPoint", text);
  };
  testing::decode_stream(other(look_up), [&](const event::Event& e, const event::Fields&) {
    ++events;
    ASSERT_NE(e.dns, nullptr);
    EXPECT_EQ(e.dns->name, "pool.example");
    EXPECT_TRUE(e.dns->blocked);
    EXPECT_EQ(e.connection, nullptr);
  });
  using Outcome = event::Connection::Outcome;
  for (const auto& [text, outcome] : {std::pair(connection, Outcome::kFailed),
                                      std::pair(std::string(kConnection), Outcome::kUnknown)}) {
    testing::decode_stream(other(text), [&](const event::Event& e, const event::Fields&) {
      ++events;
      ASSERT_NE(e.connection, nullptr);
      EXPECT_EQ(e.connection->remote_ip, "203.0.113.77");
      EXPECT_EQ(e.connection->remote_port, 3333);
      EXPECT_EQ(e.connection->outcome, outcome);
      EXPECT_EQ(e.dns, nullptr);
    });
  }
  for (std::string_view odd : {R"("connectionDirection":"INBOUND",)", R"("protocol":"UDP",)"}) {
    const std::string text =
        with(R"("remoteIpDetails")", std::string(odd) + R"("remoteIpDetails")");
    testing::decode_stream(other(text), [&](const event::Event& e, const event::Fields&) {
      ++events;
      EXPECT_EQ(e.connection, nullptr) << odd;
    });
  }
  EXPECT_EQ(events, 11);
}

TEST(GuardDuty, AnUpdateIsARecordOfItsOwn) {
  std::vector<Hash128> keys;
  testing::decode_stream(
      std::string(kConnection) + with("14:30:00", "15:30:00"),
      [&](const event::Event& e, const event::Fields&) { keys.push_back(e.key); });
  ASSERT_EQ(keys.size(), 2u);
  EXPECT_NE(keys[0], keys[1]);
}

TEST(GuardDuty, AnArchivedFindingIsReadAndMarked) {
  int events = 0;
  testing::decode_stream(with(R"("archived":false)", R"("archived":true)"),
                         [&](const event::Event& e, const event::Fields&) {
                           ++events;
                           EXPECT_TRUE(e.finding->archived);
                         });
  EXPECT_EQ(events, 1);
}

TEST(GuardDuty, LeavesOutWhatNobodyActsOnAndRejectsDamage) {
  struct Case {
    std::string text;
    std::string skipped;
    std::string rejected;
  };
  const Case cases[] = {
      {with(R"("type":"default")", R"("sample":true)"), "GuardDuty sample finding", ""},
      {with(R"("value":"{}")", R"("value":"{\"a\":1, \"sample\" : true}")"),
       "GuardDuty sample finding", ""},
      {with(R"("title":"M)", R"("title":"[SAMPLE] M)"), "GuardDuty sample finding", ""},
      {with(R"("type":"CryptoCurrency:EC2/BitcoinTool.B",)", ""), "",
       "GuardDuty finding without a type"},
      {with("2026-03-04T14:00:15.000Z", "soon"), "",
       "neither eventFirstSeen nor createdAt is a time"},
      {with(R"("schemaVersion":"2.0")", R"("schemaVersion":"3.0")"), "",
       "JSON of no format Davy knows"},
      {with(R"("type":"default")", R"("type":)"), "", "malformed JSON"},
  };
  for (const Case& one : cases) {
    const auto decoded =
        testing::decode_stream(one.text, [&](const event::Event&, const event::Fields&) {
          ADD_FAILURE() << "an event of " << one.text;
        });
    EXPECT_EQ(decoded.skipped.empty() ? "" : decoded.skipped[0], one.skipped) << one.text;
    EXPECT_EQ(decoded.rejected.empty() ? "" : decoded.rejected[0], one.rejected) << one.text;
  }
}

TEST(GuardDuty, OddValuesDoNotLoseTheFinding) {
  const std::string cases[] = {
      with(R"("severity":8)", R"("severity":"very")"),
      with(R"("severity":8)", R"("severity":1e300)"),
      with(R"("severity":8)", R"("severity":-4)"),
      with(R"("count":3)", R"("count":-1)"),
      with(R"("count":3)", R"("count":{"a":[1]})"),
      with(R"("port":3333)", R"("port":70000)"),
      with("14:10:15", "13:10:15"),
      with(R"({"instanceId":"i-0a1b2c3d4e5f67890",
 "instanceType":"c5.4xlarge","imageId":"ami-1","platform":null})",
           "null"),
  };
  for (const std::string& text : cases) {
    int events = 0;
    testing::decode_stream(text, [&](const event::Event& e, const event::Fields&) {
      ++events;
      EXPECT_GE(e.end, e.time);
      EXPECT_GE(e.finding->severity, 0);
      EXPECT_LE(e.finding->severity, 100);
      EXPECT_GE(e.finding->count, 1u);
      EXPECT_TRUE(e.finding->remote_port == 3333 || e.finding->remote_port == 0);
    });
    EXPECT_EQ(events, 1) << text;
  }
}

TEST(GuardDuty, NamesTheWorkloadInAContainer) {
  const std::string text =
      with(R"({"resourceType":"Instance",)", R"({"eksClusterDetails":{"name":"prod"},
    "ecsClusterDetails":{"taskDetails":{"arn":"arn:task"}},
    "lambdaDetails":{"functionArn":"arn:aws:lambda:eu-west-1:1:function:thumbnails:live","functionName":"thumbnails"},"containerDetails":{"id":"c1","image":"img"},
    "kubernetesDetails":{"kubernetesWorkloadDetails":{"name":"web","namespace":"shop"}},
    "accessKeyDetails":{"accessKeyId":"ASIAIOSFODNN7EXAMPLE","userName":"ci","userType":"IAMUser"},)");
  const std::string runtime = with(
      R"("additionalInfo")",
      R"("runtimeDetails":{"process":{"executablePath":"/tmp/x","executableSha256":"ab"}},"additionalInfo")",
      text);
  int events = 0;
  testing::decode_stream(runtime, [&](const event::Event& e, const event::Fields&) {
    ++events;
    EXPECT_EQ(e.cluster, "prod");
    EXPECT_EQ(e.task, "arn:task");
    EXPECT_EQ(e.function, "arn:aws:lambda:eu-west-1:1:function:thumbnails");
    EXPECT_EQ(e.container, "c1");
    EXPECT_EQ(e.image, "img");
    EXPECT_EQ(e.pod, "shop/web");
    EXPECT_EQ(e.actor.access_key, "ASIAIOSFODNN7EXAMPLE");
    EXPECT_EQ(e.actor.name, "ci");
    EXPECT_EQ(e.finding->process_path, "/tmp/x");
    EXPECT_EQ(e.finding->process_sha256, "ab");
  });
  EXPECT_EQ(events, 1);
}

TEST(GuardDuty, AnAttackSequenceNamesItsMachinesKeysAndIndicators) {
  const std::string text = with(R"("additionalInfo")", R"("detection":{"sequence":{"uid":"s",
    "actors":[{"id":"a","user":{"credentialUid":"AKIAIOSFODNN7EXAMPLE"}}],
    "resources":[{"uid":"arn:aws:ec2:eu-west-1:123456789012:instance/i-0aaaaaaaaaaaaaaaa","resourceType":"EC2_INSTANCE"},
      {"uid":"i-0bbbbbbbbbbbbbbbb","name":"i-0bbbbbbbbbbbbbbbb"},{"uid":"ami-0cccccccccccccccc"},
      {"uid":"ASIAIOSFODNN7EXAMPLE","resourceType":"ACCESS_KEY"}],
    "endpoints":[{"id":"e","ip":"198.51.100.9","port":14444,"domain":"pool.example"}],
    "signals":[{"signalIndicators":[{"key":"ATTACK_TACTIC","values":["x"]},{"key":"CRYPTOMINING_IP"}]}],
    "sequenceIndicators":[{"key":"CRYPTOMINING_DOMAIN","values":["x"]},{"key":"ATTACK_TACTIC"}]}},"additionalInfo")",
                                with(R"("networkConnectionAction")", R"("other")"));
  int events = 0;
  testing::decode_stream(text, [&](const event::Event& e, const event::Fields&) {
    ++events;
    const event::Finding& f = *e.finding;
    using Texts = std::vector<std::string_view>;
    EXPECT_EQ(Texts(f.instance_ids.begin(), f.instance_ids.end()),
              (Texts{"i-0aaaaaaaaaaaaaaaa", "i-0bbbbbbbbbbbbbbbb"}));
    EXPECT_EQ(Texts(f.access_keys.begin(), f.access_keys.end()),
              (Texts{"ASIAIOSFODNN7EXAMPLE", "AKIAIOSFODNN7EXAMPLE"}));
    EXPECT_EQ(Texts(f.indicators.begin(), f.indicators.end()),
              (Texts{"CRYPTOMINING_DOMAIN", "ATTACK_TACTIC", "CRYPTOMINING_IP"}));
    EXPECT_EQ(f.remote_ip, "198.51.100.9");
    EXPECT_EQ(f.remote_port, 14444);
    EXPECT_EQ(f.domain, "pool.example");
  });
  EXPECT_EQ(events, 1);
}

/// The finding as an attack sequence about these resources.
std::string sequence_of(std::string_view resources) {
  return with(R"("additionalInfo")",
              R"("detection":{"sequence":{"uid":"s","resources":)" + std::string(resources) +
                  R"(}},"additionalInfo")",
              with(R"({"instanceId":"i-0a1b2c3d4e5f67890",
 "instanceType":"c5.4xlarge","imageId":"ami-1","platform":null})",
                   "null"));
}

constexpr std::string_view kEksResources = R"([
  {"uid":"arn:aws:eks:eu-west-1:123456789012:cluster/prod","resourceType":"EKS_CLUSTER",
   "data":{"eksCluster":{"status":"ACTIVE","ec2InstanceUids":["i-0eeeeeeeeeeeeeeee"]}}},
  {"uid":"w1","name":"bare","resourceType":"KUBERNETES_WORKLOAD","data":{"kubernetesWorkload":{"type":"PODS"}}},
  {"uid":"w2","name":"web","resourceType":"KUBERNETES_WORKLOAD",
   "data":{"kubernetesWorkload":{"containerUids":["c1"],"namespace":"shop"}}},
  {"uid":"c1","resourceType":"CONTAINER","data":{"container":{"image":"evil/x:1"}}},
  {"uid":"i-0aaaaaaaaaaaaaaaa","resourceType":"EC2_INSTANCE",
   "tags":[{"key":"Name","value":"n"},{"key":"eks:cluster-name","value":"prod"}]},
  {"uid":"lost","resourceType":"S3_BUCKET"}, 7])";

TEST(GuardDuty, AnAttackSequenceNamesClusterPodsAndContainers) {
  using event::EntityType;
  int events = 0;
  for (const std::string& text : {sequence_of(kEksResources), pascal(sequence_of(kEksResources))}) {
    testing::decode_stream(text, [&](const event::Event& e, const event::Fields&) {
      ++events;
      const auto& named = e.finding->named;
      EXPECT_EQ(std::vector<event::Named>(named.begin(), named.end()),
                (std::vector<event::Named>{{EntityType::kCluster, "prod"},
                                           {EntityType::kPod, "bare"},
                                           {EntityType::kPod, "shop/web"},
                                           {EntityType::kContainer, "c1"},
                                           {EntityType::kImage, "evil/x:1"}}));
      EXPECT_EQ(e.cluster, "prod");
      EXPECT_EQ(e.container, "c1");
      EXPECT_EQ(e.pod, "") << "of two, neither is the subject";
      EXPECT_EQ(e.instance, "i-0aaaaaaaaaaaaaaaa");
    });
  }
  EXPECT_EQ(events, 2);
}

TEST(GuardDuty, AnAttackSequenceNamesItsTasks) {
  const std::string_view resources = R"([
    {"uid":"arn:aws:ecs:eu-west-1:123456789012:cluster/shop","name":"shop","resourceType":"ECS_CLUSTER"},
    {"uid":"arn:aws:ecs:eu-west-1:123456789012:task/shop/0f","resourceType":"ECS_TASK",
     "data":{"ecsTask":{"launchType":"EC2"}}}])";
  int events = 0;
  testing::decode_stream(sequence_of(resources), [&](const event::Event& e, const event::Fields&) {
    ++events;
    EXPECT_EQ(e.cluster, "arn:aws:ecs:eu-west-1:123456789012:cluster/shop");
    EXPECT_EQ(e.task, "arn:aws:ecs:eu-west-1:123456789012:task/shop/0f");
    EXPECT_EQ(e.finding->named.size(), 2u);
  });
  EXPECT_EQ(events, 1);
}

TEST(GuardDuty, ResourcesThatAreNoneNameNothing) {
  for (std::string_view odd :
       {"null", "[]", "{}", "[[{}]]", R"("EKS_CLUSTER")", R"([{"resourceType":"EKS_CLUSTER"}])"}) {
    int events = 0;
    testing::decode_stream(sequence_of(odd), [&](const event::Event& e, const event::Fields&) {
      ++events;
      EXPECT_TRUE(e.finding->named.empty()) << odd;
    });
    EXPECT_EQ(events, 1) << odd;
  }
}

TEST(GuardDuty, ANodeNamesItsClusterByTag) {
  for (std::string_view key : {"eks:cluster-name", "aws:eks:cluster-name"}) {
    int events = 0;
    const std::string tags = R"("tags":[{"key":"Name","value":"web"},{"key":")" + std::string(key) +
                             R"(","value":"prod"}],"instanceType")";
    testing::decode_stream(with(R"("instanceType")", tags),
                           [&](const event::Event& e, const event::Fields&) {
                             ++events;
                             EXPECT_EQ(e.cluster, "prod");
                             EXPECT_EQ(e.instance_name, "web");
                           });
    EXPECT_EQ(events, 1);
  }
}

TEST(AwsNames, AreToldByTheirForm) {
  EXPECT_EQ(find_instance_id("i-0a1b2c3d4e5f67890 CPUUtilization"), "i-0a1b2c3d4e5f67890");
  EXPECT_EQ(find_instance_id("x (i-12345678)"), "i-12345678");
  for (std::string_view none : {"", "i-", "i-1234567", "ami-12345678", "i-0a1b2c3d4e5f678901",
                                "i-1234567g8", "eni-12345678", "xi-12345678"}) {
    EXPECT_EQ(find_instance_id(none), "") << none;
  }
  EXPECT_EQ(find_instance_id("ami-12345678 i-87654321"), "i-87654321");
  EXPECT_TRUE(is_access_key_id("AKIAIOSFODNN7EXAMPLE"));
  for (std::string_view none : {"AROAIOSFODNN7EXAMPLE", "AKIA", "AKIAIOSFODNN7example"}) {
    EXPECT_FALSE(is_access_key_id(none)) << none;
  }
}

}  // namespace
}  // namespace davy::decode
