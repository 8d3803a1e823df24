// SPDX-License-Identifier: Apache-2.0
#include "davy/sigma/key_places.h"

#include <fmt/format.h>

#include "davy/base/yaml.h"

namespace davy::sigma {

KeyPlaces read_key_places(const YamlNode& document) {
  constexpr const char* kLinted[] = {"id", "title", "status", "level", "tags"};
  KeyPlaces places;
  for (const char* key : kLinted) {
    const YamlNode& value = document[key];
    if (!value) continue;
    places.emplace_back(key, value.place());
    for (size_t i = 0; i < value.items().size(); ++i)
      places.emplace_back(fmt::format("{}/{}", key, i), value.items()[i].get().place());
  }
  return places;
}

}  // namespace davy::sigma
