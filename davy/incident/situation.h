// SPDX-License-Identifier: Apache-2.0
// What advice is given on: the incident's detections and links sorted by what a responder acts on.
#pragma once

#include <set>
#include <span>
#include <string>
#include <vector>

#include "davy/detect/detection.h"
#include "davy/incident/foothold.h"
#include "davy/incident/incident.h"
#include "davy/summary/entity_links.h"

namespace davy::incident {

/// A temporary credential and the role or user whose sessions have to be revoked.
struct TemporaryKeys {
  std::string principal;  ///< ARN; empty when the logs do not say
  std::vector<std::string> keys;
};

/// Names are sorted; what containment has dealt with is left out of `*_keys`, `key_pairs`,
/// `security_groups` and `dark_regions`, not of the machines.
struct Situation {
  std::vector<std::string> root_keys;       ///< long-term keys of the root user
  std::vector<std::string> long_term_keys;  ///< AKIA…, of users
  std::vector<TemporaryKeys> temporary_keys;
  std::vector<std::string> reopened_keys;   ///< of all these: in use again after their containment
  std::vector<std::string> made_users;      ///< names of users that the intruder made
  std::vector<std::string> made_keys;       ///< long-term keys that the intruder made for others
  std::vector<std::string> made_passwords;  ///< names of older users whom he set a password
  bool theft_is_shown = false;              ///< something but the launch points to an intruder
  std::vector<std::string> launched_running;  ///< for the incident, no end seen
  std::vector<std::string> own_running;       ///< there before, no end seen
  std::vector<std::string> state_unknown;     ///< of these two: no record says whether they run
  std::vector<std::string> ended;
  std::vector<std::string> services;      ///< ECS services, not seen ended
  std::vector<std::string> tasks;         ///< ECS tasks run by themselves, likewise
  std::vector<std::string> groups;        ///< Auto Scaling and node groups, likewise
  std::vector<std::string> fleets;        ///< fleets and spot requests, likewise
  std::vector<std::string> notebooks;     ///< likewise
  std::vector<std::string> jobs;          ///< SageMaker training and processing jobs, likewise
  std::vector<std::string> emr_clusters;  ///< likewise
  std::vector<std::string> hosts;         ///< names of machines that no instance id is known for
  bool host_unknown = false;              ///< an audit log that names no machine is among the logs
  std::set<std::string> shared;           ///< of machines: containers, pods or tasks run on them
  std::vector<std::string> added_users;   ///< operating-system users that the logs show being added
  std::vector<std::string> key_pairs;     ///< made by the incident; others have owners
  std::vector<std::string> security_groups;
  std::vector<std::string> way_in_addresses;
  std::vector<std::string> caller_addresses;   ///< of API calls; no firewall stands before those
  std::vector<std::string> pools;              ///< names
  std::vector<std::string> blocked_addresses;  ///< of pools and download hosts, for a block list
  std::vector<std::string> dark_regions;       ///< where logging or detection was switched off
  std::vector<std::string> images;             ///< that the intruder launched from
  std::vector<std::string> miner_paths;
  std::set<std::string> host_techniques;  ///< ATT&CK, of what was changed on machines with a name
  std::set<std::string> unknown_host_techniques;  ///< likewise, where the log names no machine
};

Situation situation_of(const Incident& incident, DetectionList detections,
                       const summary::EntityLinks& links, const Foothold& foothold);

/// Regions where logging or detection was switched off, sorted.
struct BlindedRegions {
  std::vector<std::string> ever;   ///< what happened there may be missing
  std::vector<std::string> still;  ///< no record says that it is on again
};
BlindedRegions blinded_regions(const Incident& incident, DetectionList detections);

}  // namespace davy::incident
