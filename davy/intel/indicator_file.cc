// SPDX-License-Identifier: Apache-2.0
#include "davy/intel/indicator_file.h"

#include <algorithm>
#include <array>
#include <optional>
#include <tuple>

#include <fmt/format.h>

#include "davy/base/text.h"
#include "davy/intel/csv.h"
#include "davy/intel/domain.h"
#include "davy/intel/lint.h"
#include "davy/intel/normalise.h"

namespace davy::intel {
namespace {

constexpr std::string_view kHeader = "kind,value,family,confidence,source,date";
constexpr size_t kColumns = 6;
constexpr size_t kLongestLine = 4096;

/// One data line, as written.
struct Line {
  Place place;
  std::vector<std::string> fields;

  const std::string& kind() const { return fields[0]; }
};

/// The data lines of one file; a line that is not six fields is reported and left out.
void read_lines(const std::string& file, std::string_view text, std::vector<Line>& lines,
                Diagnostics& diagnostics) {
  int number = 0;
  bool header_seen = false;
  for (std::string_view raw : split(text, '\n')) {
    ++number;
    raw = trim(raw);
    if (raw.empty() || raw.front() == '#') continue;
    const Place place{file, number};
    if (!header_seen) {
      header_seen = true;
      if (raw == kHeader) continue;
      report(Lint::kHeader, place, "", diagnostics);
    }
    auto fields = raw.size() > kLongestLine ? std::vector<std::string>{} : split_csv_line(raw);
    if (fields.size() != kColumns) {
      report(Lint::kColumns, place, fmt::format("{} fields", fields.size()), diagnostics);
      continue;
    }
    lines.push_back({place, std::move(fields)});
  }
}

// ---- guards

void read_guard(const Line& line, IndicatorSet& set, Diagnostics& diagnostics) {
  const std::string value = refang(line.fields[1]);
  if (line.kind() == "shared-range") {
    if (const auto range = parse_range(value)) {
      set.shared_ranges.push_back({*range, line.fields[2]});
      return;
    }
  } else if (line.kind() == "example-wallet") {
    if (auto wallet = normal_value(IndicatorKind::kWallet, value)) {
      set.example_wallets.push_back(*std::move(wallet));
      return;
    }
  } else if (!value.empty() && is_domain_name("x." + value)) {
    set.public_suffixes.push_back(to_lower(value));
    return;
  }
  report(Lint::kValue, line.place, value, diagnostics);
}

bool is_guard(std::string_view kind) {
  return kind == "shared-range" || kind == "public-suffix" || kind == "example-wallet";
}

// ---- indicators

std::optional<IndicatorKind> kind_of(std::string_view name) {
  for (uint8_t i = 0; i <= static_cast<uint8_t>(IndicatorKind::kWallet); ++i) {
    const auto kind = static_cast<IndicatorKind>(i);
    if (kind_name(kind) == name) return kind;
  }
  return std::nullopt;
}

bool is_host(IndicatorKind kind) {
  return kind == IndicatorKind::kDomain || kind == IndicatorKind::kIp ||
         kind == IndicatorKind::kIpPort;
}

int rank_of(std::string_view confidence) {
  constexpr std::string_view kRanks[] = {"low", "medium", "high"};
  const auto* found = std::find(std::begin(kRanks), std::end(kRanks), confidence);
  return found == std::end(kRanks) ? -1 : static_cast<int>(found - std::begin(kRanks));
}

bool is_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  const auto year = parse_int<int>(text.substr(0, 4));
  const auto month = parse_int<int>(text.substr(5, 2));
  const auto day = parse_int<int>(text.substr(8, 2));
  constexpr std::array<int, 12> kDays = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return year && month && day && *year >= 2009 && *month >= 1 && *month <= 12 && *day >= 1 &&
         *day <= kDays[static_cast<size_t>(*month) - 1];
}

struct Row {
  IndicatorEntry entry;
  Place place;
};

std::optional<Row> read_row(const Line& line, Diagnostics& diagnostics) {
  std::string_view name = line.kind();
  const bool malware = name.starts_with(kMalwarePrefix);
  if (malware) name.remove_prefix(kMalwarePrefix.size());
  const auto kind = kind_of(name);
  if (!kind || (malware && !is_host(*kind))) {
    report(Lint::kKind, line.place, line.kind(), diagnostics);
    return std::nullopt;
  }
  const std::string written = refang(line.fields[1]);
  auto value = normal_value(*kind, written);
  if (!value) {
    const bool wallet = *kind == IndicatorKind::kWallet;
    report(wallet ? Lint::kWallet : Lint::kValue, line.place, written, diagnostics);
    return std::nullopt;
  }
  IndicatorEntry entry{*kind,          *std::move(value), line.fields[2], to_lower(line.fields[3]),
                       line.fields[4], line.fields[5],    malware};
  if (rank_of(entry.confidence) < 0) {
    report(Lint::kConfidence, line.place, entry.confidence, diagnostics);
    return std::nullopt;
  }
  if (entry.source.empty() || !is_date(entry.date)) {
    report(Lint::kProvenance, line.place, entry.value, diagnostics);
    return std::nullopt;
  }
  return Row{std::move(entry), line.place};
}

/// Best first among rows of one value: surest, then newest, then an order that never ties.
auto preference(const Row& row) {
  const auto& e = row.entry;
  std::string inverse_date = e.date;
  for (char& c : inverse_date)
    c = static_cast<char>('~' - c);
  return std::tuple(e.kind, std::string_view(e.value), -rank_of(e.confidence),
                    std::move(inverse_date), std::string_view(e.family), std::string_view(e.source),
                    std::string_view(row.place.file), row.place.line);
}

/// Keeps the best row of each value and reports the others.
std::vector<Row> without_repeats(std::vector<Row> rows, Diagnostics& diagnostics) {
  std::sort(rows.begin(), rows.end(),
            [](const Row& a, const Row& b) { return preference(a) < preference(b); });
  std::vector<Row> kept;
  for (Row& row : rows) {
    if (kept.empty() || kept.back().entry.kind != row.entry.kind ||
        kept.back().entry.value != row.entry.value) {
      kept.push_back(std::move(row));
      continue;
    }
    const Row& best = kept.back();
    const bool agree =
        best.entry.family == row.entry.family && best.entry.confidence == row.entry.confidence;
    report(agree ? Lint::kDuplicate : Lint::kConflict, row.place,
           fmt::format("{} (kept: {}:{})", row.entry.value, best.place.file, best.place.line),
           diagnostics);
  }
  return kept;
}

/// A name under a listed parent adds nothing, unless it is surer than the parent.
void report_covered(const std::vector<Row>& rows, Diagnostics& diagnostics) {
  std::vector<std::string_view> names;
  for (const auto& row : rows) {
    if (row.entry.kind == IndicatorKind::kDomain) names.push_back(row.entry.value);
  }
  const DomainIndex index(names);  // domains come first in `rows`: an index value is a row number
  for (const auto& row : rows) {
    if (row.entry.kind != IndicatorKind::kDomain) continue;
    const int32_t parent = index.find_parent(row.entry.value);
    if (parent == DomainIndex::kNone) continue;
    const auto& above = rows[static_cast<size_t>(parent)].entry;
    if (rank_of(above.confidence) < rank_of(row.entry.confidence)) continue;
    report(Lint::kCovered, row.place, fmt::format("{} (by {})", row.entry.value, above.value),
           diagnostics);
  }
}

template <typename T>
void sort_unique(std::vector<T>& values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
}

}  // namespace

