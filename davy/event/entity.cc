// SPDX-License-Identifier: Apache-2.0
#include "davy/event/entity.h"

#include <iterator>

namespace davy::event {
namespace {

struct EntityTypeInfo {
  std::string_view name;
  bool strong;
};

// Indexed by EntityType; the order is the enumeration's.
constexpr EntityTypeInfo kTypes[] = {
    {"account", false},
    {"region", false},
    {"access_key", true},
    {"principal", true},
    {"session", false},
    {"instance", true},
    {"interface", true},
    {"address", true},
    {"cluster", true},
    {"task", true},
    {"container", true},
    {"pod", true},
    {"host", true},
    {"process", true},
    {"function", true},
    {"image", false},
    {"domain", false},
    {"remote_address", false},
    {"source_address", false},
    {"wallet", false},
    {"ssh_key", false},
    {"user", false},
    {"trail", false},
    {"added_user", false},
    {"security_group", false},
    {"service", false},
    {"scaling_group", false},
    {"fleet", false},
    {"notebook", false},
    {"task_definition", false},
    {"granted_user", false},  // joins through the grant, which has a time
    {"job", false},
    {"emr_cluster", false},
};
static_assert(std::size(kTypes) == static_cast<size_t>(EntityType::kEmrCluster) + 1);

}  // namespace

std::string_view entity_type_name(EntityType type) {
  return kTypes[static_cast<size_t>(type)].name;
}

bool is_strong(EntityType type) {
  return kTypes[static_cast<size_t>(type)].strong;
}

}  // namespace davy::event
