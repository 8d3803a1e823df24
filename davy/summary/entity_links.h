// SPDX-License-Identifier: Apache-2.0
// Who launched what, and which address is which machine: the ties between entities that single
// detections cannot know. A mergeable summary: facts per id combine by minimum time, sets by union.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "davy/base/bounded_map.h"
#include "davy/base/time.h"
#include "davy/event/event.h"
#include "davy/summary/audit_order.h"
#include "davy/summary/power.h"
#include "davy/summary/standing.h"

namespace davy::summary {

/// What the logs say about one instance. Empty or unknown where they are silent.
struct InstanceFact {
  std::string id;
  std::string account;
  std::string region;
  std::string type;         ///< as any record has it; see `launch_type` for machines resized
  std::string launch_type;  ///< instance type in the launch
  std::string image;
  std::string vpc;
  std::string private_ip;
  std::string interface;
  std::string name;  ///< Name tag
  std::string key_name;
  Time launched;                      ///< earliest launch call that names it
  std::string launched_by_key;        ///< access key
  std::string launched_by_principal;  ///< role or user ARN
  std::string launched_by_service;    ///< "autoscaling.amazonaws.com" when a service launched it
  std::string launched_for;           ///< name of the group or fleet it was launched for
  std::string launch_record;          ///< record id of the launch
  Time ended;                         ///< earliest call that terminates it, or record that it was
  PowerHistory power;                 ///< stops, starts and changes of type
};

/// A credential handed out by an API call that another credential signed.
struct KeyFact {
  std::string key;
  std::string issued_by_key;
  Time issued;  ///< first time
};

/// What a call gave a user to act with.
enum class Means : uint8_t {
  kExistence,  ///< the call made the user
  kKey,
  kPassword,
  kRelease,  ///< a key switched on again, a quarantine lifted
};

/// One user gave another something to act with.
struct Grant {
  Time when;
  Means means;
  std::string by_key;
  std::string by_principal;  ///< role or user ARN

  auto operator<=>(const Grant&) const = default;
};

/// A user that somebody else gave something to act with.
struct UserFact {
  std::string name;        ///< "<account>/<user>": calls name no path
  std::set<Grant> grants;  ///< the latest EntityLinks::kMaxGrants
};

/// The user whom this call gives something to act with, if that is somebody else than the caller;
/// empty otherwise.
std::string_view granted_user(const event::Event& event);

class EntityLinks {
 public:
  static constexpr size_t kMaxGrants = 8;  ///< per user

  void observe(const event::Event& event);
  void merge(EntityLinks&& other);

  /// Builds the look-up indexes; call once, after the last merge.
  void index();

  const InstanceFact* find_instance(std::string_view id) const;
  /// The instance that owned a private address at `when`: launched last before it and not ended.
  /// `scope` is a VPC or an account id.
  const InstanceFact* find_by_address(std::string_view scope, std::string_view ip, Time when) const;
  const InstanceFact* find_by_interface(std::string_view interface) const;
  /// The instance behind a host name: its Name tag, or the private address in AWS's default name
  /// "ip-10-0-0-5"; null unless exactly one instance fits.
  const InstanceFact* find_by_host(std::string_view host) const;
  const KeyFact* find_key(std::string_view key) const;
  /// By ARN. Null when nobody gave the user anything, or when it is no user.
  const UserFact* find_user(std::string_view arn) const;

  /// Instances launched with `access_key`, in id order.
  std::vector<const InstanceFact*> launched_by(std::string_view access_key) const;

  /// Instances launched for a group or fleet of that name, in id order.
  std::vector<const InstanceFact*> launched_for(std::string_view owner) const;

  const StandingCompute& standing() const { return standing_; }
  const AuditOrder& audit_order() const { return audit_order_; }

  /// The time of the last event of any kind: what "still running" is judged against.
  Time last_event() const { return last_event_; }

  /// One sentence about each bound that was met.
  std::vector<std::string> notes() const;

  /// Regions with at least one control-plane record: the others are blind spots.
  const std::set<std::string, std::less<>>& api_regions() const { return api_regions_; }

 private:
  /// Long-lived keys first: a role's sessions by the million never push one out.
  using KeyRank = std::pair<bool, uint64_t>;

  /// Null when beyond the bound.
  InstanceFact* instance(std::string_view id);
  static KeyRank rank_of(std::string_view key);
  void observe_launch(const event::Event& event);
  void observe_power(const event::Event& event);
  void observe_grant(const event::Event& event);

  static constexpr size_t kMaxInstances = 250'000;
  static constexpr size_t kMaxKeys = 250'000;
  static constexpr size_t kMaxUsers = 100'000;

  BoundedMap<InstanceFact> instances_{kMaxInstances};  ///< by hash of the id
  BoundedMap<KeyFact, KeyRank> keys_{kMaxKeys};
  StandingCompute standing_;
  AuditOrder audit_order_;
  BoundedMap<UserFact> users_{kMaxUsers};  ///< by hash of the name
  Time last_event_;
  std::set<std::string, std::less<>> api_regions_;
  std::map<std::string, std::vector<const InstanceFact*>, std::less<>> by_address_;
  std::map<std::string, const InstanceFact*, std::less<>> by_interface_;
  std::multimap<std::string, const InstanceFact*, std::less<>> by_key_;
  std::multimap<std::string, const InstanceFact*, std::less<>> by_host_;
  std::multimap<std::string, const InstanceFact*, std::less<>> by_owner_;
};

}  // namespace davy::summary
