// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "davy/simulate/findings.h"
#include "davy/simulate/incidents.h"
#include "davy/simulate/json_text.h"
#include "davy/simulate/launch.h"
#include "davy/simulate/metrics.h"
#include "davy/simulate/people.h"

namespace davy::simulate {
namespace {

constexpr std::string_view kRegions[] = {"us-east-1",      "us-west-2",     "eu-west-1",
                                         "eu-central-1",   "us-east-2",     "eu-west-2",
                                         "ap-southeast-1", "ap-northeast-1"};
constexpr std::string_view kAddress = "185.220.101.34";
constexpr std::string_view kAgent =
    "Boto3/1.34.49 md/Botocore#1.34.49 ua/2.0 os/linux#6.5.0-kali3-amd64 md/arch#x86_64 "
    "lang/python#3.11.8";
constexpr Pool kPool{"pool.supportxmr.com", "141.94.96.144", 3333};
constexpr uint32_t kPerCall[] = {10, 10, 5};  ///< 25 a region

// The report's clock, minutes and seconds after 14:00.
Time afternoon(const World& world, int minute, int second = 0) {
  return world.at(3, 14, minute, second);
}

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

std::string trail_request(std::string_view region) {
  return Object()
      .text("name",
            fmt::format("arn:aws:cloudtrail:{}:{}:trail/production-trail", region, kProduction))
      .done();
}

std::string protection_request(const Machine& machine, std::string_view value) {
  return Object()
      .text("instanceId", machine.id)
      .raw("disableApiTermination", Object().raw("value", value).done())
      .done();
}

LaunchRequest launch_request(Time time, std::string_view region, uint32_t count) {
  LaunchRequest request{time, std::string(kProduction), std::string(region), "p3.2xlarge"};
  request.count = count;
  request.name_tag = "gpu-batch";
  request.group_name = "gpu-batch";
  return request;
}

/// The first calls: who am I, what may I launch, how much of it. Returns the first record's id.
std::string add_probing(World& world, Rng& rng, const Caller& thief) {
  Time time = afternoon(world, 12);
  const std::string first = add_call(
      world, rng, thief, simple_call(time, "us-east-1", "sts", "GetCallerIdentity", "null"));
  add_call(
      world, rng, thief,
      simple_call(time + kSecond, "us-east-1", "ec2", "DescribeRegions", R"({"regionSet":{}})"));
  for (const std::string_view region : kRegions) {
    time = time + kSecond;
    add_call(world, rng, thief,
             simple_call(time, region, "servicequotas", "GetServiceQuota",
                         R"({"serviceCode":"ec2","quotaCode":"L-417A185B"})"));
    launch_refused(world, rng, thief, launch_request(time + kSecond, region, 25),
                   "Client.DryRunOperation",
                   "Request would have succeeded, but DryRun flag is set.");
  }
  return first;
}

/// One region: launch, protect from termination, stop the trail. About seventy seconds.
std::vector<const Machine*> take_region(World& world, Rng& rng, const Caller& thief, size_t index,
                                        Time time) {
  const std::string_view region = kRegions[index];
  if (index % 3 == 1) {  // greedy first
    launch_refused(
        world, rng, thief, launch_request(time, region, 50), "Client.VcpuLimitExceeded",
        "You have requested more vCPU capacity than your current vCPU limit of 208 allows "
        "for the instance bucket that the specified instance type belongs to.");
    time = time + 2 * kSecond;
  }
  std::vector<const Machine*> machines;
  for (const uint32_t count : kPerCall) {
    const Launched launched = launch(world, rng, thief, launch_request(time, region, count));
    machines.insert(machines.end(), launched.machines.begin(), launched.machines.end());
    time = time + rng.between(3, 5) * kSecond;
  }
  for (size_t i = 0; i < machines.size(); ++i) {
    const Time at = time + static_cast<int64_t>(i) * kSecond;
    add_call(world, rng, thief,
             simple_call(at, region, "ec2", "ModifyInstanceAttribute",
                         protection_request(*machines[i], "true"), ec2_success(rng)));
  }
  const Time stopped = time + 30 * kSecond;
  add_call(world, rng, thief,
           simple_call(stopped, region, "cloudtrail", "StopLogging", trail_request(region)));
  world.silences.push_back(
      {std::string(kProduction), std::string(region), stopped + kSecond, afternoon(world, 30)});
  return machines;
}

void add_alerts(World& world, Rng& rng, const std::vector<const Machine*>& machines) {
  const RemoteHost thief{std::string(kAddress), "Germany", "Berlin",
                         "Stiftung Erneuerbare Freiheit", 60729};
  FindingRequest stealth;
  stealth.type = "Stealth:IAMUser/CloudTrailLoggingDisabled";
  stealth.title = "AWS CloudTrail trail production-trail was disabled.";
  stealth.description =
      "AWS CloudTrail trail production-trail was disabled by ci-deploy calling StopLogging.";
  stealth.severity = 7;  // the published report calls it high
  stealth.account = kProduction;
  stealth.region = kRegions[0];
  stealth.first_seen = stealth.last_seen = afternoon(world, 13, 20);
  stealth.created = afternoon(world, 15);
  stealth.action = api_action("StopLogging", "cloudtrail.amazonaws.com", thief, kAgent);
  stealth.resource = access_key_resource(kProduction, kPipelineKey, "ci-deploy", "IAMUser");
  add_finding(world, rng, stealth);

  const RemoteHost pool{std::string(kPool.address), "France", "Gravelines", "OVH SAS", 16276};
  for (const Machine* machine : machines) {
    FindingRequest mining = stealth;
    mining.type = "CryptoCurrency:EC2/BitcoinTool.B";
    mining.title =
        "The EC2 instance is communicating with an IP address associated with a Bitcoin-related "
        "activity.";
    mining.description = fmt::format(
        "EC2 instance {} is communicating with IP address {} that is associated with "
        "Bitcoin-related activity.",
        machine->id, kPool.address);
    mining.severity = 8;
    mining.region = machine->network->region;
    mining.first_seen = machine->launched + 2 * kMinute;
    mining.last_seen = afternoon(world, 22, 30);
    mining.created = afternoon(world, 23);
    mining.action = connection_action(*machine, pool, kPool.port, ephemeral_port(rng));
    mining.resource = instance_resource(*machine);
    add_finding(world, rng, mining);
  }
}

/// 14:25 key off, 14:30 trails on, 14:35 protection off, 14:41 machines gone.
void add_response(World& world, Rng& rng, const std::vector<const Machine*>& machines) {
  const Caller responder = role_session(
      kProduction, "SecurityResponse", "INC-2025-0223", "73.114.22.190",
      "aws-cli/2.24.3 md/awscrt#0.23.8 ua/2.0 os/linux#6.8.0", afternoon(world, 24, 10));
  add_call(world, rng, responder,
           simple_call(afternoon(world, 25), "us-east-1", "iam", "UpdateAccessKey",
                       Object()
                           .text("userName", "ci-deploy")
                           .text("accessKeyId", kPipelineKey)
                           .text("status", "Inactive")
                           .done()));
  for (const std::string_view region : kRegions) {
    add_call(world, rng, responder,
             simple_call(afternoon(world, 30), region, "cloudtrail", "StartLogging",
                         trail_request(region)));
    std::vector<const Machine*> here;
    std::copy_if(machines.begin(), machines.end(), std::back_inserter(here),
                 [&](const Machine* machine) { return machine->network->region == region; });
    for (const Machine* machine : here) {
      add_call(world, rng, responder,
               simple_call(afternoon(world, 35), region, "ec2", "ModifyInstanceAttribute",
                           protection_request(*machine, "false"), ec2_success(rng)));
    }
    terminate(world, rng, responder, afternoon(world, 41), here);
  }
}

}  // namespace

void plant_mass_launch(World& world) {
  Rng rng = world.rng("incident/mass-launch");
  Caller thief = ci_deploy(kAddress);
  thief.user_agent = kAgent;
  Planted truth;
  truth.first_record_id = add_probing(world, rng, thief);

  std::vector<const Machine*> machines;
  for (size_t i = 0; i < std::size(kRegions); ++i) {
    const Time time = afternoon(world, 12, 20) + static_cast<int64_t>(i) * 73 * kSecond;
    const std::vector<const Machine*> taken = take_region(world, rng, thief, i, time);
    machines.insert(machines.end(), taken.begin(), taken.end());
    truth.regions.emplace_back(kRegions[i]);
  }
  Time first_mining = world.end();
  for (const Machine* machine : machines) {
    const Time first = machine->launched + rng.between(62, 150) * kSecond;
    first_mining = std::min(first_mining, first);
    add_pool_session(world, rng, *machine, kPool, first,
                     afternoon(world, 41, static_cast<int>(rng.below(30))));
    truth.instances.push_back(machine->id);
  }
  add_alerts(world, rng, machines);
  add_response(world, rng, machines);

  truth.name = "mass-launch";
  truth.title = "Leaked pipeline key launches 200 GPU machines in eight regions";
  truth.kind = "compromised_credential";
  truth.accounts = {std::string(kProduction)};
  truth.principals = {thief.arn()};
  truth.access_keys = {std::string(kPipelineKey)};
  truth.source_ips = {std::string(kAddress)};
  truth.pools = {fmt::format("{}:{}", kPool.name, kPool.port)};
  truth.first_malicious = afternoon(world, 12);
  truth.first_mining = first_mining;
  truth.last_activity = afternoon(world, 41, 30);
  truth.lowest_score = 97;
  world.planted.push_back(std::move(truth));
}

}  // namespace davy::simulate
