// SPDX-License-Identifier: Apache-2.0
#include "davy/incident/allow_list_file.h"

#include <utility>

#include "davy/base/text.h"
#include "davy/base/yaml.h"

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
FileValue copy_of(const YamlNode& node, int depth, Reading& reading) {
  FileValue value;
  value.line = node.line();
  value.column = node.column();
  if (reading.ended == nullptr && (depth > kMaxAllowFileDepth || reading.values_left == 0)) {
    reading.ended = depth > kMaxAllowFileDepth ? "is nested deeper" : "holds more values";
    reading.line = value.line;
  }
  if (reading.ended != nullptr) return value;
  --reading.values_left;
  if (node.is_scalar()) {
    value.form = FileValue::Form::kText;
    value.text = node.text();
  } else if (node.is_sequence()) {
    value.form = FileValue::Form::kList;
    for (const YamlNode& item : node.items())
      value.items.push_back(copy_of(item, depth + 1, reading));
  } else if (node.is_map()) {
    value.form = FileValue::Form::kMap;
    for (const auto& [key, field] : node.entries()) {
      FileValue name = copy_of(key, depth + 1, reading);
      value.fields.push_back({std::move(name), copy_of(field, depth + 1, reading)});
    }
  }
  return value;
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
  const YamlStream stream = YamlStream::read(text);
  if (!stream.faults().empty()) {
    const YamlFault& fault = stream.faults().front();
    return refuse(file, fault.line, fault.column, "this is no YAML: " + fault.message, "",
                  diagnostics);
  }
  const auto documents = stream.documents();
  if (documents.size() > 1) {
    return refuse(file, documents[1].get().line(), 1, "a second YAML document begins here",
                  "write all entries below one `allow:`", diagnostics);
  }
  if (documents.empty() || !documents[0].get().is_map()) {
    return refuse(file, 1, 0, "the file is not a map of keys",
                  "begin with `allow:` and list the entries below it", diagnostics);
  }
  Reading reading;
  FileValue value = copy_of(documents[0], 0, reading);
  if (reading.ended == nullptr) return value;
  return refuse(file, reading.line, 0, std::string("the file ") + reading.ended + " than is read",
                "", diagnostics);
}

}  // namespace davy::incident
