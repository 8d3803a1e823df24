// SPDX-License-Identifier: Apache-2.0
#include "tests/harness/estate_folder.h"

#include <map>
#include <memory>
#include <utility>

#include "content/content.h"
#include <gtest/gtest.h>

#include "davy/simulate/simulate.h"

namespace davy::tests {

const EstateFolder& estate_folder(const std::string& scenario, double scale) {
  static std::map<std::pair<std::string, double>, std::unique_ptr<EstateFolder>> written;
  std::unique_ptr<EstateFolder>& estate = written[{scenario, scale}];
  if (estate != nullptr) return *estate;
  estate = std::make_unique<EstateFolder>();
  simulate::Options options;
  options.scenario = scenario;
  options.scale = scale;
  const auto summary = simulate::write_estate(
      options, [&](std::string_view path, std::string_view bytes) -> Result<void> {
        if (path == "labels.json") {
          estate->labels = nlohmann::json::parse(bytes, nullptr, false);
        } else {
          estate->folder.write(path, bytes);
        }
        return {};
      });
  EXPECT_TRUE(summary) << summary.error().message();
  EXPECT_TRUE(estate->labels.is_object());
  return *estate;
}

const pipeline::Knowledge& built_in_knowledge() {
  static const pipeline::Knowledge knowledge = [] {
    std::vector<sigma::RuleText> texts;
    for (auto& [path, text] : content::below("rules/", ".yml")) {
      if (!path.ends_with(".test.yml")) texts.push_back({path, std::move(text)});
    }
    sigma::LoadReport report;
    sigma::RuleSet rules = sigma::RuleSet::load(texts, {}, report);
    Diagnostics problems;
    intel::Intel intel = intel::Intel::load(content::below("indicators/", ".csv"), problems);
    impact::PriceTable prices = impact::PriceTable::load(
        content::find("tables/aws_ec2_prices.csv"), content::find("tables/aws_region_factors.csv"),
        content::find("tables/aws_other_prices.csv"), problems);
    EXPECT_FALSE(has_errors(problems));
    EXPECT_GT(rules.size(), 0u);
    return pipeline::Knowledge{std::move(rules), std::move(report), std::move(intel),
                               std::move(prices)};
  }();
  return knowledge;
}

}  // namespace davy::tests
