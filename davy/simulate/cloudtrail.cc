// SPDX-License-Identifier: Apache-2.0
#include "davy/simulate/cloudtrail.h"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "davy/simulate/json_text.h"

namespace davy::simulate {
namespace {

constexpr std::string_view kReadPrefixes[] = {"Describe",   "Get",      "List",   "Lookup",
                                              "AssumeRole", "BatchGet", "Search", "Decrypt"};

bool is_read_only(std::string_view operation) {
  return std::any_of(std::begin(kReadPrefixes), std::end(kReadPrefixes),
                     [&](std::string_view prefix) { return operation.starts_with(prefix); });
}

bool is_address(std::string_view source) {
  return !source.empty() && source.front() <= '9';
}

/// CloudTrail and IAM call some services by another name than their endpoint.
std::string event_source(std::string_view service) {
  return service == "cloudwatch" ? "monitoring.amazonaws.com"
                                 : fmt::format("{}.amazonaws.com", service);
}

std::string endpoint(const Call& call) {
  if (call.service == "iam") return "iam.amazonaws.com";
  return fmt::format("{}.{}.amazonaws.com", call.service, call.region);
}

std::string attributes(const Caller& caller) {
  return Object()
      .text("creationDate", to_rfc3339(caller.session_start))
      .text("mfaAuthenticated", caller.mfa ? "true" : "false")
      .done();
}

std::string role_identity(const Caller& caller) {
  const std::string role_id = aws_id("AROA", caller.account + caller.name);
  const std::string issuer = Object()
                                 .text("type", "Role")
                                 .text("principalId", role_id)
                                 .text("arn", fmt::format("arn:aws:iam::{}:role{}{}",
                                                          caller.account, caller.path, caller.name))
                                 .text("accountId", caller.account)
                                 .text("userName", caller.name)
                                 .done();
  Object context;
  context.raw("sessionIssuer", issuer);
  if (caller.web_identity) {
    context.raw(
        "webIdFederationData",
        Object()
            .text("federatedProvider",
                  fmt::format("arn:aws:iam::{}:oidc-provider/token.actions.githubusercontent.com",
                              caller.account))
            .raw("attributes", "{}")
            .done());
  }
  context.raw("attributes", attributes(caller));
  if (caller.session.starts_with("i-")) context.text("ec2RoleDelivery", "2.0");
  Object identity;
  identity.text("type", "AssumedRole")
      .text("principalId", role_id + ':' + caller.session)
      .text("arn", caller.arn())
      .text("accountId", caller.account)
      .text("accessKeyId", caller.access_key)
      .raw("sessionContext", context.done());
  if (!is_address(caller.source_ip)) identity.text("invokedBy", caller.source_ip);
  return identity.done();
}

std::string identity(const Caller& caller) {
  Object out;
  switch (caller.type) {
    case Caller::Type::kService:
      return out.text("type", "AWSService").text("invokedBy", caller.name).done();
    case Caller::Type::kRole: return role_identity(caller);
    case Caller::Type::kRoot: out.text("type", "Root").text("principalId", caller.account); break;
    case Caller::Type::kUser:
      out.text("type", "IAMUser").text("principalId", aws_id("AIDA", caller.account + caller.name));
      break;
  }
  out.text("arn", caller.arn()).text("accountId", caller.account);
  if (!caller.access_key.empty()) out.text("accessKeyId", caller.access_key);
  if (caller.type == Caller::Type::kUser) out.text("userName", caller.name);
  if (caller.session_start.known()) {
    out.raw("sessionContext", Object().raw("attributes", attributes(caller)).done());
  }
  return out.done();
}

std::string cloudtrail_record(Rng& rng, const Caller& caller, const Call& call,
                              std::string_view event_id) {
  Object record;
  record.text("eventVersion", "1.10")
      .raw("userIdentity", identity(caller))
      .text("eventTime", to_rfc3339(call.time))
      .text("eventSource", event_source(call.service))
      .text("eventName", call.operation)
      .text("awsRegion", call.region)
      .text("sourceIPAddress", caller.source_ip)
      .text("userAgent", caller.user_agent);
  if (!call.error_code.empty()) record.text("errorCode", call.error_code);
  if (!call.error_message.empty()) record.text("errorMessage", call.error_message);
  record.raw("requestParameters", call.request).raw("responseElements", call.response);
  if (!call.additional.empty()) record.raw("additionalEventData", call.additional);
  record.text("requestID", rng.uuid())
      .text("eventID", event_id)
      .raw("readOnly", is_read_only(call.operation) ? "true" : "false");
  if (!call.resources.empty()) record.raw("resources", call.resources);
  record.text("eventType", call.event_type)
      .raw("managementEvent", "true")
      .text("recipientAccountId", caller.account)
      .text("eventCategory", "Management");
  if (is_address(caller.source_ip)) {
    record.raw("tlsDetails", Object()
                                 .text("tlsVersion", "TLSv1.3")
                                 .text("cipherSuite", "TLS_AES_128_GCM_SHA256")
                                 .text("clientProvidedHostHeader", endpoint(call))
                                 .done());
  }
  return record.done();
}

}  // namespace

std::string Caller::arn() const {
  switch (type) {
    case Type::kRoot: return fmt::format("arn:aws:iam::{}:root", account);
    case Type::kUser: return fmt::format("arn:aws:iam::{}:user/{}", account, name);
    case Type::kRole:
      return fmt::format("arn:aws:sts::{}:assumed-role/{}/{}", account, name, session);
    case Type::kService: return {};
  }
  return {};
}

Caller root_key(std::string_view account, std::string_view key, std::string_view ip,
                std::string_view agent) {
  Caller caller;
  caller.type = Caller::Type::kRoot;
  caller.account = account;
  caller.access_key = key;
  caller.source_ip = ip;
  caller.user_agent = agent;
  return caller;
}

Caller user_key(std::string_view account, std::string_view user, std::string_view key,
                std::string_view ip, std::string_view agent) {
  Caller caller = root_key(account, key, ip, agent);
  caller.type = Caller::Type::kUser;
  caller.name = user;
  return caller;
}

Caller role_session(std::string_view account, std::string_view role, std::string_view session,
                    std::string_view ip, std::string_view agent, Time session_start) {
  Caller caller = user_key(account, role, {}, ip, agent);
  caller.type = Caller::Type::kRole;
  caller.session = session;
  caller.session_start = session_start;
  caller.access_key =
      aws_id("ASIA", fmt::format("{}{}{}{}", account, role, session, session_start.ns));
  return caller;
}

Caller service_role(std::string_view account, std::string_view role, std::string_view session,
                    std::string_view service, Time session_start) {
  Caller caller = role_session(account, role, session, service, service, session_start);
  caller.path = fmt::format("/aws-service-role/{}/", service);
  return caller;
}

std::string add_call(World& world, Rng& rng, const Caller& caller, const Call& call) {
  const std::string event_id = rng.uuid();
  // Typically about five minutes pass before delivery.
  const Time delivered = call.time + rng.between(120, 480) * kSecond;
  world.api.push_back({call.time, delivered, caller.account, call.region, event_id,
                       cloudtrail_record(rng, caller, call, event_id)});
  return event_id;
}

std::string aws_id(std::string_view prefix, std::string_view belongs_to) {
  return std::string(prefix) + Rng(0, belongs_to).capitals(prefix == "ASIA" ? 16 : 17);
}

std::string ec2_success(Rng& rng) {
  return Object().text("requestId", rng.uuid()).raw("_return", "true").done();
}

}  // namespace davy::simulate
