// SPDX-License-Identifier: Apache-2.0
#include "davy/summary/entity_links.h"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "davy/base/hash.h"
#include "davy/base/text.h"

namespace davy::summary {
namespace {

/// Keeps the smaller non-empty text: any fixed rule makes merging commutative, and two records
/// about one instance seldom disagree.
void keep_smaller(std::string& mine, std::string_view other) {
  if (!other.empty() && (mine.empty() || other < mine)) mine = other;
}

void keep_earlier(Time& mine, Time other) {
  if (other.known() && (!mine.known() || other < mine)) mine = other;
}

void combine(InstanceFact& mine, const InstanceFact& other) {
  for (auto member : {&InstanceFact::account, &InstanceFact::region, &InstanceFact::type,
                      &InstanceFact::launch_type, &InstanceFact::image, &InstanceFact::vpc,
                      &InstanceFact::private_ip, &InstanceFact::interface, &InstanceFact::name,
                      &InstanceFact::key_name, &InstanceFact::launched_by_key,
                      &InstanceFact::launched_by_principal, &InstanceFact::launched_by_service,
                      &InstanceFact::launched_for, &InstanceFact::launch_record}) {
    keep_smaller(mine.*member, other.*member);
  }
  keep_earlier(mine.launched, other.launched);
  keep_earlier(mine.ended, other.ended);
  mine.power.merge(other.power);
}

std::string address_key(std::string_view scope, std::string_view ip) {
  std::string key(scope);
  key += '/';
  key += ip;
  return key;
}

/// "ip-10-0-0-5", as EC2 names a host by default.
std::string default_host_name(std::string_view private_ip) {
  std::string name = "ip-";
  for (char c : private_ip)
    name += c == '.' ? '-' : c;
  return name;
}

std::string name_in_account(std::string_view account, std::string_view user) {
  std::string name(account);
  name += '/';
  name += user;
  return name;
}

struct GrantRow {
  std::string_view operation;
  std::string_view setting;  ///< part of ApiCall::setting that must be there
  Means means;
};

constexpr GrantRow kGrants[] = {
    {"CreateUser", "", Means::kExistence},
    {"CreateAccessKey", "", Means::kKey},
    {"CreateLoginProfile", "", Means::kPassword},
    {"UpdateLoginProfile", "", Means::kPassword},
    {"UpdateAccessKey", "Active", Means::kRelease},
    {"DetachUserPolicy", "AWSCompromisedKeyQuarantine", Means::kRelease},
};

const GrantRow* grant_of(const event::ApiCall& call) {
  const auto* row = std::find_if(std::begin(kGrants), std::end(kGrants), [&](const GrantRow& r) {
    return r.operation == call.operation && call.setting.find(r.setting) != std::string_view::npos;
  });
  return row == std::end(kGrants) ? nullptr : row;
}

void keep_latest(std::set<Grant>& grants) {
  while (grants.size() > EntityLinks::kMaxGrants)
    grants.erase(grants.begin());
}

}  // namespace

std::string_view granted_user(const event::Event& event) {
  if (event.api == nullptr || event.api->failed || event.api->target.empty()) return {};
  if (event.api->service != "iam.amazonaws.com" || grant_of(*event.api) == nullptr) return {};
  const std::string_view caller = event.actor.arn;
  const bool is_user = caller.find(":user/") != std::string_view::npos;
  const bool itself = is_user && caller.substr(caller.rfind('/') + 1) == event.api->target;
  return itself ? std::string_view{} : event.api->target;
}

InstanceFact* EntityLinks::instance(std::string_view id) {
  InstanceFact* const fact = instances_.at(hash64(id));
  if (fact != nullptr && fact->id.empty()) fact->id = id;
  return fact;
}

auto EntityLinks::rank_of(std::string_view key) -> KeyRank {
  return {key.starts_with("ASIA"), hash64(key)};
}

void EntityLinks::observe(const event::Event& event) {
  last_event_ = std::max(last_event_, event.end);
  if (event.process != nullptr) audit_order_.observe(event);
  if (event.api != nullptr) {
    if (api_regions_.find(event.region) == api_regions_.end()) api_regions_.emplace(event.region);
    observe_launch(event);
    observe_power(event);
    standing_.observe(event);
    observe_grant(event);
    const event::ApiCall& call = *event.api;
    // A key that a service handed out (an instance profile's, a function's) leads to nobody.
    if (call.created_access_key.empty() || event.actor.access_key.empty() || call.failed) return;
    if (KeyFact* const fact = keys_.at(rank_of(call.created_access_key))) {
      fact->key = call.created_access_key;
      keep_smaller(fact->issued_by_key, event.actor.access_key);
      keep_earlier(fact->issued, event.time);
    }
    return;
  }
  if (event.instance.empty()) return;
  if (event.flow != nullptr) {
    if (event.flow->interface.empty()) return;
    InstanceFact* const fact = instance(event.instance);
    if (fact == nullptr) return;
    keep_smaller(fact->interface, event.flow->interface);
    keep_smaller(fact->private_ip, event.flow->local_ip);
    keep_smaller(fact->vpc, event.flow->vpc);
    keep_smaller(fact->account, event.account);
    return;
  }
  InstanceFact* const fact = instance(event.instance);
  if (fact == nullptr) return;
  keep_smaller(fact->type, event.instance_type);
  keep_smaller(fact->name, event.instance_name);
  keep_smaller(fact->account, event.account);
  keep_smaller(fact->region, event.region);
  if (event.dns != nullptr) {
    keep_smaller(fact->private_ip, event.dns->client_ip);
    keep_smaller(fact->vpc, event.dns->vpc);
  }
  if (event.finding != nullptr) keep_earlier(fact->ended, event.finding->ended);
}

void EntityLinks::observe_launch(const event::Event& event) {
  const event::ApiCall& call = *event.api;
  if (call.failed || call.instance_ids.empty()) return;
  if (call.operation == "TerminateInstances") {
    for (std::string_view id : call.instance_ids) {
      if (InstanceFact* const fact = instance(id)) keep_earlier(fact->ended, event.time);
    }
    return;
  }
  if (call.operation != "RunInstances" || !call.launch) return;
  const event::Launch& launch = *call.launch;
  for (size_t i = 0; i < launch.instance_ids.size(); ++i) {
    InstanceFact fact;
    fact.account = event.account;
    fact.region = event.region;
    fact.type = fact.launch_type = launch.instance_type;
    fact.image = launch.image;
    fact.key_name = launch.key_name;
    if (i < launch.private_ips.size()) fact.private_ip = launch.private_ips[i];
    if (i < launch.interfaces.size()) fact.interface = launch.interfaces[i];
    if (i < launch.vpcs.size()) fact.vpc = launch.vpcs[i];
    fact.launched = event.time;
    fact.launched_by_key = event.actor.access_key;
    fact.launched_by_principal =
        event.actor.issuer_arn.empty() ? event.actor.arn : event.actor.issuer_arn;
    fact.launched_by_service = event.actor.source_service;
    fact.launched_for = launch.owner;
    fact.launch_record = event.record_id;
    if (InstanceFact* const mine = instance(launch.instance_ids[i])) combine(*mine, fact);
  }
}

void EntityLinks::observe_power(const event::Event& event) {
  const event::ApiCall& call = *event.api;
  if (call.failed) return;
  const auto change = [&](std::string_view id, PowerChange::What what, std::string_view type) {
    if (InstanceFact* const fact = instance(id))
      fact->power.add({event.time, what, std::string(type)});
  };
  if (call.operation == "ModifyInstanceAttribute") {
    if (call.target.starts_with("i-") && !call.new_instance_type.empty())
      change(call.target, PowerChange::What::kResized, call.new_instance_type);
    return;
  }
  const bool stops = call.operation == "StopInstances";
  if (!stops && call.operation != "StartInstances") return;
  for (std::string_view id : call.instance_ids)
    change(id, stops ? PowerChange::What::kStopped : PowerChange::What::kStarted, {});
}

void EntityLinks::observe_grant(const event::Event& event) {
  const std::string_view user = granted_user(event);
  if (user.empty() || event.actor.access_key.empty()) return;
  std::string name = name_in_account(event.account, user);
  UserFact* const fact = users_.at(hash64(name));
  if (fact == nullptr) return;
  fact->name = std::move(name);
  const std::string_view principal =
      event.actor.issuer_arn.empty() ? event.actor.arn : event.actor.issuer_arn;
  fact->grants.insert({event.time, grant_of(*event.api)->means, std::string(event.actor.access_key),
                       std::string(principal)});
  keep_latest(fact->grants);
}

void EntityLinks::merge(EntityLinks&& other) {
  instances_.merge(std::move(other.instances_), [](InstanceFact& mine, InstanceFact& theirs) {
    mine.id = std::move(theirs.id);
    combine(mine, theirs);
  });
  keys_.merge(std::move(other.keys_), [](KeyFact& mine, KeyFact& theirs) {
    mine.key = std::move(theirs.key);
    keep_smaller(mine.issued_by_key, theirs.issued_by_key);
    keep_earlier(mine.issued, theirs.issued);
  });
  standing_.merge(std::move(other.standing_));
  audit_order_.merge(other.audit_order_);
  users_.merge(std::move(other.users_), [](UserFact& mine, UserFact& theirs) {
    mine.name = std::move(theirs.name);
    mine.grants.merge(theirs.grants);
    keep_latest(mine.grants);
  });
  last_event_ = std::max(last_event_, other.last_event_);
  api_regions_.merge(other.api_regions_);
}

void EntityLinks::index() {
  std::vector<const InstanceFact*> by_id;
  for (const auto& [hash, fact] : instances_)
    by_id.push_back(&fact);
  std::sort(by_id.begin(), by_id.end(),
            [](const InstanceFact* a, const InstanceFact* b) { return a->id < b->id; });
  for (const InstanceFact* fact : by_id) {
    if (!fact->private_ip.empty()) {
      by_address_[address_key(fact->account, fact->private_ip)].push_back(fact);
      if (!fact->vpc.empty()) by_address_[address_key(fact->vpc, fact->private_ip)].push_back(fact);
      const std::string default_name = default_host_name(fact->private_ip);
      // Named as by default, it is still one instance.
      if (default_name != fact->name) by_host_.emplace(default_name, fact);
    }
    if (!fact->name.empty()) by_host_.emplace(fact->name, fact);
    if (!fact->interface.empty()) by_interface_.try_emplace(fact->interface, fact);
    if (!fact->launched_by_key.empty()) by_key_.emplace(fact->launched_by_key, fact);
    if (!fact->launched_for.empty()) by_owner_.emplace(fact->launched_for, fact);
  }
  for (auto& [key, facts] : by_address_) {
    std::stable_sort(facts.begin(), facts.end(), [](const InstanceFact* a, const InstanceFact* b) {
      return a->launched < b->launched;
    });
  }
}

const InstanceFact* EntityLinks::find_instance(std::string_view id) const {
  return instances_.find(hash64(id));
}

const InstanceFact* EntityLinks::find_by_address(std::string_view scope, std::string_view ip,
                                                 Time when) const {
  const auto place = by_address_.find(address_key(scope, ip));
  if (place == by_address_.end()) return nullptr;
  const InstanceFact* owner = nullptr;
  for (const InstanceFact* fact : place->second) {
    if (fact->launched > when) break;
    if (!fact->ended.known() || fact->ended >= when) owner = fact;
  }
  return owner;
}

const InstanceFact* EntityLinks::find_by_interface(std::string_view interface) const {
  const auto place = by_interface_.find(interface);
  return place == by_interface_.end() ? nullptr : place->second;
}

const InstanceFact* EntityLinks::find_by_host(std::string_view host) const {
  const auto exact = by_host_.equal_range(host);
  const auto range =
      exact.first != exact.second
          ? exact
          : by_host_.equal_range(host.substr(0, host.find('.')));  // without the domain
  if (range.first == range.second || std::next(range.first) != range.second) return nullptr;
  return range.first->second;
}

const KeyFact* EntityLinks::find_key(std::string_view key) const {
  return keys_.find(rank_of(key));
}

const UserFact* EntityLinks::find_user(std::string_view arn) const {
  const size_t resource = arn.find(":user/");
  if (resource == std::string_view::npos) return nullptr;
  const std::string_view owner = arn.substr(0, resource);
  const std::string_view account = owner.substr(owner.rfind(':') + 1);
  return users_.find(hash64(name_in_account(account, arn.substr(arn.rfind('/') + 1))));
}

std::vector<std::string> EntityLinks::notes() const {
  std::vector<std::string> notes;
  const auto say = [&](size_t limit, std::string_view what) {
    notes.push_back(
        fmt::format("links between entities: more than {} {}; those of a sample are known",
                    with_thousands(limit), what));
  };
  if (instances_.cut()) say(kMaxInstances, "instances");
  if (keys_.cut()) say(kMaxKeys, "credentials handed out");
  for (std::string& note : standing_.notes())
    notes.push_back(std::move(note));
  if (users_.cut()) say(kMaxUsers, "users given credentials");
  return notes;
}

namespace {

std::vector<const InstanceFact*> in_id_order(
    const std::multimap<std::string, const InstanceFact*, std::less<>>& facts,
    std::string_view name) {
  std::vector<const InstanceFact*> found;
  const auto [first, last] = facts.equal_range(name);
  for (auto at = first; at != last; ++at)
    found.push_back(at->second);
  std::sort(found.begin(), found.end(),
            [](const InstanceFact* a, const InstanceFact* b) { return a->id < b->id; });
  return found;
}

}  // namespace

std::vector<const InstanceFact*> EntityLinks::launched_by(std::string_view access_key) const {
  return in_id_order(by_key_, access_key);
}

std::vector<const InstanceFact*> EntityLinks::launched_for(std::string_view owner) const {
  return in_id_order(by_owner_, owner);
}

}  // namespace davy::summary
