// SPDX-License-Identifier: Apache-2.0
#include "davy/simulate/findings.h"

#include <fmt/format.h>

#include "davy/base/hash.h"
#include "davy/simulate/cloudtrail.h"
#include "davy/simulate/json_text.h"

namespace davy::simulate {
namespace {

/// GuardDuty writes milliseconds even when they are zero.
std::string with_milliseconds(Time time) {
  std::string text = to_rfc3339(bucket_start(time, kSecond));
  text.pop_back();
  return text + fmt::format(".{:03}Z", time.ns % kSecond / 1'000'000);
}

std::string detector_id(const FindingRequest& request) {
  return to_hex(hash128("detector" + request.account + request.region));
}

std::string remote_details(const RemoteHost& remote) {
  const std::string organisation = Object()
                                       .text("asn", fmt::format("{}", remote.asn))
                                       .text("asnOrg", remote.organisation)
                                       .text("isp", remote.organisation)
                                       .text("org", remote.organisation)
                                       .done();
  return Object()
      .text("ipAddressV4", remote.ip)
      .raw("organization", organisation)
      .raw("country", Object().text("countryName", remote.country).done())
      .raw("city", Object().text("cityName", remote.city).done())
      .done();
}

std::string service_json(const FindingRequest& request) {
  return Object()
      .text("serviceName", "guardduty")
      .text("detectorId", detector_id(request))
      .raw("action", request.action)
      .text("resourceRole", "TARGET")
      .raw("additionalInfo", request.sample
                                 ? R"({"value":"{\"sample\":true}","type":"default","sample":true})"
                                 : R"({"value":"{}","type":"default"})")
      .raw("evidence", "null")
      .text("eventFirstSeen", with_milliseconds(request.first_seen))
      .text("eventLastSeen", with_milliseconds(request.last_seen))
      .raw("archived", "false")
      .number("count", static_cast<int64_t>(request.count))
      .done();
}

}  // namespace

void add_finding(World& world, Rng& rng, const FindingRequest& request) {
  const std::string id = rng.hex(32);
  const std::string text =
      Object()
          .text("schemaVersion", "2.0")
          .text("accountId", request.account)
          .text("region", request.region)
          .text("partition", "aws")
          .text("id", id)
          .text("arn", fmt::format("arn:aws:guardduty:{}:{}:detector/{}/finding/{}", request.region,
                                   request.account, detector_id(request), id))
          .text("type", request.type)
          .raw("resource", request.resource)
          .raw("service", service_json(request))
          .number("severity", request.severity)
          .text("createdAt", with_milliseconds(request.created))
          .text("updatedAt", with_milliseconds(request.created))
          .text("title", request.title)
          .text("description", request.description)
          .done();
  world.findings.push_back({request.created, request.account, request.region, text});
}

std::string instance_resource(const Machine& machine) {
  const Network& network = *machine.network;
  const std::string address =
      Object().text("privateDnsName", "").text("privateIpAddress", machine.private_ip).done();
  const std::string interface =
      Object()
          .text("networkInterfaceId", machine.interface)
          .raw("ipv6Addresses", "[]")
          .text("privateIpAddress", machine.private_ip)
          .raw("privateIpAddresses", list({address}))
          .text("publicIp", machine.public_ip)
          .text("publicDnsName", "")
          .text("subnetId", network.subnet)
          .text("vpcId", network.vpc)
          .raw("securityGroups", list({Object()
                                           .text("groupName", "default")
                                           .text("groupId", "sg-0" + to_hex(hash64(network.vpc)))
                                           .done()}))
          .done();
  const std::string details =
      Object()
          .text("instanceId", machine.id)
          .text("instanceType", machine.type)
          .text("launchTime", to_rfc3339(machine.launched))
          .text("availabilityZone", network.zone)
          .text("imageId", machine.image)
          .text("imageDescription", "Canonical, Ubuntu, 22.04 LTS, amd64 jammy image")
          .text("instanceState", "running")
          .raw("platform", "null")
          .raw("productCodes", "[]")
          .raw("networkInterfaces", list({interface}))
          .raw("tags", list({Object().text("key", "Name").text("value", machine.name).done()}))
          .done();
  return Object().text("resourceType", "Instance").raw("instanceDetails", details).done();
}

std::string access_key_resource(std::string_view account, std::string_view key,
                                std::string_view user, std::string_view user_type) {
  const std::string details =
      Object()
          .text("accessKeyId", key)
          .text("principalId", user_type == "Root"
                                   ? std::string(account)
                                   : aws_id("AIDA", std::string(account) + std::string(user)))
          .text("userName", user)
          .text("userType", user_type)
          .done();
  return Object().text("resourceType", "AccessKey").raw("accessKeyDetails", details).done();
}

std::string dns_action(std::string_view domain) {
  return Object()
      .text("actionType", "DNS_REQUEST")
      .raw("dnsRequestAction",
           Object().text("domain", domain).text("protocol", "UDP").raw("blocked", "false").done())
      .done();
}

std::string connection_action(const Machine& machine, const RemoteHost& remote, uint16_t port,
                              uint16_t local_port) {
  const std::string details =
      Object()
          .text("connectionDirection", "OUTBOUND")
          .text("protocol", "TCP")
          .raw("blocked", "false")
          .raw("localPortDetails",
               Object().number("port", local_port).text("portName", "Unknown").done())
          .raw("localIpDetails", Object().text("ipAddressV4", machine.private_ip).done())
          .text("localNetworkInterface", machine.interface)
          .raw("remotePortDetails",
               Object().number("port", port).text("portName", "Unknown").done())
          .raw("remoteIpDetails", remote_details(remote))
          .done();
  return Object()
      .text("actionType", "NETWORK_CONNECTION")
      .raw("networkConnectionAction", details)
      .done();
}

std::string api_action(std::string_view api, std::string_view service, const RemoteHost& caller,
                       std::string_view user_agent) {
  const std::string details = Object()
                                  .text("api", api)
                                  .text("serviceName", service)
                                  .text("callerType", "Remote IP")
                                  .text("userAgent", user_agent)
                                  .raw("remoteIpDetails", remote_details(caller))
                                  .raw("affectedResources", "{}")
                                  .done();
  return Object().text("actionType", "AWS_API_CALL").raw("awsApiCallAction", details).done();
}

}  // namespace davy::simulate
