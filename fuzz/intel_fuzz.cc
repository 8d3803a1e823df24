// SPDX-License-Identifier: Apache-2.0
// Wallets, command lines and imported lists are text that strangers wrote.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "davy/intel/import.h"
#include "davy/intel/intel.h"

namespace {

using davy::intel::Intel;

const Intel& known() {
  static const Intel intel = [] {
    const std::vector<std::pair<std::string, std::string>> files = {
        {"fuzz.csv",
         "kind,value,family,confidence,source,date\n"
         "domain,pool.example,p,high,s,2026-01-01\n"
         "ip,185.143.221.0/24,p,high,s,2026-01-01\n"
         "process-name,xmrig,xmrig,high,s,2026-01-01\n"
         "path,/tmp/.x/,p,high,s,2026-01-01\n"
         "image,me/miner,p,high,s,2026-01-01\n"}};
    davy::Diagnostics diagnostics;
    return Intel::load(files, diagnostics);
  }();
  return intel;
}

bool is_inside(std::string_view part, std::string_view whole) {
  return part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size();
}

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string input(data, data + size);
  const std::string_view text(input);

  // A found wallet is one by itself, too.
  for (const auto& wallet : davy::intel::find_wallets(text)) {
    const auto again = davy::intel::parse_wallet(wallet.address);
    require(again.has_value() && again->coin == wallet.coin);
  }
  davy::intel::parse_wallet(text);

  const std::string_view path = text.substr(0, text.find('\n'));
  for (const auto& finding : known().read_command_line(path, text)) {
    require(is_inside(finding.text, text));
  }
  known().find_domain(text);
  known().find_ip(text);
  known().find_path(text);
  known().find_image(text);

  // What an import yields is normalised: importing it once more changes nothing.
  const auto imported = davy::intel::import_text(text, "", "fuzz", "2026-01-01");
  if (imported.has_value()) {
    for (const auto& entry : imported->entries) {
      const auto again = davy::intel::import_text(entry.value, "list", "fuzz", "2026-01-01");
      require(again.has_value() && again->entries.size() == 1);
      require(again->entries.front().value == entry.value &&
              again->entries.front().kind == entry.kind);
    }
  }

  if (text.starts_with("kind,")) {
    davy::Diagnostics diagnostics;
    const std::vector<std::pair<std::string, std::string>> files = {{"f.csv", input}};
    Intel::load(files, diagnostics);
  }
  return 0;
}
