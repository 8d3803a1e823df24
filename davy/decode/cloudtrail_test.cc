// SPDX-License-Identifier: Apache-2.0
#include "davy/decode/cloudtrail.h"

#include <functional>
#include <utility>

#include <gtest/gtest.h>

#include "davy/decode/testing.h"

namespace davy::decode {
namespace {

constexpr std::string_view kLaunch = R"({"eventVersion":"1.08","userIdentity":{"type":"IAMUser",
 "arn":"arn:aws:iam::123456789012:user/ci","accountId":"123456789012","accessKeyId":"AKIAIOSFODNN7EXAMPLE",
 "userName":"ci"},"eventTime":"2025-02-23T14:12:00Z","eventSource":"ec2.amazonaws.com",
 "eventName":"RunInstances","awsRegion":"eu-west-1","sourceIPAddress":"203.0.113.7","userAgent":"Boto3/1.34",
 "requestParameters":{"instanceType":"p3.2xlarge","instancesSet":{"items":[{"imageId":"ami-1","minCount":2,
 "maxCount":2,"keyName":"k"}]},"disableApiTermination":true},
 "responseElements":{"instancesSet":{"items":[{"instanceId":"i-0a","privateIpAddress":"10.0.0.1","vpcId":"vpc-a"},
 {"instanceId":"i-0b","privateIpAddress":"10.0.0.2","vpcId":"vpc-b"}]}},
 "eventID":"e-1","eventType":"AwsApiCall","recipientAccountId":"123456789012"})";

TEST(CloudTrail, TellsWhoLaunchedWhat) {
  int events = 0;
  const auto decoded =
      testing::decode_stream(kLaunch, [&](const event::Event& e, const event::Fields&) {
        ++events;
        EXPECT_EQ(e.record_id, "e-1");
        EXPECT_EQ(to_rfc3339(e.time), "2025-02-23T14:12:00Z");
        EXPECT_EQ(e.account, "123456789012");
        EXPECT_EQ(e.region, "eu-west-1");
        EXPECT_EQ(e.actor.access_key, "AKIAIOSFODNN7EXAMPLE");
        EXPECT_EQ(e.actor.source_ip, "203.0.113.7");
        ASSERT_NE(e.api, nullptr);
        ASSERT_TRUE(e.api->launch.has_value());
        EXPECT_EQ(e.api->launch->instance_type, "p3.2xlarge");
        EXPECT_EQ(e.api->launch->requested, 2u);
        EXPECT_TRUE(e.api->launch->termination_protection);
        ASSERT_EQ(e.api->launch->instance_ids.size(), 2u);
        EXPECT_EQ(e.api->launch->private_ips[1], "10.0.0.2");
        ASSERT_EQ(e.api->launch->vpcs.size(), 2u);
        EXPECT_EQ(e.api->launch->vpcs[1], "vpc-b");
      });
  EXPECT_EQ(events, 1);
  EXPECT_TRUE(decoded.rejected.empty());
}

TEST(CloudTrail, TellsAddressesFromServicesAndFromWords) {
  const auto source_of = [](std::string_view source) {
    std::string text(kLaunch);
    const std::string_view address = "203.0.113.7";
    text.replace(text.find(address), address.size(), source);
    std::string seen;
    testing::decode_stream(text, [&](const event::Event& e, const event::Fields&) {
      seen = std::string(e.actor.source_ip) + '|' + std::string(e.actor.source_service);
    });
    return seen;
  };
  EXPECT_EQ(source_of("198.51.100.1"), "198.51.100.1|");
  EXPECT_EQ(source_of("2001:db8::1"), "2001:db8::1|");
  EXPECT_EQ(source_of("cloudformation.amazonaws.com"), "|cloudformation.amazonaws.com");
  EXPECT_EQ(source_of("AWS Internal"), "|");
}

