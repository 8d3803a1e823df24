// SPDX-License-Identifier: Apache-2.0
#include "davy/intel/lint.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "davy/base/text.h"
#include "davy/intel/address.h"
#include "davy/intel/domain.h"
#include "davy/intel/indicator_file.h"
#include "davy/intel/word_list.h"

namespace davy::intel {
namespace {

struct LintText {
  Lint lint;
  std::string_view code;
  Severity severity;
  std::string_view message;
  std::string_view hint;
};

constexpr LintText kTexts[] = {
    {Lint::kColumns, "DVY-I001", Severity::kError, "the row does not have six fields",
     "write kind,value,family,confidence,source,date"},
    {Lint::kKind, "DVY-I002", Severity::kError, "unknown kind of indicator",
     "use domain, ip, ip-port, port, process-name, path, sha256, image or wallet"},
    {Lint::kValue, "DVY-I003", Severity::kError, "the value is not of the row's kind", ""},
    {Lint::kFused, "DVY-I004", Severity::kWarning, "the name looks like two names joined",
     "split it into two rows"},
    {Lint::kBroadName, "DVY-I005", Severity::kError, "the value covers what many strangers share",
     "name the one host, file or folder that is meant"},
    {Lint::kBroadRange, "DVY-I006", Severity::kError, "the address block is too wide",
     "use at most an IPv4 /16 or an IPv6 /32"},
    {Lint::kReserved, "DVY-I007", Severity::kError,
     "the address is private, loop-back or otherwise reserved", ""},
    {Lint::kShared, "DVY-I008", Severity::kError,
     "the address belongs to a content network or public resolver", "use the domain name instead"},
    {Lint::kProvenance, "DVY-I009", Severity::kError, "source or date is missing or malformed",
     "say where the row comes from and when it was last reviewed (YYYY-MM-DD)"},
    {Lint::kConfidence, "DVY-I010", Severity::kError, "confidence is not high, medium or low", ""},
    {Lint::kDuplicate, "DVY-I011", Severity::kWarning, "the value is listed twice", ""},
    {Lint::kConflict, "DVY-I012", Severity::kWarning,
     "the value is listed twice with different family or confidence",
     "the surest, then the newest row is used"},
    {Lint::kOrdinaryPort, "DVY-I013", Severity::kError,
     "ordinary services use this port; it can only be of low confidence", ""},
    {Lint::kCovered, "DVY-I014", Severity::kNote, "a listed parent domain already covers the name",
     ""},
    {Lint::kWallet, "DVY-I015", Severity::kError, "the wallet's checksum is wrong", ""},
    {Lint::kHeader, "DVY-I016", Severity::kError, "the file does not start with the header",
     "write kind,value,family,confidence,source,date as the first line"},
    {Lint::kExample, "DVY-I017", Severity::kError, "the wallet is printed in documentation", ""},
    {Lint::kDocumentation, "DVY-I018", Severity::kWarning,
     "the address is set aside for documentation", ""},
};

/// Names that mean nothing by themselves, because every host runs or has them.
constexpr std::string_view kOrdinaryNames[] = {
    "bash",    "busybox", "cron",    "curl", "dash",    "docker", "init",    "java", "kubelet",
    "kworker", "node",    "nginx",   "perl", "php",     "python", "python3", "ruby", "service",
    "sshd",    "sudo",    "systemd", "wget", "apache2", "httpd",  "zsh"};
constexpr std::string_view kOrdinaryPaths[] = {
    "/",         "/bin/",     "/boot/",     "/dev/",     "/etc/",       "/home/",
    "/lib/",     "/lib64/",   "/mnt/",      "/opt/",     "/proc/",      "/root/",
    "/run/",     "/sbin/",    "/srv/",      "/sys/",     "/tmp/",       "/usr/",
    "/var/",     "/usr/bin/", "/usr/sbin/", "/usr/lib/", "/usr/local/", "/usr/local/bin/",
    "/var/lib/", "/var/tmp/", "/var/log/",  "/var/run/"};
constexpr std::string_view kOrdinaryPorts[] = {
    "21",   "22",   "25",   "53",   "80",    "110",   "123",   "143",  "389",  "443",
    "445",  "465",  "587",  "636",  "993",   "995",   "1433",  "1521", "2049", "2375",
    "2376", "2379", "3000", "3128", "3306",  "3389",  "5000",  "5432", "5671", "5672",
    "5900", "5984", "6379", "6443", "7000",  "7001",  "8000",  "8008", "8080", "8081",
    "8088", "8090", "8443", "8500", "8888",  "9000",  "9042",  "9090", "9092", "9100",
    "9200", "9300", "9418", "9999", "10250", "11211", "27017", "50051"};

bool is_among(const std::vector<std::string>& sorted, const std::string& value) {
  return std::binary_search(sorted.begin(), sorted.end(), value);
}

std::optional<Lint> lint_range(const AddressRange& range, const IndicatorSet& guards) {
  const int shortest = range.first.is_v4() ? 96 + 16 : 32;
  if (range.prefix_length < shortest) return Lint::kBroadRange;
  for (const auto& shared : guards.shared_ranges) {
    if (shared.range.contains(range)) return Lint::kShared;
  }
  const AddressUse use = use_of(range);
  if (use == AddressUse::kPublic) return std::nullopt;
  return use == AddressUse::kReserved ? Lint::kReserved : Lint::kDocumentation;
}

std::optional<Lint> lint_value(const IndicatorEntry& entry, const IndicatorSet& guards) {
  switch (entry.kind) {
    case IndicatorKind::kDomain:
      if (is_among(guards.public_suffixes, entry.value)) return Lint::kBroadName;
      return looks_fused(entry.value) ? std::optional(Lint::kFused) : std::nullopt;
    case IndicatorKind::kIp: return lint_range(*parse_range(entry.value), guards);
    case IndicatorKind::kIpPort: {
      const Address address = parse_endpoint(entry.value)->address;
      return lint_range({address, address}, guards);
    }
    case IndicatorKind::kPort:
      if (entry.confidence == "low" || !holds(kOrdinaryPorts, entry.value)) return std::nullopt;
      return Lint::kOrdinaryPort;
    case IndicatorKind::kProcessName:
      return holds(kOrdinaryNames, entry.value) ? std::optional(Lint::kBroadName) : std::nullopt;
    case IndicatorKind::kPath:
      return holds(kOrdinaryPaths, entry.value) ? std::optional(Lint::kBroadName) : std::nullopt;
    case IndicatorKind::kWallet:
      if (!is_among(guards.example_wallets, entry.value)) return std::nullopt;
      return Lint::kExample;
    case IndicatorKind::kSha256:
    case IndicatorKind::kImage: return std::nullopt;
  }
  return std::nullopt;
}

const LintText& text_of(Lint lint) {
  return kTexts[static_cast<size_t>(lint)];
}

constexpr bool texts_are_in_order() {
  for (size_t i = 0; i < std::size(kTexts); ++i) {
    if (static_cast<size_t>(kTexts[i].lint) != i) return false;
  }
  return true;
}
static_assert(texts_are_in_order());

}  // namespace

void report(Lint lint, const Place& place, std::string_view subject, Diagnostics& diagnostics) {
  const LintText& text = text_of(lint);
  std::string message(text.message);
  if (!subject.empty()) message = fmt::format("{}: {}", printable(subject, 120), message);
  diagnostics.push_back({std::string(text.code), text.severity, place.file, place.line, 0,
                         std::move(message), std::string(text.hint)});
}

bool passes_lint(const IndicatorEntry& entry, const Place& place, const IndicatorSet& guards,
                 Diagnostics& diagnostics) {
  const auto lint = lint_value(entry, guards);
  if (!lint) return true;
  report(*lint, place, entry.value, diagnostics);
  return text_of(*lint).severity != Severity::kError;
}

}  // namespace davy::intel
