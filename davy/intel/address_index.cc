// SPDX-License-Identifier: Apache-2.0
#include "davy/intel/address_index.h"

#include <algorithm>

namespace davy::intel {
namespace {

uint32_t next(uint32_t address) {
  return address + 1;
}
Address next(Address address) {
  return {address.high + (address.low == UINT64_MAX ? 1 : 0), address.low + 1};
}

template <typename Key>
struct Interval {
  Key first;
  Key last;
  int32_t value;
};

/// Cuts nested intervals (CIDR blocks never overlap otherwise) into pieces in ascending order.
template <typename Key>
void flatten(std::vector<Interval<Key>> intervals, std::vector<Key>& starts,
             std::vector<int32_t>& values) {
  std::sort(intervals.begin(), intervals.end(), [](const auto& a, const auto& b) {
    if (a.first != b.first) return a.first < b.first;
    if (a.last != b.last) return a.last > b.last;
    return a.value > b.value;
  });
  starts.assign(1, Key{});
  values.assign(1, AddressIndex::kNone);
  const auto begin_piece = [&](Key start, int32_t value) {
    if (starts.back() == start) {
      values.back() = value;
    } else {
      starts.push_back(start);
      values.push_back(value);
    }
  };
  std::vector<Interval<Key>> open;
  const auto close_innermost = [&] {
    const Key after = next(open.back().last);
    open.pop_back();
    if (after != Key{}) begin_piece(after, open.empty() ? AddressIndex::kNone : open.back().value);
  };
  for (const auto& interval : intervals) {
    while (!open.empty() && open.back().last < interval.first)
      close_innermost();
    begin_piece(interval.first, interval.value);
    open.push_back(interval);
  }
  while (!open.empty())
    close_innermost();
}

}  // namespace

AddressIndex::AddressIndex(std::vector<Block> blocks) {
  std::vector<Interval<uint32_t>> v4;
  std::vector<Interval<Address>> v6;
  for (const auto& [range, value] : blocks) {
    if (range.first.is_v4() && range.last.is_v4()) {
      v4.push_back(
          {static_cast<uint32_t>(range.first.low), static_cast<uint32_t>(range.last.low), value});
    } else {
      v6.push_back({range.first, range.last, value});
    }
  }
  flatten(std::move(v4), starts_v4_, values_v4_);
  flatten(std::move(v6), starts_v6_, values_v6_);

  first_piece_.resize((1u << 16) + 1, static_cast<uint32_t>(starts_v4_.size()));
  for (uint32_t block = 0, piece = 0; block < 1u << 16; ++block) {
    while (piece < starts_v4_.size() && starts_v4_[piece] < block << 16)
      ++piece;
    first_piece_[block] = piece;
  }
}

int32_t AddressIndex::find_v4(uint32_t address) const {
  const auto from = starts_v4_.begin() + first_piece_[address >> 16];
  const auto to = starts_v4_.begin() + first_piece_[(address >> 16) + 1];
  // starts_v4_[0] is 0, so there is always a piece at or before the address.
  const auto after = std::upper_bound(from, to, address);
  return values_v4_[static_cast<size_t>(after - starts_v4_.begin()) - 1];
}

int32_t AddressIndex::find(std::string_view text) const {
  if (const auto v4 = parse_ipv4(text)) return starts_v4_.empty() ? kNone : find_v4(*v4);
  const auto address = parse_address(text);
  return address ? find(*address) : kNone;
}

int32_t AddressIndex::find(const Address& address) const {
  if (starts_v4_.empty()) return kNone;
  if (address.is_v4()) return find_v4(static_cast<uint32_t>(address.low));
  const auto after = std::upper_bound(starts_v6_.begin(), starts_v6_.end(), address);
  return values_v6_[static_cast<size_t>(after - starts_v6_.begin()) - 1];
}

}  // namespace davy::intel