TEST(CloudTrail, CountsOfACallDoNotWrap) {
  std::string text(kLaunch);
  const std::string_view count = R"("maxCount":2)";
  text.replace(text.find(count), count.size(),
               R"("maxCount":4294967295},{"maxCount":3},{"maxCount":99999999999)");
  uint32_t requested = 0;
  testing::decode_stream(text, [&](const event::Event& e, const event::Fields&) {
    requested = e.api->launch->requested;
  });
  EXPECT_EQ(requested, UINT32_MAX);
}

/// The call of a record with this service, name, request and answer.
void with_call(std::string_view service, std::string_view name, std::string_view request,
               std::string_view answer, const std::function<void(const event::ApiCall&)>& check) {
  std::string text = R"({"Records":[{"eventTime":"2025-02-23T14:25:00Z","eventID":"a",)";
  text += R"("awsRegion":"us-east-1","eventSource":")" + std::string(service) +
          R"(.amazonaws.com","eventName":")" + std::string(name) + R"(","requestParameters":)" +
          std::string(request) + R"(,"responseElements":)" + std::string(answer) + "}]}";
  int events = 0;
  testing::decode_stream(text, [&](const event::Event& e, const event::Fields&) {
    ++events;
    check(*e.api);
  });
  EXPECT_EQ(events, 1) << text;
}

TEST(CloudTrail, OfAGroupTheDesiredSizeIsRequestedAndTheMaximumToldApart) {
  const auto requested = [](std::string_view request) {
    std::pair<uint32_t, uint32_t> counts;
    with_call("autoscaling", "CreateAutoScalingGroup", request, "null",
              [&](const event::ApiCall& call) {
                counts = {call.launch->requested, call.launch->potential};
              });
    return counts;
  };
  using Counts = std::pair<uint32_t, uint32_t>;
  EXPECT_EQ(requested(R"({"minSize":20,"maxSize":999,"desiredCapacity":30})"), (Counts{30, 999}));
  EXPECT_EQ(requested(R"({"minSize":20,"maxSize":999})"), (Counts{20, 999}));
  EXPECT_EQ(requested(R"({"minSize":20,"maxSize":999,"desiredCapacity":0})"), (Counts{0, 999}));
}

