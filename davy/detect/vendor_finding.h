// SPDX-License-Identifier: Apache-2.0
// What the findings of another product behind a detection are called there, and how grave that
// product holds them: what a responder looks up in its console.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "davy/event/event.h"

namespace davy::detect {

/// All findings of one type. A mergeable summary.
struct VendorFinding {
  std::string product;    ///< "guardduty"
  std::string type;       ///< "CryptoCurrency:EC2/BitcoinTool.B"
  double severity = 0;    ///< 0-100, the highest
  bool archived = false;  ///< a record of one says it was put aside
  bool open = false;      ///< a record of one says it was not

  void add(const event::Finding& finding);
  void merge(const VendorFinding& other);
};

/// As people write the product: "GuardDuty".
std::string product_title(std::string_view product);

/// "CryptoCurrency:EC2/BitcoinTool.B (HIGH), Impact:EC2/… (MEDIUM, archived) and 2 more", the
/// gravest first.
std::string vendor_findings_text(std::span<const VendorFinding> findings);

}  // namespace davy::detect
