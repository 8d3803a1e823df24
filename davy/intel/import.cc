// SPDX-License-Identifier: Apache-2.0
#include "davy/intel/import.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "davy/base/text.h"
#include "davy/intel/address.h"
#include "davy/intel/csv.h"
#include "davy/intel/import_sink.h"
#include "davy/intel/miner_options.h"
#include "davy/intel/normalise.h"

namespace davy::intel {
namespace {

constexpr size_t kLargestText = 64 * 1024 * 1024;

int rank_of(std::string_view confidence) {
  return confidence == "high" ? 2 : confidence == "medium" ? 1 : 0;
}

/// What a URL says about its host: the host when the URL is nothing but the host, or a pool's;
/// nothing when it names one page of a site that may hold others.
std::optional<std::string> host_of_whole_url(std::string_view url) {
  const size_t scheme = url.find("://");
  const std::string_view rest = url.substr(scheme + 3);
  const size_t slash = rest.find_first_of("/?#");
  const bool whole = slash == std::string_view::npos || slash + 1 == rest.size();
  if (!whole && find_pool_url(url).empty()) return std::nullopt;
  uint16_t port = 0;
  const std::string_view host = host_of(url, port);
  if (port != 0 && parse_address(host)) {
    return to_text(Endpoint{*parse_address(host), port});
  }
  return std::string(host);
}

std::string_view without_comment(std::string_view line) {
  for (size_t i = 0; i < line.size(); ++i) {
    const bool begins = i == 0 || is_ascii_space(line[i - 1]);
    if (begins && (line[i] == '#' || line[i] == ';' || line.substr(i).starts_with("//"))) {
      return trim(line.substr(0, i));
    }
  }
  return trim(line);
}

void import_list(std::string_view text, ImportSink& sink) {
  for (const std::string_view line : split(text, '\n'))
    sink.add(without_comment(line));
}

/// "0.0.0.0 name name…": the address is where the list's user sends the names.
void import_hosts(std::string_view text, ImportSink& sink) {
  for (std::string_view line : split(text, '\n')) {
    line = without_comment(line);
    size_t end = line.find_first_of(" \t");
    while (end != std::string_view::npos) {
      line = trim(line.substr(end));
      end = line.find_first_of(" \t");
      sink.add(IndicatorKind::kDomain, line.substr(0, end), "", "medium");
    }
  }
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

void import_csv(std::string_view text, ImportSink& sink) {
  Columns columns;
  bool first = true;
  for (std::string_view line : split(text, '\n')) {
    line = trim(line);
    if (line.empty() || line.front() == '#') continue;
    const auto row = split_csv_line(line);
    if (std::exchange(first, false)) {
      columns.value = find_column(row, {"indicator", "value", "ioc", "ioc_value", "domain", "ip",
                                        "sha256", "observable", "name"});
      columns.family = find_column(row, {"family", "malware", "pool_name", "threat", "tag"});
      columns.confidence = find_column(row, {"confidence"});
      if (columns.value) continue;
    }
    std::string confidence = to_lower(cell(row, columns.confidence));
    if (confidence != "high" && confidence != "low") confidence = "medium";
    const std::string_view family = cell(row, columns.family);
    if (columns.value) {
      sink.add(cell(row, columns.value), family, confidence);
    } else {
      std::any_of(row.begin(), row.end(),
                  [&](const std::string& field) { return sink.add(field, family, confidence); });
    }
  }
}

std::string_view recognise(std::string_view text) {
  const std::string_view start = trim(text.substr(0, 4096));
  if (start.starts_with('{') || start.starts_with('[')) return "json";
  for (std::string_view line : split(start, '\n')) {
    line = without_comment(line);
    if (line.empty()) continue;
    const bool sinkhole = line.starts_with("0.0.0.0 ") || line.starts_with("0.0.0.0\t") ||
                          line.starts_with("127.0.0.1 ") || line.starts_with("127.0.0.1\t") ||
                          line.starts_with("::1 ");
    if (sinkhole) return "hosts";
    return line.find(',') != std::string_view::npos ? "csv" : "list";
  }
  return "list";
}

}  // namespace

bool ImportSink::add(std::string_view written, std::string_view family,
                     std::string_view confidence) {
  std::string value = refang(trim(written));
  if (value.find("://") != std::string::npos) {
    auto host = host_of_whole_url(value);
    if (!host) return false;
    value = *std::move(host);
  }
  // In this order: an address is not taken for a name, a wallet not for a file.
  constexpr IndicatorKind kTellable[] = {IndicatorKind::kIp, IndicatorKind::kIpPort,
                                         IndicatorKind::kSha256, IndicatorKind::kWallet,
                                         IndicatorKind::kDomain};
  for (const auto kind : kTellable) {
    if (add(kind, value, family, confidence)) return true;
  }
  // "pool.example:3333" is the name with a port.
  const size_t colon = value.rfind(':');
  return colon != std::string::npos && parse_int<uint16_t>(value.substr(colon + 1)) &&
         add(IndicatorKind::kDomain, value.substr(0, colon), family, confidence);
}

bool ImportSink::add(IndicatorKind kind, std::string_view written, std::string_view family,
                     std::string_view confidence) {
  auto value = normal_value(kind, refang(trim(written)));
  if (!value) return false;
  IndicatorEntry entry{kind,    *value, std::string(trim(family)), std::string(confidence),
                       source_, date_};
  const auto [place, added] = entries_.try_emplace({kind, *std::move(value)}, entry);
  // Repeats settle the same way whatever their order.
  auto& kept = place->second;
  const int better = rank_of(entry.confidence) - rank_of(kept.confidence);
  if (!added && (better > 0 || (better == 0 && entry.family > kept.family))) kept = entry;
  return true;
}

std::vector<IndicatorEntry> ImportSink::take() {
  std::vector<IndicatorEntry> entries;
  entries.reserve(entries_.size());
  for (auto& [key, entry] : entries_)
    entries.push_back(std::move(entry));
  entries_.clear();
  return entries;
}

Result<std::vector<IndicatorEntry>> import_text(std::string_view text, std::string_view format_hint,
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
