// SPDX-License-Identifier: Apache-2.0
// Domain names: what is one, and which of many known names is a name or a parent of it. Comparison
// is by whole labels, in any letter case, with or without the trailing dot.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace davy::intel {

/// Two or more labels of letters, digits, '-' and '_', the last not all digits.
bool is_domain_name(std::string_view name);

/// True for names that look like two joined without a separator: a label inside the name begins
/// with a top-level domain and goes on ("shop.comexample.net").
bool looks_fused(std::string_view name);

/// True for a host below a pool's `domain` that serves pages or statistics, told by the one
/// label between: "www.", "api.", "docs.". Miners connect elsewhere. Never true of `domain` itself.
bool is_web_host(std::string_view name, std::string_view domain);

/// Built once, then only read, from any thread; a look-up allocates nothing.
class DomainIndex {
 public:
  static constexpr int32_t kNone = -1;

  DomainIndex() = default;
  /// Names are lower case without trailing dot and must outlive the index; the value of a name is
  /// its position.
  explicit DomainIndex(std::vector<std::string_view> names);

  /// The longest known name that is `name` or a parent of it, or kNone.
  int32_t find(std::string_view name) const;
  /// The same, but never `name` itself.
  int32_t find_parent(std::string_view name) const;

 private:
  int32_t probe(uint64_t hash, std::string_view name) const;

  struct Slot {
    uint64_t hash = 0;
    int32_t value = kNone;
  };
  std::vector<Slot> slots_;  // open addressing, a power of two, at most a quarter full
  std::vector<std::string_view> names_;
};

}  // namespace davy::intel
