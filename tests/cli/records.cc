// SPDX-License-Identifier: Apache-2.0
#include "tests/cli/records.h"

#include "tests/harness/estate_folder.h"
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "davy/base/text.h"
#include "davy/simulate/estate_reader.h"

namespace davy::tests {
namespace {

std::vector<std::string> records_of(const std::string& scenario, const std::string& account) {
  simulate::Options options;
  options.scenario = scenario;
  options.scale = kSmallScale;
  std::vector<std::string> records;
  for (const nlohmann::json& record : simulate::api_records(simulate::make_estate(options))) {
    if (record.value("recipientAccountId", "") == account) records.push_back(record.dump());
  }
  EXPECT_FALSE(records.empty()) << scenario;
  return records;
}

}  // namespace

std::string harmless_record(unsigned number) {
  return fmt::format(
      R"({{"eventVersion":"1.10","userIdentity":{{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/anna",)"
      R"("accountId":"111122223333","userName":"anna"}},"eventTime":"2025-02-21T09:00:{:02}Z",)"
      R"("eventSource":"s3.amazonaws.com","eventName":"GetBucketLocation","awsRegion":"us-east-1",)"
      R"("sourceIPAddress":"198.51.100.7","userAgent":"aws-cli/2.15","requestParameters":null,)"
      R"("responseElements":null,"eventID":"00000000-0000-4000-8000-{:012}","readOnly":true,)"
      R"("eventType":"AwsApiCall","recipientAccountId":"111122223333","eventCategory":"Management"}})",
      number % 60, number);
}

const std::vector<std::string>& stolen_root_key_records() {
  static const auto records = records_of("root-key", "456789012345");
  return records;
}

const std::vector<std::string>& mass_launch_records() {
  static const auto records = records_of("mass-launch", "210987654321");
  return records;
}

std::string as_lines(const std::vector<std::string>& records) {
  return join(records, "\n") + "\n";
}

std::string as_document(const std::vector<std::string>& records) {
  return R"({"Records":[)" + join(records, ",") + "]}";
}

std::vector<std::string> severities(const nlohmann::json& report) {
  std::vector<std::string> all;
  for (const nlohmann::json& incident : report.at("incidents"))
    all.push_back(incident.at("severity"));
  return all;
}

nlohmann::json source_named(const nlohmann::json& report, std::string_view name) {
  for (const nlohmann::json& source : report.at("sources")) {
    if (source.at("path").get<std::string>().ends_with(name)) return source;
  }
  return nullptr;
}

}  // namespace davy::tests
