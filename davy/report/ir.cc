// SPDX-License-Identifier: Apache-2.0
// The incident response report: one incident in the layout responders file. A heading that the
// evidence does not fill says so, and says which record would fill it.
#include <algorithm>

#include <fmt/format.h>

#include "davy/base/text.h"
#include "davy/incident/naming.h"
#include "davy/report/cryptocurrency.h"
#include "davy/report/escape.h"
#include "davy/report/ir_groups.h"
#include "davy/report/report.h"
#include "davy/report/utf8.h"
#include "davy/report/verdict.h"
#include "davy/report/wording.h"

namespace davy::report {
namespace {

using incident::Incident;

constexpr size_t kWidth = 100;

class Document {
 public:
  Document() = default;
  explicit Document(const Incident& incident) : names_(defang_names(incident)) {}

  void heading(std::string_view title) {
    text_ += fmt::format("\n{}:\n", title);
    day_.clear();
  }
  /// Above the entries of a day, once.
  void day(Time t) {
    const std::string day = t.known() ? to_date(t) + " (UTC)" : "undated";
    if (day != day_) text_ += fmt::format("  {}\n", day);
    day_ = day;
  }

  /// `lead` is ours, `text` may hold log text; continuation lines hang below the text.
  void item(std::string_view lead, std::string_view text) {
    const size_t indent = std::min<size_t>(columns(lead), 28);
    bool first = true;
    for (const std::string& line :
         wrap(escape_terminal(defang(text, names_)), kWidth - columns(lead))) {
      text_ += (first ? std::string(lead) : std::string(indent, ' ')) + line + '\n';
      first = false;
    }
  }
  void field(std::string_view label, std::string_view text) {
    item(fmt::format("  {}: ", label), text);
  }
  void top(std::string_view label, std::string_view text) {
    item(fmt::format("{}: ", label), text);
  }
  /// One line however long: a path cut in two cannot be opened.
  void unbroken(std::string_view lead, std::string_view text) {
    text_ += fmt::format("{}{}\n", lead, escape_terminal(defang(text, names_)));
  }
  void raw(std::string_view line) { text_ += fmt::format("{}\n", line); }
  std::string take() { return std::move(text_); }