IndicatorSet read_indicator_files(
    const std::vector<std::pair<std::string, std::string>>& named_csv_texts,
    Diagnostics& diagnostics) {
  Diagnostics found;
  std::vector<Line> lines;
  for (const auto& [file, text] : named_csv_texts)
    read_lines(file, text, lines, found);

  IndicatorSet set;
  for (const auto& line : lines) {
    if (is_guard(line.kind())) read_guard(line, set, found);
  }
  sort_unique(set.public_suffixes);
  sort_unique(set.example_wallets);
  std::sort(set.shared_ranges.begin(), set.shared_ranges.end(),
            [](const SharedRange& a, const SharedRange& b) {
              return std::tie(a.range.first, a.range.last, a.owner) <
                     std::tie(b.range.first, b.range.last, b.owner);
            });

  std::vector<Row> rows;
  for (const auto& line : lines) {
    if (is_guard(line.kind())) continue;
    auto row = read_row(line, found);
    if (row && passes_lint(row->entry, row->place, set, found)) rows.push_back(*std::move(row));
  }
  rows = without_repeats(std::move(rows), found);
  report_covered(rows, found);
  for (Row& row : rows)
    set.entries.push_back(std::move(row.entry));

  std::sort(found.begin(), found.end(), [](const Diagnostic& a, const Diagnostic& b) {
    return std::tie(a.file, a.line, a.code, a.message) <
           std::tie(b.file, b.line, b.code, b.message);
  });
  diagnostics.insert(diagnostics.end(), found.begin(), found.end());
  return set;
}

}  // namespace davy::intel
