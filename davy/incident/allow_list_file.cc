// SPDX-License-Identifier: Apache-2.0
#include "davy/incident/allow_list_file.h"

#include <utility>

#include <yaml-cpp/yaml.h>

#include "davy/base/text.h"

namespace davy::incident {
namespace {

/// What is still to be read of a file, and why reading ended before its end.
struct Reading {
  size_t values_left = kMaxAllowFileValues;
  const char* ended = nullptr;
  int line = 0;
};

/// Counts what it copies: an alias is copied wherever it stands, so a small text can name very
/// many.
FileValue copy_of(const YAML::Node& node, int depth, Reading& reading) {
  FileValue value;
  value.line = node.Mark().line + 1;
  value.column = node.Mark().column + 1;
  if (reading.ended == nullptr && (depth > kMaxAllowFileDepth || reading.values_left == 0)) {
    reading.ended = depth > kMaxAllowFileDepth ? "is nested deeper" : "holds more values";
    reading.line = value.line;
  }
  if (reading.ended != nullptr) return value;
  --reading.values_left;
  if (node.IsScalar()) {
    value.form = FileValue::Form::kText;
    value.text = node.Scalar();
  } else if (node.IsSequence()) {
    value.form = FileValue::Form::kList;
    for (const auto& item : node)
      value.items.push_back(copy_of(item, depth + 1, reading));
  } else if (node.IsMap()) {
    value.form = FileValue::Form::kMap;
    for (const auto& field : node) {
      FileValue key = copy_of(field.first, depth + 1, reading);
      value.fields.emplace_back(std::move(key), copy_of(field.second, depth + 1, reading));
    }
  }
  return value;
}

/// The line of a marker that would end the document before its end; 0 when there is none. yaml-cpp
/// reads one document and says nothing of others.
int second_document(std::string_view text) {
  int number = 0;
  bool begun = false;
  for (std::string_view line : split(text, '\n')) {
    ++number;
    const bool marker = (line.starts_with("---") || line.starts_with("...")) &&
                        (line.size() == 3 || is_ascii_space(line[3]));
    if (marker && begun) return number;
    const std::string_view content = trim(line);
    const bool silent = content.empty() || content.front() == '#' || content.front() == '%';
    begun = begun || marker || !silent;
  }
  return 0;
}

std::optional<FileValue> refuse(const std::string& file, int line, int column, std::string message,
                                std::string hint, Diagnostics& diagnostics) {
  diagnostics.push_back({"DVY-A001", davy::Severity::kError, file, line, column, std::move(message),
                         std::move(hint)});
  return std::nullopt;
}

}  // namespace

std::optional<FileValue> read_allow_file(std::string_view text, const std::string& file,
                                         Diagnostics& diagnostics) {
  if (text.size() > kMaxAllowFileBytes) {
    return refuse(file, 0, 0, "the file is larger than " + human_bytes(kMaxAllowFileBytes), "",
                  diagnostics);
  }
  if (const int line = second_document(text); line > 0) {
    return refuse(file, line, 1, "a second YAML document begins here",
                  "write all entries below one `allow:`", diagnostics);
  }
  try {
    const YAML::Node root = YAML::Load(std::string(text));
    // After a map in flow style yaml-cpp would pass over whatever follows it.
    if (!root.IsMap() || root.Style() == YAML::EmitterStyle::Flow) {
      return refuse(file, 1, 0, "the file is not a map of keys",
                    "begin with `allow:` and list the entries below it", diagnostics);
    }
    Reading reading;
    FileValue value = copy_of(root, 0, reading);
    if (reading.ended == nullptr) return value;
    return refuse(file, reading.line, 0, std::string("the file ") + reading.ended + " than is read",
                  "", diagnostics);
  } catch (const YAML::Exception& error) {
    return refuse(file, error.mark.line + 1, error.mark.column + 1, "this is no YAML: " + error.msg,
                  "", diagnostics);
  }
}

}  // namespace davy::incident
