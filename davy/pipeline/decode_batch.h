// SPDX-License-Identifier: Apache-2.0
// A batch decoded record by record: the one way for everybody who reads streams, so that a line
// with several values, and what is no value in it, count alike everywhere.
//
//   decode_batch(batch,
//                [&](const RawRecord& record, const Run& run) {
//                  return decode_one(run, bench, record, sink);
//                },
//                [&](const Outcome& outcome, uint64_t offset) { … });
#pragma once

#include "davy/decode/json_framing.h"
#include "davy/decode/workbench.h"
#include "davy/pipeline/record_stream.h"

namespace davy::pipeline {

inline decode::Outcome decode_one(const Run& run, decode::Workbench& bench,
                                  const decode::RawRecord& record, decode::Sink& sink) {
  return run.text_format ? bench.decode_line(*run.text_format, record, sink)
                         : bench.decode_json(record, sink);
}

/// Calls `read(record, run)` for every record, and `note(outcome, offset)` for what became of each
/// and of everything that was none.
template <typename Read, typename Note>
void decode_batch(const Batch& batch, Read read, Note note) {
  for (const BatchReject& reject : batch.rejects)
    note(decode::Outcome::rejected(reject.reason), reject.offset);
  for_each_record(batch, [&](const decode::RawRecord& record, const Run& run) {
    const decode::Outcome outcome = read(record, run);
    if (outcome.reason != decode::kTrailingContent) return note(outcome, record.offset);
    decode::CutResult values;
    decode::cut_values(record.bytes, values);
    for (const decode::Cut& value : values.records) {
      const decode::RawRecord one{record.bytes.substr(value.begin, value.length),
                                  record.offset + value.begin, record.stream, record.printed};
      note(read(one, run), one.offset);
    }
    for (const decode::CutReject& reject : values.rejects)
      note(decode::Outcome::rejected(reject.reason), record.offset + reject.begin);
  });
}

}  // namespace davy::pipeline
