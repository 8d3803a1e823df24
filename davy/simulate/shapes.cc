// SPDX-License-Identifier: Apache-2.0
// The minute-by-minute shapes of traffic.h.
#include "davy/simulate/traffic.h"

namespace davy::simulate {
namespace {

constexpr uint64_t kBareAck = 52;  ///< IP 20, TCP 20, timestamp option 12

/// Packets that carry nothing but an acknowledgement.
Volume bare(uint32_t out, uint32_t in) {
  return {out, in, out * kBareAck, in * kBareAck};
}

int64_t hour_of_day(Time time) {
  return time.ns % kDay / kHour;
}

}  // namespace

// Sizes and rates as measured on real sessions of XMRig: job 282-420 B, share 234-290 B, answer
// 103-120 B, a keepalive every 60 s; shares and jobs each about once a minute.
Volume stratum_minute(Time /*minute*/, Rng& rng) {
  Volume volume = bare(1, 1);
  const uint32_t jobs = 1 + rng.poisson(500);
  for (uint32_t i = 0; i < jobs; ++i) {
    const auto job = static_cast<uint64_t>(rng.between(300, 420));
    volume += {1, 1, kBareAck, job};
  }
  const uint32_t shares = rng.poisson(1100);
  for (uint32_t i = 0; i < shares; ++i) {
    const auto share = static_cast<uint64_t>(rng.between(234, 290));
    const auto answer = static_cast<uint64_t>(rng.between(103, 120));
    volume += {2, 1, share + kBareAck, answer};
  }
  return volume;
}

Volume websocket_minute(Time minute, Rng& rng) {
  Volume volume{4, 4, 2 * (kBareAck + 6) + 2 * kBareAck, 2 * (kBareAck + 2) + 2 * kBareAck};
  if (hour_of_day(minute) >= 8 && rng.chance(150)) {
    const auto message = static_cast<uint64_t>(rng.between(80, 1400));
    volume += {1, 1, kBareAck, kBareAck + message};
  }
  return volume;
}

Volume push_feed_minute(Time minute, Rng& rng) {
  const int64_t hour = hour_of_day(minute);
  Volume volume{2, 2, kBareAck + 6 + kBareAck, kBareAck + 2 + kBareAck};
  const uint32_t messages = rng.poisson(hour >= 13 && hour < 23 ? 9000 : 2400);
  for (uint32_t i = 0; i < messages; ++i) {
    const auto message = static_cast<uint64_t>(rng.between(110, 430));
    volume += {1, 1, kBareAck, kBareAck + message};
  }
  return volume;
}

Volume ssh_keepalive_minute(Time /*minute*/, Rng& rng) {
  Volume volume{2, 2, kBareAck + 44 + kBareAck, kBareAck + 44 + kBareAck};
  if (rng.chance(120)) {  // somebody types
    const auto keys = static_cast<uint32_t>(rng.between(10, 60));
    volume += {keys, keys, keys * 150ULL, keys * 88ULL};
  }
  return volume;
}

Volume agent_minute(Time /*minute*/, Rng& rng) {
  Volume volume;
  for (int flush = 0; flush < 4; ++flush) {
    const auto payload = static_cast<uint64_t>(rng.around(5200, 1800));
    volume += {5, 3, payload + 5 * kBareAck, 3 * kBareAck + 190};
  }
  return volume;
}

Volume database_minute(Time minute, Rng& rng) {
  const int64_t hour = hour_of_day(minute);
  const uint64_t per_minute = hour >= 13 && hour < 23 ? 38000 : 4000;  // 8 to 18 in New York
  Volume volume;
  const uint32_t queries = rng.poisson(per_minute);
  for (uint32_t i = 0; i < queries; ++i) {
    const auto rows = static_cast<uint64_t>(rng.between(90, 5200));
    const auto packets = static_cast<uint32_t>(1 + rows / 1400);
    volume +=
        {1 + packets / 2, packets, 180 + kBareAck * (1 + packets / 2), rows + kBareAck * packets};
  }
  return volume;
}

Volume kafka_minute(Time minute, Rng& rng) {
  Volume volume = bare(0, 0);
  const uint64_t batch = hour_of_day(minute) >= 12 ? 2600 : 700;
  for (int fetch = 0; fetch < 120; ++fetch) {
    const uint64_t records = rng.exponential(batch);
    const auto packets = static_cast<uint32_t>(1 + records / 1400);
    volume += {2, packets, 138 + kBareAck, records + packets * kBareAck + 40};
  }
  return volume;
}

Volume mqtt_minute(Time /*minute*/, Rng& rng) {
  Volume volume{2, 1, kBareAck + 2 + kBareAck, kBareAck + 2};
  if (rng.chance(200)) volume += {1, 1, kBareAck + 61, kBareAck + 4};
  return volume;
}

Volume grpc_minute(Time /*minute*/, Rng& rng) {
  Volume volume{12, 12, 6 * (kBareAck + 17) + 6 * kBareAck, 6 * (kBareAck + 17) + 6 * kBareAck};
  const uint32_t calls = rng.poisson(3000);
  for (uint32_t i = 0; i < calls; ++i) {
    const auto reply = static_cast<uint64_t>(rng.between(200, 20000));
    const auto packets = static_cast<uint32_t>(1 + reply / 1400);
    volume +=
        {2 + packets / 2, packets, 420 + kBareAck * (2 + packets / 2), reply + packets * kBareAck};
  }
  return volume;
}

}  // namespace davy::simulate
