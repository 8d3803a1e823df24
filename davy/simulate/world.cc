// SPDX-License-Identifier: Apache-2.0
#include "davy/simulate/world.h"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "davy/base/hash.h"
#include "davy/base/text.h"

namespace davy::simulate {
namespace {

struct RegionInfo {
  std::string_view name;
  std::string_view zone_id;  ///< of the first zone
};
// AWS region and availability-zone ids, as published.
constexpr RegionInfo kRegions[] = {
    {"us-east-1", "use1-az1"},       {"us-east-2", "use2-az1"},
    {"us-west-1", "usw1-az1"},       {"us-west-2", "usw2-az1"},
    {"eu-west-1", "euw1-az1"},       {"eu-west-2", "euw2-az1"},
    {"eu-central-1", "euc1-az1"},    {"ap-southeast-1", "apse1-az1"},
    {"ap-southeast-2", "apse2-az1"}, {"ap-northeast-1", "apne1-az1"},
    {"ap-south-1", "aps1-az1"},      {"ca-central-1", "cac1-az1"},
    {"eu-north-1", "eun1-az1"},
};

// Families before Nitro (Xen): flow records every ten minutes.
constexpr std::string_view kXenFamilies[] = {"t2.", "m4.", "c4.", "r4.", "p3."};

size_t region_index(std::string_view region) {
  const auto place = std::find_if(std::begin(kRegions), std::end(kRegions),
                                  [&](const RegionInfo& info) { return info.name == region; });
  return static_cast<size_t>(place - std::begin(kRegions));
}

size_t account_index(std::string_view account) {
  return static_cast<size_t>(std::find(std::begin(kAccounts), std::end(kAccounts), account) -
                             std::begin(kAccounts));
}

}  // namespace

std::string_view month_name(Time time) {
  static constexpr std::string_view kNames[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  return kNames[parse_int<size_t>(to_date(time).substr(5, 2)).value_or(1) - 1];
}

DurationNs Machine::flow_window() const {
  const bool xen = std::any_of(std::begin(kXenFamilies), std::end(kXenFamilies),
                               [&](std::string_view family) { return type.starts_with(family); });
  return xen ? 10 * kMinute : kMinute;
}

bool World::is_weekday(int day) const {
  const int64_t since_thursday = (at(day, 0).ns / kDay) % 7;  // 1970-01-01 was a Thursday
  return since_thursday != 2 && since_thursday != 3;
}

uint64_t World::scaled(uint64_t count) const {
  return std::max<uint64_t>(1, count * scale_per_mille / 1000);
}

Network& World::network(std::string_view account, std::string_view region) {
  for (Network& known : networks) {
    if (known.account == account && known.region == region) return known;
  }
  Rng rng(seed, fmt::format("network/{}/{}", account, region));
  const size_t index = region_index(region);
  Network& made = networks.emplace_back();
  made.account = account;
  made.region = region;
  made.vpc = "vpc-0" + rng.hex(16);
  made.subnet = "subnet-0" + rng.hex(16);
  made.zone = made.region + 'a';
  made.zone_id = kRegions[index].zone_id;
  made.prefix = fmt::format("10.{}", 16 + account_index(account) * std::size(kRegions) + index);
  made.flow_log = "fl-0" + rng.hex(16);
  made.version_5 = account == kProduction;
  return made;
}

Machine& World::add_machine(Rng& rng, Network& network, std::string_view type,
                            std::string_view name, Time launched) {
  const uint32_t host = network.next_host++;
  Machine& made = machines.emplace_back();
  made.id = "i-0" + rng.hex(16);
  made.type = type;
  made.image = "ami-0" + to_hex(hash64(network.region));  // one image a region
  made.interface = "eni-0" + rng.hex(16);
  made.private_ip = fmt::format("{}.{}.{}", network.prefix, host / 240 % 256, 10 + host % 240);
  const uint64_t address = rng.next();
  made.public_ip =
      fmt::format("54.{}.{}.{}", 144 + address % 99, address >> 8 & 255, 1 + (address >> 16) % 254);
  made.name = name;
  made.network = &network;
  made.launched = launched;
  return made;
}

}  // namespace davy::simulate
