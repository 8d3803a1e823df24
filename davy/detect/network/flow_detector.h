// SPDX-License-Identifier: Apache-2.0
// The network flow detector: FlowSummary and its judge behind the Detector face.
#pragma once

#include "davy/detect/detector.h"
#include "davy/detect/network/flow_judge.h"

namespace davy::detect {

/// `intel` outlives every detector and is shared by the detectors of one scan.
class FlowDetector : public Detector {
 public:
  explicit FlowDetector(const intel::Intel& intel);
  FlowDetector(const FlowDetector&) = delete;  // summary_ refers to interest_
  FlowDetector& operator=(const FlowDetector&) = delete;

  std::string_view name() const override { return "network_flows"; }
  unsigned reads() const override { return kFlows; }
  void observe(const event::Event& event) override { summary_.observe(event); }
  void merge(Detector& other) override;
  void judge(const JudgeContext& context, std::vector<Detection>& out) const override;

  /// See LongFlow.
  std::vector<LongFlow> long_flows() const { return detect::long_flows(summary_, interest_); }

 private:
  FlowInterest interest_;
  FlowSummary summary_;
};

}  // namespace davy::detect
