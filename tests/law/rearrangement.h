// SPDX-License-Identifier: Apache-2.0
// The same logs, delivered otherwise: records in another order, files merged, split, renamed and
// compressed, records and files delivered twice. What a scan finds must not change.
#pragma once

#include <map>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace davy::tests {

using Random = std::mt19937_64;

/// How the records of a file are told apart.
enum class Layout {
  kRecordsArray,  ///< {"Records":[…]}
  kJsonLines,
  kHeaderLines,  ///< a line of column names, then one record a line
  kOpaque,       ///< order may carry meaning: moved as a whole
};

/// Records that may stand in one file: same layout, same header, same delivery folder (the account
/// and the region of "AWSLogs/<account>/…/<region>/" count for records that do not say them).
struct Pool {
  Layout layout = Layout::kOpaque;
  std::string header;  ///< of kHeaderLines, without line end
  std::string folder;  ///< "AWSLogs/…" up to the last folder, or empty
  std::vector<std::string> records;
};

/// Cuts files (path -> text) into pools.
std::vector<Pool> pools_of(const std::map<std::string, std::string>& files);

/// Path -> bytes of one random delivery of all records; names and shapes are `random`'s choice.
std::map<std::string, std::string> rearranged(const std::vector<Pool>& pools, Random& random);

/// One text of all `records` in `layout`.
std::string joined(const Pool& pool, const std::vector<std::string>& records, Layout layout);

/// Puts `records` into random order.
void shuffle(std::vector<std::string>& records, Random& random);

}  // namespace davy::tests
