// SPDX-License-Identifier: Apache-2.0
// Collects imported values: recognises their kind, normalises them, keeps each once; and remembers
// what was left out.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "davy/base/result.h"
#include "davy/intel/import.h"
#include "davy/intel/intel.h"

namespace davy::intel {

class ImportSink {
 public:
  ImportSink(std::string_view source, std::string_view date) : source_(source), date_(date) {}

  /// Where what comes next stands in the list.
  void at(std::string place) { place_ = std::move(place); }

  /// A value whose kind must be told from its looks. False when it is none.
  bool add(std::string_view written, std::string_view family = {},
           std::string_view confidence = "medium");
  /// A value of a known kind. False when it is not one.
  bool add(IndicatorKind kind, std::string_view written, std::string_view family,
           std::string_view confidence);

  /// Remembers that `value` became no indicator, for `reason` or else for what it looks like.
  void leave_out(std::string_view value, std::string_view reason = {});

  std::string_view date() const { return date_; }
  Imported take();

 private:
  bool add(IndicatorEntry entry);
  bool add_url(std::string_view url, std::string_view family, std::string_view confidence);

  std::string source_;
  std::string date_;
  std::string place_;
  std::map<std::pair<IndicatorKind, std::string>, IndicatorEntry> entries_;
  std::vector<LeftOut> left_out_;
  size_t left_out_count_ = 0;
};

/// Why a value that is no indicator is none, from its looks: an MD5, a misspelt wallet, …
std::string why_left_out(std::string_view value);

/// Reads the JSON formats; `format_hint` as in import_text. In import_json.cc.
Result<void> import_json(std::string_view text, std::string_view format_hint, ImportSink& sink);

}  // namespace davy::intel
