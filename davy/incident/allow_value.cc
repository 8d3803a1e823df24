// SPDX-License-Identifier: Apache-2.0
#include "davy/incident/allow_value.h"

#include <algorithm>

#include "davy/base/text.h"

namespace davy::incident {
namespace {

ReadValue problem(std::string text, std::string hint = {}) {
  return {std::nullopt, std::move(text), std::move(hint), false};
}

ReadValue too_wide(std::string text) {
  return {std::nullopt, std::move(text), "name what is meant", true};
}

ReadValue value_of(std::string_view text) {
  return {AllowedValue{std::string(text), std::nullopt, 0}, {}, {}, false};
}

ReadValue exact(std::string_view text) {
  if (text.find('*') != std::string_view::npos) {
    return problem("holds a `*`, which stands for itself here", "write it in full");
  }
  return value_of(text);
}

/// A pattern must say something: at least a letter or digit beside its stars.
ReadValue pattern(std::string_view text) {
  const bool says_something = std::any_of(text.begin(), text.end(), [](char c) {
    return is_ascii_alpha(c) || is_ascii_digit(c) || static_cast<unsigned char>(c) >= 0x80;
  });
  return says_something ? value_of(text) : too_wide("fits everything");
}

ReadValue account(std::string_view text) {
  const bool number = std::all_of(text.begin(), text.end(), is_ascii_digit);
  constexpr size_t kAwsAccountDigits = 12;
  if (number && text.size() != kAwsAccountDigits) {
    return problem("is no account id: AWS has 12 digits");
  }
  return exact(text);
}

ReadValue block(std::string_view text) {
  const auto range = intel::parse_range(text);
  if (!range) return problem("is no address or CIDR block", "write 192.0.2.7 or 192.0.2.0/24");
  constexpr int kAllOfV4 = 96;  // counted in the 128-bit form
  if (range->prefix_length == 0 || (range->prefix_length == kAllOfV4 && range->first.is_v4())) {
    return too_wide("is every address");
  }
  return {AllowedValue{std::string(text), range, 0}, {}, {}, false};
}

/// A name, an address, a block, or an address with a port.
ReadValue pool(std::string_view text) {
  if (text.find("://") != std::string_view::npos) {
    return problem("is a URL", "write the name alone, as in pool.example.com");
  }
  if (const auto endpoint = intel::parse_endpoint(text)) {
    const auto range = intel::parse_range(to_text(endpoint->address));
    return {AllowedValue{std::string(text), range, endpoint->port}, {}, {}, false};
  }
  const bool digits = text.find_first_not_of("0123456789.:/[]") == std::string_view::npos;
  if (digits || text.find('/') != std::string_view::npos || parse_address(text)) {
    return block(text);
  }
  if (text.find(':') != std::string_view::npos) {
    return problem("is a name with a port", "logs of names know no ports: write the name alone");
  }
  if (text.ends_with('.')) text.remove_suffix(1);
  // "*.com" would permit most pools there are.
  const size_t dot = text.find('.');
  const bool whole_tld =
      text.starts_with('*') &&
      (dot == std::string_view::npos || text.find('.', dot + 1) == std::string_view::npos);
  return whole_tld ? too_wide("is more than one pool") : pattern(to_lower(text));
}

/// Only the Name tag is in the logs that are read.
ReadValue tag(std::string_view text) {
  constexpr std::string_view kName = "Name=";
  if (!text.starts_with(kName)) {
    return problem("is not of the form Name=value", "the logs that are read carry no other tag");
  }
  return pattern(text.substr(kName.size()));
}

}  // namespace

ReadValue read_allowed_value(ScopeKey key, std::string_view text) {
  if (text.empty()) return problem("is empty");
  switch (key) {
    case ScopeKey::kAccount: return account(text);
    case ScopeKey::kRegion:
    case ScopeKey::kAccessKey:
    case ScopeKey::kWallet: return exact(text);
    case ScopeKey::kResource:
    case ScopeKey::kImage:
    case ScopeKey::kPrincipal: return pattern(text);
    case ScopeKey::kTag: return tag(text);
    case ScopeKey::kPool: return pool(text);
    case ScopeKey::kSource: return block(text);
  }
  return problem("cannot be read");
}

std::optional<Time> read_date(std::string_view text, DurationNs whole_day) {
  text = trim(text);
  constexpr size_t kDateLength = 10;
  if (text.size() != kDateLength) {
    const auto time = parse_rfc3339(text);
    return time && time->known() ? time : std::nullopt;
  }
  const auto midnight = parse_rfc3339(std::string(text) + "T00:00:00Z");
  // "2026-02-31" is read as a day of March: not what somebody meant.
  if (!midnight || !midnight->known() || to_date(*midnight) != text) return std::nullopt;
  return *midnight + whole_day;
}

}  // namespace davy::incident
