// SPDX-License-Identifier: Apache-2.0
// A batch decoded record by record: the one way for everybody who reads streams, so that a line
// with several values, and what is no value in it, count alike everywhere.
//
//   decode_batch(batch, [&](const RawRecord& record) { return decode_one(batch, bench, record,
//   sink); },
//                [&](const Outcome& outcome, uint64_t offset) { … });
#pragma once

#include "davy/decode/json_framing.h"
#include "davy/decode/workbench.h"
#include "davy/pipeline/record_stream.h"

namespace davy::pipeline {

inline decode::Outcome decode_one(const Batch& batch, decode::Workbench& bench,
                                  const decode::RawRecord& record, decode::Sink& sink) {
  return batch.is_json ? bench.decode_json(record, sink)
                       : bench.decode_as(batch.format, record, sink);
}

/// Calls `read(record)` for every record, and `note(outcome, offset)` for what became of each and
/// of everything that was none.
template <typename Read, typename Note>
void decode_batch(const Batch& batch, Read read, Note note) {
  for (const BatchReject& reject : batch.rejects)
    note(decode::Outcome::rejected(reject.reason), reject.offset);
  for (const decode::Cut& cut : batch.records) {
    const decode::RawRecord record{{batch.buffer.data() + cut.begin, cut.length},
                                   batch.offset + cut.begin,
                                   batch.stream.get()};
    const decode::Outcome outcome = read(record);
    if (outcome.reason != decode::kTrailingContent) {
      note(outcome, record.offset);
      continue;
    }
    decode::CutResult values;
    decode::cut_values(record.bytes, values);
    for (const decode::Cut& value : values.records) {
      const decode::RawRecord one{record.bytes.substr(value.begin, value.length),
                                  record.offset + value.begin, record.stream};
      note(read(one), one.offset);
    }
    for (const decode::CutReject& reject : values.rejects)
      note(decode::Outcome::rejected(reject.reason), record.offset + reject.begin);
  }
}

}  // namespace davy::pipeline
