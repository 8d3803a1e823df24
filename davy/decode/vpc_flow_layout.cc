// SPDX-License-Identifier: Apache-2.0
#include "davy/decode/vpc_flow_layout.h"

#include <algorithm>

#include "davy/base/text.h"

namespace davy::decode {
namespace {

/// Column names as AWS documents them; the first kMappedColumns in the order of Column.
constexpr std::string_view kColumnNames[] = {
    "account-id", "interface-id", "srcaddr", "dstaddr", "srcport", "dstport", "protocol", "packets",
    "bytes", "start", "end", "action", "log-status", "vpc-id", "instance-id", "tcp-flags",
    "pkt-srcaddr", "pkt-dstaddr", "region", "pkt-src-aws-service", "pkt-dst-aws-service",
    "flow-direction", "ecs-cluster-arn", "ecs-task-arn", "ecs-container-id",
    // Named by rules only.
    "version", "subnet-id", "type", "az-id", "sublocation-type", "sublocation-id", "traffic-path",
    "ecs-cluster-name", "ecs-container-instance-arn", "ecs-container-instance-id",
    "ecs-second-container-id", "ecs-service-name", "ecs-task-definition-arn", "ecs-task-id",
    "reject-reason", "resource-id", "encryption-status", "resource-type"};

/// What to ask of a header before believing it is one.
constexpr size_t kMinKnownNames = 5;
constexpr size_t kDefaultColumns = 14;

bool is_transit_gateway_name(std::string_view name) {
  return name.starts_with("tgw-") || name.starts_with("packets-lost-");
}

bool is_known_name(std::string_view canonical) {
  return std::find(std::begin(kColumnNames), std::end(kColumnNames), canonical) !=
             std::end(kColumnNames) ||
         is_transit_gateway_name(canonical);
}

/// Takes the "eni-1235b8ca123456789-all " off that `aws logs tail` puts before a message.
void skip_stream_name(std::string_view& line) {
  const size_t end = line.find(' ');
  const std::string_view name = line.substr(0, end);
  if (end == std::string_view::npos || !name.starts_with("eni-")) return;
  if (name.ends_with("-all") || name.ends_with("-accept") || name.ends_with("-reject"))
    line.remove_prefix(end + 1);
}

}  // namespace

VpcFlowLayout::VpcFlowLayout(std::string_view header) {
  for (const std::string_view name : split(header, ' ')) {
    if (names_.size() == kVpcFlowMaxColumns) break;
    names_.push_back(canonical_column(name));
    const auto known = std::find(kColumnNames, kColumnNames + kMappedColumns, names_.back());
    if (known != kColumnNames + kMappedColumns) {
      token_of_[static_cast<size_t>(known - kColumnNames)] = static_cast<uint8_t>(names_.size());
    }
    transit_gateway_ |= is_transit_gateway_name(names_.back());
  }
}

std::string canonical_column(std::string_view name) {
  if (name.starts_with("${") && name.ends_with('}')) name = name.substr(2, name.size() - 3);
  std::string canonical = to_lower(name);
  std::replace(canonical.begin(), canonical.end(), '_', '-');
  if (canonical == "start-time") return "start";
  if (canonical == "end-time") return "end";
  return canonical;
}

bool is_numeric_column(std::string_view name) {
  constexpr std::string_view kNumeric[] = {"version",   "srcport",     "dstport", "protocol",
                                           "packets",   "bytes",       "start",   "end",
                                           "tcp-flags", "traffic-path"};
  return std::find(std::begin(kNumeric), std::end(kNumeric), name) != std::end(kNumeric) ||
         name.starts_with("packets-lost-");
}

std::string_view vpc_flow_line(std::string_view line, std::string_view& stamp) {
  while (!line.empty() && (line.back() == '\r' || line.back() == '\n' || line.back() == ' ')) {
    line.remove_suffix(1);
  }
  if (line.size() > 20 && line[4] == '-' && line[10] == 'T' && is_ascii_digit(line[0])) {
    const size_t end = line.find(' ');
    if (end != std::string_view::npos) {
      stamp = line.substr(0, end);
      line.remove_prefix(end + 1);
      skip_stream_name(line);
    }
  }
  return line;
}

bool is_vpc_flow_header(std::string_view line) {
  if (line.empty() || !(is_ascii_alpha(line[0]) || line.starts_with("${"))) return false;
  size_t known = 0;
  for (const std::string_view name : split(line, ' ')) {
    if (is_known_name(canonical_column(name))) ++known;
  }
  return known >= kMinKnownNames;
}

bool is_vpc_flow_default_line(std::string_view line) {
  const auto tokens = split(line, ' ');
  if (tokens.size() != kDefaultColumns) return false;
  const auto version = parse_int(tokens[0]);
  const bool account =
      tokens[1] == "unknown" || (tokens[1].size() == 12 && parse_int(tokens[1]).has_value());
  return version && *version >= 2 && *version <= 10 && account && tokens[2].starts_with("eni-");
}

}  // namespace davy::decode
