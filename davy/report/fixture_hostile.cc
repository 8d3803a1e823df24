// SPDX-License-Identifier: Apache-2.0
// The fixture with hostile log text in every field that may hold some.
#include "davy/report/fixture.h"

namespace davy::report {
namespace {

using detect::Detection;
using detect::Evidence;
using incident::Incident;

void taint(std::string& text) {
  text += kHostile;
}
void taint(std::vector<std::string>& texts) {
  for (std::string& text : texts)
    taint(text);
}
void taint(std::vector<Evidence>& items) {
  for (Evidence& e : items)
    taint(e.record_id);
}
void taint(std::vector<event::Entity>& items) {
  for (event::Entity& e : items)
    taint(e.id);
}
void taint(std::vector<detect::Indicator>& items) {
  for (detect::Indicator& i : items)
    taint(i.value);
}

void taint(Incident& i) {
  for (std::string* text :
       {&i.number, &i.title, &i.summary, &i.priority, &i.initial_access.vector,
        &i.initial_access.credential, &i.initial_access.principal, &i.initial_access.source_ip,
        &i.initial_access.would_settle, &i.proof}) {
    taint(*text);
  }
  for (auto* texts :
       {&i.techniques, &i.scope.accounts, &i.scope.regions, &i.scope.resources, &i.impact.basis,
        &i.do_first, &i.blind_spots, &i.still_open, &i.remediation}) {
    taint(*texts);
  }
  taint(i.entities);
  taint(i.indicators);
  taint(i.initial_access.evidence);
  for (auto& step : i.containment) {
    taint(step.text);
    taint(step.actor);
    taint(step.objects);
    taint(step.evidence);
  }
  for (auto& part : i.why)
    taint(part.text);
  for (auto& entry : i.timeline) {
    taint(entry.text);
    taint(entry.evidence);
  }
  std::map<std::string, double> signals;
  for (const auto& [name, value] : i.signals)
    signals[name + std::string(kHostile)] = value;
  i.signals = signals;
  if (i.suppressed_by) taint(*i.suppressed_by);
  for (auto& allowance : i.allowed) {
    taint(allowance.by);
    taint(allowance.texts);
    taint(allowance.detections);
  }
  taint(i.kept_by);
}

void taint(Detection& d) {
  for (std::string* text : {&d.detector, &d.title, &d.detail})
    taint(*text);
  taint(d.techniques);
  taint(d.entities);
  taint(d.evidence);
  taint(d.indicators);
  for (detect::VendorFinding& finding : d.vendor)
    taint(finding.type);
}

void taint(SourceReport& s) {
  for (std::string* text : {&s.path, &s.format, &s.error})
    taint(*text);
  for (Rejected& r : s.rejected)
    taint(r.reason);
  std::map<std::string, uint64_t> reasons;
  for (const auto& [reason, n] : s.rejected_by_reason)
    reasons[reason + std::string(kHostile)] = n;
  s.rejected_by_reason = reasons;
}

}  // namespace

ScanReport hostile_incidents() {
  ScanReport report = three_incidents();
  for (auto& source : report.sources)
    taint(source);
  for (auto& detection : report.detections)
    taint(detection);
  for (auto& incident : report.incidents)
    taint(incident);
  for (auto& incident : report.suppressed)
    taint(incident);
  taint(report.notes);
  return report;
}

}  // namespace davy::report
