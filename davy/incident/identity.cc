// SPDX-License-Identifier: Apache-2.0
#include "davy/incident/identity.h"

#include <map>
#include <string>

#include <fmt/format.h>

#include "davy/base/hash.h"

namespace davy::incident {
namespace {

using event::Entity;
using event::EntityType;

/// Its kind, its day, its account and what it is about.
std::string identity_of(const Incident& incident) {
  std::string identity(kind_name(incident.kind));
  identity += '\n' + to_date(incident.first_activity);
  for (const Entity& entity : incident.entities) {
    if (entity.type == EntityType::kAccessKey || entity.type == EntityType::kAccount ||
        (event::is_strong(entity.type) && incident.kind != Kind::kCompromisedCredential)) {
      identity += '\n';
      identity += event::entity_type_name(entity.type);
      identity += '=' + entity.id;
    }
  }
  return identity;
}

/// What tells apart incidents about the same things, or about nothing that has a name.
std::string evidence_of(const Incident& incident) {
  std::string text;
  for (const std::string& mark : incident.marks)
    text += '\n' + mark;
  return text;
}

std::string number_of(Time first_activity) {
  if (!first_activity.known()) return "INC-UNDATED-CRYPTO";
  const std::string date = to_date(first_activity);
  return fmt::format("INC-{}-{}{}-CRYPTO", date.substr(0, 4), date.substr(5, 2), date.substr(8, 2));
}

}  // namespace

void name_all(std::vector<Incident>& incidents) {
  std::map<std::string, size_t> alike;
  for (const Incident& incident : incidents)
    ++alike[identity_of(incident)];
  std::map<std::string, int> used;
  for (Incident& incident : incidents) {
    std::string identity = identity_of(incident);
    if (alike[identity] > 1) identity += evidence_of(incident);
    incident.id = "inc-" + to_hex(hash64(identity));
    incident.number = number_of(incident.first_activity);
    const int nth = ++used[incident.number];
    if (nth > 1) incident.number += fmt::format("-{}", nth);
  }
}

}  // namespace davy::incident
