// SPDX-License-Identifier: Apache-2.0
// davy intel list|check|import
#include <algorithm>
#include <chrono>
#include <map>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "davy/base/text.h"
#include "davy/base/time.h"
#include "davy/cli/command.h"
#include "davy/intel/import.h"
#include "davy/intel/indicator_file.h"
#include "davy/intel/miner_options.h"
#include "davy/intel/wallet.h"
#include "davy/report/escape.h"

namespace davy::cli {
namespace {

struct IntelArguments {
  std::vector<std::string> values;
  std::string kind;
  std::string file;
  std::string format;
  std::string source;
  std::string date;
};

std::optional<intel::Intel> load_intel(const GlobalOptions& global, Diagnostics& diagnostics) {
  const auto files = content_files(global, "indicators/", ".csv");
  if (files.empty()) {
    say_error("no indicator files below " + global.content_dir + "/indicators");
    return std::nullopt;
  }
  return intel::Intel::load(files, diagnostics);
}

std::vector<std::string> kind_names() {
  std::vector<std::string> names;
  for (int kind = 0; kind <= static_cast<int>(intel::IndicatorKind::kWallet); ++kind)
    names.emplace_back(intel::kind_name(static_cast<intel::IndicatorKind>(kind)));
  for (std::string_view host : {"domain", "ip", "ip-port"})
    names.push_back(std::string(intel::kMalwarePrefix) + std::string(host));
  return names;
}

int run_list(const IntelArguments& arguments, const GlobalOptions& global) {
  Diagnostics diagnostics;
  const auto intel = load_intel(global, diagnostics);
  if (!intel) return kUsage;
  std::string text = fmt::format("{:<16} {:<44} {:<20} {:<10} {:<11} {}\n", "KIND", "VALUE",
                                 "FAMILY", "CONFIDENCE", "DATE", "SOURCE");
  for (const intel::IndicatorEntry& entry : intel->entries()) {
    if (!arguments.kind.empty() && intel::kind_label(entry) != arguments.kind) continue;
    text += fmt::format("{:<16} {:<44} {:<20} {:<10} {:<11} {}\n", intel::kind_label(entry),
                        entry.value, entry.family, entry.confidence, entry.date, entry.source);
  }
  for (const Diagnostic& diagnostic : diagnostics)
    say(global, to_text(diagnostic));
  write_out(text);
  return kNothingFound;
}

const intel::IndicatorEntry* look_up_endpoint(const intel::Intel& intel, std::string_view host,
                                              uint16_t port) {
  if (const auto* entry = intel.find_ip_port(host, port)) return entry;
  if (const auto* entry = intel.find_ip(host)) return entry;
  return intel.find_domain(host);
}

/// What is known of one value, whatever it is: of a URL its host, of "host:port" the pair first.
const intel::IndicatorEntry* look_up(const intel::Intel& intel, const std::string& value) {
  using Find = const intel::IndicatorEntry* (intel::Intel::*)(std::string_view) const;
  constexpr Find kFinders[] = {&intel::Intel::find_domain, &intel::Intel::find_ip,
                               &intel::Intel::find_sha256, &intel::Intel::find_image,
                               &intel::Intel::find_path,   &intel::Intel::find_process_name};
  const bool is_url = value.find("://") != std::string::npos;
  uint16_t port = 0;
  const std::string_view host = intel::host_of(value, port);
  if (is_url || port != 0) {
    if (const auto* entry = look_up_endpoint(intel, host, port)) return entry;
  }
  if (is_url) return nullptr;
  for (Find find : kFinders) {
    if (const auto* entry = (intel.*find)(value)) return entry;
  }
  if (const auto number = parse_int<uint16_t>(value)) return intel.find_port(*number);
  return nullptr;
}

int run_check(const IntelArguments& arguments, const GlobalOptions& global) {
  Diagnostics diagnostics;
  const auto intel = load_intel(global, diagnostics);
  if (!intel) return kUsage;
  bool known = false;
  std::string text;
  for (const std::string& word : arguments.values) {
    const std::string value = to_lower(intel::refang(word));
    const auto* entry = intel->find_wallet(word);  // as written: case is part of an address
    if (entry == nullptr) entry = look_up(*intel, value);
    if (entry != nullptr) {
      known = true;
      text += fmt::format("{}: known {} {}{}, confidence {}, from {} {}\n", printable(word),
                          intel::kind_label(*entry), entry->value,
                          entry->family.empty() ? "" : " (" + entry->family + ")",
                          entry->confidence, entry->source, entry->date);
    } else if (const auto wallet = intel::parse_wallet(word)) {
      text += fmt::format("{}: not known; a valid {} address ({})\n", printable(word), wallet->coin,
                          wallet->form);
    } else if (const auto coin = intel::coin_of_misspelt_wallet(word); !coin.empty()) {
      text += fmt::format(
          "{}: not known; it looks like a {} address, but its checksum is wrong: a character is "
          "missing or mistyped\n",
          printable(word), coin);
    } else {
      text += fmt::format("{}: not known\n", printable(word));
    }
  }
  write_out(text);
  return known ? kFound : kNothingFound;
}

std::string to_csv(const std::vector<intel::IndicatorEntry>& entries) {
  std::string csv = "kind,value,family,confidence,source,date\n";
  for (const intel::IndicatorEntry& entry : entries) {
    csv += fmt::format("{},{},{},{},{},{}\n", intel::kind_label(entry),
                       report::escape_csv(entry.value), report::escape_csv(entry.family),
                       entry.confidence, report::escape_csv(entry.source), entry.date);
  }
  return csv;
}

/// Leaves out the rows that a scan would refuse, so that the reason is told now: addresses of
/// content networks, names that strangers share, wallets of documentation.
void refuse_unusable(intel::Imported& list, const GlobalOptions& global) {
  const std::string name = "the import";
  auto files = content_files(global, "indicators/", ".csv");
  files.emplace_back(name, to_csv(list.entries));
  Diagnostics diagnostics;
  intel::read_indicator_files(files, diagnostics);
  std::map<int, std::string> reasons;  // by line of the CSV
  for (const Diagnostic& diagnostic : diagnostics) {
    if (diagnostic.file == name && diagnostic.severity == Severity::kError)
      reasons.emplace(diagnostic.line, diagnostic.message);
  }
  std::vector<intel::IndicatorEntry> kept;
  int line = 1;  // the header
  for (intel::IndicatorEntry& entry : list.entries) {
    const auto reason = reasons.find(++line);
    if (reason == reasons.end()) {
      kept.push_back(std::move(entry));
      continue;
    }
    ++list.left_out_count;
    if (list.left_out.size() < intel::kLeftOutKept)
      list.left_out.push_back({intel::kind_label(entry), "", reason->second});
  }
  list.entries = std::move(kept);
}

void tell_left_out(const intel::Imported& list, const IntelArguments& arguments,
                   const GlobalOptions& global) {
  for (const intel::LeftOut& one : list.left_out) {
    say(global, fmt::format("davy: left out: {}: {}: {}{}{}", printable(arguments.file), one.place,
                            one.value, one.value.empty() ? "" : ": ", one.reason));
  }
  const size_t more = list.left_out_count - list.left_out.size();
  if (more > 0)
    say(global, fmt::format("davy: left out: {} more, not shown", with_thousands(more)));
}

int run_import(const IntelArguments& arguments, const GlobalOptions& global) {
  if (!arguments.date.empty() && !parse_rfc3339(arguments.date + "T00:00:00Z")) {
    say_error(fmt::format("'{}' is not a date; write it as 2025-02-20", printable(arguments.date)));
    return kUsage;
  }
  const auto text = read_text_file(arguments.file);
  if (!text) {
    say_error(text.error().message());
    return kNothingReadable;
  }
  std::string date = arguments.date;
  if (date.empty()) {
    date = to_date(
        {std::chrono::system_clock::now().time_since_epoch() / std::chrono::nanoseconds(1)});
  }
  const std::string source = arguments.source.empty() ? arguments.file : arguments.source;
  auto list = intel::import_text(*text, arguments.format, source, date);
  if (!list) {
    say_error(arguments.file + ": " + list.error().message());
    return kUsage;
  }
  if (list->entries.empty()) {
    tell_left_out(*list, arguments, global);
    say_error(printable(arguments.file) +
              ": not understood: no domain, address, hash or wallet in it; name its --format "
              "(list, hosts, csv, stix, misp) if it is one of those");
    return kUsage;
  }
  refuse_unusable(*list, global);
  tell_left_out(*list, arguments, global);
  if (list->entries.empty()) {
    say_error(printable(arguments.file) +
              ": no indicator in it can be used; the reasons stand above");
    return kUsage;
  }
  say(global, fmt::format("davy: {}; put them below indicators/ of a --content folder",
                          counted(list->entries.size(), "indicator", "indicators")));
  write_out(to_csv(list->entries));
  return kNothingFound;
}

}  // namespace

void add_intel(CLI::App& app, const GlobalOptions& global, std::function<int()>& run) {
  auto arguments = std::make_shared<IntelArguments>();
  CLI::App* command = app.add_subcommand("intel", "Indicators: list, check, import");
  command->require_subcommand(1);
  command->footer(
      "Examples:\n"
      "  davy intel list --kind wallet\n"
      "  davy intel check gulf.moneroocean.stream\n"
      "  davy intel import pools.txt > ours.csv");
  const auto action = [&](CLI::App* sub, int (*body)(const IntelArguments&, const GlobalOptions&)) {
    sub->callback([arguments, &global, &run, body] {
      run = [arguments, &global, body] { return body(*arguments, global); };
    });
  };
  CLI::App* list = command->add_subcommand("list", "Every indicator with source and date");
  restrict_to(*list->add_option("--kind", arguments->kind, "Only this kind of indicator"),
              kind_names());
  list->footer("Examples:\n  davy intel list\n  davy intel list --kind wallet");
  action(list, run_list);
  CLI::App* check =
      command->add_subcommand("check", "Is this known? Names, addresses, hashes, images, wallets");
  check->add_option("VALUE", arguments->values, "What to look up; defanged text is understood")
      ->required();
  check->footer(
      "Examples:\n"
      "  davy intel check gulf.moneroocean.stream '185.143.221[.]89' 3333\n"
      "  davy intel check 'hxxp://pool.supportxmr[.]com:3333/x'\n\n"
      "Exit status: 0 none is known, 1 one is known, 2 usage");
  action(check, run_check);
  CLI::App* import =
      command->add_subcommand("import", "Turn a list into Davy's CSV on standard output");
  import->add_option("FILE", arguments->file, "Plain list, hosts file, CSV, STIX 2.1 or MISP JSON")
      ->required();
  restrict_to(
      *import->add_option("--format", arguments->format, "What the file is; default: by content"),
      {"list", "hosts", "csv", "stix", "misp"});
  import->add_option("--source", arguments->source, "Where it comes from; default: the file name");
  import->add_option("--date", arguments->date, "Date of the list, YYYY-MM-DD; default: today");
  import->footer(
      "Examples:\n"
      "  davy intel import pools.txt --source \"our own list\" > content/indicators/ours.csv\n"
      "  davy intel import bundle.json --format stix --date 2026-11-20\n\n"
      "Exit status: 0 imported, 2 not understood, 3 unreadable");
  action(import, run_import);
}

}  // namespace davy::cli
