// SPDX-License-Identifier: Apache-2.0
#include "davy/decode/vpc_flow.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

#include "davy/base/text.h"
#include "davy/decode/vpc_flow_layout.h"

namespace davy::decode {
namespace {

/// A line's tokens by place: first those of VpcFlowColumn, then the others in the line's order.
using Tokens = std::string_view[kMappedColumns + kVpcFlowMaxColumns + 1];
/// The place of each token of a line.
using Places = uint8_t[kVpcFlowMaxColumns + 1];
static_assert(kMappedColumns + kVpcFlowMaxColumns < 256);

/// token == word, without a call: a comparison of two views does not know its length beforehand.
template <size_t N>
bool is(std::string_view token, const char (&word)[N]) {
  return token.size() == N - 1 && std::memcmp(token.data(), word, N - 1) == 0;
}

/// Wide enough to be read like a padded record.
alignas(16) constexpr char kAbsent[32] = "-";

/// Bit i: byte i of the 64 at `text` is a space.
uint64_t spaces_of(const char* text) {
#ifdef __SSE2__
  const auto quarter = [text](unsigned i) {
    __m128i bytes;
    std::memcpy(&bytes, text + 16 * i, sizeof bytes);
    const int found = _mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(' ')));
    return uint64_t{static_cast<uint32_t>(found)} << (16 * i);
  };
  return quarter(0) | quarter(1) | quarter(2) | quarter(3);
#else
  uint64_t spaces = 0;
  for (unsigned i = 0; i < 64; ++i)
    spaces |= uint64_t{text[i] == ' '} << i;
  return spaces;
#endif
}

/// Cuts `line` at single spaces and puts each token into its place; returns how many there are, at
/// most kVpcFlowMaxColumns + 1. Up to 63 bytes after the line are read, never used.
size_t cut(std::string_view line, const Places& places, Tokens& tokens) {
  const char* const begin = line.data();
  const size_t size = line.size();
  size_t count = 0;
  size_t start = 0;
  for (size_t base = 0; base < size; base += 64) {
    uint64_t spaces = spaces_of(begin + base);
    if (size - base < 64) spaces &= (uint64_t{1} << (size - base)) - 1;
    for (; spaces != 0 && count < kVpcFlowMaxColumns; spaces &= spaces - 1) {
      const size_t at = base + static_cast<size_t>(std::countr_zero(spaces));
      tokens[places[count++]] = {begin + start, at - start};
      start = at + 1;
    }
  }
  tokens[places[count++]] = {begin + start, size - start};
  return count;
}

/// The value of 1-8 decimal digits, or a number above 99999999 when one of them is none. Reads
/// eight bytes. The digits are moved to the top of the word so that missing leading ones read as
/// zero.
[[gnu::always_inline]] inline uint64_t eight_digits(const char* digits, size_t count) {
  uint64_t word;
  std::memcpy(&word, digits, sizeof word);
  const unsigned shift = static_cast<unsigned>(64 - 8 * count);
  word = (word ^ 0x3030303030303030ULL) << shift;
  if (((word + 0x7676767676767676ULL) | word) & 0x8080808080808080ULL) return UINT64_MAX;
  word = word * 10 + (word >> 8);
  return (((word & 0x000000FF000000FFULL) * 0x000F424000000064ULL) +
          (((word >> 16) & 0x000000FF000000FFULL) * 0x0000271000000001ULL)) >>
         32;
}

/// Reads a whole decimal token of a padded record.
[[gnu::always_inline]] inline bool read_number(std::string_view token, uint64_t& value) {
  const size_t size = token.size();
  if (std::endian::native != std::endian::little || size == 0 || size > 16) {
    const auto parsed = parse_int<uint64_t>(token);
    value = parsed.value_or(0);
    return parsed.has_value();
  }
  if (size <= 8) {
    value = eight_digits(token.data(), size);
    return value != UINT64_MAX;
  }
  const uint64_t high = eight_digits(token.data(), size - 8);
  const uint64_t low = eight_digits(token.data() + (size - 8), 8);
  value = high * 100'000'000 + low;
  return high != UINT64_MAX && low != UINT64_MAX;
}

