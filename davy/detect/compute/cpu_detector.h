// SPDX-License-Identifier: Apache-2.0
// CPU metrics behind the Detector face: cpu_plateau and cpu_record detections, one of each kind per
// machine at most. docs/detectors/cpu_plateau.md and cpu_record.md say what they mean.
#pragma once

#include "davy/detect/compute/cpu_series.h"
#include "davy/detect/detector.h"

namespace davy::detect {

class CpuDetector : public Detector {
 public:
  explicit CpuDetector(size_t max_series = CpuSummary::kMaxSeries) : summary_(max_series) {}

  std::string_view name() const override { return "cpu_metrics"; }
  unsigned reads() const override { return kMetrics; }
  void observe(const event::Event& event) override { summary_.observe(event); }
  void merge(Detector& other) override {
    summary_.merge(static_cast<CpuDetector&>(other).summary_);
  }
  void judge(const JudgeContext& context, std::vector<Detection>& out) const override;

 private:
  CpuSummary summary_;
};

/// The judgement alone; `links` tell types, accounts and launchers of instances where known.
void judge_cpu(const CpuSummary& summary, const summary::EntityLinks& links,
               std::vector<std::string>& notes, std::vector<Detection>& out);

}  // namespace davy::detect