 private:
  std::vector<std::string> names_;
  std::string text_;
  std::string day_;  ///< of the entry written last
};

std::string not_established(std::string_view what_would) {
  return fmt::format("not established ({} would establish it)", what_would);
}

/// "14:41", with the date when it is another day.
std::string until(Time first, Time last) {
  const bool same_day = to_date(first) == to_date(last);
  return (same_day ? "" : to_date(last) + " ") + hour_minute(last);
}

std::string upper(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  }
  return result;
}

std::string containment_time(const Incident& incident) {
  std::string text;
  if (incident.contained_at.known()) {
    text = to_rfc3339(incident.contained_at);
    if (incident.detected_at.known() && incident.contained_at > incident.detected_at) {
      text += fmt::format(" ({} after detection)",
                          to_human(incident.contained_at - incident.detected_at));
    }
  } else if (incident.containment.empty()) {
    return not_established("audit records of the calls that ended it, or a containment journal,");
  } else {
    text = fmt::format("not complete; last step {}", to_rfc3339(incident.containment.back().last));
  }
  if (!incident.still_open.empty()) text += "; still open: " + join(incident.still_open, ", ");
  return text;
}

void heading_of_report(Document& doc) {
  doc.raw("Cryptomining Incident Response Report");
  doc.raw("=======================================");
}

void header(Document& doc, const Incident& incident) {
  heading_of_report(doc);
  doc.top("Incident ID", incident.number);
  doc.top("Davy ID", incident.id);
  doc.top("Severity",
          fmt::format("{} ({}/100), priority {}", upper(incident::severity_name(incident.severity)),
                      whole_score(incident.score), incident.priority));
  doc.top("Certainty", certainty(incident));
  const auto delay = [](const std::optional<DurationNs>& since) {
    return since ? fmt::format(" ({} after the first malicious activity)", to_human(*since))
                 : std::string();
  };
  doc.top("Earliest Detectable",
          incident.detectable_at.known()
              ? to_rfc3339(incident.detectable_at) + delay(incident.impact.time_to_detectable)
              : not_established("records with a time"));
  doc.top("Detection Time", incident.detected_at.known()
                                ? to_rfc3339(incident.detected_at) + ", first provider finding" +
                                      delay(incident.impact.time_to_detect)
                                : not_established("a finding of the provider, or an alert"));
  doc.top("Containment Time", containment_time(incident));
  if (!incident.allowed.empty()) doc.top("Allowed", allowed_part(incident));
  doc.raw("");
  doc.item("", incident.title);
  if (!incident.summary.empty()) doc.item("", incident.summary);
}

void initial_access(Document& doc, const Incident& incident) {
  const incident::InitialAccess& access = incident.initial_access;
  const bool known = !access.vector.empty() && access.vector != "unknown";
  const std::string settle =
      access.would_settle.empty() ? "an audit log that reaches further back" : access.would_settle;
  doc.heading("INITIAL ACCESS");
  doc.field("Vector",
            known ? fmt::format("{} (confidence {:.0f} %)", access.vector, access.confidence * 100)
                  : not_established(settle));
  if (known && !access.would_settle.empty()) doc.field("Would Settle It", access.would_settle);
  std::string credential = access.credential.empty() ? not_established(settle) : access.credential;
  if (!access.principal.empty()) credential += fmt::format(" (principal: {})", access.principal);
  doc.field("Credential", credential);
  doc.field("Source Address",
            access.source_ip.empty() ? not_established(settle) : access.source_ip);
  if (access.time.known()) doc.field("Time of Access", to_rfc3339(access.time));
  doc.field("First Malicious Activity", incident.first_activity.known()
                                            ? to_rfc3339(incident.first_activity)
                                            : not_established("a dated record"));
}

using detect::IndicatorRole;

std::vector<std::string> values_of(const Incident& incident,
                                   std::initializer_list<IndicatorRole> roles) {
  std::vector<std::string> values;
  for (const detect::Indicator& indicator : incident.indicators) {
    if (std::find(roles.begin(), roles.end(), indicator.role) != roles.end()) {
      values.push_back(defang(indicator));
    }
  }
  return values;
}

void mined(Document& doc, const Incident& incident) {
  const auto pools = values_of(incident, {IndicatorRole::kPool, IndicatorRole::kSessionPeer});
  doc.field("Mining Pool",
            pools.empty() ? not_established("DNS query logs or flow logs") : first_few(pools, 8));
  const auto hosts =
      values_of(incident, {IndicatorRole::kDownloadHost, IndicatorRole::kRemoteHost});
  if (!hosts.empty()) doc.field("Other Remote Hosts", first_few(hosts, 8));
  const auto miners = values_of(incident, {IndicatorRole::kMiner});
  if (!miners.empty()) doc.field("Miner", first_few(miners, 4));
  const auto wallets = values_of(incident, {IndicatorRole::kWallet});
  doc.field("Wallet", wallets.empty()
                          ? not_established("the miner's command line, configuration or pool login")
                          : first_few(wallets, 3));
  const std::string coin = cryptocurrency(incident);
  doc.field("Cryptocurrency",
            coin.empty() ? not_established("a wallet address or the miner's algorithm") : coin);
}

/// "200 (200 x p3.2xlarge (GPU)) of 350 requested, 150 refused"
std::string launched_text(const Incident& incident) {
  const incident::Impact& impact = incident.impact;
  if (impact.resources_requested + impact.resources_launched + impact.resources_accepted == 0) {
    return "none seen; the miner ran on what was there";
  }
  std::string text = with_thousands(impact.resources_launched);
  if (impact.resources_accepted > 0) {
    text += fmt::format(" seen, and {} accepted", incident.launches.accepted_as);
  }
  if (!impact.launched_types.empty()) text += fmt::format(" ({})", impact.launched_types);
  if (impact.resources_requested > impact.resources_launched) {
    text += fmt::format(" of {} requested", with_thousands(impact.resources_requested));
  }
  if (impact.resources_refused > 0) {
    text += fmt::format(", {} refused", with_thousands(impact.resources_refused));
  }
  return text;
}

void impact(Document& doc, const Incident& incident) {
  const incident::Impact& impact = incident.impact;
  doc.heading("IMPACT");
  doc.field("Instances Launched", launched_text(incident));
  doc.field("Resources Affected", incident.scope.resources.empty()
                                      ? not_established("flow logs or host telemetry")
                                      : fmt::format("{} ({})", incident.scope.resources.size(),
                                                    first_few(incident.scope.resources, 4)));
  doc.field("Regions Affected", incident.scope.regions.empty()
                                    ? not_established("an audit log of all regions")
                                    : fmt::format("{} ({})", incident.scope.regions.size(),
                                                  first_few(incident.scope.regions, 8)));
  doc.field("Accounts Affected", incident.scope.accounts.empty()
                                     ? not_established("an audit log")
                                     : first_few(incident.scope.accounts, 8));
  doc.field(
      "Estimated Cost",
      cost_sentence(impact) + (impact.cost_terms.empty() ? "" : "; so far: " + impact.cost_terms));
  if (impact.egress_unexplained_bytes > 0) {
    doc.field("Egress Not Explained by Mining",
              human_bytes(impact.egress_unexplained_bytes) + "; look for exfiltration");
  }
  mined(doc, incident);
  for (const std::string& basis : impact.basis)
    doc.item("  Basis: ", basis);
}

/// "GuardDuty: CryptoCurrency:EC2/BitcoinTool.B (HIGH)" for a provider's findings, as its console
/// calls them; else the signal, what was seen and its level.
std::string signal_text(const SignalGroup& group) {
  if (!group.vendor.empty()) {
    return fmt::format("{}: {}", detect::product_title(group.vendor[0].product),
                       detect::vendor_findings_text(group.vendor));
  }
  return fmt::format("{}: {} ({})", spaced(detect::signal_name(group.signal)), group.title,
                     upper(detect::level_name(group.level)));
}

void signals(Document& doc, const std::vector<SignalGroup>& groups) {
  constexpr size_t kNamed = 3;
  doc.heading("DETECTION SIGNALS");
  if (groups.empty()) doc.item("  ", "none attached to this incident");
  for (const SignalGroup& group : groups) {
    doc.day(group.first);
    const size_t times = group.detections.size() > 1 ? group.detections.size() : group.records;
    std::string text = signal_text(group);
    if (times > 1) text += fmt::format(" x {}", with_thousands(times));
    if (group.last - group.first >= kMinute) text += ", until " + until(group.first, group.last);
    if (!group.names.empty()) text += "; " + first_few(group.names, kNamed);
    doc.item(fmt::format("  [{}] ", hour_minute(group.first)), text);
  }
}

void containment(Document& doc, const Incident& incident) {
  doc.heading("CONTAINMENT ACTIONS");
  if (incident.containment.empty()) doc.item("  ", "none recorded in what was read");
  for (const incident::ContainmentStep& step : incident.containment) {
    doc.day(step.last);
    std::string text = fmt::format("{}, by {}", step.text, incident::actor_name(step.actor));
    if (!step.evidence.empty() && !step.evidence[0].record_id.empty()) {
      text += "; record " + step.evidence[0].record_id;
    }
    if (step.evidence.size() > 1) text += " and others";
    doc.item(fmt::format("  [{}] ", hour_minute(step.last)), text);
  }
  for (const std::string& open : incident.still_open)
    doc.item("  Still open: ", open);
  if (!incident.do_first.empty()) doc.raw("  Recommended, most urgent first:");
  for (size_t i = 0; i < incident.do_first.size(); ++i) {
    doc.item(fmt::format("  {}. ", i + 1), incident.do_first[i]);
  }
}

void remediation(Document& doc, const Incident& incident) {
  doc.heading("REMEDIATION");
  doc.item("  ", incident.remediation.empty() ? "none recorded"
                                              : "none recorded. Recommended from the evidence:");
  for (const std::string& action : incident.remediation)
    doc.item("  - ", action);
}

void indicators(Document& doc, const Incident& incident) {
  if (incident.indicators.empty()) return;
  doc.heading("INDICATORS (defanged)");
  for (const detect::Indicator& indicator : incident.indicators) {
    doc.unbroken(fmt::format("  - {} ({}): ", detect::indicator_role_name(indicator.role),
                             detect::indicator_type_name(indicator.type)),
                 defang(indicator));
  }
}

/// The first record of each signal: enough to look it up; JSON has every one that is cited.
void evidence(Document& doc, const std::vector<SignalGroup>& groups, const ScanReport& report) {
  doc.heading("EVIDENCE");
  for (const SignalGroup& group : groups) {
    size_t cited = 0;
    const detect::Evidence* first = nullptr;
    for (const detect::Detection* d : group.detections) {
      cited += d->evidence.size();
      if (first == nullptr && !d->evidence.empty()) first = &d->evidence[0];
    }
    if (first == nullptr) continue;
    doc.item("  - ", fmt::format("{}: {} cited{}", group.title, counted(cited, "record", "records"),
                                 cited > 1 ? ", the first" : ""));
    doc.unbroken("      ", place(*first, report));
    if (!first->record_id.empty()) doc.unbroken("      record ", first->record_id);
  }
  if (!groups.empty()) doc.item("  ", "All cited records, with file and offset: --output json");
}

void unread(Document& doc, const ScanReport& report) {
  bool first = true;
  for (const SourceReport& source : report.sources) {
    if (source.rejected_count == 0 && source.error.empty()) continue;
    if (first) doc.heading("NOT READ WHOLLY");
    first = false;
    doc.unbroken("  - ", source.path);
    doc.item("      ",
             fmt::format("{} of {} records rejected{}{}", with_thousands(source.rejected_count),
                         with_thousands(source.records),
                         source.error.empty() ? "" : "; not read to its end: ", source.error));
  }
}

void blind_spots(Document& doc, std::vector<std::string> spots, const ScanReport& report) {
  doc.heading("BLIND SPOTS");
  const std::vector<std::string> gaps = unseen(report);
  spots.insert(spots.end(), gaps.begin(), gaps.end());
  if (spots.empty()) doc.item("  ", "none known");
  for (const std::string& spot : spots)
    doc.item("  - ", spot);
}

/// What a scan found that is no matter for a report of its own.
void below_report(Document& doc, std::string_view title, const std::vector<Incident>& incidents) {
  if (incidents.empty()) return;
  doc.heading(title);
  for (const Incident& one : incidents) {
    const std::string by = one.suppressed_by ? ", by " + *one.suppressed_by : "";
    doc.item("  - ",
             fmt::format("{} {}/100 {} ({}){}", incident::severity_name(one.severity),
                         whole_score(one.score), defang(one.title, defang_names(one)), one.id, by));
  }
}

}  // namespace

