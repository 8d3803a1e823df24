// SPDX-License-Identifier: Apache-2.0
#include "davy/intel/domain.h"

#include <algorithm>
#include <bit>
#include <iterator>

#include "davy/base/text.h"

namespace davy::intel {
namespace {

constexpr size_t kLongestName = 253;
constexpr size_t kLongestLabel = 63;

bool is_label(std::string_view label) {
  return !label.empty() && label.size() <= kLongestLabel && label.front() != '-' &&
         label.back() != '-' && std::all_of(label.begin(), label.end(), [](char c) {
           return is_ascii_alpha(c) || is_ascii_digit(c) || c == '-' || c == '_';
         });
}

// FNV-1a over the name from its end to its start, so that every parent's hash is met on the way.
constexpr uint64_t kHashStart = 0xcbf29ce484222325;
constexpr uint64_t kHashPrime = 0x100000001b3;
uint64_t extend(uint64_t hash, char c) {
  return (hash ^ static_cast<unsigned char>(ascii_lower(c))) * kHashPrime;
}
uint64_t hash_backwards(std::string_view name) {
  uint64_t hash = kHashStart;
  for (size_t i = name.size(); i-- > 0;)
    hash = extend(hash, name[i]);
  return hash;
}
size_t slot_of(uint64_t hash, size_t slots) {
  return (hash ^ hash >> 29) & (slots - 1);
}

std::string_view without_trailing_dot(std::string_view name) {
  if (!name.empty() && name.back() == '.') name.remove_suffix(1);
  return name;
}

}  // namespace

bool is_domain_name(std::string_view name) {
  if (name.size() > kLongestName) return false;
  const auto labels = split(name, '.');
  return labels.size() >= 2 && std::all_of(labels.begin(), labels.end(), is_label) &&
         !std::all_of(labels.back().begin(), labels.back().end(), is_ascii_digit);
}

bool looks_fused(std::string_view name) {
  // Words that begin with a top-level domain by themselves.
  constexpr std::string_view kWords[] = {"combat",  "combin", "comed",   "comfort", "comic",
                                         "comm",    "comp",   "netflix", "nether",  "netease",
                                         "netlify", "nets",   "netw",    "organ"};
  const auto labels = split(name, '.');
  for (size_t i = 1; i + 1 < labels.size(); ++i) {
    const std::string lower = to_lower(labels[i]);
    const bool joined =
        lower.size() > 5 && is_ascii_alpha(lower[3]) &&
        (lower.starts_with("com") || lower.starts_with("net") || lower.starts_with("org"));
    const bool word = std::any_of(std::begin(kWords), std::end(kWords),
                                  [&](std::string_view w) { return lower.starts_with(w); });
    if (joined && !word) return true;
  }
  return false;
}

bool is_web_host(std::string_view name, std::string_view domain) {
  constexpr std::string_view kLabels[] = {
      "www",    "api",   "docs",      "doc",     "blog",     "help",   "support",
      "status", "forum", "wiki",      "news",    "cdn",      "static", "assets",
      "images", "stats", "dashboard", "account", "accounts", "login",  "explorer",
      "shop",   "mail",  "smtp",      "mx",      "imap"};
  name = without_trailing_dot(name);
  if (name.size() <= domain.size() ||
      !equals_ignore_case(name.substr(name.size() - domain.size()), domain)) {
    return false;
  }
  std::string_view label = name.substr(0, name.find('.'));
  // "mail.eu." is a place of the pool's own naming, not its mail host.
  if (label.size() + 1 + domain.size() != name.size()) return false;
  while (!label.empty() && is_ascii_digit(label.back()))
    label.remove_suffix(1);  // "api2"
  return std::any_of(std::begin(kLabels), std::end(kLabels),
                     [&](std::string_view known) { return equals_ignore_case(known, label); });
}

DomainIndex::DomainIndex(std::vector<std::string_view> names) : names_(std::move(names)) {
  slots_.resize(std::bit_ceil(4 * names_.size() + 4));
  for (size_t i = 0; i < names_.size(); ++i) {
    const uint64_t hash = hash_backwards(names_[i]);
    size_t slot = slot_of(hash, slots_.size());
    while (slots_[slot].value != kNone)
      slot = (slot + 1) & (slots_.size() - 1);
    slots_[slot] = {hash, static_cast<int32_t>(i)};
  }
}

int32_t DomainIndex::probe(uint64_t hash, std::string_view name) const {
  for (size_t slot = slot_of(hash, slots_.size()); slots_[slot].value != kNone;
       slot = (slot + 1) & (slots_.size() - 1)) {
    if (slots_[slot].hash != hash) continue;
    const auto value = slots_[slot].value;
    if (equals_ignore_case(names_[static_cast<size_t>(value)], name)) return value;
  }
  return kNone;
}

int32_t DomainIndex::find(std::string_view name) const {
  name = without_trailing_dot(name);
  if (slots_.empty() || name.empty() || name.size() > kLongestName) return kNone;
  int32_t best = kNone;
  uint64_t hash = kHashStart;
  for (size_t i = name.size(); i-- > 0;) {
    hash = extend(hash, name[i]);
    if (i > 0 && name[i - 1] != '.') continue;
    if (const int32_t value = probe(hash, name.substr(i)); value != kNone) best = value;
  }
  return best;
}

int32_t DomainIndex::find_parent(std::string_view name) const {
  const size_t dot = name.find('.');
  return dot == std::string_view::npos ? kNone : find(name.substr(dot + 1));
}

}  // namespace davy::intel
