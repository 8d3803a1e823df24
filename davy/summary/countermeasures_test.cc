// SPDX-License-Identifier: Apache-2.0
#include "davy/summary/countermeasures.h"

#include <array>

#include <gtest/gtest.h>

namespace davy::summary {
namespace {

struct Call {
  event::ApiCall api;
  event::Event event;
  std::array<std::string_view, 2> instances{"i-1", "i-2"};

  Call(std::string_view operation, std::string_view id, int second) {
    api.operation = operation;
    api.instance_ids = instances;
    event.record_id = id;
    event.key = hash128(id);
    event.time = event.end = Time{1'740'000'000 * kSecond + second * kSecond};
    event.actor.arn = "arn:aws:sts::1:assumed-role/Responder/anna";
  }
  const event::Event& done() {
    event.api = &api;
    return event;
  }
};

TEST(Countermeasures, KeepsWhatTheCallNames) {
  Call ended("TerminateInstances", "a", 1);
  Call key("UpdateAccessKey", "b", 2);
  key.api.target = "ci-deploy";
  key.api.named_access_key = "AKIA1";
  key.api.setting = "Inactive";
  Call kept_active("UpdateAccessKey", "c", 3);
  kept_active.api.named_access_key = "AKIA2";
  kept_active.api.setting = "Active";
  Countermeasures seen;
  for (Call* call : {&ended, &key, &kept_active})
    seen.observe(call->done());

  const auto list = seen.list();
  ASSERT_EQ(list.size(), 4u);
  EXPECT_EQ(list[0].measure, Measure::kKeyDeactivated);
  EXPECT_EQ(list[0].object, "AKIA1");
  EXPECT_FALSE(list[0].reverses);
  EXPECT_EQ(list[1].object, "AKIA2");
  EXPECT_TRUE(list[1].reverses);
  EXPECT_EQ(list[2].object, "i-1");
  EXPECT_EQ(list[3].object, "i-2");
  EXPECT_EQ(list[3].actor, "arn:aws:sts::1:assumed-role/Responder/anna");
}

TEST(Countermeasures, RefusedCallsAndScaleInAreNone) {
  Call refused("TerminateInstances", "a", 1);
  refused.api.failed = true;
  Call scale_in("TerminateInstances", "b", 2);
  scale_in.event.actor.source_service = "autoscaling.amazonaws.com";
  Call service("TerminateInstances", "c", 3);
  service.event.actor.type = "AWSService";
  Countermeasures seen;
  for (Call* call : {&refused, &scale_in, &service})
    seen.observe(call->done());
  EXPECT_TRUE(seen.list().empty());
}

TEST(Countermeasures, OrderSplitsAndCopiesChangeNothing) {
  std::vector<Call> calls;
  calls.reserve(6);
  for (const char* id : {"a", "b", "c"})
    calls.emplace_back("TerminateInstances", id, id[0]);
  calls.push_back(calls[1]);
  calls.back().event.ref = {7, 7};  // the same record in another file
  Countermeasures whole;
  Countermeasures front;
  Countermeasures back;
  for (size_t i = 0; i < calls.size(); ++i) {
    calls[i].api.instance_ids = calls[i].instances;
    whole.observe(calls[i].done());
    const size_t j = calls.size() - 1 - i;
    calls[j].api.instance_ids = calls[j].instances;
    (i % 2 == 0 ? front : back).observe(calls[j].done());
  }
  back.merge(std::move(front));
  EXPECT_EQ(whole.list(), back.list());
  EXPECT_EQ(whole.list().size(), 6u);
}

TEST(Countermeasures, AFloodOfEndedMachinesPushesNothingElseOut) {
  Countermeasures seen;
  Call logging("StartLogging", "first", 0);
  logging.api.target = "trail";
  seen.observe(logging.done());
  for (int i = 0; i < static_cast<int>(Countermeasures::kKept); ++i) {
    const std::string id = std::to_string(i);
    Call ended("TerminateInstances", id, i);
    seen.observe(ended.done());
  }
  EXPECT_FALSE(seen.complete());
  const auto list = seen.list();
  EXPECT_EQ(list.size(), Countermeasures::kKept);
  EXPECT_EQ(list.front().measure, Measure::kLoggingStarted);
}

TEST(Countermeasures, TakingAQuarantineOffIsNoMeasureAndAPolicyIsKnownByName) {
  Call freed("DetachUserPolicy", "a", 1);
  freed.api.target = "ci";
  freed.api.setting = "arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3";
  Call stripped("DetachRolePolicy", "b", 2);
  stripped.api.target = "deploy";
  stripped.api.setting = "arn:aws:iam::aws:policy/AdministratorAccess";
  Call given_back("AttachRolePolicy", "c", 3);
  given_back.api.target = "deploy";
  given_back.api.setting = stripped.api.setting;
  Countermeasures seen;
  for (Call* call : {&freed, &stripped, &given_back})
    seen.observe(call->done());
  const auto list = seen.list();
  ASSERT_EQ(list.size(), 3u);
  EXPECT_EQ(list[0].measure, Measure::kQuarantined);
  EXPECT_TRUE(list[0].reverses);
  EXPECT_EQ(list[1].measure, Measure::kPolicyDetached);
  EXPECT_FALSE(list[1].reverses);
  EXPECT_TRUE(list[2].reverses);
  EXPECT_EQ(list[1].policy, list[2].policy);
}

}  // namespace
}  // namespace davy::summary
