// SPDX-License-Identifier: Apache-2.0
#include "davy/intel/import.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "davy/base/text.h"
#include "davy/intel/csv.h"
#include "davy/intel/import_sink.h"

namespace davy::intel {
namespace {

constexpr size_t kLargestText = 64 * 1024 * 1024;

std::string_view without_comment(std::string_view line) {
  for (size_t i = 0; i < line.size(); ++i) {
    const bool begins = i == 0 || is_ascii_space(line[i - 1]);
    if (begins && (line[i] == '#' || line[i] == ';' || line.substr(i).starts_with("//"))) {
      return trim(line.substr(0, i));
    }
  }
  return trim(line);
}

/// Calls `read` with each line that says something, the sink told which one it is.
template <typename Read>
void each_line(std::string_view text, ImportSink& sink, Read read) {
  size_t number = 0;
  for (const std::string_view line : split(text, '\n')) {
    sink.at(fmt::format("line {}", ++number));
    if (!trim(line).empty()) read(trim(line));
  }
}

/// "0.0.0.0 name…", "127.0.0.1 name…": a line of a hosts file that sends names nowhere.
bool is_sinkhole_line(std::string_view line) {
  constexpr std::string_view kSinkholes[] = {"0.0.0.0", "127.0.0.1", "::1", "::", "0"};
  const size_t end = line.find_first_of(" \t");
  return end != std::string_view::npos && std::find(std::begin(kSinkholes), std::end(kSinkholes),
                                                    line.substr(0, end)) != std::end(kSinkholes);
}

/// "address name name…": the address is where the list's user sends the names.
void import_hosts_line(std::string_view line, ImportSink& sink) {
  size_t end = line.find_first_of(" \t");
  if (end == std::string_view::npos && !line.empty()) {
    sink.leave_out(line, "a line of a hosts file has an address and a name");
  }
  while (end != std::string_view::npos) {
    line = trim(line.substr(end));
    end = line.find_first_of(" \t");
    const std::string_view name = line.substr(0, end);
    if (!sink.add(IndicatorKind::kDomain, name, "", "medium"))
      sink.leave_out(name, "not the full name of a host");
  }
}

void import_hosts(std::string_view text, ImportSink& sink) {
  each_line(text, sink,
            [&](std::string_view line) { import_hosts_line(without_comment(line), sink); });
}

void import_list(std::string_view text, ImportSink& sink) {
  each_line(text, sink, [&](std::string_view line) {
    line = without_comment(line);
    if (is_sinkhole_line(line)) {
      import_hosts_line(line, sink);
    } else if (!line.empty() && !sink.add(line)) {
      sink.leave_out(line);
    }
  });
}

/// Columns found by their heading; without headings, the first cell that is an indicator.
struct Columns {
  std::optional<size_t> value;
  std::optional<size_t> family;
  std::optional<size_t> confidence;
};

std::optional<size_t> find_column(const std::vector<std::string>& header,
                                  std::initializer_list<std::string_view> names) {
  for (const auto name : names) {
    for (size_t i = 0; i < header.size(); ++i) {
      if (equals_ignore_case(header[i], name)) return i;
    }
  }
  return std::nullopt;
}

std::string_view cell(const std::vector<std::string>& row, std::optional<size_t> column) {
  return column && *column < row.size() ? std::string_view(row[*column]) : std::string_view{};
}

/// The separator of the file's first line: exports of spreadsheets use ';' where a comma is the
/// decimal point.
char separator_of(std::string_view line) {
  char best = ',';
  for (const char c : {';', '\t'}) {
    if (std::count(line.begin(), line.end(), c) > std::count(line.begin(), line.end(), best))
      best = c;
  }
  return best;
}

Columns read_header(const std::vector<std::string>& row) {
  Columns columns;
  columns.value = find_column(row, {"indicator", "value", "ioc", "ioc_value", "indicator_value",
                                    "domain", "domain_name", "hostname", "host", "ip", "ip_address",
                                    "url", "sha256", "sha256_hash", "observable", "name"});
  columns.family = find_column(row, {"family", "malware", "pool_name", "threat", "tag"});
  columns.confidence = find_column(row, {"confidence"});
  return columns;
}

void import_csv_row(const std::vector<std::string>& row, const Columns& columns,
                    std::string_view line, ImportSink& sink) {
  std::string confidence = to_lower(cell(row, columns.confidence));
  if (confidence != "high" && confidence != "low") confidence = "medium";
  const std::string_view family = cell(row, columns.family);
  if (columns.value) {
    const std::string_view value = cell(row, columns.value);
    if (value.empty()) {
      sink.leave_out(line, "the column of the indicator is empty");
    } else if (!sink.add(value, family, confidence)) {
      sink.leave_out(value);
    }
    return;
  }
  const bool found = std::any_of(row.begin(), row.end(), [&](const std::string& field) {
    return sink.add(field, family, confidence);
  });
  if (!found) sink.leave_out(line, "no column holds a domain, address, SHA-256 or wallet");
}

void import_csv(std::string_view text, ImportSink& sink) {
  Columns columns;
  char separator = ',';
  bool first = true;
  each_line(text, sink, [&](std::string_view line) {
    if (line.front() == '#') return;
    if (first) separator = separator_of(line);
    const auto row = split_csv_line(line, separator);
    if (std::exchange(first, false)) {
      columns = read_header(row);
      if (columns.value) return;
    }
    import_csv_row(row, columns, line, sink);
  });
}

std::string_view recognise(std::string_view text) {
  const std::string_view start = trim(text.substr(0, 4096));
  if (start.starts_with('{') || start.starts_with('[')) return "json";
  for (std::string_view line : split(start, '\n')) {
    line = without_comment(line);
    if (line.empty()) continue;
    if (is_sinkhole_line(line)) return "hosts";
    return line.find_first_of(",;\t") != std::string_view::npos ? "csv" : "list";
  }
  return "list";
}

}  // namespace

Result<Imported> import_text(std::string_view text, std::string_view format_hint,
                             std::string_view source, std::string_view date) {
  if (text.size() > kLargestText) {
    return Error{ErrorCode::kLimitExceeded, "an indicator list may have at most 64 MiB"};
  }
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  const std::string_view format = format_hint.empty() ? recognise(text) : format_hint;
  ImportSink sink(source, date);
  if (format == "json" || format == "stix" || format == "misp") {
    DAVY_TRY(import_json(text, format, sink));
    return sink.take();
  }
  struct Format {
    std::string_view name;
    void (*read)(std::string_view, ImportSink&);
  };
  constexpr Format kFormats[] = {
      {"list", import_list}, {"hosts", import_hosts}, {"csv", import_csv}};
  for (const auto& known : kFormats) {
    if (known.name != format) continue;
    known.read(text, sink);
    return sink.take();
  }
  return Error{ErrorCode::kUnsupported,
               fmt::format("unknown indicator format '{}'; use list, hosts, csv, stix or misp",
                           printable(format, 40))};
}

}  // namespace davy::intel
