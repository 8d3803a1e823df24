// SPDX-License-Identifier: Apache-2.0
// What an instance type is and costs. Data: content/tables/aws_ec2_prices.csv (on-demand Linux,
// us-east-1, dated) and aws_region_factors.csv (price relative to us-east-1).
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "davy/base/diagnostic.h"

namespace davy::impact {

struct InstanceType {
  double vcpus = 0;
  double gpus = 0;
  double memory_gib = 0;
  double usd_per_hour = 0;  ///< us-east-1, on demand, Linux
};

class PriceTable {
 public:
  /// Reads the CSV texts; bad rows are reported and left out.
  static PriceTable load(std::string_view instance_csv, std::string_view region_csv,
                         Diagnostics& diagnostics);

  /// Null for an unknown type.
  const InstanceType* find(std::string_view type) const;

  /// List price in `region`; an unknown region costs what us-east-1 does, an unknown type nothing.
  double usd_per_hour(std::string_view type, std::string_view region) const;

  /// "# date:" of the price file, for the basis of every figure.
  const std::string& date() const { return date_; }

 private:
  std::map<std::string, InstanceType, std::less<>> types_;
  std::map<std::string, double, std::less<>> region_factors_;
  std::string date_;
};

}  // namespace davy::impact
