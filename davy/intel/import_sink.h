// SPDX-License-Identifier: Apache-2.0
// Collects imported values: recognises their kind, normalises them, keeps each once.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "davy/base/result.h"
#include "davy/intel/intel.h"

namespace davy::intel {

class ImportSink {
 public:
  ImportSink(std::string_view source, std::string_view date) : source_(source), date_(date) {}

  /// A value whose kind must be told from its looks. False when it is none.
  bool add(std::string_view written, std::string_view family = {},
           std::string_view confidence = "medium");
  /// A value of a known kind. False when it is not one.
  bool add(IndicatorKind kind, std::string_view written, std::string_view family,
           std::string_view confidence);

  std::string_view date() const { return date_; }
  std::vector<IndicatorEntry> take();

 private:
  std::string source_;
  std::string date_;
  std::map<std::pair<IndicatorKind, std::string>, IndicatorEntry> entries_;
};

/// Reads the JSON formats; `format_hint` as in import_text. In import_json.cc.
Result<void> import_json(std::string_view text, std::string_view format_hint, ImportSink& sink);

}  // namespace davy::intel
