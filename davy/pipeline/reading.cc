// SPDX-License-Identifier: Apache-2.0
#include "davy/pipeline/reading.h"

#include <algorithm>
#include <thread>
#include <tuple>

namespace davy::pipeline {

/// A stream being read. Any thread may take its next batch; only taking is serialised.
struct Reading::OpenStream {
  RecordStream records;
  std::string path;
  std::mutex taking;     ///< guards `records`
  bool drained = false;  ///< guarded by Reading::mutex_
  int helpers = 0;       ///< guarded by Reading::mutex_

  OpenStream(const decode::Catalog& catalog, source::Opened& opened, uint32_t source)
      : records(catalog, *opened.stream, opened.path, source), path(opened.path) {}

  bool take(Batch& batch) {
    const std::lock_guard lock(taking);
    return records.next(batch);
  }
};

Reading::Reading(source::Expanded expanded, const decode::Catalog& catalog)
    : inputs_(std::move(expanded.inputs)),
      catalog_(catalog),
      next_source_(static_cast<uint32_t>(inputs_.size())) {}

void Reading::run(const std::vector<BatchConsumer*>& consumers) {
  std::vector<std::jthread> threads;
  for (size_t i = 1; i < consumers.size(); ++i) {
    threads.emplace_back([this, consumer = consumers[i]] { work(*consumer); });
  }
  work(*consumers[0]);
  threads.clear();
  if (failure_ != nullptr) std::rethrow_exception(failure_);
}

std::vector<StreamEnd> Reading::take_ends() {
  std::sort(ends_.begin(), ends_.end(), [](const StreamEnd& a, const StreamEnd& b) {
    return std::tie(a.path, a.source) < std::tie(b.path, b.source);
  });
  return std::move(ends_);
}

void Reading::work(BatchConsumer& consumer) {
  try {
    while (read_next_input(consumer)) {
    }
    help_others(consumer);
  } catch (...) {
    const std::lock_guard lock(mutex_);
    fail();
  }
}

/// Keeps the exception being handled for run() and lets all threads end. `mutex_` is held.
void Reading::fail() {
  if (failure_ == nullptr) failure_ = std::current_exception();
  failed_ = true;
  changed_.notify_all();
}

bool Reading::read_next_input(BatchConsumer& consumer) {
  size_t index;
  {
    const std::lock_guard lock(mutex_);
    if (failed_ || next_input_ == inputs_.size()) return false;
    index = next_input_++;
    ++busy_;
  }
  size_t member = 0;
  const auto opened = inputs_[index]->open(
      [&](source::Opened stream) { read_stream(stream, source_id(index, member++), consumer); });
  {
    const std::lock_guard lock(mutex_);
    if (!opened) failures_.push_back({inputs_[index]->path(), opened.error()});
    inputs_[index].reset();
    --busy_;
  }
  changed_.notify_all();
  return true;
}

/// The first stream of an input is numbered like the input, so that numbers do not depend on which
/// thread was faster; further archive members come after all inputs.
uint32_t Reading::source_id(size_t input, size_t member) {
  if (member == 0) return static_cast<uint32_t>(input);
  const std::lock_guard lock(mutex_);
  return next_source_++;
}

void Reading::read_stream(source::Opened& opened, uint32_t source, BatchConsumer& consumer) {
  OpenStream stream(catalog_, opened, source);
  std::unique_lock lock(mutex_);
  open_.push_back(&stream);
  changed_.notify_all();
  drain(stream, consumer, lock);
  changed_.wait(lock, [&] { return stream.helpers == 0; });
  std::erase(open_, &stream);
  ends_.push_back({source, stream.path, stream.records.bytes(), stream.records.error()});
}

/// Consumes batches until the stream has no more. `lock` is held on entry and exit. Does not throw:
/// other threads may be at the stream, and libraries in C above it.
void Reading::drain(OpenStream& stream, BatchConsumer& consumer,
                    std::unique_lock<std::mutex>& lock) {
  lock.unlock();
  try {
    Batch batch;
    while (!failed_ && stream.take(batch))
      consumer.consume(batch);
    lock.lock();
  } catch (...) {
    lock.lock();
    fail();
  }
  stream.drained = true;
}

void Reading::help_others(BatchConsumer& consumer) {
  std::unique_lock lock(mutex_);
  for (;;) {
    OpenStream* stream = nullptr;
    changed_.wait(lock, [&] {
      const auto place =
          std::find_if(open_.begin(), open_.end(), [](OpenStream* s) { return !s->drained; });
      stream = place == open_.end() ? nullptr : *place;
      return failed_ || stream != nullptr || busy_ == 0;
    });
    if (failed_ || stream == nullptr) return;
    ++stream->helpers;
    drain(*stream, consumer, lock);
    --stream->helpers;
    changed_.notify_all();
  }
}

}  // namespace davy::pipeline
