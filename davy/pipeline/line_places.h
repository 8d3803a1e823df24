// SPDX-License-Identifier: Apache-2.0
// In which line of its file a byte stands. Fed with the batches of a stream in order, by the one
// thread that reads it.
#pragma once

#include <cstdint>

#include "davy/pipeline/record_stream.h"

namespace davy::pipeline {

class LinePlaces {
 public:
  /// The batch that is looked at from now on.
  void enter(const Batch& batch);
  /// The line, from 1, of a byte of that batch; 0 when it is not known.
  uint64_t line_of(uint64_t offset) const;

 private:
  const Batch* batch_ = nullptr;
  uint32_t source_ = 0;
  uint64_t end_ = 0;           ///< of the batch before, in the stream
  uint64_t lines_to_end_ = 0;  ///< line ends before end_
  uint64_t lines_to_batch_ = 0;
  bool known_ = false;
};

}  // namespace davy::pipeline
