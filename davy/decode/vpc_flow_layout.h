// SPDX-License-Identifier: Apache-2.0
// Which column of a VPC flow log line is which: headers, the default layout, and telling both from
// other text. For vpc_flow.cc only.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "davy/decode/format.h"

namespace davy::decode {

/// The columns this decoder gives a meaning to; all others are reachable by name only.
enum VpcFlowColumn : uint8_t {
  kAccountId,
  kInterfaceId,
  kSrcAddr,
  kDstAddr,
  kSrcPort,
  kDstPort,
  kProtocol,
  kPackets,
  kBytes,
  kStart,
  kEnd,
  kAction,
  kLogStatus,
  kVpcId,
  kInstanceId,
  kTcpFlags,
  kPktSrcAddr,
  kPktDstAddr,
  kRegion,
  kPktSrcService,
  kPktDstService,
  kFlowDirection,
  kEcsCluster,
  kEcsTask,
  kEcsContainer,
  kMappedColumns
};

/// The default format, version 2, for streams without a header.
inline constexpr std::string_view kVpcFlowDefaultHeader =
    "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start "
    "end action log-status";
inline constexpr size_t kVpcFlowMaxColumns = 96;

/// Where each column stands in a line.
class VpcFlowLayout : public Layout {
 public:
  explicit VpcFlowLayout(std::string_view header);

  const std::vector<std::string>& names() const { return names_; }
  size_t columns() const { return names_.size(); }
  /// Number of the column's token in a line, from 1; 0 for a column the log does not have.
  size_t token_of(VpcFlowColumn column) const { return token_of_[column]; }
  bool transit_gateway() const { return transit_gateway_; }

 private:
  std::vector<std::string> names_;
  uint8_t token_of_[kMappedColumns] = {};
  bool transit_gateway_ = false;
};

/// "interface_id", "Interface-Id" and "${interface-id}" are the same column; Athena says start_time
/// for start.
std::string canonical_column(std::string_view name);

/// Whether values of a canonical column compare as numbers in rules.
bool is_numeric_column(std::string_view canonical);

/// The line without line end and without the "2024-03-04T12:00:00.000Z " that an export from
/// CloudWatch Logs puts in front, or the time and stream name that `aws logs tail` does; `stamp`
/// receives that time's text.
std::string_view vpc_flow_line(std::string_view line, std::string_view& stamp);

/// Five known column names make a header.
bool is_vpc_flow_header(std::string_view line);

/// A line of the default format.
bool is_vpc_flow_default_line(std::string_view line);

}  // namespace davy::decode
