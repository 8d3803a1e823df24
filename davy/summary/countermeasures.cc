// SPDX-License-Identifier: Apache-2.0
#include "davy/summary/countermeasures.h"

#include <algorithm>
#include <iterator>
#include <tuple>

namespace davy::summary {
namespace {

/// Where a call names what it acts on.
enum class Object : uint8_t { kTarget, kInstances, kAccessKey };

struct CallRow {
  std::string_view operation;
  std::string_view setting;  ///< part of ApiCall::setting that must be there
  Measure measure;
  Object object;
  bool reverses = false;
};

constexpr CallRow kCalls[] = {
    {"UpdateAccessKey", "Inactive", Measure::kKeyDeactivated, Object::kAccessKey},
    {"DeleteAccessKey", "", Measure::kKeyDeleted, Object::kAccessKey},
    {"DeleteLoginProfile", "", Measure::kPasswordRemoved, Object::kTarget},
    {"AttachUserPolicy", "AWSCompromisedKeyQuarantine", Measure::kQuarantined, Object::kTarget},
    {"AttachUserPolicy", "AWSDenyAll", Measure::kQuarantined, Object::kTarget},
    {"AttachRolePolicy", "AWSDenyAll", Measure::kQuarantined, Object::kTarget},
    {"PutRolePolicy", "AWSRevokeOlderSessions", Measure::kSessionsRevoked, Object::kTarget},
    {"DetachUserPolicy", "AWSCompromisedKeyQuarantine", Measure::kQuarantined, Object::kTarget,
     true},
    {"DetachUserPolicy", "AWSDenyAll", Measure::kQuarantined, Object::kTarget, true},
    {"DetachRolePolicy", "AWSDenyAll", Measure::kQuarantined, Object::kTarget, true},
    {"DeleteRolePolicy", "AWSRevokeOlderSessions", Measure::kSessionsRevoked, Object::kTarget,
     true},
    {"DetachUserPolicy", "", Measure::kPolicyDetached, Object::kTarget},
    {"DetachRolePolicy", "", Measure::kPolicyDetached, Object::kTarget},
    {"DeleteUserPolicy", "", Measure::kPolicyDetached, Object::kTarget},
    {"DeleteRolePolicy", "", Measure::kPolicyDetached, Object::kTarget},
    {"DeleteUser", "", Measure::kUserDeleted, Object::kTarget},
    {"DeleteRole", "", Measure::kRoleDeleted, Object::kTarget},
    {"DeleteKeyPair", "", Measure::kKeyPairDeleted, Object::kTarget},
    {"RevokeSecurityGroupIngress", "", Measure::kIngressRevoked, Object::kTarget},
    {"StartLogging", "", Measure::kLoggingStarted, Object::kTarget},
    {"ModifyInstanceAttribute", "false", Measure::kProtectionLifted, Object::kTarget},
    {"StopInstances", "", Measure::kStopped, Object::kInstances},
    {"TerminateInstances", "", Measure::kTerminated, Object::kInstances},
    {"UpdateAccessKey", "Active", Measure::kKeyDeactivated, Object::kAccessKey, true},
    {"CreateLoginProfile", "", Measure::kPasswordRemoved, Object::kTarget, true},
    {"AttachUserPolicy", "", Measure::kPolicyDetached, Object::kTarget, true},
    {"AttachRolePolicy", "", Measure::kPolicyDetached, Object::kTarget, true},
    {"PutUserPolicy", "", Measure::kPolicyDetached, Object::kTarget, true},
    {"PutRolePolicy", "", Measure::kPolicyDetached, Object::kTarget, true},
    {"CreateUser", "", Measure::kUserDeleted, Object::kTarget, true},
    {"CreateRole", "", Measure::kRoleDeleted, Object::kTarget, true},
    {"CreateKeyPair", "", Measure::kKeyPairDeleted, Object::kTarget, true},
    {"ImportKeyPair", "", Measure::kKeyPairDeleted, Object::kTarget, true},
    {"AuthorizeSecurityGroupIngress", "", Measure::kIngressRevoked, Object::kTarget, true},
    {"StopLogging", "", Measure::kLoggingStarted, Object::kTarget, true},
    {"DeleteTrail", "", Measure::kLoggingStarted, Object::kTarget, true},
    {"ModifyInstanceAttribute", "true", Measure::kProtectionLifted, Object::kTarget, true},
    {"StartInstances", "", Measure::kStopped, Object::kInstances, true},
};

const CallRow* row_of(const event::ApiCall& call) {
  const auto* row = std::find_if(std::begin(kCalls), std::end(kCalls), [&](const CallRow& r) {
    return r.operation == call.operation && call.setting.find(r.setting) != std::string_view::npos;
  });
  return row == std::end(kCalls) ? nullptr : row;
}

}  // namespace

void Countermeasures::observe(const event::Event& event) {
  if (event.api == nullptr || event.api->read_only || event.api->failed) return;
  const CallRow* row = row_of(*event.api);
  // A service ends machines all day (scale-in); that is no answer to anything.
  if (row == nullptr || event.actor.type == "AWSService") return;
  if (event.actor.source_service.ends_with(".amazonaws.com")) return;
  const auto keep_one = [&](std::string_view object) {
    if (object.empty()) return;
    const bool goes_first = row->object == Object::kInstances || row->reverses;
    const uint64_t record = event.key.high ^ event.key.low;
    keep(
        {goes_first, hash_combine(record, hash64(object))},
        {row->measure, event.time, std::string(object), std::string(event.account),
         std::string(event.region), std::string(event.actor.arn),
         std::string(event.actor.access_key), std::string(event.record_id), event.ref,
         row->measure == Measure::kPolicyDetached ? std::string(event.api->setting) : std::string(),
         row->reverses});
  };
  switch (row->object) {
    case Object::kTarget: keep_one(event.api->target); break;
    case Object::kAccessKey: keep_one(event.api->named_access_key); break;
    case Object::kInstances:
      for (std::string_view id : event.api->instance_ids)
        keep_one(id);
      break;
  }
}

void Countermeasures::keep(const Key& key, Countermeasure measure) {
  const auto [place, is_new] = kept_.try_emplace(key, measure);
  if (!is_new) place->second = std::min(place->second, measure);  // a copy: the first place counts
  if (kept_.size() <= kKept) return;
  kept_.erase(std::prev(kept_.end()));
  complete_ = false;
}

void Countermeasures::merge(Countermeasures&& other) {
  complete_ = complete_ && other.complete_;
  for (auto& [key, measure] : other.kept_)
    keep(key, std::move(measure));
}

std::vector<Countermeasure> Countermeasures::list() const {
  std::vector<Countermeasure> list;
  list.reserve(kept_.size());
  for (const auto& [key, measure] : kept_)
    list.push_back(measure);
  std::sort(list.begin(), list.end());
  return list;
}

}  // namespace davy::summary