/// Like read_number, with "-" (not applicable, as for ICMP ports) read as 0 and an upper bound.
template <typename Int>
bool read_small(std::string_view token, Int& value) {
  if (is(token, "-")) {
    value = 0;
    return true;
  }
  uint64_t wide = 0;
  if (!read_number(token, wide) || wide > std::numeric_limits<Int>::max()) return false;
  value = static_cast<Int>(wide);
  return true;
}

/// RFC 1918, 100.64/10, link-local, loopback, unique local.
bool is_private(const Address& address) {
  if (!address.is_v4()) {
    const auto first = static_cast<unsigned>(address.high >> 56);
    const auto second = static_cast<unsigned>(address.high >> 48) & 0xff;
    return (first & 0xfe) == 0xfc || (first == 0xfe && (second & 0xc0) == 0x80);
  }
  const auto v4 = static_cast<uint32_t>(address.low);
  return v4 >> 24 == 10 || v4 >> 20 == 0xac1 ||      // 10/8, 172.16/12
         v4 >> 16 == 0xc0a8 || v4 >> 22 == 0x191 ||  // 192.168/16, 100.64/10
         v4 >> 16 == 0xa9fe || v4 >> 24 == 127;      // 169.254/16, loopback
}

class VpcFlowDecoder : public Decoder {
 public:
  explicit VpcFlowDecoder(const event::Schema& schema) : schema_(schema) {
    event_.flow = &flow_;
    event_.logsources = 0b11;
    adopt(std::make_shared<VpcFlowLayout>(kVpcFlowDefaultHeader));
    default_layout_ = held_;
  }

  Outcome decode(const RawRecord& record, Workbench& bench, Sink& sink) override;

 private:
  /// A column that rules ask for: its place among the tokens, in the order of fields_.
  struct WantedColumn {
    uint8_t place;
    event::Value::Type type;
  };
  /// A column that says where the flow is, and the name it becomes.
  struct NameColumn {
    VpcFlowColumn column;
    std::string_view* name;
  };

  void adopt(const std::shared_ptr<const Layout>& layout);
  void adopt_names();
  void adopt_fields();
  std::string_view text(VpcFlowColumn column) const { return tokens_[column]; }
  bool has(VpcFlowColumn column) const { return tokens_[column].data() != kAbsent; }
  /// Empty for "-".
  std::string_view present(VpcFlowColumn column) const {
    const std::string_view value = text(column);
    return is(value, "-") ? std::string_view{} : value;
  }

  Outcome refuse_shape(std::string_view line, size_t count) const;
  const char* read_counters(std::string_view stamp);
  const char* read_ends();
  void read_context(const StreamContext* stream);
  void fill_fields(size_t count);

  const event::Schema& schema_;
  std::shared_ptr<const Layout> default_layout_;
  std::shared_ptr<const Layout>
      held_;  ///< keeps *layout_ alive, so that its address is its identity
  const VpcFlowLayout* layout_ = nullptr;
  std::vector<WantedColumn> wanted_;
  std::vector<NameColumn> names_;
  Places places_;
  Tokens tokens_;
  event::Fields fields_;
  event::Event event_;
  event::Flow flow_;
};

void VpcFlowDecoder::adopt(const std::shared_ptr<const Layout>& layout) {
  held_ = layout;
  layout_ = static_cast<const VpcFlowLayout*>(layout.get());
  for (size_t i = 0; i < std::size(places_); ++i)
    places_[i] = static_cast<uint8_t>(kMappedColumns + i);
  for (uint8_t column = 0; column < kMappedColumns; ++column) {
    const size_t token = layout_->token_of(static_cast<VpcFlowColumn>(column));
    if (token == 0) {
      tokens_[column] = {kAbsent, 1};
    } else {
      places_[token - 1] = column;
    }
  }
  adopt_names();
  adopt_fields();
}

