// SPDX-License-Identifier: Apache-2.0
// What the readers of one rule document share: where findings go, the placeholders, and a budget
// that bounds what a hostile document (nested aliases, long products of placeholders) can cost.
//
// A reader does not stop at the first fault: refuse() records it and reading goes on, so that an
// author sees all of them; the document is dropped at the end if anything was refused.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "davy/base/diagnostic.h"
#include "davy/sigma/rule_set.h"

namespace davy {
class YamlNode;
}

namespace davy::sigma::internal {

inline constexpr int kMaxBlockDepth = 16;
inline constexpr size_t kMaxTestsPerRule = 50'000;

class Reader {
 public:
  Reader(const std::string& file, const Placeholders& placeholders, Diagnostics& diagnostics)
      : file_(file), placeholders_(placeholders), diagnostics_(diagnostics) {}

  void refuse(std::string_view code, const YamlNode& at, std::string message,
              std::string hint = {});
  void warn(std::string_view code, const YamlNode& at, std::string message, std::string hint = {});
  bool refused() const { return refused_; }

  /// Pays for one more test; false, and the document refused, when the budget is used up.
  bool spend(const YamlNode& at);

  /// The values of "%name%", or null.
  const std::vector<std::string>* placeholder(std::string_view name) const;

  const std::string& file() const { return file_; }

 private:
  void add(std::string_view code, Severity severity, const YamlNode& at, std::string message,
           std::string hint);

  const std::string& file_;
  const Placeholders& placeholders_;
  Diagnostics& diagnostics_;
  size_t spent_ = 0;
  bool refused_ = false;
};

/// How a scalar was written: quoted text is a string whatever it looks like.
enum class ScalarKind { kNull, kBool, kNumber, kString };
ScalarKind scalar_kind(const YamlNode& node);

/// A key that `map` holds twice, or nothing.
std::optional<std::string> repeated_key(const YamlNode& map);

}  // namespace davy::sigma::internal
