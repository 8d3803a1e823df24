// SPDX-License-Identifier: Apache-2.0
#include "davy/report/cryptocurrency.h"

#include "davy/base/text.h"

namespace davy::report {

std::string cryptocurrency(const incident::Incident& incident) {
  for (const detect::Indicator& indicator : incident.indicators) {
    if (indicator.type != detect::IndicatorType::kWallet) continue;
    const std::string_view w = indicator.value;
    // Monero: 95 characters (106 with a payment id), main network 4, sub-address 8.
    const bool monero = (w.size() == 95 || w.size() == 106) && (w[0] == '4' || w[0] == '8');
    if (monero) return "Monero (XMR), by the form of the wallet address";
    if (w.starts_with("bc1") ||
        (w.size() >= 26 && w.size() <= 35 && (w[0] == '1' || w[0] == '3'))) {
      return "Bitcoin (BTC), by the form of the wallet address";
    }
    if (w.size() == 42 && w.starts_with("0x"))
      return "an Ethereum-like coin, by the form of the wallet address";
  }
  for (const detect::Indicator& indicator : incident.indicators) {
    const bool names_monero = indicator.type == detect::IndicatorType::kDomain &&
                              (contains_ignore_case(indicator.value, "xmr") ||
                               contains_ignore_case(indicator.value, "monero"));
    if (names_monero) return "Monero (XMR), by the name of the pool";
  }
  return {};
}

}  // namespace davy::report