void VpcFlowDecoder::adopt_names() {
  const struct {
    VpcFlowColumn column;
    std::string_view& name;
  } kNames[] = {{kAccountId, event_.account},
                {kRegion, event_.region},
                {kVpcId, flow_.vpc},
                {kInterfaceId, flow_.interface},
                {kInstanceId, event_.instance},
                {kEcsCluster, event_.cluster},
                {kEcsTask, event_.task},
                {kEcsContainer, event_.container}};
  names_.clear();
  for (const auto& [column, name] : kNames) {
    name = {};
    if (layout_->token_of(column) != 0) names_.push_back({column, &name});
  }
}

void VpcFlowDecoder::adopt_fields() {
  wanted_.clear();
  fields_.reset(schema_.size());
  for (event::Slot slot = 0; slot < schema_.size(); ++slot) {
    const std::string name = canonical_column(schema_.path(slot));
    const auto& names = layout_->names();
    const auto at = std::find(names.begin(), names.end(), name);
    if (at == names.end()) continue;
    const auto type =
        is_numeric_column(name) ? event::Value::Type::kNumber : event::Value::Type::kString;
    wanted_.push_back({places_[at - names.begin()], type});
    fields_.add(slot, type, {});
  }
}

/// Why a line with the wrong number of tokens is not a record of this layout.
Outcome VpcFlowDecoder::refuse_shape(std::string_view line, size_t count) const {
  if (line.empty()) return Outcome::skipped("empty line");
  if (is_vpc_flow_header(line)) return Outcome::skipped("header line");
  if (count > 1 &&
      (is(tokens_[places_[0]], "TransitGateway") || is(tokens_[places_[1]], "TransitGateway"))) {
    return Outcome::skipped("transit gateway record: names no workload");
  }
  return Outcome::rejected(count < layout_->columns() ? "line: fewer fields than columns"
                                                      : "line: more fields than columns");
}

/// Times, sizes and verdict. Returns what is wrong, or null.
const char* VpcFlowDecoder::read_counters(std::string_view stamp) {
  uint64_t start = 0;
  uint64_t end = 0;
  constexpr uint64_t kLatest = kLatestReadable.ns / kSecond;
  if (!has(kStart)) {
    event_.time = stamp.empty() ? Time{} : parse_rfc3339(stamp).value_or(Time{});
  } else {
    if (!read_number(text(kStart), start) || start > kLatest) return "start: not epoch seconds";
    event_.time = {static_cast<int64_t>(start) * kSecond};
  }
  event_.end = event_.time;
  if (has(kEnd)) {
    if (!read_number(text(kEnd), end) || end > kLatest) return "end: not epoch seconds";
    if (end < start) return "end: earlier than start";
    event_.end = {static_cast<int64_t>(end) * kSecond};
    if (!event_.time.known()) event_.time = event_.end;
  }
  flow_.packets = flow_.bytes = 0;
  if (has(kPackets) && !read_number(text(kPackets), flow_.packets)) {
    return "packets: not a number";
  }
  if (has(kBytes) && !read_number(text(kBytes), flow_.bytes)) {
    return "bytes: not a number";
  }
  if (!read_small(text(kProtocol), flow_.protocol)) return "protocol: not a number below 256";
  if (!read_small(text(kTcpFlags), flow_.tcp_flags)) return "tcp-flags: not a number below 256";
  const std::string_view action = text(kAction);
  flow_.accepted = !is(action, "REJECT");
  if (!is(action, "ACCEPT") && !is(action, "REJECT") && has(kAction)) {
    return "action: neither ACCEPT nor REJECT";
  }
  return nullptr;
}

