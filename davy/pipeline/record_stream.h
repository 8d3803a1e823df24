// SPDX-License-Identifier: Apache-2.0
// One stream of bytes cut into batches of records: reads, recognises the framing, cuts. The cheap,
// sequential part of reading a file; the batches are then decoded in parallel.
//
// JSON, audit lines and the lines of one more text format may stand in one stream in any order. How
// a line is cut depends on the line, and on the last header for those that need one; never on what
// kind of record came before it.
//
// Memory: one batch buffer of kBlockBytes per caller, more only for a record that is longer, up to
// kMaxRecordBytes. A longer one is rejected with its place, and reading goes on at the next record
// that begins like it, or after the next line end.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "davy/decode/format.h"
#include "davy/decode/json_cutter.h"
#include "davy/decode/line_start.h"
#include "davy/decode/workbench.h"
#include "davy/source/input.h"

namespace davy::pipeline {

inline constexpr size_t kBlockBytes = 1 << 20;
inline constexpr size_t kMaxRecordBytes = 64 << 20;

struct BatchReject {
  uint64_t offset;
  std::string_view reason;  ///< a literal
};

/// Records of a batch that are decoded alike: from the end of the run before up to `end`.
struct Run {
  size_t end = 0;
  std::optional<size_t> text_format;  ///< none: JSON
  std::shared_ptr<const decode::StreamContext> stream;
};

/// Records in one buffer, ready to be decoded without the stream.
struct Batch {
  std::vector<char> buffer;          ///< ends with RawRecord::kPadding zero bytes
  std::vector<decode::Cut> records;  ///< positions in `buffer`
  std::vector<Run> runs;             ///< cover `records`
  std::vector<BatchReject> rejects;
  uint64_t offset = 0;  ///< of buffer[0] in the stream
  std::shared_ptr<const decode::StreamContext> stream;
};

/// Calls `each` for every record with its run.
template <typename Each>
void for_each_record(const Batch& batch, Each each) {
  size_t at = 0;
  for (const Run& run : batch.runs) {
    for (; at < run.end; ++at) {
      const decode::Cut& cut = batch.records[at];
      const size_t head = std::min<size_t>(cut.begin, decode::kPrintedHead);
      each(decode::RawRecord{{batch.buffer.data() + cut.begin, cut.length},
                             batch.offset + cut.begin,
                             run.stream.get(),
                             decode::is_head_of_printed(
                                 {batch.buffer.data() + cut.begin - head, head})},
           run);
    }
  }
}

class RecordStream {
 public:
  RecordStream(const decode::Catalog& catalog, source::ByteStream& bytes, std::string path,
               uint32_t source);

  /// Fills the next batch; false at the end of the stream. Batches may be empty of records.
  bool next(Batch& batch);

  /// Bytes read so far, after decompression.
  uint64_t bytes() const { return bytes_read_; }
  /// Why the stream ended early or could not be used; empty when it was read to its end.
  const std::string& error() const { return error_; }
  uint32_t source() const { return stream_->source; }

 private:
  enum class Family : uint8_t { kUndecided, kJson, kText, kUnknown };
  /// How a line is cut.
  enum class Way : uint8_t { kUnknown, kUndecided, kJson, kText };
  struct LineWay {
    Way way = Way::kUnknown;
    size_t format = 0;    ///< of kText
    bool header = false;  ///< the line says how those after it read
  };

  bool fill(Batch& batch, size_t target);
  bool skip_blanks(std::string_view data, Batch& batch);
  void give_up_record(std::string_view data, Batch& batch);
  void recognise(std::string_view data, Batch& batch);
  void skip_to_first_known(std::string_view data, Batch& batch);
  LineWay way_of(std::string_view data) const;
  void enter(const LineWay& way, std::string_view data);
  void enter_json();
  void set_layout(const decode::TextProbe& probe);
  size_t cut(std::string_view data, Batch& batch);
  bool cut_json(std::string_view data, Batch& batch, size_t& at);
  bool cut_text(std::string_view data, Batch& batch, size_t& at);
  bool cut_audit_lines(std::string_view data, Batch& batch, size_t& at);
  bool cut_lines(std::string_view data, Batch& batch, size_t& at);
  void end_run(Batch& batch);
  void skip_overlong(std::string_view data);
  void drop(std::string_view data, size_t size);

  const decode::Catalog& catalog_;
  source::ByteStream& bytes_;
  std::shared_ptr<decode::StreamContext> stream_;
  decode::JsonCutter cutter_;
  decode::CutResult cut_;
  std::vector<char> carry_;  ///< begun record, put in front of the next block
  uint64_t offset_ = 0;      ///< of carry_ in the stream
  uint64_t bytes_read_ = 0;
  std::string error_;
  Family family_ = Family::kUndecided;
  size_t format_ = 0;         ///< of the text being cut
  size_t home_;               ///< the line format in use, the layout is its; or the catalog's size
  bool json_begins_ = false;  ///< the cutter has not seen data yet
  bool at_end_ = false;
  bool skipping_ = false;  ///< inside an overlong record, up to the next line end
};

}  // namespace davy::pipeline
