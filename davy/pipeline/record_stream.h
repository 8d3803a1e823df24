// SPDX-License-Identifier: Apache-2.0
// One stream of bytes cut into batches of records: reads, recognises the framing, cuts. The cheap,
// sequential part of reading a file; the batches are then decoded in parallel.
//
// Memory: one batch buffer of kBlockBytes per caller, more only for a record that is longer, up to
// kMaxRecordBytes. A longer one is rejected with its place, and reading goes on at the next record
// that begins like it, or after the next line end.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "davy/decode/format.h"
#include "davy/decode/json_cutter.h"
#include "davy/decode/workbench.h"
#include "davy/source/input.h"

namespace davy::pipeline {

inline constexpr size_t kBlockBytes = 1 << 20;
inline constexpr size_t kMaxRecordBytes = 64 << 20;

struct BatchReject {
  uint64_t offset;
  std::string_view reason;  ///< a literal
};

/// Records in one buffer, ready to be decoded without the stream.
struct Batch {
  std::vector<char> buffer;          ///< ends with RawRecord::kPadding zero bytes
  std::vector<decode::Cut> records;  ///< positions in `buffer`
  std::vector<BatchReject> rejects;
  uint64_t offset = 0;  ///< of buffer[0] in the stream
  bool is_json = true;
  size_t format = 0;  ///< of a text stream
  std::shared_ptr<const decode::StreamContext> stream;
};

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

  bool fill(Batch& batch, size_t target);
  bool skip_blanks(std::string_view data, Batch& batch);
  void give_up_record(std::string_view data, Batch& batch);
  void recognise(std::string_view data);
  void set_layout(std::string_view data);
  void cut_text(std::string_view data, Batch& batch, size_t& consumed);
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
  size_t format_ = 0;
  bool at_end_ = false;
  bool in_hole_ = false;   ///< NULs before the first record have been counted
  bool skipping_ = false;  ///< inside an overlong record, up to the next line end
};

}  // namespace davy::pipeline
