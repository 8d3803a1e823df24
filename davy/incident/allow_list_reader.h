// SPDX-License-Identifier: Apache-2.0
// Reads allow-list files. Strict: a key that is misspelt would permit more, or nothing, than its
// author meant, so every mistake is an error with its place, and no entry is used.
//
//   allow:
//     - name: eth-node
//       scope: {account: "111122223333", resource: [i-0abc1234def567890]}
//       what: any
//       reason: validator of the web3 team, OPS-1234
//       owner: web3@example.com
//       expires: 2026-12-31
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>

#include "davy/base/diagnostic.h"
#include "davy/incident/allow_list.h"

namespace davy::incident {

struct AllowFile {
  std::string name;
  std::string text;
};

/// What `detectors` may name -> Detection::detector: names of detectors, ids and names of rules.
using DetectorNames = std::map<std::string, std::string, std::less<>>;

/// The entries of all files, by name; with errors in `diagnostics` the list is not to be used.
AllowList read_allow_list(std::span<const AllowFile> files, const DetectorNames& names,
                          Diagnostics& diagnostics);

}  // namespace davy::incident
