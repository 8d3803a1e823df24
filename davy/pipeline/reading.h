// SPDX-License-Identifier: Apache-2.0
// Shares the reading of all inputs among threads. Each thread takes inputs of its own first; when
// none are left it helps with streams others are still reading, batch by batch, so that one large
// file keeps every core busy. Nothing is queued: a batch is decoded by the thread that cut it.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "davy/decode/workbench.h"
#include "davy/pipeline/record_stream.h"
#include "davy/source/input.h"

namespace davy::pipeline {

/// What one thread does with batches. Called by that thread only.
class BatchConsumer {
 public:
  virtual ~BatchConsumer() = default;
  virtual void consume(const Batch& batch) = 0;
};

/// How reading one stream ended.
struct StreamEnd {
  uint32_t source;
  std::string path;
  uint64_t bytes;
  std::string error;  ///< empty: read to its end
};

class Reading {
 public:
  /// `catalog` outlives this.
  Reading(source::Expanded expanded, const decode::Catalog& catalog);

  /// Reads everything, with one thread per consumer; returns when all is consumed. Throws what a
  /// thread threw first, when all have ended: running out of memory must not end the program
  /// without a word.
  void run(const std::vector<BatchConsumer*>& consumers);

  /// After run(): every stream, in path order.
  std::vector<StreamEnd> take_ends();
  /// After run(): places that could not be read at all.
  std::vector<source::Unreadable> take_failures() { return std::move(failures_); }

 private:
  struct OpenStream;

  void work(BatchConsumer& consumer);
  bool read_next_input(BatchConsumer& consumer);
  uint32_t source_id(size_t input, size_t member);
  void read_stream(source::Opened& opened, uint32_t source, BatchConsumer& consumer);
  void help_others(BatchConsumer& consumer);
  void drain(OpenStream& stream, BatchConsumer& consumer, std::unique_lock<std::mutex>& lock);
  void fail();

  std::vector<std::unique_ptr<source::Input>> inputs_;
  const decode::Catalog& catalog_;
  std::mutex mutex_;  ///< guards everything below, and the marked members of OpenStream
  std::condition_variable changed_;
  size_t next_input_ = 0;
  uint32_t next_source_;
  int busy_ = 0;  ///< inputs being read
  std::exception_ptr failure_;
  std::atomic<bool> failed_ = false;  ///< set with failure_; read without the lock
  std::vector<OpenStream*> open_;
  std::vector<StreamEnd> ends_;
  std::vector<source::Unreadable> failures_;
};

}  // namespace davy::pipeline
