// SPDX-License-Identifier: Apache-2.0
#include "davy/detect/network/flow_cell.h"

#include <algorithm>

namespace davy::detect {
namespace {

// One word a minute and direction: packets above bytes.
constexpr unsigned kByteBits = 40;
constexpr uint64_t kMaxBytes = (uint64_t{1} << kByteBits) - 1;
constexpr uint64_t kMaxPackets = (uint64_t{1} << (64 - kByteBits)) - 1;

uint64_t pack(MinuteTotals totals) {
  return std::min(totals.packets, kMaxPackets) << kByteBits | std::min(totals.bytes, kMaxBytes);
}

MinuteTotals unpack(uint64_t word) {
  return {word & kMaxBytes, word >> kByteBits};
}

}  // namespace

void PortSet::add(uint16_t port) {
  if (count_ == kSize && port > ports_[kSize - 1]) {  // most of a busy service's
    more_ = true;
    return;
  }
  uint16_t* const end = ports_.data() + count_;
  uint16_t* const at = std::lower_bound(ports_.data(), end, port);
  if (at != end && *at == port) return;
  if (count_ == kSize) {
    more_ = true;
    std::copy_backward(at, end - 1, end);
  } else {
    std::copy_backward(at, end, end + 1);
    ++count_;
  }
  *at = port;
}

void PortSet::merge(const PortSet& other) {
  for (size_t i = 0; i < other.count_; ++i)
    add(other.ports_[i]);
  more_ |= other.more_;
}

size_t FlowCell::position(Direction direction, unsigned minute) const {
  const uint64_t below = (uint64_t{1} << minute) - 1;
  const int out = std::popcount(
      filled[kOut] & (below << (direction == kIn) | static_cast<uint64_t>(direction == kIn)));
  const int in = std::popcount(filled[kIn] & below);
  return static_cast<size_t>(out) + static_cast<size_t>(in);
}

void FlowCell::add_totals(Direction direction, unsigned minute, MinuteTotals added) {
  const uint64_t bit = uint64_t{1} << minute;
  const size_t at = position(direction, minute);
  touched[direction] |= bit;
  if ((filled[direction] & bit) == 0) {
    filled[direction] |= bit;
    totals.insert(totals.begin() + static_cast<std::ptrdiff_t>(at), pack(added));
    return;
  }
  const MinuteTotals held = unpack(totals[at]);
  totals[at] = pack({std::max(held.bytes, added.bytes), std::max(held.packets, added.packets)});
}

MinuteTotals FlowCell::at(Direction direction, unsigned minute) const {
  if ((filled[direction] >> minute & 1) == 0) return {};
  return unpack(totals[position(direction, minute)]);
}

void FlowCell::add_mark(const RecordMark& mark) {
  if (!first.time.known() || mark < first) first = mark;
  // Of copies of one record the first place counts, at both ends.
  const auto later = std::tie(mark.time, mark.key) <=> std::tie(last.time, last.key);
  if (later > 0 || (later == 0 && mark.ref < last.ref)) last = mark;
}

void FlowCell::merge(const FlowCell& other) {
  for (const Direction direction : {kOut, kIn}) {
    for (uint64_t left = other.filled[direction]; left != 0; left &= left - 1) {
      const auto minute = static_cast<unsigned>(std::countr_zero(left));
      add_totals(direction, minute, other.at(direction, minute));
    }
    touched[direction] |= other.touched[direction];
    tcp_flags[direction] = static_cast<uint8_t>(tcp_flags[direction] | other.tcp_flags[direction]);
  }
  rejected |= other.rejected;
  if (other.first.time.known()) {
    add_mark(other.first);
    add_mark(other.last);
  }
  local_ports.merge(other.local_ports);
  known_address |= other.known_address;
  aws_owned |= other.aws_owned;
  spread |= other.spread;
}

}  // namespace davy::detect