TEST(CloudTrail, TellsWhatKeepsRunningAndHowMuchOfIt) {
  struct Row {
    std::string_view service, name, request, answer, expected;
  };
  constexpr Row kRows[] = {
      {"ecs", "CreateService",
       R"({"cluster":"arn:aws:ecs:us-east-1:1:cluster/c","serviceName":"s","taskDefinition":"t:3","desiredCount":25,"launchType":"FARGATE"})",
       R"({"service":{"serviceArn":"arn:aws:ecs:us-east-1:1:service/c/s"}})", "s c t:3 FARGATE 25"},
      {"ecs", "UpdateService", R"({"cluster":"c","service":"s","desiredCount":0})", "null",
       "s c   0"},
      {"ecs", "UpdateService", R"({"cluster":"c","service":"s","forceNewDeployment":true})", "null",
       "s c   -"},
      {"ecs", "RunTask", R"({"cluster":"c","taskDefinition":"t","count":2})",
       R"({"tasks":[{"taskArn":"arn:aws:ecs:us-east-1:1:task/c/a1"},{"taskArn":"arn:aws:ecs:us-east-1:1:task/c/a2"}]})",
       "a1 a2 c t  1"},
      {"ecs", "DeleteService", R"({"cluster":"c","service":"s"})", "null", "s c   0"},
      {"ec2", "RequestSpotFleet", R"({"spotFleetRequestConfig":{"targetCapacity":100}})",
       R"({"spotFleetRequestId":"sfr-1"})", "sfr-1    100"},
      {"ec2", "CreateFleet",
       R"({"CreateFleetRequest":{"TargetCapacitySpecification":{"TotalTargetCapacity":50}}})",
       R"({"CreateFleetResponse":{"fleetId":"fleet-1"}})", "fleet-1    50"},
      {"ec2", "DeleteFleets",
       R"({"DeleteFleetsRequest":{"FleetId":{"tag":1,"content":"fleet-1"}}})", "null",
       "fleet-1    -"},  // its machines stay
      {"ec2", "DeleteFleets",
       R"({"DeleteFleetsRequest":{"FleetId":"fleet-1","TerminateInstances":true}})", "null",
       "fleet-1    0"},
      {"ec2", "CancelSpotFleetRequests",
       R"({"CancelSpotFleetRequestsRequest":{"SpotFleetRequestId":"sfr-1","TerminateInstances":false}})",
       "null", "sfr-1    -"},
      {"ec2", "CancelSpotFleetRequests",
       R"({"CancelSpotFleetRequestsRequest":{"SpotFleetRequestId":"sfr-1","TerminateInstances":true}})",
       "null", "sfr-1    0"},
      {"ec2", "CancelSpotInstanceRequests",
       R"({"spotInstanceRequestIdSet":{"items":[{"spotInstanceRequestId":"sir-1"}]}})", "null",
       "sir-1    -"},
      {"sagemaker", "CreateNotebookInstance",
       R"({"notebookInstanceName":"n","instanceType":"ml.t3.medium"})", "null", "n    1"},
      {"sagemaker", "CreateTrainingJob",
       R"({"trainingJobName":"t","resourceConfig":{"instanceType":"ml.p3.2xlarge","instanceCount":4}})",
       R"({"trainingJobArn":"arn:aws:sagemaker:us-east-1:1:training-job/t"})", "t    4"},
      {"sagemaker", "StopTrainingJob", R"({"trainingJobName":"t"})", "null", "t    0"},
      {"sagemaker", "CreateProcessingJob",
       R"({"processingJobName":"p","processingResources":{"clusterConfig":{"instanceCount":3}}})",
       "null", "p    3"},
      {"sagemaker", "StopProcessingJob", R"({"processingJobName":"p"})", "null", "p    0"},
      {"elasticmapreduce", "RunJobFlow", R"({"instances":{"instanceCount":2}})",
       R"({"jobFlowId":"j-1"})", "j-1    2"},
      {"elasticmapreduce", "TerminateJobFlows", R"({"jobFlowIds":["j-1","j-2"]})", "null",
       "j-1 j-2    0"},
  };
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.name);
    with_call(row.service, row.name, row.request, row.answer, [&](const event::ApiCall& call) {
      ASSERT_TRUE(call.standing.has_value());
      std::string text;
      for (std::string_view name : call.standing->names)
        text += std::string(name) + ' ';
      text += std::string(call.standing->cluster) + ' ' + std::string(call.standing->recipe) + ' ' +
              std::string(call.standing->launch_type) + ' ' +
              (call.standing->units ? std::to_string(*call.standing->units) : "-");
      EXPECT_EQ(text, row.expected);
    });
  }
}

TEST(CloudTrail, ANodeGroupHasItsTypesInAList) {
  with_call("eks", "CreateNodegroup",
            R"({"name":"c","nodegroupName":"n","instanceTypes":["g5.12xlarge","g5.24xlarge"],
                "scalingConfig":{"minSize":0,"maxSize":40,"desiredSize":30}})",
            "null", [](const event::ApiCall& call) {
              ASSERT_TRUE(call.launch.has_value());
              EXPECT_EQ(call.launch->instance_type, "g5.12xlarge");
              EXPECT_EQ(call.launch->requested, 30u);
              ASSERT_TRUE(call.standing.has_value());
              EXPECT_EQ(call.standing->instance_type, "g5.12xlarge");
            });
}

