// SPDX-License-Identifier: Apache-2.0
#include "davy/incident/naming.h"

#include <algorithm>

#include <fmt/format.h>

#include "davy/base/text.h"

namespace davy::incident {

std::string some_of(const std::vector<std::string>& items, size_t shown) {
  if (items.size() == shown + 1) ++shown;  // "and 1 more" saves nothing
  const std::vector<std::string> head(
      items.begin(), items.begin() + static_cast<long>(std::min(shown, items.size())));
  std::string text = join(head, ", ");
  if (items.size() > shown) {
    text += fmt::format(" and {} more", with_thousands(items.size() - shown));
  }
  return text;
}

std::string plural(uint64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", with_thousands(count), noun, count == 1 ? "" : "s");
}

std::string_view last_part(std::string_view arn) {
  if (!arn.starts_with("arn:")) return arn;
  return arn.substr(arn.find_last_of(":/") + 1);
}

std::string_view actor_name(std::string_view arn) {
  constexpr std::string_view kSession = ":assumed-role/";
  const size_t session = arn.find(kSession);
  return session == std::string_view::npos ? last_part(arn) : arn.substr(session + kSession.size());
}

std::vector<std::string> ids(const std::vector<event::Entity>& entities, event::EntityType type) {
  std::vector<std::string> found;
  for (const event::Entity& entity : entities) {
    if (entity.type == type) found.push_back(entity.id);
  }
  return found;
}

}  // namespace davy::incident
