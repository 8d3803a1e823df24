// SPDX-License-Identifier: Apache-2.0
// What is remembered of the flows between one workload and one remote service in one hour.
//
// Every member merges by maximum, OR or set union: a record seen twice changes nothing and order
// does not matter. The price: when several connections run to one service at once, a minute holds
// the largest of them, not their sum. A single connection is exact.
#pragma once

#include <array>
#include <bit>
#include <compare>
#include <cstdint>
#include <tuple>
#include <vector>

#include "davy/base/hash.h"
#include "davy/base/time.h"
#include "davy/detect/network/address.h"
#include "davy/event/event.h"

namespace davy::detect {

enum Direction : uint8_t { kOut, kIn };  ///< seen from the workload

/// The record at one end of a span of time, told apart from others of the same second by its key:
/// both halves of the record's hash, folded.
struct RecordMark {
  Time time;
  uint64_t key = 0;
  event::RecordRef ref;
  auto operator<=>(const RecordMark&) const = default;
};

/// The smallest `kSize` distinct ports, and whether there were more.
class PortSet {
 public:
  static constexpr size_t kSize = 16;

  void add(uint16_t port);
  void merge(const PortSet& other);
  size_t count() const { return count_; }
  bool more() const { return more_; }
  uint16_t operator[](size_t i) const { return ports_[i]; }

 private:
  std::array<uint16_t, kSize> ports_{};
  uint8_t count_ = 0;
  bool more_ = false;
};

/// Bytes and packets one way in one minute; saturating at 1 TiB and 16.7 million.
struct MinuteTotals {
  uint64_t bytes = 0;
  uint64_t packets = 0;
};

struct FlowCell {
  struct Key {
    Address local;
    Address remote;
    uint64_t context = 0;  ///< hash of account, region, VPC, interface and instance
    uint64_t service = 0;  ///< hash of all but the hour: a service is kept with all its hours
    int32_t hour = 0;      ///< since 1970
    uint16_t port = 0;     ///< the remote service's; 0 when the remote is the client
    uint8_t protocol = 0;
    bool notable = false;  ///< mining port or known address: kept before others

    bool operator==(const Key& o) const {
      return service == o.service && hour == o.hour && remote == o.remote && local == o.local &&
             port == o.port && context == o.context && protocol == o.protocol;
    }
    auto rank() const {
      return std::tuple(!notable, service, hour, remote, local, context, port, protocol);
    }
    uint64_t hash() const { return hash_combine(service, static_cast<uint64_t>(hour)); }
  };

  Key key;
  std::array<uint64_t, 2> filled{};   ///< bit m: minute m has totals, per direction
  std::array<uint64_t, 2> touched{};  ///< bit m: a record's span covers minute m
  uint64_t rejected = 0;              ///< bit m: a refused record in minute m
  std::vector<uint64_t> totals;       ///< one a filled bit, by minute, out before in
  RecordMark first;
  RecordMark last;
  PortSet local_ports;
  std::array<uint8_t, 2> tcp_flags{};
  bool known_address = false;
  bool aws_owned = false;  ///< the record names an AWS service that no customer can run
  bool spread = false;     ///< a record of several minutes was spread evenly over them

  void add_totals(Direction direction, unsigned minute, MinuteTotals totals);
  MinuteTotals at(Direction direction, unsigned minute) const;
  void add_mark(const RecordMark& mark);
  void merge(const FlowCell& other);

 private:
  size_t position(Direction direction, unsigned minute) const;
};

}  // namespace davy::detect