TEST(CloudTrail, OfGroupsOfSeveralTypesTheLargestCounts) {
  struct Row {
    std::string_view service, name, request, answer, type;
    uint32_t units;
    bool stands;
  };
  constexpr Row kRows[] = {
      {"elasticmapreduce", "RunJobFlow",
       R"({"instances":{"instanceGroups":[
             {"instanceRole":"MASTER","instanceType":"m5.xlarge","instanceCount":1},
             {"instanceRole":"CORE","instanceType":"c5.9xlarge","instanceCount":20},
             {"instanceRole":"TASK","instanceType":"c5.large","instanceCount":5}]}})",
       R"({"jobFlowId":"j-1"})", "c5.9xlarge", 20, true},
      {"elasticmapreduce", "RunJobFlow",
       R"({"instances":{"masterInstanceType":"m5.xlarge","slaveInstanceType":"c5.large","instanceCount":7}})",
       R"({"jobFlowId":"j-1"})", "c5.large", 7, true},
      {"elasticmapreduce", "RunJobFlow",
       R"({"instances":{"masterInstanceType":"p4d.24xlarge","instanceCount":1}})",
       R"({"jobFlowId":"j-1"})", "p4d.24xlarge", 1, true},
      {"elasticmapreduce", "AddInstanceGroups",
       R"({"jobFlowId":"j-1","instanceGroups":[{"instanceType":"g5.xlarge","instanceCount":3}]})",
       "null", "g5.xlarge", 3, false},
      {"sagemaker", "CreateTrainingJob",
       R"({"trainingJobName":"t","resourceConfig":{"instanceGroups":[
             {"instanceType":"ml.m5.large","instanceCount":1,"instanceGroupName":"a"},
             {"instanceType":"ml.p3.2xlarge","instanceCount":2,"instanceGroupName":"b"}]}})",
       "null", "ml.p3.2xlarge", 2, true},
      // A group without a count cannot be told which count is whose.
      {"elasticmapreduce", "AddInstanceGroups",
       R"({"instanceGroups":[{"instanceType":"m5.large"},{"instanceType":"g5.xlarge","instanceCount":3}]})",
       "null", "", 1, false},
  };
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.request);
    with_call(row.service, row.name, row.request, row.answer, [&](const event::ApiCall& call) {
      ASSERT_TRUE(call.launch.has_value());
      EXPECT_EQ(call.launch->instance_type, row.type);
      EXPECT_EQ(call.launch->requested, row.units);
      ASSERT_EQ(call.standing.has_value(), row.stands);
      if (!row.stands) return;
      EXPECT_EQ(call.standing->instance_type, row.type);
      EXPECT_EQ(call.standing->units, row.units);
    });
  }
}

TEST(CloudTrail, TheMachinesOfAnInstantFleetAreInItsAnswer) {
  with_call(
      "ec2", "CreateFleet",
      R"({"CreateFleetRequest":{"Type":"instant","TargetCapacitySpecification":{"TotalTargetCapacity":2}}})",
      R"({"CreateFleetResponse":{"fleetId":"fleet-1","fleetInstanceSet":{"item":{"instanceType":"p4d.24xlarge","instanceIds":{"item":["i-1","i-2"]}}}}})",
      [](const event::ApiCall& call) {
        ASSERT_TRUE(call.launch.has_value());
        EXPECT_EQ(call.launch->instance_ids.size(), 2u);
        EXPECT_EQ(call.instance_ids.size(), 2u);
      });
}

