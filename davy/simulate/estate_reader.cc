// SPDX-License-Identifier: Apache-2.0
#include "davy/simulate/estate_reader.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include "davy/base/text.h"

namespace davy::simulate {
namespace {

std::string gunzip(std::string_view bytes) {
  z_stream stream{};
  EXPECT_EQ(inflateInit2(&stream, 16 + 15), Z_OK);
  stream.next_in = reinterpret_cast<z_const Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  std::string text;
  std::vector<char> block(1 << 16);
  int status = Z_OK;
  while (status == Z_OK) {
    stream.next_out = reinterpret_cast<Bytef*>(block.data());
    stream.avail_out = static_cast<uInt>(block.size());
    status = inflate(&stream, Z_NO_FLUSH);
    text.append(block.data(), block.size() - stream.avail_out);
  }
  EXPECT_EQ(status, Z_STREAM_END);
  inflateEnd(&stream);
  return text;
}

FlowRow flow_row(const std::map<std::string_view, size_t>& columns,
                 const std::vector<std::string_view>& values) {
  const auto text = [&](std::string_view name) { return std::string(values[columns.at(name)]); };
  FlowRow row{text("account-id"), text("interface-id"), text("srcaddr"), text("dstaddr"),
              text("action")};
  row.source_port = std::stoi(text("srcport"));
  row.target_port = std::stoi(text("dstport"));
  row.packets = std::stod(text("packets"));
  row.bytes = std::stod(text("bytes"));
  row.start = std::stol(text("start"));
  row.end = std::stol(text("end"));
  return row;
}

}  // namespace

Estate make_estate(const Options& options) {
  Estate estate;
  const auto summary = write_estate(options, [&](std::string_view path, std::string_view bytes) {
    EXPECT_TRUE(estate.emplace(path, path.ends_with(".gz") ? gunzip(bytes) : bytes).second) << path;
    return Result<void>{};
  });
  EXPECT_TRUE(summary.has_value());
  EXPECT_EQ(summary->files, estate.size());
  return estate;
}

const Estate& estate_of(const std::string& scenario) {
  static std::map<std::string, Estate> made;
  const auto place = made.find(scenario);
  if (place != made.end()) return place->second;
  Options options;
  options.scenario = scenario;
  return made[scenario] = make_estate(options);
}

nlohmann::json labels_of(const Estate& estate) {
  return nlohmann::json::parse(estate.at("labels.json"));
}

std::vector<nlohmann::json> api_records(const Estate& estate) {
  std::vector<nlohmann::json> records;
  for (const auto& [path, text] : estate) {
    if (!path.starts_with("cloudtrail/")) continue;
    const auto document = nlohmann::json::parse(text);
    for (const auto& record : document["Records"])
      records.push_back(record);
  }
  return records;
}

std::vector<nlohmann::json> json_lines(const Estate& estate, std::string_view folder) {
  std::vector<nlohmann::json> values;
  for (const auto& [path, text] : estate) {
    if (!path.starts_with(folder)) continue;
    for (const std::string_view line : split(trim(text), '\n')) {
      values.push_back(nlohmann::json::parse(line));
    }
  }
  return values;
}

std::vector<FlowRow> flow_rows(const Estate& estate) {
  std::vector<FlowRow> rows;
  for (const auto& [path, text] : estate) {
    if (!path.starts_with("vpcflow/")) continue;
    const auto lines = split(trim(text), '\n');
    std::map<std::string_view, size_t> columns;
    for (const std::string_view name : split(lines.front(), ' '))
      columns.emplace(name, columns.size());
    for (size_t i = 1; i < lines.size(); ++i) {
      const auto values = split(lines[i], ' ');
      EXPECT_EQ(values.size(), columns.size()) << lines[i];
      rows.push_back(flow_row(columns, values));
    }
  }
  return rows;
}

}  // namespace davy::simulate
