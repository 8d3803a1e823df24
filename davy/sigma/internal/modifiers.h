// SPDX-License-Identifier: Apache-2.0
// Modifier chains: "CommandLine|contains|windash" and a YAML value become tests.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "davy/sigma/internal/reader.h"
#include "davy/sigma/internal/rule.h"

namespace davy::sigma::internal {

struct Modifier;

/// A map key taken apart: the field and its checked modifiers.
struct FieldKey {
  std::string field;
  std::vector<const Modifier*> chain;
  bool all = false;
  bool negated = false;
};

/// Every modifier there is, for hints and documentation, in alphabetical order.
std::vector<std::string_view> modifier_names();

/// Refuses unknown modifiers and combinations that mean nothing.
FieldKey read_field_key(Reader& reader, const YamlNode& key);

/// The tests that one scalar stands for under the key; any of them will do. A keyword is looked for
/// anywhere in the text.
std::vector<Test> read_tests(Reader& reader, const FieldKey& key, const YamlNode& scalar,
                             Extent extent);

}  // namespace davy::sigma::internal