TEST(CloudTrail, TheTypeOfAFleetOrGroupIsTheFirstItNames) {
  struct Row {
    std::string_view service, name, request, answer, expected;
  };
  constexpr std::string_view kSpotAnswer = R"({"spotFleetRequestId":"sfr-1"})";
  constexpr std::string_view kFleetAnswer = R"({"CreateFleetResponse":{"fleetId":"fleet-1"}})";
  constexpr Row kRows[] = {
      {"ec2", "RequestSpotFleet",
       R"({"spotFleetRequestConfig":{"targetCapacity":60,"launchTemplateConfigs":[{"launchTemplateSpecification":{"launchTemplateId":"lt-1","version":"1"},"overrides":[{"subnetId":"subnet-1"},{"instanceType":"p4d.24xlarge"},{"instanceType":"g5.48xlarge"}]}]}})",
       kSpotAnswer, "60 p4d.24xlarge lt-1"},
      {"ec2", "RequestSpotFleet",
       R"({"spotFleetRequestConfig":{"targetCapacity":60,"launchTemplateConfigs":{"launchTemplateSpecification":{"launchTemplateId":"lt-1","version":"1"},"overrides":{"instanceType":"p4d.24xlarge"}}}})",
       kSpotAnswer, "60 p4d.24xlarge lt-1"},
      {"ec2", "RequestSpotFleet",
       R"({"spotFleetRequestConfig":{"targetCapacity":60,"launchTemplateConfigs":{"items":[{"launchTemplateSpecification":{"launchTemplateId":"lt-1","version":"1"},"overrides":{"items":[{"instanceType":"p4d.24xlarge"},{"instanceType":"g5.48xlarge"}]}}]}}})",
       kSpotAnswer, "60 p4d.24xlarge lt-1"},
      {"ec2", "RequestSpotFleet",
       R"({"spotFleetRequestConfig":{"targetCapacity":4,"launchSpecifications":{"items":[{"instanceType":"g5.xlarge"}]}}})",
       kSpotAnswer, "4 g5.xlarge "},
      {"ec2", "RequestSpotFleet",
       R"({"spotFleetRequestConfig":{"launchTemplateConfigs":[{"overrides":[{"instanceType":"c5.large"}]}],"launchSpecifications":[{"instanceType":"g5.xlarge"}],"targetCapacity":4}})",
       kSpotAnswer, "4 g5.xlarge "},
      {"ec2", "CreateFleet",
       R"({"CreateFleetRequest":{"TargetCapacitySpecification":{"TotalTargetCapacity":50},"LaunchTemplateConfigs":{"tag":1,"LaunchTemplateSpecification":{"LaunchTemplateName":"lt","Version":"1"},"Overrides":[{"tag":1,"InstanceType":"p4d.24xlarge"},{"tag":2,"InstanceType":"g5.48xlarge"}]}}})",
       kFleetAnswer, "50 p4d.24xlarge lt"},
      {"ec2", "CreateFleet",
       R"({"CreateFleetRequest":{"TargetCapacitySpecification":{"TotalTargetCapacity":50},"LaunchTemplateConfigs":[{"tag":1,"LaunchTemplateSpecification":{"LaunchTemplateName":"lt","Version":"1"},"Overrides":{"tag":1,"InstanceType":"p4d.24xlarge"}}]}})",
       kFleetAnswer, "50 p4d.24xlarge lt"},
      {"autoscaling", "CreateAutoScalingGroup",
       R"({"autoScalingGroupName":"g","minSize":20,"maxSize":999,"mixedInstancesPolicy":{"launchTemplate":{"launchTemplateSpecification":{"launchTemplateId":"lt-1","version":"$Latest"},"overrides":[{"instanceType":"p4d.24xlarge"},{"instanceType":"g5.48xlarge"}]}},"vPCZoneIdentifier":"subnet-1"})",
       "null", "20 p4d.24xlarge lt-1"},
      {"autoscaling", "UpdateAutoScalingGroup",
       R"({"autoScalingGroupName":"g","desiredCapacity":7,"mixedInstancesPolicy":{"launchTemplate":{"launchTemplateSpecification":{"launchTemplateName":"lt","version":"1"},"overrides":{"instanceType":"p4d.24xlarge"}}}})",
       "null", "7 p4d.24xlarge lt"},
      {"autoscaling", "UpdateAutoScalingGroup",
       R"({"autoScalingGroupName":"g","desiredCapacity":7})", "null", "7  "},
  };
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.request);
    with_call(row.service, row.name, row.request, row.answer, [&](const event::ApiCall& call) {
      ASSERT_TRUE(call.launch.has_value());
      ASSERT_TRUE(call.standing.has_value());
      EXPECT_EQ(std::to_string(call.launch->requested) + ' ' +
                    std::string(call.launch->instance_type) + ' ' +
                    std::string(call.standing->recipe),
                row.expected);
      EXPECT_EQ(call.standing->instance_type, call.launch->instance_type);
    });
  }
}

