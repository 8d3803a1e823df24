// SPDX-License-Identifier: Apache-2.0
#include "davy/impact/price_table.h"

#include <functional>
#include <vector>

#include <fmt/format.h>

#include "davy/base/text.h"

namespace davy::impact {
namespace {

/// SageMaker's names for EC2 types.
constexpr std::string_view kSageMaker = "ml.";

/// Calls `row` for each data line with its cells; `comment` for each "# key: value" line.
void read_csv(std::string_view text,
              const std::function<void(int, const std::vector<std::string_view>&)>& row,
              const std::function<void(std::string_view)>& comment) {
  bool header = true;
  int number = 0;
  for (std::string_view line : split(text, '\n')) {
    ++number;
    line = trim(line);
    if (line.empty()) continue;
    if (line.front() == '#') {
      comment(trim(line.substr(1)));
    } else if (header) {
      header = false;
    } else {
      row(number, split(line, ','));
    }
  }
}

}  // namespace

PriceTable PriceTable::load(std::string_view instance_csv, std::string_view region_csv,
                            std::string_view other_csv, Diagnostics& diagnostics) {
  PriceTable table;
  const auto refuse = [&](const char* file, int line, std::string_view why) {
    diagnostics.push_back({"DVY-P001", Severity::kError, file, line, 0, std::string(why), ""});
  };
  const auto no_comment = [](std::string_view) {};
  read_csv(
      instance_csv,
      [&](int line, const std::vector<std::string_view>& cells) {
        if (cells.size() < 5) return refuse("aws_ec2_prices.csv", line, "expected 5 cells");
        const auto vcpus = parse_number(cells[1]);
        const auto gpus = parse_number(cells[2]);
        const auto memory = parse_number(cells[3]);
        const auto price = parse_number(cells[4]);
        if (!price) return refuse("aws_ec2_prices.csv", line, "the price is not a number");
        table.types_[std::string(cells[0])] = {vcpus.value_or(0), gpus.value_or(0),
                                               memory.value_or(0), *price};
      },
      [&](std::string_view text) {
        if (text.starts_with("date:")) table.date_ = trim(text.substr(5));
      });
  read_csv(
      region_csv,
      [&](int line, const std::vector<std::string_view>& cells) {
        const auto factor = cells.size() < 2 ? std::nullopt : parse_number(cells[1]);
        if (!factor) return refuse("aws_region_factors.csv", line, "the factor is not a number");
        table.region_factors_[std::string(cells[0])] = *factor;
      },
      no_comment);
  read_csv(
      other_csv,
      [&](int line, const std::vector<std::string_view>& cells) {
        const auto price = cells.size() < 3 ? std::nullopt : parse_number(cells[2]);
        if (!price) return refuse("aws_other_prices.csv", line, "the price is not a number");
        table.others_[std::string(cells[0])] = *price;
      },
      [&](std::string_view text) {
        if (text.starts_with("date:")) table.other_date_ = trim(text.substr(5));
      });
  return table;
}

const InstanceType* PriceTable::find(std::string_view type) const {
  if (type.starts_with(kSageMaker)) type.remove_prefix(kSageMaker.size());
  const auto place = types_.find(type);
  return place == types_.end() ? nullptr : &place->second;
}

double PriceTable::region_factor(std::string_view region) const {
  const auto factor = region_factors_.find(region);
  return factor == region_factors_.end() ? 1.0 : factor->second;
}

double PriceTable::other(std::string_view item) const {
  const auto price = others_.find(item);
  return price == others_.end() ? 0 : price->second;
}

double PriceTable::usd_per_hour(std::string_view type, std::string_view region) const {
  const InstanceType* known = find(type);
  if (known == nullptr) return 0;
  const double over_ec2 = type.starts_with(kSageMaker) ? other("sagemaker_over_ec2") : 1;
  return known->usd_per_hour * region_factor(region) * over_ec2;
}

double PriceTable::emr_usd_per_hour(std::string_view type, std::string_view region) const {
  return usd_per_hour(type, region) * other("emr_over_ec2");
}

double PriceTable::fargate_usd_per_hour(const TaskSize& size, std::string_view region) const {
  const double vcpu = other(size.arm ? "fargate_arm_vcpu" : "fargate_vcpu");
  const double memory = other(size.arm ? "fargate_arm_memory" : "fargate_memory");
  if (size.vcpus <= 0 || size.memory_gib <= 0 || vcpu <= 0 || memory <= 0) return 0;
  return (size.vcpus * vcpu + size.memory_gib * memory) * region_factor(region);
}

}  // namespace davy::impact
