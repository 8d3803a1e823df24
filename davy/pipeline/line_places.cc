// SPDX-License-Identifier: Apache-2.0
#include "davy/pipeline/line_places.h"

#include <algorithm>
#include <string_view>

namespace davy::pipeline {
namespace {

/// Line ends in the first `size` bytes of a batch.
uint64_t line_ends(const Batch& batch, uint64_t size) {
  const std::string_view bytes(batch.buffer.data(), size);
  return static_cast<uint64_t>(std::count(bytes.begin(), bytes.end(), '\n'));
}

uint64_t size_of(const Batch& batch) {
  return batch.buffer.size() - std::min(batch.buffer.size(), decode::RawRecord::kPadding);
}

}  // namespace

void LinePlaces::enter(const Batch& batch) {
  const bool goes_on = batch_ != nullptr && source_ == batch.stream->source && known_;
  const uint64_t size = size_of(batch);
  if (batch.offset == 0) {
    known_ = true;
    lines_to_batch_ = 0;
  } else if (goes_on && batch.offset <= end_ && end_ - batch.offset <= size) {
    // A batch begins with what the one before left over: its lines were counted there.
    lines_to_batch_ = lines_to_end_ - line_ends(batch, end_ - batch.offset);
  } else {
    known_ = false;
  }
  batch_ = &batch;
  source_ = batch.stream->source;
  end_ = batch.offset + size;
  lines_to_end_ = lines_to_batch_ + line_ends(batch, size);
}

uint64_t LinePlaces::line_of(uint64_t offset) const {
  if (!known_ || offset < batch_->offset || offset > end_) return 0;
  return lines_to_batch_ + line_ends(*batch_, offset - batch_->offset) + 1;
}

}  // namespace davy::pipeline
