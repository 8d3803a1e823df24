// SPDX-License-Identifier: Apache-2.0
// The allow-list: what a team has permitted, for what reason, under whose name and until when.
//
// An entry covers a detection when its scope holds and its `what` means it. A scope key holds when
// the detection names such a thing, itself or through the machines it is about, and **all** it
// names are in the entry: what speaks of a permitted pool and of another one is not covered. Names
// that the provider gives go before those that an intruder chooses: an instance before its pods, a
// role before its sessions.
//
// An entry without limits on `what` means everything but what is protected: identity signals, ways
// in, persistence, escalation and evasion. Those are covered only by their detector, or by their
// signal or stage, named in the entry.
//
// Why incidents are suppressed and not detections: docs/decisions/0009-allow-list.md.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "davy/base/time.h"
#include "davy/detect/detection.h"
#include "davy/incident/incident.h"
#include "davy/intel/address.h"
#include "davy/summary/entity_links.h"

namespace davy::incident {

enum class ScopeKey : uint8_t {
  kAccount,
  kRegion,
  kResource,
  kTag,
  kImage,
  kPrincipal,
  kAccessKey,
  kPool,
  kWallet,
  kSource,
};
inline constexpr size_t kScopeKeyCount = 10;
std::string_view scope_key_name(ScopeKey key);

/// One thing that is permitted.
struct AllowedValue {
  std::string text;  ///< `*` stands for any run of characters where the key takes patterns
  std::optional<intel::AddressRange> range;  ///< of an address or block; `text` is not compared
  uint16_t port = 0;                         ///< 0: any
};

struct AllowedScope {
  ScopeKey key;
  std::vector<AllowedValue> values;  ///< one of them must fit
};

/// Which evidence is meant. With no detector, signal or stage: all but what is protected.
struct AllowedEvidence {
  std::set<std::string, std::less<>> detectors;  ///< as in Detection::detector
  std::set<detect::Signal> signals;
  std::set<detect::Stage> stages;
  std::set<Kind> kinds;  ///< of the incident; empty: any
};

struct AllowEntry {
  std::string name;
  std::vector<AllowedScope> scope;  ///< all must hold
  AllowedEvidence what;
  std::string reason;
  std::string owner;
  Time starts;  ///< not known: since ever
  Time ends;    ///< the first moment it no longer covers
  std::string file;
  int line = 0;
};

/// By name, so that the order of files does not matter.
using AllowList = std::vector<AllowEntry>;

/// "eth-node (owner web3, to 2026-12-31)".
std::string credit(const AllowEntry& entry);

/// Identity signals, and the stages by which an intruder comes, stays, rises and hides, whatever
/// the signal: never covered unless named.
bool is_protected(const detect::Detection& detection);

/// A detection with the machines it is about.
struct Subject {
  const detect::Detection& detection;
  std::vector<std::string> instances;                  ///< sorted; named, or behind what is named
  std::vector<const summary::InstanceFact*> machines;  ///< parallel; null where nothing is known
  std::vector<event::Entity> strangers;  ///< interfaces, addresses, hosts of no known instance
};
Subject subject_of(const detect::Detection& detection, const summary::EntityLinks& links);

enum class Cover : uint8_t {
  kNone,
  kUnnamed,  ///< would be covered, were it not protected
  kFull,
};
/// By scope and `what` without `kinds` and times, which are of incidents.
Cover cover(const AllowEntry& entry, const Subject& subject);

/// True when the entry was in force for the whole of the incident. An incident without times has
/// none that could be in force.
bool in_force(const AllowEntry& entry, const Incident& incident);

}  // namespace davy::incident
