// SPDX-License-Identifier: Apache-2.0
#include "davy/incident/allow_value.h"

#include <algorithm>
#include <iterator>

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

/// Says which kind of thing is meant, and not which thing.
constexpr std::string_view kClassWords[] = {
    "arn",
    "aws",
    "aws-cn",
    "aws-us-gov",
    "iam",
    "sts",
    "root",
    "user",
    "role",
    "assumed-role",
    "federated-user",
    "instance",
    "cluster",
    "service",
    "task",
    "task-definition",
    "function",
    "container",
    "default",
    "pool",
    "docker.io",
    "quay.io",
    "ghcr.io",
    "gcr.io",
    "public.ecr.aws",
};
constexpr std::string_view kClassPrefixes[] = {"i-",   "ip-",     "ami-", "sg-",  "eni-",
                                               "vpc-", "subnet-", "vol-", "aki-", "ari-"};

constexpr size_t kMinLiteral = 4;

bool is_literal(char c) {
  return is_ascii_alpha(c) || is_ascii_digit(c) || static_cast<unsigned char>(c) >= 0x80;
}

/// The pattern from the account on, as far as no star stands before it.
std::string_view without_arn_head(std::string_view text) {
  if (!text.starts_with("arn:")) return text;
  constexpr int kFieldsBeforeAccount = 4;
  for (int field = 0; field < kFieldsBeforeAccount; ++field) {
    const size_t end = text.find_first_of(":*");
    if (end == std::string_view::npos) return {};
    if (text[end] == '*') return text.substr(end);
    text.remove_prefix(end + 1);
  }
  return text;
}

/// Letters and digits that say which thing is meant.
size_t literals_of(std::string_view text) {
  size_t count = 0;
  text = without_arn_head(text);
  while (!text.empty()) {
    const size_t end = std::min(text.size(), text.find_first_of("*:/"));
    std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(text.size(), end + 1));
    while (word.starts_with('.'))
      word.remove_prefix(1);
    while (word.ends_with('.'))
      word.remove_suffix(1);
    for (const std::string_view prefix : kClassPrefixes) {
      if (!word.starts_with(prefix)) continue;
      word.remove_prefix(prefix.size());
      break;
    }
    if (std::find(std::begin(kClassWords), std::end(kClassWords), word) != std::end(kClassWords))
      continue;
    count += static_cast<size_t>(std::count_if(word.begin(), word.end(), is_literal));
  }
  return count;
}

/// A pattern must say something, and one with a star which thing it means.
ReadValue pattern(std::string_view text) {
  const bool says_something = std::any_of(text.begin(), text.end(), is_literal);
  if (!says_something) return too_wide("fits everything");
  const bool narrow = text.find('*') == std::string_view::npos || literals_of(text) >= kMinLiteral;
  return narrow ? value_of(text) : too_wide("fits nearly everything of its kind");
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
  constexpr int kV4Bits = 96;  // lengths are counted in the 128-bit form
  constexpr int kWidestV4 = kV4Bits + 8;
  constexpr int kWidestV6 = 16;
  const Address v4 = *parse_address("0.0.0.0");
  // "::/1" holds all of IPv4 too.
  const bool mapped = range->first <= v4 && v4 <= range->last;
  const int widest = mapped || range->first.is_v4() ? kWidestV4 : kWidestV6;
  const bool all =
      range->prefix_length == 0 || (range->prefix_length == kV4Bits && range->first.is_v4());
  if (all) return too_wide("is every address");
  if (range->prefix_length < widest) return too_wide("is wider than /8 of IPv4 or /16 of IPv6");
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
  if (!midnight || !midnight->known()) return std::nullopt;
  return *midnight + whole_day;
}

}  // namespace davy::incident
