// SPDX-License-Identifier: Apache-2.0
// Flow log text: recognition, layout, decoding, summarising and judging must survive any bytes. The
// input is a small log; a line that begins with a letter may be a header, as in a real stream.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "davy/base/text.h"
#include "davy/decode/vpc_flow.h"
#include "davy/detect/network/flow_judge.h"

namespace {

class SummarySink : public davy::decode::Sink {
 public:
  explicit SummarySink(davy::detect::FlowSummary& summary) : summary_(summary) {}
  void emit(const davy::event::Event& event, const davy::event::Fields& fields) override {
    if (event.end < event.time || fields.all_values().empty()) std::abort();
    summary_.observe(event);
  }

 private:
  davy::detect::FlowSummary& summary_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace davy;  // NOLINT(google-build-using-namespace): a program's only function
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  event::Schema schema;
  schema.add("dstport");
  schema.want_all_values();
  const auto decoder = decode::kVpcFlow.make_decoder(schema);
  detect::FlowInterest interest;
  interest.mining_ports.set(3333);
  detect::FlowSummary summary(interest, {16, 16});
  SummarySink sink(summary);
  alignas(std::max_align_t) char place[1];  // line formats leave the workbench alone
  auto& bench = reinterpret_cast<decode::Workbench&>(place);

  decode::StreamContext stream;
  for (const std::string_view line : split(text, '\n')) {
    const decode::TextProbe probe{{line}, ""};
    if (decode::kVpcFlow.looks_like_text(probe))
      stream.layout = decode::kVpcFlow.read_layout(probe);
    std::string padded(line);
    padded.append(decode::RawRecord::kPadding, '\0');
    decoder->decode({std::string_view(padded).substr(0, line.size()), 0, &stream}, bench, sink);
  }
  std::vector<std::string> notes;
  std::vector<detect::Detection> detections;
  detect::judge_flows(summary, interest, {}, notes, detections);
  return 0;
}
