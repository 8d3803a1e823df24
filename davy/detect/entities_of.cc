// SPDX-License-Identifier: Apache-2.0
#include "davy/detect/entities_of.h"

#include <fmt/format.h>

#include "davy/base/hash.h"
#include "davy/summary/entity_links.h"

namespace davy::detect {
namespace {

using event::Entity;
using event::EntityType;

void add(std::vector<Entity>& out, EntityType type, std::string_view id) {
  if (!id.empty()) out.push_back({type, std::string(id)});
}

std::string_view role_of(const event::Actor& actor) {
  return actor.issuer_arn.empty() ? actor.arn : actor.issuer_arn;
}

void add_actor(const event::Event& event, std::vector<Entity>& out) {
  const event::Actor& actor = event.actor;
  add(out, EntityType::kAccessKey, actor.access_key);
  // A service acting for itself is nobody's accomplice.
  if (actor.type != "AWSService") add(out, EntityType::kPrincipal, role_of(actor));
  if (!actor.issuer_arn.empty()) add(out, EntityType::kSession, actor.arn);
  add(out, EntityType::kSourceAddress, actor.source_ip);
}

void add_api(const event::ApiCall& call, std::vector<Entity>& out) {
  for (std::string_view id : call.instance_ids)
    add(out, EntityType::kInstance, id);
  if (call.target.starts_with("i-")) add(out, EntityType::kInstance, call.target);
  if (call.target.starts_with("sg-")) add(out, EntityType::kSecurityGroup, call.target);
  add(out, EntityType::kAccessKey, call.created_access_key);
  if (call.launch) {
    add(out, EntityType::kImage, call.launch->image);
    add(out, EntityType::kSshKey, call.launch->key_name);
  }
  if (call.service == "cloudtrail.amazonaws.com" || call.service == "guardduty.amazonaws.com") {
    add(out, EntityType::kTrail, call.target);
  }
}

/// IAM names the user alone; the ARN is that of a user without a path.
std::string user_arn(const event::Event& event, std::string_view user) {
  const std::string_view caller = event.actor.arn;
  const std::string_view after = caller.starts_with("arn:") ? caller.substr(4) : "aws:";
  return fmt::format("arn:{}:iam::{}:user/{}", after.substr(0, after.find(':')), event.account,
                     user);
}

/// The user a service acts on, as when AWS puts a leaked key in quarantine: the event is about him.
std::string_view user_of_service_call(const event::Event& event) {
  const bool on_user = event.actor.type == "AWSService" && event.api != nullptr &&
                       event.api->service == "iam.amazonaws.com" &&
                       event.api->operation.ends_with("UserPolicy");
  return on_user ? event.api->target : std::string_view{};
}

void add_users(const event::Event& event, std::vector<Entity>& out) {
  if (const std::string_view user = summary::granted_user(event); !user.empty()) {
    add(out, EntityType::kGrantedUser, user_arn(event, user));
  }
  if (const std::string_view user = user_of_service_call(event); !user.empty()) {
    add(out, EntityType::kPrincipal, user_arn(event, user));
  }
}

void add_finding(const event::Finding& finding, std::vector<Entity>& out) {
  for (std::string_view id : finding.instance_ids)
    add(out, EntityType::kInstance, id);
  for (std::string_view key : finding.access_keys)
    add(out, EntityType::kAccessKey, key);
  add(out, EntityType::kDomain, finding.domain);
  if (!finding.remote_ip.empty()) {
    add(out, EntityType::kRemoteAddress,
        finding.remote_port == 0 ? std::string(finding.remote_ip)
                                 : fmt::format("{}:{}", finding.remote_ip, finding.remote_port));
  }
}

}  // namespace

void append_entities(const event::Event& event, std::vector<Entity>& out) {
  add(out, EntityType::kAccount, event.account);
  add(out, EntityType::kRegion, event.region);
  add(out, EntityType::kInstance, event.instance);
  add(out, EntityType::kHost, event.host);
  add(out, EntityType::kCluster, event.cluster);
  add(out, EntityType::kTask, event.task);
  add(out, EntityType::kContainer, event.container);
  add(out, EntityType::kPod, event.pod);
  add(out, EntityType::kImage, event.image);
  add_actor(event, out);
  if (event.api != nullptr) add_api(*event.api, out);
  add_users(event, out);
  if (event.finding != nullptr) add_finding(*event.finding, out);
  if (event.dns != nullptr) {
    add(out, EntityType::kDomain, event.dns->name);
    if (!event.dns->client_ip.empty()) {
      add(out, EntityType::kAddress,
          address_id(event.dns->vpc, event.account, event.dns->client_ip));
    }
  }
  if (event.flow != nullptr) {
    add(out, EntityType::kInterface, event.flow->interface);
    add(out, EntityType::kAddress,
        address_id(event.flow->vpc, event.account, event.flow->local_ip));
    add(out, EntityType::kRemoteAddress,
        fmt::format("{}:{}", event.flow->remote_ip, event.flow->remote_port));
  }
  if (event.process != nullptr) add(out, EntityType::kUser, event.process->user);
  if (event.host_change != nullptr) {
    add(out, EntityType::kSourceAddress, event.host_change->source_ip);
    if (event.host_change->what == event::HostChange::What::kUserAdded) {
      add(out, EntityType::kAddedUser, event.host_change->subject);
    }
  }
}

uint64_t subject_hash(const event::Event& event) {
  uint64_t hash = hash64(event.account);
  const auto mix = [&](std::string_view part) { hash = hash_combine(hash, hash64(part)); };
  if (event.api != nullptr) {
    mix(event.actor.access_key);
    mix(role_of(event.actor));
    mix(user_of_service_call(event));
    return hash;
  }
  for (std::string_view part :
       {event.instance, event.host, event.container, event.pod, event.task}) {
    mix(part);
  }
  if (event.instance.empty() && event.host.empty()) mix(event.actor.access_key);
  if (event.dns != nullptr) mix(event.dns->client_ip);
  if (event.flow != nullptr) {
    mix(event.flow->local_ip);
    mix(event.flow->remote_ip);
  }
  return hash;
}

void sight(const event::Event& event, std::string_view format, summary::Sighting& sighting) {
  sighting.add(event, record_id_of(event, format));
  std::vector<Entity> entities;
  append_entities(event, entities);
  for (Entity& entity : entities)
    sighting.entities.add(std::move(entity));
}

void append_indicators(const event::Event& event, std::vector<Indicator>& out) {
  const auto add_indicator = [&](IndicatorType type, std::string_view value) {
    if (!value.empty()) out.push_back({type, std::string(value)});
  };
  add_indicator(IndicatorType::kSourceIp, event.actor.source_ip);
  if (event.finding != nullptr) {
    add_indicator(IndicatorType::kDomain, event.finding->domain);
    add_indicator(IndicatorType::kIp, event.finding->remote_ip);
    add_indicator(IndicatorType::kSha256, event.finding->process_sha256);
    add_indicator(IndicatorType::kPath, event.finding->process_path);
  }
  if (event.dns != nullptr) add_indicator(IndicatorType::kDomain, event.dns->name);
  if (event.process != nullptr) {
    add_indicator(IndicatorType::kPath, event.process->path);
    add_indicator(IndicatorType::kSha256, event.process->sha256);
  }
  if (event.host_change != nullptr)
    add_indicator(IndicatorType::kSourceIp, event.host_change->source_ip);
}

std::string record_id_of(const event::Event& event, std::string_view format) {
  if (!event.record_id.empty()) return std::string(event.record_id);
  return fmt::format("{}:{:016x}", format, event.key.high ^ event.key.low);
}

std::string address_id(std::string_view vpc, std::string_view account, std::string_view ip) {
  std::string id(vpc.empty() ? account : vpc);
  id += '/';
  id += ip;
  return id;
}

}  // namespace davy::detect
