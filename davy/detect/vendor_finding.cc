// SPDX-License-Identifier: Apache-2.0
#include "davy/detect/vendor_finding.h"

#include <algorithm>
#include <tuple>
#include <vector>

#include <fmt/format.h>

#include "davy/base/text.h"

namespace davy::detect {
namespace {

/// As GuardDuty names its numbers, on the scale from 0 to 100.
std::string_view severity_word(double severity) {
  if (severity >= 90) return "CRITICAL";
  if (severity >= 70) return "HIGH";
  return severity >= 40 ? "MEDIUM" : "LOW";
}

}  // namespace

void VendorFinding::add(const event::Finding& finding) {
  product = finding.product;
  type = finding.type;
  severity = std::max(severity, finding.severity);
  archived = archived || finding.archived;
  open = open || !finding.archived;
}

void VendorFinding::merge(const VendorFinding& other) {
  product = other.product;
  type = other.type;
  severity = std::max(severity, other.severity);
  archived = archived || other.archived;
  open = open || other.open;
}

std::string product_title(std::string_view product) {
  if (product == "guardduty") return "GuardDuty";
  return product == "falco" ? "Falco" : printable(product);
}

std::string vendor_findings_text(std::span<const VendorFinding> findings) {
  constexpr size_t kShown = 3;
  std::vector<const VendorFinding*> order;
  for (const VendorFinding& finding : findings)
    order.push_back(&finding);
  std::sort(order.begin(), order.end(), [](const VendorFinding* a, const VendorFinding* b) {
    return std::tie(b->severity, a->type, a->product) < std::tie(a->severity, b->type, b->product);
  });
  std::vector<std::string> texts;
  for (const VendorFinding* finding : order) {
    if (texts.size() == kShown) break;
    const char* aside = !finding->archived ? ""
                        : finding->open    ? ", partly archived"
                                           : ", archived";
    texts.push_back(fmt::format("{} ({}{})", printable(finding->type, 80),
                                severity_word(finding->severity), aside));
  }
  std::string text = join(texts, ", ");
  if (order.size() > kShown) text += fmt::format(" and {} more", order.size() - kShown);
  return text;
}

}  // namespace davy::detect
