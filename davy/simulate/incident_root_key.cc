// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <fmt/format.h>

#include "davy/simulate/findings.h"
#include "davy/simulate/incidents.h"
#include "davy/simulate/json_text.h"
#include "davy/simulate/launch.h"
#include "davy/simulate/metrics.h"

namespace davy::simulate {
namespace {

constexpr std::string_view kRegion = "us-east-1";
constexpr std::string_view kKey = "AKIAWQ3N5VZL7T2KMRXD";
constexpr std::string_view kAddress = "103.125.189.44";
constexpr std::string_view kAgent =
    "Boto3/1.26.84 Python/3.10.12 Linux/5.15.0-122-generic Botocore/1.29.84";
constexpr Pool kPool{"xmr.2miners.com", "162.19.139.184", 2222};

struct Step {
  int minute, second;
  std::string_view region, service, operation, request;
};
// Enumeration by hand: seconds to a minute apart.
constexpr Step kEnumeration[] = {
    {2, 11, "us-east-1", "sts", "GetCallerIdentity", "null"},
    {2, 19, "us-east-1", "iam", "ListUsers", "null"},
    {2, 31, "us-east-1", "iam", "ListRoles", "null"},
    {2, 58, "us-east-1", "ec2", "DescribeRegions", R"({"regionSet":{},"allRegions":true})"},
    {3, 20, "us-east-1", "servicequotas", "GetServiceQuota",
     R"({"serviceCode":"ec2","quotaCode":"L-1216C47A"})"},
    {3, 44, "us-east-1", "ec2", "DescribeInstances", R"({"instancesSet":{},"filterSet":{}})"},
    {4, 2, "us-east-1", "ec2", "DescribeInstanceTypeOfferings",
     R"({"DescribeInstanceTypeOfferingsRequest":{"LocationType":"availability-zone","Filter":{"tag":1,"Name":"instance-type","Value":{"tag":1,"content":"c5.4xlarge"}}}})"},
    {4, 27, "us-west-2", "servicequotas", "GetServiceQuota",
     R"({"serviceCode":"ec2","quotaCode":"L-1216C47A"})"},
    {4, 51, "us-east-1", "ec2", "DescribeImages",
     R"({"imagesSet":{},"ownersSet":{"items":[{"owner":"099720109477"}]},"filterSet":{}})"},
    {5, 30, "us-east-1", "ec2", "DescribeSecurityGroups",
     R"({"securityGroupSet":{},"securityGroupIdSet":{},"filterSet":{}})"},
    {5, 52, "us-east-1", "ec2", "DescribeSubnets", R"({"subnetSet":{},"filterSet":{}})"},
};

Time evening(const World& world, int minute, int second = 0) {
  return world.at(3, 18, minute, second);
}

Call step_call(Time time, std::string_view region, std::string_view service,
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

/// Key pair and a security group that lets everybody in.
void add_preparation(World& world, Rng& rng, const Caller& root) {
  const std::string key =
      Object()
          .text("requestId", rng.uuid())
          .text("keyName", "ubuntu-key1")
          .text("keyFingerprint", "5b:0e:8f:53:aa:12:9c:44:7d:e1:2f:90:63:18:b7:4a:9e:51:cc:07")
          .text("keyPairId", "key-0" + rng.hex(16))
          .text("keyMaterial", "<sensitiveDataRemoved>")
          .done();
  add_call(world, rng, root,
           step_call(evening(world, 7, 10), kRegion, "ec2", "CreateKeyPair",
                     R"({"keyName":"ubuntu-key1","keyType":"rsa","keyFormat":"pem"})", key));
  const std::string group = "sg-0" + rng.hex(16);
  const std::string network = world.network(kMarketing, kRegion).vpc;
  add_call(world, rng, root,
           step_call(evening(world, 7, 42), kRegion, "ec2", "CreateSecurityGroup",
                     Object()
                         .text("groupName", "launch-wizard-7")
                         .text("groupDescription", "open")
                         .text("vpcId", network)
                         .done(),
                     Object()
                         .text("requestId", rng.uuid())
                         .raw("_return", "true")
                         .text("groupId", group)
                         .done()));
  const std::string open_ssh =
      Object()
          .text("groupId", group)
          .raw(
              "ipPermissions",
              R"({"items":[{"ipProtocol":"tcp","fromPort":22,"toPort":22,"groups":{},"ipRanges":{"items":[{"cidrIp":"0.0.0.0/0"}]},"ipv6Ranges":{},"prefixListIds":{}}]})")
          .done();
  add_call(world, rng, root,
           step_call(evening(world, 8, 1), kRegion, "ec2", "AuthorizeSecurityGroupIngress",
                     open_ssh, ec2_success(rng)));
}

std::vector<const Machine*> add_launches(World& world, Rng& rng, const Caller& root) {
  LaunchRequest request{evening(world, 8, 40), std::string(kMarketing), std::string(kRegion),
                        "c5.4xlarge"};
  request.count = 5;
  request.key_name = "ubuntu-key1";
  request.group_name = "launch-wizard-7";
  request.name_tag = "worker";
  launch_refused(world, rng, root, request, "Client.DryRunOperation",
                 "Request would have succeeded, but DryRun flag is set.");
  std::vector<const Machine*> machines;
  for (const int second : {2, 31}) {
    request.time = evening(world, 9, second);
    const Launched launched = launch(world, rng, root, request);
    machines.insert(machines.end(), launched.machines.begin(), launched.machines.end());
  }
  return machines;
}

/// Cloud-init starts the miner within three minutes; twelve of sixteen threads fit the cache.
/// Returns when the first one connects.
Time add_mining(World& world, Rng& rng, const std::vector<const Machine*>& machines) {
  Time earliest = world.end();
  for (const Machine* machine : machines) {
    const Time first = machine->launched + rng.between(95, 170) * kSecond;
    earliest = std::min(earliest, first);
    add_pool_session(world, rng, *machine, kPool, first, world.end());
    add_cpu(world, rng, *machine, first + 5 * kMinute, world.end(),
            [](Time, Rng& r) { return r.around(7510, 80); });
  }
  return earliest;
}

void add_alerts(World& world, Rng& rng, const std::vector<const Machine*>& machines) {
  FindingRequest root_use;
  root_use.type = "Policy:IAMUser/RootCredentialUsage";
  root_use.title = "API RunInstances was invoked using root credentials.";
  root_use.description = fmt::format(
      "API RunInstances was invoked using root credentials from IP address {}.", kAddress);
  root_use.severity = 2;
  root_use.account = kMarketing;
  root_use.region = kRegion;
  root_use.first_seen = evening(world, 2, 11);
  root_use.last_seen = evening(world, 9, 31);
  root_use.created = evening(world, 16, 5);
  root_use.count = 14;
  root_use.action =
      api_action("RunInstances", "ec2.amazonaws.com",
                 {std::string(kAddress), "Vietnam", "Hanoi", "VNPT Corp", 135905}, kAgent);
  root_use.resource = access_key_resource(kMarketing, kKey, "Root", "Root");
  add_finding(world, rng, root_use);

  for (const Machine* machine : machines) {
    FindingRequest mining = root_use;
    mining.type = "CryptoCurrency:EC2/BitcoinTool.B!DNS";
    mining.title =
        fmt::format("Bitcoin-related domain name queried by EC2 instance {}.", machine->id);
    mining.description = fmt::format(
        "EC2 instance {} is querying a domain name that is associated with Bitcoin-related "
        "activity.",
        machine->id);
    mining.severity = 8;
    mining.first_seen = mining.last_seen = machine->launched + 3 * kMinute;
    mining.created = evening(world, 27, 40) + rng.between(0, 80) * kSecond;
    mining.count = 1;
    mining.action = dns_action(kPool.name);
    mining.resource = instance_resource(*machine);
    add_finding(world, rng, mining);
  }
}

}  // namespace

void plant_root_key(World& world) {
  Rng rng = world.rng("incident/root-key");
  const Caller root = root_key(kMarketing, kKey, kAddress, kAgent);
  Planted truth;
  for (const Step& step : kEnumeration) {
    const std::string id =
        add_call(world, rng, root,
                 step_call(evening(world, step.minute, step.second), step.region, step.service,
                           step.operation, std::string(step.request)));
    if (truth.first_record_id.empty()) truth.first_record_id = id;
  }
  add_preparation(world, rng, root);
  const std::vector<const Machine*> machines = add_launches(world, rng, root);
  truth.first_mining = add_mining(world, rng, machines);
  add_alerts(world, rng, machines);

  truth.name = "root-key";
  truth.title = "Root access key of an unused account launches ten miners";
  truth.kind = "compromised_credential";
  truth.accounts = {std::string(kMarketing)};
  truth.regions = {std::string(kRegion)};
  truth.principals = {root.arn()};
  truth.access_keys = {std::string(kKey)};
  truth.source_ips = {std::string(kAddress)};
  for (const Machine* machine : machines)
    truth.instances.push_back(machine->id);
  truth.pools = {fmt::format("{}:{}", kPool.name, kPool.port)};
  truth.first_malicious = evening(world, kEnumeration[0].minute, kEnumeration[0].second);
  truth.last_activity = world.end();
  truth.lowest_score = 92;
  world.planted.push_back(std::move(truth));
}

}  // namespace davy::simulate
