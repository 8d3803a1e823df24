// SPDX-License-Identifier: Apache-2.0
// The incident response report: one incident in the layout responders file. A heading that the
// evidence does not fill says so, and says which record would fill it.
#include <algorithm>
#include <tuple>

#include <fmt/format.h>

#include "davy/base/text.h"
#include "davy/report/escape.h"
#include "davy/report/remediation.h"
#include "davy/report/report.h"
#include "davy/report/utf8.h"
#include "davy/report/wording.h"

namespace davy::report {
namespace {

using incident::Incident;

constexpr size_t kWidth = 100;

class Document {
 public:
  explicit Document(const Incident& incident) : names_(defang_names(incident)) {}

  void heading(std::string_view title) { text_ += fmt::format("\n{}:\n", title); }

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
  void raw(std::string_view line) { text_ += fmt::format("{}\n", line); }
  std::string take() { return std::move(text_); }

 private:
  std::vector<std::string> names_;
  std::string text_;
};

std::string not_established(std::string_view what_would) {
  return fmt::format("not established ({} would establish it)", what_would);
}

std::string upper(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  }
  return result;
}

void header(Document& doc, const Incident& incident) {
  doc.raw("Cryptomining Incident Response Report");
  doc.raw("=======================================");
  doc.top("Incident ID", incident.number);
  doc.top("Davy ID", incident.id);
  doc.top("Severity",
          fmt::format("{} ({}/100), priority {}", upper(incident::severity_name(incident.severity)),
                      whole_score(incident.score), incident.priority));
  doc.top("Certainty",
          fmt::format("{}: {}", detect::claim_name(incident.claim), claim_meaning(incident.claim)));
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
  doc.top("Containment Time",
          not_established(
              "a containment journal, or audit records of the calls that stopped the resources,"));
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

std::vector<std::string> values_of(const Incident& incident,
                                   std::initializer_list<std::string_view> types) {
  std::vector<std::string> values;
  for (const detect::Indicator& indicator : incident.indicators) {
    if (std::find(types.begin(), types.end(), indicator.type) != types.end() &&
        indicator.value != incident.initial_access.source_ip) {
      values.push_back(defang(indicator));
    }
  }
  return values;
}

void mined(Document& doc, const Incident& incident) {
  const std::vector<std::string> pools = values_of(incident, {"domain", "ip", "ip_port", "url"});
  doc.field("Mining Pool and Remote Hosts",
            pools.empty() ? not_established("DNS query logs or flow logs") : first_few(pools, 8));
  const std::vector<std::string> wallets = values_of(incident, {"wallet"});
  doc.field("Wallet", wallets.empty()
                          ? not_established("the miner's command line, configuration or pool login")
                          : first_few(wallets, 3));
  const std::string coin = cryptocurrency(incident);
  doc.field("Cryptocurrency",
            coin.empty() ? not_established("a wallet address or the miner's algorithm") : coin);
}

void impact(Document& doc, const Incident& incident) {
  const incident::Impact& impact = incident.impact;
  doc.heading("IMPACT");
  std::string launched = with_thousands(impact.resources_launched);
  if (impact.resources_requested > impact.resources_launched) {
    launched += fmt::format(" of {} requested", with_thousands(impact.resources_requested));
  }
  doc.field("Instances Launched", impact.resources_requested + impact.resources_launched > 0
                                      ? launched
                                      : "none seen; the miner ran on what was there");
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
  doc.field("Estimated Cost", cost_sentence(impact));
  if (impact.egress_unexplained_bytes > 0) {
    doc.field("Egress Not Explained by Mining",
              human_bytes(impact.egress_unexplained_bytes) + "; look for exfiltration");
  }
  mined(doc, incident);
  for (const std::string& basis : impact.basis)
    doc.item("  Basis: ", basis);
}

void signals(Document& doc, const Incident& incident, const ScanReport& report) {
  doc.heading("DETECTION SIGNALS");
  std::vector<const detect::Detection*> found = detections_of(incident, report);
  std::sort(found.begin(), found.end(), [](const auto* a, const auto* b) {
    return std::tie(a->time, a->id) < std::tie(b->time, b->id);
  });
  if (found.empty()) doc.item("  ", "none attached to this incident");
  std::string date;
  for (const detect::Detection* d : found) {
    if (to_date(d->time) != date) doc.raw("  " + (date = to_date(d->time)) + " (UTC)");
    const std::string times = d->count > 1 ? fmt::format(" x {}", with_thousands(d->count)) : "";
    doc.item(fmt::format("  [{}] ", hour_minute(d->time)),
             fmt::format("{}: {} ({}){}", spaced(detect::signal_name(d->signal)), d->title,
                         upper(detect::level_name(d->level)), times));
  }
}

void evidence(Document& doc, const Incident& incident, const ScanReport& report) {
  doc.heading("EVIDENCE");
  for (const detect::Detection* d : detections_of(incident, report)) {
    for (const detect::Evidence& e : d->evidence) {
      doc.item("  - ", fmt::format("{}{}{}", place(e, report),
                                   e.record_id.empty() ? "" : ", record ", e.record_id));
    }
  }
  for (const SourceReport& source : report.sources) {
    if (source.rejected_count == 0 && source.error.empty()) continue;
    doc.item("  - ",
             fmt::format("{}: {} of {} records rejected{}{}", source.path,
                         with_thousands(source.rejected_count), with_thousands(source.records),
                         source.error.empty() ? "" : "; not read to its end: ", source.error));
  }
}

}  // namespace

std::string to_ir(const Incident& incident, const ScanReport& report) {
  Document doc(incident);
  header(doc, incident);
  initial_access(doc, incident);
  impact(doc, incident);
  signals(doc, incident, report);

  doc.heading("CONTAINMENT ACTIONS");
  doc.item("  ", "none recorded in what was read");
  if (!incident.do_first.empty()) doc.raw("  Recommended, most urgent first:");
  for (size_t i = 0; i < incident.do_first.size(); ++i) {
    doc.item(fmt::format("  {}. ", i + 1), incident.do_first[i]);
  }

  doc.heading("REMEDIATION");
  doc.item("  ", "none recorded. Recommended from the evidence:");
  for (const std::string& action : remediation(incident))
    doc.item("  - ", action);

  doc.heading("BLIND SPOTS");
  std::vector<std::string> spots = incident.blind_spots;
  const std::vector<std::string> gaps = unseen(report);
  spots.insert(spots.end(), gaps.begin(), gaps.end());
  if (spots.empty()) doc.item("  ", "none known");
  for (const std::string& spot : spots)
    doc.item("  - ", spot);

  if (!incident.techniques.empty()) {
    doc.heading("MITRE ATT&CK");
    doc.item("  ", join(incident.techniques, ", "));
  }
  evidence(doc, incident, report);
  return doc.take();
}

}  // namespace davy::report
