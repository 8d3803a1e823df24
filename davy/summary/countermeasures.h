// SPDX-License-Identifier: Apache-2.0
// Control-plane calls by which people end an intrusion: machines ended, keys switched off, logging
// switched on again; and the calls that undo those: a key reactivated, machines started. Who did it
// against whom is for the incident to say. A mergeable summary: a set of records.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "davy/base/hash.h"
#include "davy/base/time.h"
#include "davy/event/event.h"

namespace davy::summary {

enum class Measure : uint8_t {
  kKeyDeactivated,
  kKeyDeleted,
  kPasswordRemoved,
  kQuarantined,  ///< a policy that denies was attached to the user or role
  kSessionsRevoked,
  kPolicyDetached,
  kUserDeleted,
  kRoleDeleted,
  kKeyPairDeleted,
  kIngressRevoked,
  kLoggingStarted,
  kProtectionLifted,
  kStopped,
  kTerminated,
};

/// One successful call on one object.
struct Countermeasure {
  Measure measure;
  Time time;
  std::string object;  ///< instance, key, user, role, trail, key pair or security group
  std::string account;
  std::string region;
  std::string actor;      ///< ARN of the caller; of the session where a role is worn
  std::string actor_key;  ///< access key of the call
  std::string record_id;
  event::RecordRef ref;
  std::string policy;     ///< of policies attached and detached: name or ARN
  bool reverses = false;  ///< the call undoes the measure: a key switched on again

  auto operator<=>(const Countermeasure&) const = default;
};

class Countermeasures {
 public:
  /// Past it ended machines and reversals go first, and among equals those of the largest record
  /// hash.
  static constexpr size_t kKept = 32'768;

  void observe(const event::Event& event);
  void merge(Countermeasures&& other);

  /// In (measure, time, object) order. `complete` is false when the bound was met.
  std::vector<Countermeasure> list() const;
  bool complete() const { return complete_; }

 private:
  using Key = std::pair<bool, uint64_t>;  ///< goes first; hash of record and object
  void keep(const Key& key, Countermeasure measure);

  std::map<Key, Countermeasure> kept_;
  bool complete_ = true;
};

}  // namespace davy::summary
