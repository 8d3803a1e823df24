// SPDX-License-Identifier: Apache-2.0
// Does a run of traffic look like a Stratum session? Byte and packet counts a minute decide; port,
// payload and name play no part, so TLS and unknown pools are seen too.
//
// Bounds: measured on captures of real mining sessions of 2018-2026 (docs/detectors/
// stratum_envelope.md lists them with what each excludes).
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "davy/detect/network/flow_service.h"

namespace davy::detect {

/// What is measured of a run.
struct SessionShape {
  double minutes = 0;  ///< from first to last minute
  double out_packets_per_minute = 0;
  double in_packets_per_minute = 0;
  double out_bytes_per_minute = 0;
  double in_bytes_per_minute = 0;
  double out_bytes_per_packet = 0;
  double in_bytes_per_packet = 0;
  double busy_minutes = 0;      ///< fraction of minutes with traffic
  double fitting_windows = 0;   ///< fraction of ten-minute windows whose rates are inside
  double window_variation = 0;  ///< larger coefficient of variation of bytes over those windows
  double minute_variation = 0;  ///< likewise over minutes; 1 where records span several minutes
  double reconnects_per_hour = 0;
};

struct EnvelopeBound {
  std::string_view name;  ///< as the detector's page and a verdict name it
  double SessionShape::* measure;
  double low;
  double high;
};

std::span<const EnvelopeBound> stratum_envelope();

SessionShape session_shape(const FlowRun& run, const FlowService& service);

/// The first bound the shape breaks, or null when it is inside all.
const EnvelopeBound* broken_bound(const SessionShape& shape);

/// Minutes a run must last to be shown as supporting evidence, and to be reported by itself.
inline constexpr double kSupportingMinutes = 5;
inline constexpr double kAlertMinutes = 20;

/// Ports whose usual protocol keeps the same rhythm as a miner, or that cannot be told from one.
bool is_look_alike_port(uint16_t port);

}  // namespace davy::detect
