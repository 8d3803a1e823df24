// SPDX-License-Identifier: Apache-2.0
#include "davy/decode/testing.h"

#include "davy/base/text.h"
#include "davy/decode/json_cutter.h"

namespace davy::decode::testing {
namespace {

class CheckingSink final : public Sink {
 public:
  CheckingSink(const Check& check, const Catalog& catalog, const Workbench& bench, Decoded& decoded)
      : check_(check), catalog_(catalog), bench_(bench), decoded_(decoded) {}
  void emit(const event::Event& event, const event::Fields& fields) override {
    decoded_.formats.emplace_back(catalog_.format(bench_.running_format()).name);
    check_(event, fields);
  }

 private:
  const Check& check_;
  const Catalog& catalog_;
  const Workbench& bench_;
  Decoded& decoded_;
};

void note(const Outcome& outcome, Decoded& decoded) {
  if (outcome.verdict == Outcome::Verdict::kSkipped) decoded.skipped.emplace_back(outcome.reason);
  if (outcome.verdict == Outcome::Verdict::kRejected) decoded.rejected.emplace_back(outcome.reason);
}

}  // namespace

Decoded decode_stream(std::string_view bytes, const Check& check) {
  std::string padded(bytes);
  padded.resize(bytes.size() + RawRecord::kPadding);
  const std::string_view data(padded.data(), bytes.size());
  const Catalog catalog(PlainJson::kReject);
  Workbench bench(catalog);
  Decoded decoded;
  CheckingSink sink(check, catalog, bench, decoded);
  const StreamContext stream;
  if (data.empty() || (data.front() != '{' && data.front() != '[')) {
    note(bench.decode_text(data, {data, 0, &stream}, sink), decoded);
    return decoded;
  }
  JsonCutter cutter;
  CutResult cuts;
  cutter.cut(data, true, cuts);
  for (const CutReject& reject : cuts.rejects)
    decoded.rejected.emplace_back(reject.reason);
  for (const Cut& cut : cuts.records) {
    note(bench.decode_json({data.substr(cut.begin, cut.length), cut.begin, &stream}, sink),
         decoded);
  }
  return decoded;
}

}  // namespace davy::decode::testing
