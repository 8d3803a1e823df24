// SPDX-License-Identifier: Apache-2.0
// Stories of the control plane that a careless rule takes for mining: launches by the dozen, new
// regions, GPU machines at night, a trail that stops, a new administrator. All are benign.
#include <fmt/format.h>

#include "davy/simulate/background.h"
#include "davy/simulate/json_text.h"
#include "davy/simulate/launch.h"
#include "davy/simulate/metrics.h"
#include "davy/simulate/people.h"

namespace davy::simulate {
namespace {

constexpr std::string_view kTerraform =
    "APN/1.0 HashiCorp/1.0 Terraform/1.9.8 (+https://www.terraform.io) "
    "terraform-provider-aws/5.86.0 (+https://registry.terraform.io/providers/hashicorp/aws) "
    "aws-sdk-go-v2/1.34.0 os/linux lang/go#1.23.3 md/GOOS#linux md/GOARCH#amd64";
constexpr std::string_view kCommandLine =
    "aws-cli/2.24.3 md/awscrt#0.23.8 ua/2.0 os/macos#24.3.0 md/arch#arm64 lang/python#3.12.6 "
    "md/prompt#off md/command#iam";
constexpr std::string_view kTerraformAddress = "52.23.188.140";

Call simple_call(Time time, std::string_view region, std::string_view service,
                 std::string_view operation, std::string request, std::string response = "null") {
  Call call;
  call.time = time;
  call.region = region;
  call.service = service;
  call.operation = operation;
  call.request = std::move(request);
  call.response = std::move(response);
  return call;
}

/// "Feb 21, 2025, 2:32:00 PM"; only afternoons are needed.
std::string iam_date(Time time) {
  const std::string date = to_date(time);
  const int64_t hour = time.ns % kDay / kHour;
  return fmt::format("{} {}, {}, {}{} PM", month_name(time), date.substr(8), date.substr(0, 4),
                     hour - 12, to_clock(time).substr(2));
}

void add_look_alike(World& world, std::string_view name, std::string_view account,
                    std::string_view why) {
  world.look_alikes.push_back({std::string(name), std::string(account), std::string(why)});
}

/// Nodes that a cluster autoscaler starts and ends all day long.
void add_cluster_nodes(World& world) {
  static constexpr std::string_view kTypes[] = {"c5.2xlarge", "m5.xlarge", "c5.xlarge",
                                                "m5.2xlarge"};
  Rng rng = world.rng("story/karpenter");
  for (int day = 0; day < world.days; ++day) {
    const uint64_t launches = world.scaled(world.is_weekday(day) ? 28 : 12);
    for (uint64_t i = 0; i < launches; ++i) {
      const Time time = world.at(day, 0) + rng.between(60, 70000) * kSecond;
      Caller caller = role_session(kProduction, "KarpenterControllerRole", "karpenter-orders",
                                   "ec2fleet.amazonaws.com", "ec2fleet.amazonaws.com",
                                   bucket_start(time, kHour));
      LaunchRequest request{time, std::string(kProduction), "us-east-1",
                            std::string(rng.pick(kTypes))};
      request.name_tag = "karpenter-orders-node";
      request.profile = "KarpenterNodeProfile";
      request.tags = Object().text("key", "karpenter.sh/nodepool").text("value", "default").done();
      const Launched nodes = launch(world, rng, caller, request);
      const Time gone = time + rng.between(1800, 15000) * kSecond;
      caller.source_ip = "44.208.113.61";
      caller.user_agent = "aws-sdk-go-v2/1.33.0 karpenter.sh-1.1.1";
      if (gone < world.end()) terminate(world, rng, caller, gone, nodes.machines);
    }
  }
  add_look_alike(world, "karpenter-churn", kProduction,
                 "cluster autoscaler starts and ends nodes all day");
}

void add_scaling_groups(World& world) {
  static constexpr std::string_view kTypes[] = {"m5.large", "c5.4xlarge", "g4dn.xlarge"};
  Rng rng = world.rng("story/autoscaling");
  for (int day = 0; day < world.days; ++day) {
    const uint64_t launches = world.scaled(14);
    for (uint64_t i = 0; i < launches; ++i) {
      const Time time = world.at(day, 11) + rng.between(0, 30000) * kSecond;
      const Caller caller = service_role(kProduction, "AWSServiceRoleForAutoScaling", "AutoScaling",
                                         "autoscaling.amazonaws.com", bucket_start(time, kHour));
      LaunchRequest request{time, std::string(kProduction), "us-east-1",
                            std::string(rng.pick(kTypes))};
      request.count = static_cast<uint32_t>(rng.between(1, 3));
      request.name_tag = "render-worker";
      request.profile = "RenderWorkerProfile";
      request.requester = "940372691376";
      request.tags =
          Object().text("key", "aws:autoscaling:groupName").text("value", "render-workers").done();
      const Launched workers = launch(world, rng, caller, request);
      const Time gone = time + rng.between(3000, 14000) * kSecond;
      for (const Machine* machine : workers.machines) {  // busy from birth, as frames go
        add_cpu(world, rng, *machine, time + 5 * kMinute, gone,
                [](Time, Rng& r) { return r.around(8600, 1300); });
      }
      terminate(world, rng, caller, gone, workers.machines);
    }
  }
  add_look_alike(world, "autoscaling-gpu", kProduction,
                 "an Auto Scaling group launches c5 and g4dn workers by day");
}

/// Enumerates regions as an attacker would, then launches two small machines where none were
/// before.
void add_terraform(World& world) {
  static constexpr std::string_view kRegions[] = {
      "us-east-1",      "us-west-2",      "eu-west-1",   "eu-central-1",
      "ap-southeast-2", "ap-northeast-1", "ca-central-1"};
  Rng rng = world.rng("story/terraform");
  for (int day = 0; day < world.days; ++day) {
    if (!world.is_weekday(day)) continue;
    Time time = world.at(day, 15, 20) + rng.between(0, 2400) * kSecond;
    const Caller caller =
        role_session(kDevelopment, "TerraformApply", fmt::format("tf-run-{}", rng.hex(8)),
                     kTerraformAddress, kTerraform, time);
    for (const std::string_view region : kRegions) {
      for (const std::string_view operation :
           {"DescribeRegions", "DescribeAvailabilityZones", "DescribeInstanceTypes", "DescribeVpcs",
            "DescribeImages"}) {
        add_call(world, rng, caller,
                 simple_call(time, region, "ec2", operation, R"({"filterSet":{}})"));
        time = time + rng.between(0, 2) * kSecond;
      }
    }
    if (day == 1) {
      for (int i = 0; i < 2; ++i) {
        LaunchRequest request{time, std::string(kDevelopment), "ap-southeast-2", "t3.small"};
        request.name_tag = fmt::format("syd-edge-{}", i + 1);
        request.tags = Object().text("key", "managed-by").text("value", "terraform").done();
        launch(world, rng, caller, request);
        time = time + 3 * kSecond;
      }
    }
  }
  add_look_alike(world, "terraform-new-region", kDevelopment,
                 "Terraform reads seven regions and launches two t3.small in a new one");
}

/// Four GPU machines every night, flat at 98 % for hours, by the role that always does it.
void add_training(World& world) {
  Rng rng = world.rng("story/training");
  for (int day = 0; day < world.days; ++day) {
    const Time time = world.at(day, 1, 0, 4);
    const Caller caller = role_session(
        kData, "MLTrainingScheduler", "nightly-training", "34.201.77.12",
        "Boto3/1.36.3 md/Botocore#1.36.3 ua/2.0 os/linux#5.10.233-244.895.amzn2.x86_64 "
        "md/arch#x86_64 lang/python#3.12.8 exec-env/AWS_Lambda_python3.12",
        time - 2 * kSecond);
    LaunchRequest request{time, std::string(kData), "us-east-1", "p3.2xlarge"};
    request.count = 4;
    request.name_tag = "nightly-training";
    request.profile = "TrainingWorker";
    const Launched workers = launch(world, rng, caller, request);
    const Time done = world.at(day, 6, 30) + rng.between(0, 1500) * kSecond;
    for (const Machine* machine : workers.machines) {
      add_cpu(world, rng, *machine, time + 10 * kMinute, done,
              [](Time, Rng& r) { return r.around(9800, 60); });
    }
    terminate(world, rng, caller, done, workers.machines);
  }
  add_look_alike(world, "ml-training", kData, "nightly p3.2xlarge job, flat 98 % CPU, usual role");
}

/// A trail stopped, changed and started again under a change ticket.
void add_trail_change(World& world) {
  Rng rng = world.rng("story/trail-change");
  const Time time = world.at(0, 16, 10);
  const Caller caller = role_session(kDevelopment, "ChangeExecution", "CHG0031447", "73.114.22.190",
                                     kCommandLine, time - kMinute);
  const std::string arn =
      fmt::format("arn:aws:cloudtrail:us-west-2:{}:trail/development-trail", kDevelopment);
  const std::string name = Object().text("name", arn).done();
  const std::string updated = Object()
                                  .text("name", "development-trail")
                                  .text("s3BucketName", "estate-trail-logs")
                                  .raw("includeGlobalServiceEvents", "true")
                                  .raw("isMultiRegionTrail", "true")
                                  .done();
  add_call(world, rng, caller, simple_call(time, "us-west-2", "cloudtrail", "StopLogging", name));
  add_call(
      world, rng, caller,
      simple_call(time + 41 * kSecond, "us-west-2", "cloudtrail", "UpdateTrail", updated, updated));
  add_call(world, rng, caller,
           simple_call(time + 65 * kSecond, "us-west-2", "cloudtrail", "StartLogging", name));
  add_look_alike(world, "trail-change", kDevelopment,
                 "trail stopped for 65 s under change CHG0031447");
}

/// The identity administrator makes an administrator, as last month and the month before.
void add_new_administrator(World& world) {
  Rng rng = world.rng("story/new-administrator");
  Time time = world.at(1, 14, 32);
  const Caller caller = console_session(kPeople[3], time - 10 * kMinute, kCommandLine);
  const std::string user = "grace.imani";
  const std::string named = Object().text("userName", user).done();
  const std::string created =
      Object()
          .raw("user", Object()
                           .text("path", "/")
                           .text("userName", user)
                           .text("userId", aws_id("AIDA", std::string(kProduction) + user))
                           .text("arn", fmt::format("arn:aws:iam::{}:user/{}", kProduction, user))
                           .text("createDate", iam_date(time))
                           .done())
          .done();
  const std::string policy = Object()
                                 .text("userName", user)
                                 .text("policyArn", "arn:aws:iam::aws:policy/AdministratorAccess")
                                 .done();
  const std::string profile =
      Object().text("userName", user).raw("passwordResetRequired", "true").done();
  add_call(world, rng, caller, simple_call(time, "us-east-1", "iam", "CreateUser", named, created));
  add_call(world, rng, caller,
           simple_call(time + 50 * kSecond, "us-east-1", "iam", "AttachUserPolicy", policy));
  add_call(world, rng, caller,
           simple_call(time + 95 * kSecond, "us-east-1", "iam", "CreateLoginProfile", profile));
  add_look_alike(world, "new-administrator", kProduction,
                 "created by the usual identity administrator");
}

void add_failed_logins(World& world) {
  Rng rng = world.rng("story/failed-logins");
  for (int i = 0; i < 9; ++i) {
    const Person& person = rng.pick(kPeople);
    Caller caller = user_key(person.account, person.name, {}, person.ip,
                             "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36");
    Call call =
        console_login_call(person, world.at(i % world.days, 13) + rng.between(0, 30000) * kSecond);
    call.error_message = "Failed authentication";
    call.response = R"({"ConsoleLogin":"Failure"})";
    add_call(world, rng, caller, call);
  }
  add_look_alike(world, "failed-logins", kDevelopment,
                 "people mistype passwords from their usual addresses");
}

/// A person whose name says miner and whose calls do not.
void add_benchmark_developer(World& world) {
  Rng rng = world.rng("story/xmrig-benchmark");
  const Caller caller = user_key(kDevelopment, "xmrig-benchmark", "AKIA" + rng.capitals(16),
                                 "24.61.8.77", kCommandLine);
  for (int day = 0; day < world.days; ++day) {
    Time time = world.at(day, 17) + rng.between(0, 9000) * kSecond;
    for (const std::string_view operation :
         {"DescribeInstances", "DescribeInstanceTypes", "DescribeSpotPriceHistory",
          "DescribeImages", "DescribeKeyPairs"}) {
      add_call(world, rng, caller,
               simple_call(time, "us-east-1", "ec2", operation, R"({"filterSet":{}})"));
      time = time + rng.between(10, 200) * kSecond;
    }
  }
  add_look_alike(world, "xmrig-benchmark", kDevelopment, "a developer's user name; only reads");
}

}  // namespace

void add_fleet_stories(World& world) {
  add_cluster_nodes(world);
  add_scaling_groups(world);
  add_terraform(world);
  add_training(world);
  add_trail_change(world);
  add_new_administrator(world);
  add_failed_logins(world);
  add_benchmark_developer(world);
}

}  // namespace davy::simulate
