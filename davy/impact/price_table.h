// SPDX-License-Identifier: Apache-2.0
// What an instance type or a container is and costs. Data: content/tables/aws_ec2_prices.csv
// (on-demand Linux, us-east-1, dated), aws_region_factors.csv (price relative to us-east-1, taken
// for containers too) and aws_other_prices.csv (Fargate, and SageMaker and EMR relative to EC2).
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

/// The resources of one container task.
struct TaskSize {
  double vcpus = 0;
  double memory_gib = 0;
  bool arm = false;
};

class PriceTable {
 public:
  /// Reads the CSV texts; bad rows are reported and left out.
  static PriceTable load(std::string_view instance_csv, std::string_view region_csv,
                         std::string_view other_csv, Diagnostics& diagnostics);

  /// Null for an unknown type. "ml.c5.xlarge" is what "c5.xlarge" is.
  const InstanceType* find(std::string_view type) const;

  /// List price in `region`; an unknown region costs what us-east-1 does, an unknown type nothing.
  double usd_per_hour(std::string_view type, std::string_view region) const;

  /// The same with what EMR takes on top.
  double emr_usd_per_hour(std::string_view type, std::string_view region) const;

  /// List price of a task on Fargate; 0 when its size or the price is not known.
  double fargate_usd_per_hour(const TaskSize& size, std::string_view region) const;

  /// "# date:" of the price file, for the basis of every figure.
  const std::string& date() const { return date_; }
  const std::string& fargate_date() const { return other_date_; }

 private:
  double region_factor(std::string_view region) const;
  double other(std::string_view item) const;

  std::map<std::string, InstanceType, std::less<>> types_;
  std::map<std::string, double, std::less<>> region_factors_;
  std::map<std::string, double, std::less<>> others_;  ///< by item
  std::string date_;
  std::string other_date_;
};

}  // namespace davy::impact