/// True when the source is the client, judged by what the record itself shows.
bool source_is_client(uint8_t tcp_flags, uint16_t src_port, uint16_t dst_port, std::string_view src,
                      std::string_view dst) {
  constexpr unsigned kSyn = 2;
  constexpr unsigned kSynAck = 18;
  if ((tcp_flags & kSynAck) == kSyn) return true;
  if ((tcp_flags & kSynAck) == kSynAck) return false;
  if (src_port != dst_port) return src_port > dst_port;
  return src < dst;
}

/// Addresses, ports and which side is ours. Returns what is wrong, or null.
const char* VpcFlowDecoder::read_ends() {
  std::string_view src = text(kSrcAddr);
  std::string_view dst = text(kDstAddr);
  const std::string_view packet_src = text(kPktSrcAddr);
  const std::string_view packet_dst = text(kPktDstAddr);
  const bool translated = (!is(packet_src, "-") && packet_src != src && !is(src, "-")) ||
                          (!is(packet_dst, "-") && packet_dst != dst && !is(dst, "-"));
  if (!is(packet_src, "-")) src = packet_src;
  if (!is(packet_dst, "-")) dst = packet_dst;

  uint16_t src_port = 0;
  uint16_t dst_port = 0;
  Address src_address;
  Address dst_address;
  if (!parse_padded_address(src, src_address)) return "srcaddr: not an IP address";
  if (!parse_padded_address(dst, dst_address)) return "dstaddr: not an IP address";
  if (!read_small(text(kSrcPort), src_port)) return "srcport: not a port number";
  if (!read_small(text(kDstPort), dst_port)) return "dstport: not a port number";

  const std::string_view direction = text(kFlowDirection);
  bool source_is_local = is_private(src_address);
  const bool one_private = source_is_local != is_private(dst_address);
  flow_.orientation_known = one_private;
  if (!is(direction, "-") && !(translated && one_private)) {
    if (!is(direction, "egress") && !is(direction, "ingress")) {
      return "flow-direction: neither ingress nor egress";
    }
    source_is_local = is(direction, "egress");
    flow_.orientation_known = true;
  } else if (!one_private) {
    source_is_local = source_is_client(flow_.tcp_flags, src_port, dst_port, src, dst);
  }

  flow_.outbound = source_is_local;
  flow_.local_ip = source_is_local ? src : dst;
  flow_.remote_ip = source_is_local ? dst : src;
  flow_.local = source_is_local ? src_address : dst_address;
  flow_.remote = source_is_local ? dst_address : src_address;
  flow_.local_port = source_is_local ? src_port : dst_port;
  flow_.remote_port = source_is_local ? dst_port : src_port;
  flow_.aws_service = present(source_is_local ? kPktDstService : kPktSrcService);
  return nullptr;
}

void VpcFlowDecoder::read_context(const StreamContext* stream) {
  event_.account = event_.region = {};
  for (const auto& [column, name] : names_)
    *name = present(column);
  if (is(event_.account, "unknown")) event_.account = {};
  if (stream != nullptr) {
    if (event_.account.empty()) event_.account = stream->account_hint;
    if (event_.region.empty()) event_.region = stream->region_hint;
    event_.ref.source = stream->source;
  }
}

void VpcFlowDecoder::fill_fields(size_t count) {
  uint32_t index = 0;
  for (const WantedColumn& column : wanted_) {
    const std::string_view value = tokens_[column.place];
    fields_.replace(index++, is(value, "-") ? event::Value::Type::kNull : column.type, value);
  }
  if (!schema_.all_values()) return;
  fields_.forget_all_values();
  for (size_t i = 0; i < count; ++i) {
    const std::string_view value = tokens_[places_[i]];
    if (!is(value, "-")) fields_.add_any(value);
  }
}

