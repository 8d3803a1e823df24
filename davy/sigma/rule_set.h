// SPDX-License-Identifier: Apache-2.0
// Sigma rules as read from YAML: the whole of the Sigma 2.x specification, without knowing anything
// about mining. Loading never stops at a bad rule: it is refused, with its reason, and the rest go
// on.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "davy/base/diagnostic.h"
#include "davy/base/result.h"
#include "davy/event/logsource.h"

namespace davy::sigma {

/// Index of a rule in its RuleSet: detection rules first, then correlations.
using RuleIndex = uint32_t;

/// A YAML document stream and the name it is reported under.
struct RuleText {
  std::string file;
  std::string yaml;
};

/// What is said about a rule, for lists, reports and detections.
struct RuleInfo {
  std::string id;  ///< uuid or "davy-…"; a stable hash of file and title when the rule has none
  std::string name;
  std::string title;
  std::string description;
  std::string author;
  std::string status;
  std::string level;  ///< informational … critical; "" when unstated
  std::vector<std::string> tags;
  std::vector<std::string> references;
  std::vector<std::string> falsepositives;
  std::string category;  ///< logsource; empty for correlations
  std::string product;
  std::string service;
  std::string file;
  int line = 0;
  bool is_correlation = false;
  /// The rule's own top-level `davy:` map, flattened to dotted keys ("signal" -> "control_plane").
  /// Opaque to this module.
  std::vector<std::pair<std::string, std::string>> custom;
};

/// How loading went; printed by `davy rules lint` and summed up by scan.
struct LoadReport {
  size_t files = 0;
  size_t rules = 0;
  size_t correlations = 0;
  size_t filters = 0;
  size_t refused = 0;  ///< documents that could not be used; each has an error in `diagnostics`
  Diagnostics diagnostics;
};

/// Placeholder values for the `expand` modifier: "%name%" -> strings.
using Placeholders = std::vector<std::pair<std::string, std::vector<std::string>>>;

class RuleSet {
 public:
  static RuleSet load(std::span<const RuleText> texts, const Placeholders& placeholders,
                      LoadReport& report);

  RuleSet(RuleSet&&) noexcept;
  RuleSet& operator=(RuleSet&&) noexcept;
  ~RuleSet();

  size_t size() const;  ///< detection rules + correlations
  const RuleInfo& info(RuleIndex index) const;
  /// False when the rule is only there to feed a correlation (`generate: false`, the default for
  /// referenced rules): its own matches are not reported.
  bool reports_alone(RuleIndex index) const;

  struct Rep;
  const Rep& rep() const { return *rep_; }  ///< for this module's own compilers

 private:
  RuleSet();
  std::unique_ptr<Rep> rep_;
};

/// Reads rule files: a file, or every .yml/.yaml below a folder, in path order. `.test.yml` files
/// are rule tests and are left out.
Result<std::vector<RuleText>> read_rule_files(const std::vector<std::string>& paths);

/// The `.test.yml` files below folders, and those beside rule files.
Result<std::vector<RuleText>> read_rule_test_files(const std::vector<std::string>& paths);

}  // namespace davy::sigma
