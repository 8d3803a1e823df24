// SPDX-License-Identifier: Apache-2.0
// Any bytes as a stream of mixed formats: records lie in their batch, runs cover them, every
// decoder gets what it may read, and the same bytes give the same twice.
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>

#include "davy/pipeline/decode_batch.h"
#include "davy/pipeline/record_stream.h"
#include "davy/source/memory.h"

namespace {

using davy::pipeline::Batch;
using davy::pipeline::Run;

void require(bool holds) {
  if (!holds) std::abort();
}

class Counting final : public davy::decode::Sink {
 public:
  void emit(const davy::event::Event& event, const davy::event::Fields&) override {
    sum += event.key.low + event.ref.offset;
  }
  uint64_t sum = 0;
};

uint64_t read(const davy::decode::Catalog& catalog, const std::string& text) {
  davy::source::MemoryStream bytes(text);
  davy::pipeline::RecordStream stream(catalog, bytes, "log", 0);
  davy::decode::Workbench bench(catalog);
  Counting sink;
  Batch batch;
  while (stream.next(batch)) {
    require(batch.records.empty() || batch.runs.back().end == batch.records.size());
    const size_t size = batch.buffer.size() - davy::decode::RawRecord::kPadding;
    for (const davy::pipeline::BatchReject& reject : batch.rejects)
      require(reject.offset < text.size() && !reject.reason.empty());
    for_each_record(batch, [&](const davy::decode::RawRecord& record, const Run& run) {
      require(!record.bytes.empty() && record.bytes.size() <= size);
      require(record.offset + record.bytes.size() <= text.size());
      davy::pipeline::decode_one(run, bench, record, sink);
    });
  }
  require(stream.bytes() <= text.size());
  return sink.sum;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const davy::decode::Catalog catalog(davy::decode::PlainJson::kAccept);
  const std::string text(reinterpret_cast<const char*>(data), size);
  require(read(catalog, text) == read(catalog, text));
  return 0;
}
