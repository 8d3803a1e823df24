// SPDX-License-Identifier: Apache-2.0
// The names of davy/incident/incident.h for builds without the incident library (see
// CMakeLists.txt).
#include "davy/incident/incident.h"

namespace davy::incident {

std::string_view severity_name(Severity severity) {
  constexpr std::string_view kNames[] = {"low", "medium", "high", "critical"};
  return kNames[static_cast<size_t>(severity)];
}

Severity severity_of(double score) {
  if (score >= 90) return Severity::kCritical;
  if (score >= 70) return Severity::kHigh;
  return score >= 40 ? Severity::kMedium : Severity::kLow;
}

std::string_view kind_name(Kind kind) {
  constexpr std::string_view kNames[] = {"compromised_workload", "compromised_credential",
                                         "service_abuse", "unauthorised_use", "suspected"};
  return kNames[static_cast<size_t>(kind)];
}

std::string_view kind_title(Kind kind) {
  constexpr std::string_view kTitles[] = {"Compromised workload", "Compromised credential",
                                          "Service abuse", "Unauthorised use", "Suspected mining"};
  return kTitles[static_cast<size_t>(kind)];
}

}  // namespace davy::incident