TEST(CloudTrail, AFleetThatWasRefusedHasItsTypeToo) {
  with_call(
      "ec2", "RequestSpotFleet",
      R"({"spotFleetRequestConfig":{"targetCapacity":60,"launchTemplateConfigs":[{"overrides":[{"instanceType":"p4d.24xlarge"}]}]}})",
      "null", [](const event::ApiCall& call) {
        EXPECT_FALSE(call.standing.has_value());
        ASSERT_TRUE(call.launch.has_value());
        EXPECT_EQ(call.launch->instance_type, "p4d.24xlarge");
      });
}

TEST(CloudTrail, NothingStandsBehindAnInstantFleetOrACallOfTheSameNameElsewhere) {
  const auto stands = [](std::string_view service, std::string_view name, std::string_view request,
                         std::string_view answer) {
    bool found = false;
    with_call(service, name, request, answer,
              [&](const event::ApiCall& call) { found = call.standing.has_value(); });
    return found;
  };
  EXPECT_FALSE(stands("ec2", "CreateFleet", R"({"CreateFleetRequest":{"Type":"instant"}})",
                      R"({"CreateFleetResponse":{"fleetId":"fleet-1"}})"));
  EXPECT_FALSE(stands("apprunner", "CreateService", R"({"serviceName":"s"})", "null"));
  EXPECT_FALSE(stands("ec2", "RequestSpotFleet", "{}", "null"));
}

TEST(CloudTrail, TellsWhatATaskDefinitionAndATemplateSayTheirMachinesAre) {
  with_call(
      "ecs", "RegisterTaskDefinition",
      R"({"family":"t","cpu":"16384","memory":"32 GB","containerDefinitions":[{"image":"evil/ka:si"}]})",
      R"({"taskDefinition":{"revision":3}})", [](const event::ApiCall& call) {
        ASSERT_TRUE(call.recipe.has_value());
        EXPECT_EQ(call.recipe->names[0], "t");
        EXPECT_EQ(call.recipe->revision, "3");
        EXPECT_EQ(call.recipe->image, "evil/ka:si");
        EXPECT_EQ(call.recipe->vcpus, 16);
        EXPECT_EQ(call.recipe->memory_gib, 32);
      });
  with_call(
      "ec2", "CreateLaunchTemplate",
      R"({"CreateLaunchTemplateRequest":{"LaunchTemplateName":"lt","LaunchTemplateData":{"InstanceType":"g5.xlarge"}}})",
      R"({"CreateLaunchTemplateResponse":{"launchTemplate":{"launchTemplateId":"lt-1"}}})",
      [](const event::ApiCall& call) {
        ASSERT_TRUE(call.recipe.has_value());
        ASSERT_EQ(call.recipe->names.size(), 2u);
        EXPECT_EQ(call.recipe->names[1], "lt-1");
        EXPECT_EQ(call.recipe->instance_type, "g5.xlarge");
      });
}

TEST(CloudTrail, TellsTheNewTypeOfAMachineAndTheGroupOneWasLaunchedFor) {
  with_call("ec2", "ModifyInstanceAttribute",
            R"({"instanceId":"i-1","instanceType":{"value":"p3.16xlarge"}})", "null",
            [](const event::ApiCall& call) {
              EXPECT_EQ(call.target, "i-1");
              EXPECT_EQ(call.new_instance_type, "p3.16xlarge");
            });
  with_call(
      "ec2", "RunInstances",
      R"({"instanceType":"c5.large","tagSpecificationSet":{"items":[{"tags":[{"key":"x","value":"y"},{"key":"aws:autoscaling:groupName","value":"g"}]}]}})",
      "null", [](const event::ApiCall& call) { EXPECT_EQ(call.launch->owner, "g"); });
}

