// SPDX-License-Identifier: Apache-2.0
#include "davy/decode/audit_cutter.h"

#include <algorithm>
#include <cstring>
#include <unordered_map>

#include "davy/base/hash.h"
#include "davy/decode/audit_line.h"

namespace davy::decode {
namespace {

/// What tells the event of a line; 0 for a line that is of no event.
uint64_t event_of(std::string_view line) {
  AuditLine parsed;
  if (!read_audit_line(line, parsed)) return 0;
  const uint64_t hash = hash64(parsed.stamp, hash64(parsed.node));
  return hash == 0 ? 1 : hash;
}

}  // namespace

size_t cut_audit(std::string_view data, bool last, std::vector<Cut>& records) {
  return cut_audit(data, last, records, [](size_t) { return false; });
}

size_t cut_audit(std::string_view data, bool last, std::vector<Cut>& records,
                 const std::function<bool(size_t line)>& leaves) {
  std::vector<size_t> ends;  // of each line, its line end included
  std::vector<size_t>
      reaches;  // of each line, the line of the same event that comes next, or itself
  std::unordered_map<uint64_t, size_t> latest;
  for (size_t begin = 0; begin < data.size();) {
    const size_t found = data.find('\n', begin);
    if (found == std::string_view::npos && !last) break;
    const size_t end = found == std::string_view::npos ? data.size() : found;
    const size_t line = ends.size();
    const uint64_t event = event_of(data.substr(begin, end - begin));
    if (event == 0 && leaves(begin)) {
      last = true;
      break;
    }
    reaches.push_back(line);
    if (event != 0) {
      const auto [place, is_new] = latest.try_emplace(event, line);
      if (!is_new && line - place->second <= kAuditWindow) reaches[place->second] = line;
      place->second = line;
    }
    begin = std::min(end + 1, data.size());
    ends.push_back(begin);
  }
  // A later line may still belong to one of the last lines: they wait for more bytes.
  const size_t settled = last ? ends.size() : ends.size() - std::min(ends.size(), kAuditWindow);
  size_t consumed = 0;
  size_t reach = 0;
  for (size_t line = 0; line < settled; ++line) {
    reach = std::max(reach, reaches[line]);
    if (reach > line) continue;
    records.push_back({consumed, ends[line] - consumed});
    consumed = ends[line];
  }
  return consumed;
}

}  // namespace davy::decode
