// SPDX-License-Identifier: Apache-2.0
#include "davy/simulate/launch.h"

#include <algorithm>

#include <fmt/format.h>

#include "davy/base/hash.h"
#include "davy/simulate/json_text.h"

namespace davy::simulate {
namespace {

std::string security_group_id(const Network& network, std::string_view group_name) {
  return "sg-0" + to_hex(hash64(network.vpc + std::string(group_name)));
}

std::string tag_specification(const LaunchRequest& request) {
  std::string tags = Object().text("key", "Name").text("value", request.name_tag).done();
  if (!request.tags.empty()) tags += ',' + request.tags;
  return items({Object().text("resourceType", "instance").raw("tags", '[' + tags + ']').done()});
}

std::string request_json(Rng& rng, const LaunchRequest& request, const Network& network,
                         std::string_view client_token) {
  Object instance;
  instance.text("imageId", "ami-0" + to_hex(hash64(network.region)));
  if (!request.key_name.empty()) instance.text("keyName", request.key_name);
  instance.number("minCount", request.count).number("maxCount", request.count);
  const std::string group =
      items({Object().text("groupId", security_group_id(network, request.group_name)).done()});
  const std::string interface = Object()
                                    .number("deviceIndex", 0)
                                    .raw("associatePublicIpAddress", "true")
                                    .text("subnetId", network.subnet)
                                    .raw("groupSet", group)
                                    .done();
  const std::string disk = Object()
                               .text("deviceName", "/dev/xvda")
                               .raw("ebs", Object()
                                               .number("volumeSize", rng.between(2, 8) * 10)
                                               .raw("deleteOnTermination", "true")
                                               .text("volumeType", "gp3")
                                               .raw("encrypted", "false")
                                               .done())
                               .done();
  Object out;
  out.raw("instancesSet", items({instance.done()}))
      .text("instanceType", request.type)
      .raw("blockDeviceMapping", items({disk}))
      .raw("networkInterfaceSet", items({interface}))
      .raw("monitoring", R"({"enabled":false})")
      .raw("disableApiTermination", "false")
      .raw("disableApiStop", "false")
      .text("clientToken", client_token)
      .raw("ebsOptimized", "false")
      .raw("tagSpecificationSet", tag_specification(request));
  if (!request.profile.empty()) {
    out.raw("iamInstanceProfile", Object().text("name", request.profile).done());
  }
  return out.done();
}

std::string mac_address(const std::string& ten_digits) {
  std::string text = "0a";
  for (size_t i = 0; i < ten_digits.size(); i += 2)
    text += ':' + ten_digits.substr(i, 2);
  return text;
}

std::string interface_json(Rng& rng, const Machine& machine, const LaunchRequest& request,
                           const std::string& groups) {
  const Network& network = *machine.network;
  const int64_t launch_ms = request.time.ns / 1'000'000;
  const std::string attachment = Object()
                                     .text("attachmentId", "eni-attach-0" + rng.hex(16))
                                     .number("deviceIndex", 0)
                                     .number("networkCardIndex", 0)
                                     .text("status", "attaching")
                                     .number("attachTime", launch_ms)
                                     .raw("deleteOnTermination", "true")
                                     .done();
  const std::string address =
      Object().text("privateIpAddress", machine.private_ip).raw("primary", "true").done();
  return Object()
      .text("networkInterfaceId", machine.interface)
      .text("subnetId", network.subnet)
      .text("vpcId", network.vpc)
      .text("ownerId", network.account)
      .text("status", "in-use")
      .text("macAddress", mac_address(rng.hex(10)))
      .text("privateIpAddress", machine.private_ip)
      .raw("sourceDestCheck", "true")
      .text("interfaceType", "interface")
      .raw("groupSet", groups)
      .raw("attachment", attachment)
      .raw("privateIpAddressesSet", Object().raw("item", list({address})).done())
      .raw("ipv6AddressesSet", "{}")
      .raw("tagSet", "{}")
      .done();
}

std::string private_dns(const Machine& machine) {
  std::string dashed = machine.private_ip;
  std::replace(dashed.begin(), dashed.end(), '.', '-');
  const std::string& region = machine.network->region;
  return region == "us-east-1" ? fmt::format("ip-{}.ec2.internal", dashed)
                               : fmt::format("ip-{}.{}.compute.internal", dashed, region);
}

std::string instance_json(Rng& rng, const Machine& machine, const LaunchRequest& request,
                          size_t index, std::string_view client_token) {
  const Network& network = *machine.network;
  const std::string groups =
      items({Object()
                 .text("groupId", security_group_id(network, request.group_name))
                 .text("groupName", request.group_name)
                 .done()});
  Object out;
  out.text("instanceId", machine.id)
      .text("imageId", machine.image)
      .raw("instanceState", R"({"code":0,"name":"pending"})")
      .text("privateDnsName", private_dns(machine));
  if (!request.key_name.empty()) out.text("keyName", request.key_name);
  out.number("amiLaunchIndex", static_cast<int64_t>(index))
      .raw("productCodes", "{}")
      .text("instanceType", machine.type)
      .number("launchTime", request.time.ns / 1'000'000)
      .raw("placement",
           Object().text("availabilityZone", network.zone).text("tenancy", "default").done())
      .raw("monitoring", R"({"state":"disabled"})")
      .text("subnetId", network.subnet)
      .text("vpcId", network.vpc)
      .text("privateIpAddress", machine.private_ip)
      .raw("stateReason", R"({"code":"pending","message":"pending"})")
      .text("architecture", "x86_64")
      .text("rootDeviceType", "ebs")
      .text("rootDeviceName", "/dev/xvda")
      .raw("blockDeviceMapping", "{}")
      .text("virtualizationType", "hvm")
      .text("hypervisor", "xen")
      .raw("tagSet", items({Object().text("key", "Name").text("value", request.name_tag).done()}))
      .text("clientToken", client_token)
      .raw("groupSet", groups)
      .raw("sourceDestCheck", "true")
      .raw("networkInterfaceSet", items({interface_json(rng, machine, request, groups)}))
      .raw("ebsOptimized", "false")
      .raw("enaSupport", "true")
      .raw(
          "metadataOptions",
          R"({"state":"pending","httpTokens":"optional","httpPutResponseHopLimit":2,)"
          R"("httpEndpoint":"enabled","httpProtocolIpv6":"disabled","instanceMetadataTags":"disabled"})");
  return out.done();
}

Call run_instances(const LaunchRequest& request, std::string request_parameters) {
  Call call;
  call.time = request.time;
  call.region = request.region;
  call.service = "ec2";
  call.operation = "RunInstances";
  call.request = std::move(request_parameters);
  return call;
}

}  // namespace

Launched launch(World& world, Rng& rng, const Caller& caller, const LaunchRequest& request) {
  Network& network = world.network(request.account, request.region);
  const std::string token = rng.uuid();
  Call call = run_instances(request, request_json(rng, request, network, token));
  Launched launched;
  std::vector<std::string> instances;
  for (uint32_t i = 0; i < request.count; ++i) {
    const Machine& machine =
        world.add_machine(rng, network, request.type, request.name_tag, request.time);
    instances.push_back(instance_json(rng, machine, request, i, token));
    launched.machines.push_back(&machine);
  }
  Object response;
  response.text("requestId", rng.uuid())
      .text("reservationId", "r-0" + rng.hex(16))
      .text("ownerId", request.account)
      .raw("groupSet", "{}")
      .raw("instancesSet", items(instances));
  if (!request.requester.empty()) response.text("requesterId", request.requester);
  call.response = response.done();
  launched.record_id = add_call(world, rng, caller, call);
  return launched;
}

std::string launch_refused(World& world, Rng& rng, const Caller& caller,
                           const LaunchRequest& request, std::string_view code,
                           std::string_view message) {
  const Network& network = world.network(request.account, request.region);
  Call call = run_instances(request, request_json(rng, request, network, rng.uuid()));
  call.error_code = code;
  call.error_message = message;
  return add_call(world, rng, caller, call);
}

std::string terminate(World& world, Rng& rng, const Caller& caller, Time time,
                      const std::vector<const Machine*>& machines) {
  std::vector<std::string> asked, answered;
  for (const Machine* machine : machines) {
    asked.push_back(Object().text("instanceId", machine->id).done());
    answered.push_back(Object()
                           .text("instanceId", machine->id)
                           .raw("currentState", R"({"code":32,"name":"shutting-down"})")
                           .raw("previousState", R"({"code":16,"name":"running"})")
                           .done());
  }
  Call call;
  call.time = time;
  call.region = machines.front()->network->region;
  call.service = "ec2";
  call.operation = "TerminateInstances";
  call.request = Object().raw("instancesSet", items(asked)).done();
  call.response =
      Object().text("requestId", rng.uuid()).raw("instancesSet", items(answered)).done();
  return add_call(world, rng, caller, call);
}

}  // namespace davy::simulate
