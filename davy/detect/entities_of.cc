// SPDX-License-Identifier: Apache-2.0
#include "davy/detect/entities_of.h"

#include <fmt/format.h>

#include "davy/base/hash.h"
#include "davy/detect/names_hash.h"
#include "davy/summary/entity_links.h"

namespace davy::detect {
namespace {

using event::Entity;
using event::EntityType;

std::string_view role_of(const event::Actor& actor) {
  return actor.issuer_arn.empty() ? actor.arn : actor.issuer_arn;
}

/// Gives names to a visitor, and leaves out what the record does not tell.
class Named {
 public:
  explicit Named(const EntityVisitor& visit) : visit_(visit) {}
  void operator()(EntityType type, std::string_view id) const {
    if (!id.empty()) visit_(type, id);
  }

 private:
  const EntityVisitor& visit_;
};

/// See endpoint_text; without a call to the heap.
fmt::memory_buffer with_port(std::string_view ip, uint16_t port) {
  fmt::memory_buffer text;
  const bool is_v6 = ip.find(':') != std::string_view::npos;
  fmt::format_to(std::back_inserter(text), "{}{}{}:{}", is_v6 ? "[" : "", ip, is_v6 ? "]" : "",
                 port);
  return text;
}

std::string_view view(const fmt::memory_buffer& text) {
  return {text.data(), text.size()};
}

void visit_actor(const event::Event& event, const Named& visit) {
  const event::Actor& actor = event.actor;
  visit(EntityType::kAccessKey, actor.access_key);
  // A service acting for itself is nobody's accomplice.
  if (actor.type != "AWSService") visit(EntityType::kPrincipal, role_of(actor));
  if (!actor.issuer_arn.empty()) visit(EntityType::kSession, actor.arn);
  visit(EntityType::kSourceAddress, actor.source_ip);
}

void visit_api(const event::ApiCall& call, const Named& visit) {
  for (std::string_view id : call.instance_ids)
    visit(EntityType::kInstance, id);
  if (call.target.starts_with("i-")) visit(EntityType::kInstance, call.target);
  if (call.target.starts_with("sg-")) visit(EntityType::kSecurityGroup, call.target);
  visit(EntityType::kAccessKey, call.created_access_key);
  if (call.launch) {
    visit(EntityType::kImage, call.launch->image);
    visit(EntityType::kSshKey, call.launch->key_name);
  }
  if (call.recipe) visit(EntityType::kImage, call.recipe->image);
  if (call.service == "cloudtrail.amazonaws.com" || call.service == "guardduty.amazonaws.com") {
    visit(EntityType::kTrail, call.target);
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

void visit_users(const event::Event& event, const Named& visit) {
  if (const std::string_view user = summary::granted_user(event); !user.empty()) {
    visit(EntityType::kGrantedUser, user_arn(event, user));
  }
  if (const std::string_view user = user_of_service_call(event); !user.empty()) {
    visit(EntityType::kPrincipal, user_arn(event, user));
  }
}

void visit_remote(std::string_view ip, uint16_t port, const Named& visit) {
  if (ip.empty()) return;
  if (port == 0) return visit(EntityType::kRemoteAddress, ip);
  visit(EntityType::kRemoteAddress, view(with_port(ip, port)));
}

void visit_finding(const event::Finding& finding, const Named& visit) {
  for (std::string_view id : finding.instance_ids)
    visit(EntityType::kInstance, id);
  for (std::string_view key : finding.access_keys)
    visit(EntityType::kAccessKey, key);
  for (const event::Named& named : finding.named)
    visit(named.type, named.id);
  visit(EntityType::kDomain, finding.domain);
  visit_remote(finding.remote_ip, finding.remote_port, visit);
}

}  // namespace

void visit_entities(const event::Event& event, const EntityVisitor& visitor) {
  const Named visit(visitor);
  visit(EntityType::kAccount, event.account);
  visit(EntityType::kRegion, event.region);
  visit(EntityType::kInstance, event.instance);
  visit(EntityType::kHost, event.host);
  visit(EntityType::kCluster, event.cluster);
  visit(EntityType::kTask, event.task);
  visit(EntityType::kFunction, event.function);
  visit(EntityType::kContainer, event.container);
  visit(EntityType::kPod, event.pod);
  visit(EntityType::kImage, event.image);
  visit_actor(event, visit);
  if (event.api != nullptr) visit_api(*event.api, visit);
  visit_users(event, visit);
  if (event.finding != nullptr) visit_finding(*event.finding, visit);
  if (event.dns != nullptr) {
    visit(EntityType::kDomain, event.dns->name);
    if (!event.dns->client_ip.empty()) {
      visit(EntityType::kAddress, address_id(event.dns->vpc, event.account, event.dns->client_ip));
    }
  }
  if (event.flow != nullptr) {
    visit(EntityType::kInterface, event.flow->interface);
    visit(EntityType::kAddress, address_id(event.flow->vpc, event.account, event.flow->local_ip));
    visit(EntityType::kRemoteAddress,
          view(with_port(event.flow->remote_ip, event.flow->remote_port)));
  }
  if (event.connection != nullptr) {
    visit(EntityType::kDomain, event.connection->remote_name);
    visit_remote(event.connection->remote_ip, event.connection->remote_port, visit);
  }
  if (event.process != nullptr) visit(EntityType::kUser, event.process->user);
  if (event.host_change != nullptr) {
    visit(EntityType::kSourceAddress, event.host_change->source_ip);
    if (event.host_change->what == event::HostChange::What::kUserAdded) {
      visit(EntityType::kAddedUser, event.host_change->subject);
    }
  }
}

void visit_indicators(const event::Event& event, const IndicatorVisitor& visit) {
  const auto add = [&visit](IndicatorType type, std::string_view value) {
    if (!value.empty()) visit(type, value);
  };
  add(IndicatorType::kSourceIp, event.actor.source_ip);
  if (event.finding != nullptr) {
    add(IndicatorType::kDomain, event.finding->domain);
    add(IndicatorType::kIp, event.finding->remote_ip);
    add(IndicatorType::kSha256, event.finding->process_sha256);
    add(IndicatorType::kPath, event.finding->process_path);
  }
  if (event.dns != nullptr) add(IndicatorType::kDomain, event.dns->name);
  if (event.process != nullptr) {
    add(IndicatorType::kPath, event.process->path);
    add(IndicatorType::kSha256, event.process->sha256);
  }
  if (event.host_change != nullptr) add(IndicatorType::kSourceIp, event.host_change->source_ip);
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
       {event.instance, event.host, event.container, event.pod, event.task, event.function}) {
    mix(part);
  }
  if (event.instance.empty() && event.host.empty()) {
    mix(event.actor.access_key);
    mix(event.cluster);
  }
  // Networks number their machines alike.
  if (event.dns != nullptr) {
    mix(event.dns->vpc);
    mix(event.dns->client_ip);
  }
  if (event.flow != nullptr) {
    mix(event.flow->vpc);
    mix(event.flow->local_ip);
    mix(event.flow->remote_ip);
  }
  return hash;
}

void sight(const event::Event& event, std::string_view format, summary::Sighting& sighting) {
  sighting.add(event, RecordId(event, format));
  NamesHash names;
  visit_entities(event, [&names](EntityType type, std::string_view id) { names.add(type, id); });
  if (!sighting.last_entities.changes_to(names.value())) return;
  visit_entities(event, [&sighting](EntityType type, std::string_view id) {
    sighting.entities.add(type, id);
  });
}

void sight_indicators(const event::Event& event, summary::Sighting& sighting) {
  NamesHash names;
  visit_indicators(
      event, [&names](IndicatorType type, std::string_view value) { names.add(type, value); });
  if (!sighting.last_indicators.changes_to(names.value())) return;
  visit_indicators(event, [&sighting](IndicatorType type, std::string_view value) {
    sighting.indicators.add(type, value);
  });
}

RecordId::RecordId(const event::Event& event, std::string_view format) : text_(event.record_id) {
  if (!text_.empty()) return;
  const auto end = fmt::format_to(made_.begin(), "{}:{:016x}", format.substr(0, kLongestFormat),
                                  event.key.high ^ event.key.low);
  text_ = {made_.data(), static_cast<size_t>(end - made_.begin())};
}

std::string record_id_of(const event::Event& event, std::string_view format) {
  return std::string(RecordId(event, format));
}

std::string endpoint_text(std::string_view ip, uint16_t port) {
  return port == 0 ? std::string(ip) : fmt::to_string(with_port(ip, port));
}

std::string address_id(std::string_view vpc, std::string_view account, std::string_view ip) {
  std::string id(vpc.empty() ? account : vpc);
  id += '/';
  id += ip;
  return id;
}

}  // namespace davy::detect