std::string to_ir_without_incident(const ScanReport& report) {
  Document doc;
  heading_of_report(doc);
  const Verdict told = verdict(report);
  doc.item("", "No incident at medium or above, so there is none to report. " + told.found + ".");
  if (!told.caveat.empty()) doc.item("", told.caveat);
  doc.item("", "Looked at " + looked_at(report));
  below_report(doc, "TO RULE OUT", report.incidents);
  below_report(doc, "SUPPRESSED BY THE ALLOW-LIST", report.suppressed);
  blind_spots(doc, {}, report);
  unread(doc, report);
  return doc.take();
}

std::string to_ir(const Incident& incident, const ScanReport& report) {
  Document doc(incident);
  header(doc, incident);
  initial_access(doc, incident);
  impact(doc, incident);
  const std::vector<SignalGroup> groups = signal_groups(incident, report);
  signals(doc, groups);
  containment(doc, incident);
  remediation(doc, incident);
  indicators(doc, incident);
  blind_spots(doc, incident.blind_spots, report);
  if (!incident.techniques.empty()) {
    doc.heading("MITRE ATT&CK");
    doc.item("  ", join(incident.techniques, ", "));
  }
  evidence(doc, groups, report);
  unread(doc, report);
  return doc.take();
}

}  // namespace davy::report
