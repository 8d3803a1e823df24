// SPDX-License-Identifier: Apache-2.0
#include "davy/event/field.h"

namespace davy::event {

Slot Schema::add(std::string_view path) {
  const auto next = static_cast<Slot>(paths_.size());
  const auto [place, added] = slots_.try_emplace(std::string(path), next);
  if (added) paths_.emplace_back(path);
  return place->second;
}

Slot Schema::find(std::string_view path) const {
  const auto place = slots_.find(path);
  return place == slots_.end() ? kNoSlot : place->second;
}

}  // namespace davy::event