TEST(CloudTrail, LookupEventsMayHoldSeveralRecordsInOneString) {
  const char* text =
      R"({"EventId":"e-1","CloudTrailEvent":"{\"eventSource\":\"s\",\"eventName\":\"n\",\"awsRegion\":\"r\",\"eventTime\":\"2025-02-23T14:12:00Z\"}{}"})";
  const auto decoded =
      testing::decode_stream(text, [](const event::Event&, const event::Fields&) {});
  EXPECT_EQ(decoded.formats, std::vector<std::string>{"cloudtrail"});
  EXPECT_EQ(decoded.rejected, std::vector<std::string>{"JSON of no format Davy knows"});
}

TEST(CloudTrail, TellsWhichKeyWasSwitchedOffAndWhoseProtectionWasLifted) {
  constexpr std::string_view kText = R"({"Records":[
   {"eventTime":"2025-02-23T14:25:00Z","eventSource":"iam.amazonaws.com","eventName":"UpdateAccessKey",
    "awsRegion":"us-east-1","eventID":"a","requestParameters":{"status":"Inactive","userName":"ci","accessKeyId":"AKIA1"}},
   {"eventTime":"2025-02-23T14:35:00Z","eventSource":"ec2.amazonaws.com","eventName":"ModifyInstanceAttribute",
    "awsRegion":"us-east-1","eventID":"b","requestParameters":{"instanceId":"i-1","disableApiTermination":{"value":false}}}]})";
  std::vector<std::string> seen;
  testing::decode_stream(kText, [&](const event::Event& e, const event::Fields&) {
    ASSERT_NE(e.api, nullptr);
    seen.push_back(std::string(e.api->target) + '|' + std::string(e.api->setting) + '|' +
                   std::string(e.api->named_access_key));
  });
  EXPECT_EQ(seen, (std::vector<std::string>{"ci|Inactive|AKIA1", "i-1|false|"}));
}

TEST(CloudTrail, ReadsRecordsTheWayLookupEventsPrintsThem) {
  const char* text =
      R"({"Events":[{"EventId":"e-1","EventName":"RunInstances","CloudTrailEvent":"{\"eventVersion\":\"1.08\",\"eventTime\":\"2025-02-23T14:12:00Z\",\"eventSource\":\"sts.amazonaws.com\",\"eventName\":\"GetCallerIdentity\",\"awsRegion\":\"us-east-1\",\"eventID\":\"e-9\"}"}]})";
  std::string ids;
  const auto decoded = testing::decode_stream(
      text, [&](const event::Event& e, const event::Fields&) { ids += e.record_id; });
  EXPECT_EQ(ids, "e-9");
  EXPECT_EQ(decoded.formats, (std::vector<std::string>{"cloudtrail"}));
}

TEST(CloudTrail, ReadsRecordsThatLogstashPassedOn) {
  std::string text(kLaunch);
  const size_t at = text.find("eventTime");
  text.replace(at, 9, "@timestamp");
  text.insert(1, R"("@version":"1",)");
  int events = 0;
  testing::decode_stream(text, [&](const event::Event& e, const event::Fields&) {
    ++events;
    EXPECT_EQ(to_rfc3339(e.time), "2025-02-23T14:12:00Z");
  });
  EXPECT_EQ(events, 1);
}

TEST(CloudTrail, SkipsInsightsAndDigestsAndRejectsWhatHasNoTime) {
  const auto decoded = testing::decode_stream(
      R"({"Records":[{"eventVersion":"1.07","eventTime":"2025-01-01T00:00:00Z","awsRegion":"us-east-1","eventType":"AwsCloudTrailInsight"},
         {"eventVersion":"1.08","eventTime":"soon","eventSource":"s","eventName":"n","awsRegion":"r"}]}
         {"digestStartTime":"2025-01-01T00:00:00Z","digestS3Object":"x"})",
      [](const event::Event&, const event::Fields&) { FAIL() << "nothing here is an event"; });
  EXPECT_EQ(decoded.skipped, (std::vector<std::string>{"CloudTrail Insight", "CloudTrail digest"}));
  EXPECT_EQ(decoded.rejected, (std::vector<std::string>{"eventTime is missing or not a time"}));
}

}  // namespace
}  // namespace davy::decode
