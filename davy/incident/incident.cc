// SPDX-License-Identifier: Apache-2.0
#include "davy/incident/incident.h"

#include <algorithm>
#include <cmath>

namespace davy::incident {

std::string_view severity_name(Severity severity) {
  constexpr std::string_view kNames[] = {"low", "medium", "high", "critical"};
  return kNames[static_cast<size_t>(severity)];
}

int whole_score(double score) {
  return std::isfinite(score) ? static_cast<int>(std::floor(std::clamp(score, 0.0, 100.0))) : 0;
}

Severity severity_of(double score) {
  if (score >= 90) return Severity::kCritical;
  if (score >= 70) return Severity::kHigh;
  if (score >= 40) return Severity::kMedium;
  return Severity::kLow;
}

std::string_view kind_name(Kind kind) {
  constexpr std::string_view kNames[] = {"compromised_workload", "compromised_credential",
                                         "service_abuse", "unauthorised_use", "suspected"};
  return kNames[static_cast<size_t>(kind)];
}

std::string_view kind_title(const Incident& incident) {
  constexpr std::string_view kTitles[] = {
      "Compromised workload", "Compromised credential, mass launch", "Container or service abuse",
      "Unauthorised use", "Suspected mining (behaviour only)"};
  const bool behaviour = incident.claim >= detect::Claim::kConsistent;
  if (incident.kind == Kind::kSuspected && !behaviour) return "Suspicious activity, no mining seen";
  return kTitles[static_cast<size_t>(incident.kind)];
}

}  // namespace davy::incident
