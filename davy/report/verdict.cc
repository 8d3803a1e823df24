// SPDX-License-Identifier: Apache-2.0
#include "davy/report/verdict.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "davy/base/text.h"
#include "davy/report/wording.h"

namespace davy::report {
namespace {

using incident::Incident;
using incident::Severity;

/// A kind of telemetry, the format names that carry it, and what is invisible without it. The
/// formats are those of decode's table; a name counts when it starts with one of the prefixes.
struct Telemetry {
  std::array<std::string_view, 6> prefixes;
  std::string_view without;
};

constexpr Telemetry kTelemetry[] = {
    {{"cloudtrail", "oci_audit", "azure_activity", "gcp_audit", "k8s_audit", "kubernetes_audit"},
     "No audit log was read: launches, new credentials and switched-off logging cannot be seen."},
    {{"vpc_flow", "vcn_flow", "nsg_flow", "vnet_flow", "zeek", "suricata"},
     "No flow log was read: traffic with mining pools cannot be seen."},
    {{"route53", "dns", "zeek", "suricata"},
     "No DNS query log was read: look-ups of pool names cannot be seen."},
    {{"cloudwatch", "metric", "azure_metric", "oci_metric", "gcp_metric"},
     "No processor metrics were read: sustained load cannot be seen."},
    {{"cur", "focus", "cost", "billing", "azure_cost", "gcp_billing"},
     "No billing data was read: spend is estimated from launches and list prices alone."},
    {{"falco", "tetragon", "auditd", "sysmon", "osquery", "ps"},
     "No host or container telemetry was read: miner processes cannot be seen."},
};

bool carries(const SourceReport& source, const Telemetry& telemetry) {
  if (source.events == 0) return false;
  for (const std::string_view format : split(source.format, '+')) {
    for (const std::string_view prefix : telemetry.prefixes) {
      if (!prefix.empty() && trim(format).starts_with(prefix)) return true;
    }
  }
  return false;
}

/// A skip that says that records are missing: the decoder's reason, and what it means.
struct Loss {
  std::string_view reason;
  std::string_view meaning;
};
constexpr Loss kLosses[] = {
    {"SKIPDATA: records lost by AWS",
     "Flow log records were lost by AWS (SKIPDATA): connections in them cannot be seen."},
    {"Falco internal message: events were lost",
     "Falco lost events: processes and connections in them cannot be seen."},
};

/// Why nothing came of one input, and what to do about it.
struct Cause {
  bool (*applies)(const SourceReport& source);
  std::string_view one;   ///< "the input …"
  std::string_view many;  ///< "2 …"
  std::string_view next;
};

/// Whether a rejection names the format, as decode/unread.h does.
bool known_by_sight(const SourceReport& source) {
  return std::any_of(
      source.rejected_by_reason.begin(), source.rejected_by_reason.end(),
      [](const auto& reason) { return reason.first.find(": Davy ") != std::string::npos; });
}

/// The first that applies counts.
constexpr Cause kCauses[] = {
    {[](const SourceReport& source) { return !source.error.empty(); }, "could not be read",
     "could not be read", "Mend what is said of the places that could not be read."},
    {[](const SourceReport& source) { return source.skipped > 0; }, "holds records but no event",
     "hold records but no event",
     "The sources below say what was left out; look at a longer time."},
    {known_by_sight, "is of a format Davy does not read", "are of formats Davy does not read",
     "The sources below name the format."},
    {[](const SourceReport& source) { return source.rejected_count > 0; }, "is no log Davy knows",
     "are no logs Davy knows", "`davy doctor` lists what this build reads."},
    {[](const SourceReport& source) { return source.bytes == 0; }, "is empty (0 bytes)",
     "are empty (0 bytes)", "Check that the log was delivered, and fetch it again."},
    {[](const SourceReport&) { return true; }, "is whole and holds no records",
     "are whole and hold no records", "Look at a longer time or at other deliveries."},
};

const Cause& cause_of(const SourceReport& source) {
  return *std::find_if(std::begin(kCauses), std::end(kCauses),
                       [&](const Cause& cause) { return cause.applies(source); });
}

std::string why_nothing_was_read(const std::vector<SourceReport>& sources) {
  if (sources.empty()) return "the input holds no files";
  if (sources.size() == 1) {
    const std::string& error = sources[0].error;
    return fmt::format("the input {}{}", cause_of(sources[0]).one,
                       error.empty() ? "" : ": " + printable(error, error.size()));
  }
  std::vector<std::string> parts;
  for (const Cause& cause : kCauses) {
    const auto count = static_cast<size_t>(
        std::count_if(sources.begin(), sources.end(),
                      [&](const SourceReport& source) { return &cause_of(source) == &cause; }));
    if (count == 0) continue;
    parts.push_back(
        fmt::format("{} {}", with_thousands(count), count == 1 ? cause.one : cause.many));
  }
  return fmt::format("of {} inputs {}", with_thousands(sources.size()), join(parts, ", "));
}

/// What to do first about each cause there is.
std::string next_steps(const std::vector<SourceReport>& sources) {
  if (sources.empty()) return " Check the path, and that logs are delivered there.";
  std::string text;
  for (const Cause& cause : kCauses) {
    const bool met = std::any_of(sources.begin(), sources.end(), [&](const SourceReport& source) {
      return &cause_of(source) == &cause;
    });
    // Of a single input the error says it.
    const bool said = sources.size() == 1 && !sources[0].error.empty();
    if (met && !said) text += fmt::format(" {}", cause.next);
  }
  return text;
}

/// "3 incidents: 2 critical, 1 high; 1 observation to rule out".
std::string found(const ScanReport& report) {
  std::array<size_t, 4> by_severity{};
  size_t incidents = 0;
  for (const Incident& incident : report.incidents) {
    if (is_observation(incident)) continue;
    ++by_severity[static_cast<size_t>(incident.severity)];
    ++incidents;
  }
  const size_t observations = report.incidents.size() - incidents;
  const bool nothing = report.incidents.empty() && report.suppressed.empty();
  std::string text = nothing ? "No mining found" : "No incident";
  if (incidents > 0) {
    std::vector<std::string> parts;
    for (const Severity s :
         {Severity::kCritical, Severity::kHigh, Severity::kMedium, Severity::kLow}) {
      if (const size_t n = by_severity[static_cast<size_t>(s)]; n > 0) {
        parts.push_back(fmt::format("{} {}", n, incident::severity_name(s)));
      }
    }
    text = fmt::format("{}: {}", counted(incidents, "incident", "incidents"), join(parts, ", "));
  }
  if (observations > 0) {
    text += "; " + counted(observations, "observation", "observations") + " to rule out";
  }
  if (!report.suppressed.empty()) {
    text += fmt::format("; {} suppressed by the allow-list", report.suppressed.size());
  }
  return text;
}

std::string burn(const std::vector<Incident>& incidents) {
  double total = 0;
  size_t running = 0;
  std::string_view id;
  for (const Incident& incident : incidents) {
    if (incident.impact.burn_usd_per_hour <= 0) continue;
    total += *incident.impact.burn_usd_per_hour;
    id = incident.id;
    ++running;
  }
  if (running == 0) return {};
  return usd(total) + "/h still burning" +
         (running == 1 ? fmt::format(" ({})", id) : fmt::format(" in {} incidents", running));
}

}  // namespace

bool nothing_read(const ScanReport& report) {
  return std::none_of(report.sources.begin(), report.sources.end(),
                      [](const SourceReport& source) { return source.events > 0; });
}

bool is_observation(const Incident& incident) {
  return incident.severity == Severity::kLow ||
         (incident.claim == detect::Claim::kContext && incident.severity < Severity::kHigh);
}

Verdict verdict(const ScanReport& report) {
  Verdict verdict;
  if (nothing_read(report)) {
    verdict.found = "NOTHING WAS READ: " + why_nothing_was_read(report.sources);
    verdict.caveat = "This is no all-clear: nothing was looked at." + next_steps(report.sources);
    return verdict;
  }
  verdict.found = found(report);
  verdict.burn = burn(report.incidents);
  if (report.incidents.empty()) {
    verdict.caveat = "In what was read; this says nothing about what was not.";
  }
  return verdict;
}

std::string_view run_state(const Incident& incident) {
  const auto count = [&](impact::RunState state) {
    return std::count_if(
        incident.machines.begin(), incident.machines.end(),
        [state](const impact::Machine& machine) { return machine.state == state; });
  };
  const bool standing =
      std::any_of(incident.standing.begin(), incident.standing.end(),
                  [](const impact::Standing& one) { return one.units_at_end > 0; });
  if (standing || count(impact::RunState::kRunning) > 0) return "RUNNING";
  return (incident.machines.empty() && incident.standing.empty()) ||
                 count(impact::RunState::kUnknown) > 0
             ? "unknown"
             : "ended";
}

std::vector<const Incident*> ranked(const ScanReport& report) {
  std::vector<const Incident*> incidents;
  for (const Incident& incident : report.incidents) {
    if (!is_observation(incident)) incidents.push_back(&incident);
  }
  std::stable_partition(incidents.begin(), incidents.end(),
                        [](const Incident* incident) { return run_state(*incident) == "RUNNING"; });
  return incidents;
}

std::vector<const Incident*> in_order(const ScanReport& report) {
  std::vector<const Incident*> incidents = ranked(report);
  for (const Incident& incident : report.incidents) {
    if (is_observation(incident)) incidents.push_back(&incident);
  }
  return incidents;
}

std::string looked_at(const ScanReport& report) {
  uint64_t records = 0;
  uint64_t events = 0;
  uint64_t skipped = 0;
  uint64_t rejected = 0;
  Time first;
  Time last;
  for (const SourceReport& source : report.sources) {
    records += source.records;
    events += source.events;
    skipped += source.skipped;
    rejected += source.rejected_count;
    if (source.first_time.known() && (!first.known() || source.first_time < first)) {
      first = source.first_time;
    }
    last = std::max(last, source.last_time);
  }
  std::string text = fmt::format(
      "{}, {}, {}, {} skipped, {} rejected", counted(report.sources.size(), "source", "sources"),
      counted(records, "record", "records"), counted(events, "event", "events"),
      with_thousands(skipped), with_thousands(rejected));
  if (first.known()) text += "; " + span(first, last);
  return text;
}

std::vector<std::string> unseen(const ScanReport& report) {
  std::vector<std::string> gaps;
  for (const Telemetry& telemetry : kTelemetry) {
    const bool read = std::any_of(report.sources.begin(), report.sources.end(),
                                  [&](const SourceReport& s) { return carries(s, telemetry); });
    if (!read) gaps.emplace_back(telemetry.without);
  }
  for (std::string& lost : lost_by_writers(report.sources))
    gaps.push_back(std::move(lost));
  return gaps;
}

std::vector<std::string> lost_by_writers(const std::vector<SourceReport>& sources) {
  std::vector<std::string> lost;
  for (const Loss& loss : kLosses) {
    const bool said = std::any_of(sources.begin(), sources.end(), [&](const SourceReport& source) {
      return source.skipped_by_reason.contains(std::string(loss.reason));
    });
    if (said) lost.emplace_back(loss.meaning);
  }
  return lost;
}

}  // namespace davy::report