Outcome VpcFlowDecoder::decode(const RawRecord& record, Workbench&, Sink& sink) {
  const StreamContext* const stream = record.stream;
  const auto& layout =
      stream != nullptr && stream->layout != nullptr ? stream->layout : default_layout_;
  if (layout != held_) adopt(layout);

  std::string_view stamp;
  const std::string_view line = vpc_flow_line(record.bytes, stamp);
  const size_t count = cut(line, places_, tokens_);
  if (count != layout_->columns()) return refuse_shape(line, count);
  if (layout_->transit_gateway()) {
    return is_vpc_flow_header(line) ? Outcome::skipped("header line")
                                    : Outcome::skipped("transit gateway record: names no workload");
  }

  const std::string_view status = text(kLogStatus);
  if (!is(status, "OK")) {
    if (is(status, "NODATA") ||
        (is(status, "-") && is(text(kSrcAddr), "-") && is(text(kBytes), "-"))) {
      return Outcome::skipped("NODATA");
    }
    if (is(status, "SKIPDATA")) return Outcome::skipped("SKIPDATA: records lost by AWS");
    if (is_vpc_flow_header(line)) return Outcome::skipped("header line");
    if (!is(status, "-")) return Outcome::rejected("log-status: not OK, NODATA or SKIPDATA");
  }
  const bool has_ends = (has(kSrcAddr) || has(kPktSrcAddr)) && (has(kDstAddr) || has(kPktDstAddr));
  const char* fault = read_counters(stamp);
  if (fault == nullptr && has_ends) fault = read_ends();
  if (fault != nullptr) {
    return is_vpc_flow_header(line) ? Outcome::skipped("header line") : Outcome::rejected(fault);
  }

  read_context(stream);
  event_.flow = has_ends ? &flow_ : nullptr;
  event_.ref.offset = record.offset;
  event_.key = hash128(line);
  fill_fields(count);
  sink.emit(event_, fields_);
  return Outcome::decoded();
}

bool looks_like_text(const TextProbe& probe) {
  for (std::string_view line : probe.lines) {
    std::string_view stamp;
    line = vpc_flow_line(line, stamp);
    if (line.empty()) continue;
    return is_vpc_flow_header(line) || is_vpc_flow_default_line(line);
  }
  return false;
}

/// The first header among the lines counts: asked again at a header in mid-stream, the probe starts
/// there. Without one it is the default layout.
std::shared_ptr<const Layout> read_layout(const TextProbe& probe) {
  for (std::string_view line : probe.lines) {
    std::string_view stamp;
    line = vpc_flow_line(line, stamp);
    if (is_vpc_flow_header(line)) return std::make_shared<VpcFlowLayout>(line);
  }
  return std::make_shared<VpcFlowLayout>(kVpcFlowDefaultHeader);
}

void declare_fields(event::Schema&) {}  // the event mapping reads columns, not slots

/// Sigma's firewall taxonomy, and AWS names written with '_'.
void resolve_field(std::string_view sigma_field, std::vector<std::string>& paths) {
  constexpr std::pair<std::string_view, std::string_view> kFirewallNames[] = {
      {"src-ip", "srcaddr"},           {"dst-ip", "dstaddr"},    {"src-port", "srcport"},
      {"dst-port", "dstport"},         {"source-ip", "srcaddr"}, {"destination-ip", "dstaddr"},
      {"direction", "flow-direction"},
  };
  std::string name = canonical_column(sigma_field);
  for (const auto& [alias, column] : kFirewallNames) {
    if (name == alias) name = column;
  }
  paths.push_back(std::move(name));
}

std::unique_ptr<Decoder> make_decoder(const event::Schema& schema) {
  return std::make_unique<VpcFlowDecoder>(schema);
}

constexpr event::Logsource kLogsources[] = {{"", "aws", "vpcflow"}, {"firewall", "", ""}};

}  // namespace

const Format kVpcFlow = {
    .name = "vpc_flow",
    .title = "Amazon VPC flow logs",
    .framing = Framing::kLines,
    .logsources = kLogsources,
    .looks_like_text = looks_like_text,
    .read_layout = read_layout,
    .declare_fields = declare_fields,
    .resolve_field = resolve_field,
    .make_decoder = make_decoder,
};

}  // namespace davy::decode
