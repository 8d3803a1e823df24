// SPDX-License-Identifier: Apache-2.0
// The face of a detector written in C++ (a detector exists only where a Sigma rule cannot say it).
//
// A detector adds events to a summary and judges the finished summary. **observe() and merge() must
// be commutative, associative and idempotent per record**, so that file order, threads, chunking
// and duplicated input cannot change what is found. Sets, minima, maxima and OR-ed bitmaps have
// that property; plain sums do not.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "davy/detect/detection.h"
#include "davy/event/event.h"
#include "davy/intel/intel.h"

namespace davy::summary {
class EntityLinks;
}
namespace davy::impact {
class PriceTable;
}

namespace davy::detect {

/// Payloads of event::Event, for Detector::reads().
enum Payload : uint8_t {
  kApiCalls = 1,
  kFlows = 2,
  kDnsQueries = 4,
  kProcesses = 8,
  kMetrics = 16,
  kHostChanges = 32,
  kConnections = 64,
  kAllPayloads =
      kApiCalls | kFlows | kDnsQueries | kProcesses | kMetrics | kHostChanges | kConnections,
};

/// What judging may consult besides the detector's own summary.
struct JudgeContext {
  const intel::Intel& intel;
  const summary::EntityLinks& links;  ///< who launched what, which address is which instance
  const impact::PriceTable& prices;
  std::vector<std::string>& notes;  ///< degradations to tell the user ("flow summaries sampled: …")
};

class Detector {
 public:
  virtual ~Detector() = default;
  virtual std::string_view name() const = 0;
  /// Payloads, OR-ed: events without any of them are not shown to it.
  virtual unsigned reads() const = 0;
  virtual void observe(const event::Event& event) = 0;
  /// `other` has the same dynamic type and is not used afterwards.
  virtual void merge(Detector& other) = 0;
  /// Appends finished detections in a deterministic order.
  virtual void judge(const JudgeContext& context, std::vector<Detection>& out) const = 0;
};

}  // namespace davy::detect
