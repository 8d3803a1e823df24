// SPDX-License-Identifier: Apache-2.0
// An allow-list file as plain values with their places. The .cc is the only part of the allow-list
// that knows a YAML library.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "davy/base/diagnostic.h"

namespace davy::incident {

struct FileField;

struct FileValue {
  enum class Form { kNothing, kText, kList, kMap };
  Form form = Form::kNothing;
  int line = 0;  ///< from 1
  int column = 0;
  std::string text;  ///< as written, numbers too: "012345678901" keeps its zero
  std::vector<FileValue> items;
  std::vector<FileField> fields;  ///< in order; keys are texts
};

struct FileField {
  FileValue key;
  FileValue value;
};

inline constexpr size_t kMaxAllowFileBytes = size_t{1} << 20;
inline constexpr int kMaxAllowFileDepth = 8;
inline constexpr size_t kMaxAllowFileValues = 50'000;

/// The one document of the file, a map in block style; else nothing and a diagnostic why.
std::optional<FileValue> read_allow_file(std::string_view text, const std::string& file,
                                         Diagnostics& diagnostics);

}  // namespace davy::incident
