// SPDX-License-Identifier: Apache-2.0
// The hum of an estate: calls that come every hour of every day.
#include <iterator>

#include <fmt/format.h>

#include "davy/simulate/background.h"
#include "davy/simulate/cloudtrail.h"
#include "davy/simulate/json_text.h"
#include "davy/simulate/people.h"

namespace davy::simulate {
namespace {

struct Step {
  std::string_view service, operation, request;
};

constexpr Step kMonitoring[] = {
    {"ec2", "DescribeInstances", R"({"maxResults":1000,"instancesSet":{},"filterSet":{}})"},
    {"ec2", "DescribeVolumes", R"({"maxResults":500,"volumeSet":{},"filterSet":{}})"},
    {"cloudwatch", "DescribeAlarms", R"({"maxRecords":100})"},
    {"elasticloadbalancing", "DescribeLoadBalancers", R"({"pageSize":400})"},
    {"rds", "DescribeDBInstances", R"({"maxRecords":100})"},
    {"autoscaling", "DescribeAutoScalingGroups", R"({"maxRecords":100})"},
    {"lambda", "ListFunctions20150331", R"({"maxItems":50})"},
    {"sqs", "ListQueues", R"({"maxResults":1000})"},
    {"ec2", "DescribeSecurityGroups",
     R"({"securityGroupSet":{},"securityGroupIdSet":{},"filterSet":{}})"},
};
constexpr Step kBrowsing[] = {
    {"ec2", "DescribeInstances", R"({"maxResults":50,"instancesSet":{},"filterSet":{}})"},
    {"ec2", "DescribeInstanceStatus",
     R"({"includeAllInstances":true,"instancesSet":{},"filterSet":{}})"},
    {"cloudwatch", "GetMetricData", "null"},
    {"logs", "DescribeLogGroups", R"({"limit":50})"},
    {"s3", "ListBuckets", R"({"Host":"s3.amazonaws.com"})"},
    {"iam", "ListAccountAliases", "null"},
    {"cloudformation", "DescribeStacks", R"({"stackStatusFilter":[]})"},
    {"ce", "GetCostAndUsage", R"({"Granularity":"DAILY","Metrics":["UnblendedCost"]})"},
    {"health", "DescribeEventAggregates", R"({"aggregateField":"eventTypeCategory"})"},
    {"ec2", "DescribeTags",
     R"({"filterSet":{"items":[{"name":"resource-type","valueSet":{"items":[{"value":"instance"}]}}]}})"},
    {"lambda", "GetFunction20150331v2", R"({"functionName":"orders-projector"})"},
};
constexpr Step kConfigRecorder[] = {
    {"ec2", "DescribeVpcs", R"({"vpcSet":{},"filterSet":{}})"},
    {"iam", "ListRoles", R"({"maxItems":100})"},
    {"s3", "GetBucketPolicy",
     R"({"bucketName":"estate-artifacts","policy":"","Host":"estate-artifacts.s3.amazonaws.com"})"},
    {"kms", "ListKeys", R"({"limit":100})"},
    {"ec2", "DescribeSubnets", R"({"subnetSet":{},"filterSet":{}})"},
    {"dynamodb", "ListTables", "null"},
};

constexpr std::string_view kDatadogAgent = "Datadog";
constexpr std::string_view kBrowser =
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/132.0.0.0 Safari/537.36";
constexpr std::string_view kDatadogAddresses[] = {"3.233.144.211", "3.233.145.17", "52.22.60.8"};

Call step_call(const Step& step, Time time, std::string_view region) {
  Call call;
  call.time = time;
  call.region = region;
  call.service = step.service;
  call.operation = step.operation;
  call.request = step.request;
  return call;
}

/// Reads chosen from a table, a few seconds apart.
template <typename Table>
void add_burst(World& world, Rng& rng, const Caller& caller, const Table& table, Time time,
               std::string_view region, uint64_t calls) {
  for (uint64_t i = 0; i < calls; ++i) {
    add_call(world, rng, caller, step_call(rng.pick(table), time, region));
    time = time + rng.between(1, 9) * kSecond;
  }
}

void add_monitoring(World& world) {
  Rng rng = world.rng("background/monitoring");
  for (const std::string_view account : {kDevelopment, kProduction, kData}) {
    const uint64_t bursts = world.scaled_daily(48);
    const DurationNs gap = world.days * kDay / static_cast<int64_t>(bursts);
    for (uint64_t i = 0; i < bursts; ++i) {
      const Time time = bucket_start(world.start, kSecond) + static_cast<int64_t>(i) * gap +
                        rng.between(0, 60) * kSecond;
      const Caller caller = role_session(account, "DatadogIntegrationRole", "DatadogAWSIntegration",
                                         rng.pick(kDatadogAddresses), kDatadogAgent, time);
      add_burst(world, rng, caller, kMonitoring, time, "us-east-1", 5);
    }
  }
}

void add_agents(World& world) {
  Rng rng = world.rng("background/agents");
  const uint64_t repeats = world.scaled_daily(24);
  const DurationNs gap = world.days * kDay / static_cast<int64_t>(repeats);
  const size_t standing = world.machines.size();
  for (size_t m = 0; m < standing; ++m) {
    const Machine& machine = world.machines[m];
    for (uint64_t i = 0; i < repeats; ++i) {
      const Time time = world.start + static_cast<int64_t>(i) * gap + rng.between(0, 290) * kSecond;
      const Caller caller =
          role_session(machine.network->account, "InstanceBaseRole", machine.id, machine.public_ip,
                       "aws-sdk-go/1.55.5 (go1.22.11; linux; amd64) amazon-ssm-agent/3.3.1611.0",
                       bucket_start(time, 6 * kHour));
      Call call;
      call.time = time;
      call.region = machine.network->region;
      call.service = "ssm";
      call.operation = "UpdateInstanceInformation";
      call.request = Object()
                         .text("instanceId", machine.id)
                         .text("agentVersion", "3.3.1611.0")
                         .text("agentStatus", "Active")
                         .text("platformType", "Linux")
                         .text("platformName", "Ubuntu")
                         .text("platformVersion", "22.04")
                         .text("iPAddress", machine.private_ip)
                         .text("computerName", machine.name)
                         .text("availabilityZone", machine.network->zone)
                         .done();
      add_call(world, rng, caller, call);
    }
  }
}

void add_assumed_roles(World& world) {
  struct Row {
    std::string_view account, service, role;
  };
  static constexpr Row kRows[] = {
      {kProduction, "ecs-tasks.amazonaws.com", "orders-task-role"},
      {kProduction, "lambda.amazonaws.com", "invoice-function-role"},
      {kProduction, "lambda.amazonaws.com", "orders-projector-role"},
      {kData, "glue.amazonaws.com", "GlueCrawlerRole"},
      {kDevelopment, "lambda.amazonaws.com", "preview-env-role"},
      {kDevelopment, "ec2.amazonaws.com", "InstanceBaseRole"},
      {kMarketing, "lambda.amazonaws.com", "newsletter-role"},
  };
  Rng rng = world.rng("background/assume-role");
  const uint64_t gap = 480'000 * 1000 / world.scale_per_mille;  // milliseconds: 7.5 an hour
  for (Time time = world.start; time < world.end();
       time = time + static_cast<int64_t>(rng.exponential(gap)) * kSecond / 1000) {
    const Row& row = rng.pick(kRows);
    Caller caller;
    caller.type = Caller::Type::kService;
    caller.account = row.account;
    caller.name = caller.source_ip = caller.user_agent = row.service;
    add_call(world, rng, caller,
             assume_role_call(rng, bucket_start(time, kSecond), row.account, row.role,
                              fmt::format("awsservice_{}", rng.hex(12))));
  }
}

/// Deployments of the pipeline user; the same key an attacker gets hold of in one scenario.
void add_pipelines(World& world) {
  Rng rng = world.rng("background/pipelines");
  static constexpr Step kDeploy[] = {
      {"sts", "GetCallerIdentity", "null"},
      {"ecr", "GetAuthorizationToken", "null"},
      {"ecs", "DescribeServices", R"({"cluster":"orders","services":["orders-api"]})"},
      {"ecs", "UpdateService",
       R"({"cluster":"orders","service":"orders-api","forceNewDeployment":true})"},
      {"ssm", "GetParameter", R"({"name":"/orders/release","withDecryption":false})"},
      {"cloudformation", "DescribeStacks", R"({"stackName":"orders-api"})"},
  };
  for (int day = 0; day < world.days; ++day) {
    const uint64_t runs = world.is_weekday(day) ? world.scaled(30) : 2;
    for (uint64_t run = 0; run < runs; ++run) {
      Time time = world.at(day, 13) + rng.between(0, 36000) * kSecond;
      const Caller caller = ci_deploy(kBuildAddresses[rng.below(std::size(kBuildAddresses))]);
      for (const Step& step : kDeploy) {
        add_call(world, rng, caller, step_call(step, time, "us-east-1"));
        time = time + rng.between(1, 20) * kSecond;
      }
    }
  }
}

void add_console_users(World& world) {
  Rng rng = world.rng("background/console");
  for (int day = 0; day < world.days; ++day) {
    for (const Person& person : kPeople) {
      if (!world.is_weekday(day) && !rng.chance(120)) continue;
      const uint64_t visits = world.scaled(2);
      for (uint64_t visit = 0; visit < visits; ++visit) {
        const Time time = world.at(day, 13) + rng.between(0, 32000) * kSecond;
        Caller caller = console_session(person, time, kBrowser);
        add_call(world, rng, caller, console_login_call(person, time));
        add_burst(world, rng, caller, kBrowsing, time + 30 * kSecond, person.region, 9);
      }
    }
  }
}

void add_service_roles(World& world) {
  Rng rng = world.rng("background/service-roles");
  for (const std::string_view account : kAccounts) {
    const uint64_t bursts = world.scaled(account == kMarketing ? 6 : 16);
    for (uint64_t i = 0; i < bursts; ++i) {
      const Time time = world.moment(rng);
      const Caller caller = service_role(account, "AWSServiceRoleForConfig", "AWSConfig-Describe",
                                         "config.amazonaws.com", time);
      add_burst(world, rng, caller, kConfigRecorder, time,
                rng.chance(800) ? "us-east-1" : "us-west-2", 6);
    }
  }
}

}  // namespace

void add_steady_calls(World& world) {
  add_monitoring(world);
  add_agents(world);
  add_assumed_roles(world);
  add_pipelines(world);
  add_console_users(world);
  add_service_roles(world);
}

}  // namespace davy::simulate
