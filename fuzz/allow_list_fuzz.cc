// SPDX-License-Identifier: Apache-2.0
// Reads hostile allow-list text: it neither throws nor hangs, and whatever is accepted has a name,
// an owner, a reason, an end and a scope; a refusal says why.
#include <cstdint>
#include <cstdlib>

#include "davy/incident/allow_list_reader.h"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  namespace incident = davy::incident;
  const incident::AllowFile file{"fuzz.yml", std::string(data, data + size)};
  const incident::DetectorNames names = {{"cpu_plateau", "cpu_plateau"}, {"a_rule", "id"}};
  davy::Diagnostics diagnostics;
  const incident::AllowList list = incident::read_allow_list({&file, 1}, names, diagnostics);
  for (const davy::Diagnostic& diagnostic : diagnostics)
    require(!to_text(diagnostic).empty() && diagnostic.code.starts_with("DVY-A"));
  if (davy::has_errors(diagnostics)) return 0;
  for (const incident::AllowEntry& entry : list) {
    require(!entry.name.empty() && !entry.owner.empty() && !entry.reason.empty());
    require(entry.ends.known() && entry.starts < entry.ends && !entry.scope.empty());
    for (const incident::AllowedScope& scope : entry.scope)
      require(!scope.values.empty());
    require(!credit(entry).empty());
  }
  return 0;
}
