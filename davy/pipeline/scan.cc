// SPDX-License-Identifier: Apache-2.0
#include "davy/pipeline/scan.h"

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "davy/base/text.h"
#include "davy/incident/build.h"
#include "davy/pipeline/record_stream.h"
#include "davy/pipeline/worker.h"

namespace davy::pipeline {
namespace {

/// A stream being read. Any worker may take its next batch; only taking is serialised.
struct OpenStream {
  RecordStream records;
  std::string path;
  std::mutex taking;     ///< guards `records`
  bool drained = false;  ///< guarded by Reading::mutex_, as is the next
  int helpers = 0;

  OpenStream(const decode::Catalog& catalog, source::Opened& opened, uint32_t source)
      : records(catalog, *opened.stream, opened.path, source), path(opened.path) {}

  bool take(Batch& batch) {
    const std::lock_guard lock(taking);
    return records.next(batch);
  }
};

/// What reading one stream came to, besides what the workers tallied.
struct StreamEnd {
  uint32_t source;
  std::string path;
  uint64_t bytes;
  std::string error;
};

/// Hands out inputs, then parts of streams others are still reading.
class Reading {
 public:
  Reading(source::Expanded expanded, const Tables& tables, source::Progress& progress)
      : inputs_(std::move(expanded.inputs)),
        tables_(tables),
        progress_(progress),
        next_source_(static_cast<uint32_t>(inputs_.size())) {}

  /// Runs on every thread until all input is consumed.
  void work(Worker& worker) {
    while (read_next_input(worker)) {
    }
    help_others(worker);
  }

  std::vector<StreamEnd> take_ends() { return std::move(ends_); }
  std::vector<source::Unreadable> take_failures() { return std::move(failures_); }

 private:
  bool read_next_input(Worker& worker) {
    size_t index;
    {
      const std::lock_guard lock(mutex_);
      if (next_input_ == inputs_.size()) return false;
      index = next_input_++;
      ++busy_;
    }
    bool first = true;
    auto opened = inputs_[index]->open([&](source::Opened stream) {
      read_stream(stream, source_id(index, first), worker);
      first = false;
    });
    {
      const std::lock_guard lock(mutex_);
      if (!opened) failures_.push_back({inputs_[index]->path(), opened.error()});
      inputs_[index].reset();
      --busy_;
    }
    progress_.files_done.fetch_add(1, std::memory_order_relaxed);
    changed_.notify_all();
    return true;
  }

  /// The first stream of an input is numbered like the input, so that numbers do not depend on
  /// which thread was faster; further archive members come after all inputs.
  uint32_t source_id(size_t input, bool first) {
    if (first) return static_cast<uint32_t>(input);
    const std::lock_guard lock(mutex_);
    return next_source_++;
  }

  void read_stream(source::Opened& opened, uint32_t source, Worker& worker) {
    OpenStream stream(tables_.catalog, opened, source);
    std::unique_lock lock(mutex_);
    open_.push_back(&stream);
    changed_.notify_all();
    drain(stream, worker, lock);
    changed_.wait(lock, [&] { return stream.helpers == 0; });
    std::erase(open_, &stream);
    ends_.push_back({source, stream.path, stream.records.bytes(), stream.records.error()});
  }

  /// Consumes batches until the stream has no more. `lock` is held on entry and exit.
  static void drain(OpenStream& stream, Worker& worker, std::unique_lock<std::mutex>& lock) {
    lock.unlock();
    Batch batch;
    while (stream.take(batch))
      worker.consume(batch);
    lock.lock();
    stream.drained = true;
  }

  void help_others(Worker& worker) {
    std::unique_lock lock(mutex_);
    for (;;) {
      OpenStream* stream = nullptr;
      changed_.wait(lock, [&] {
        const auto place =
            std::find_if(open_.begin(), open_.end(), [](OpenStream* s) { return !s->drained; });
        stream = place == open_.end() ? nullptr : *place;
        return stream != nullptr || busy_ == 0;
      });
      if (stream == nullptr) return;
      ++stream->helpers;
      drain(*stream, worker, lock);
      --stream->helpers;
      changed_.notify_all();
    }
  }

  std::vector<std::unique_ptr<source::Input>> inputs_;
  const Tables& tables_;
  source::Progress& progress_;
  std::mutex mutex_;
  std::condition_variable changed_;
  size_t next_input_ = 0;
  uint32_t next_source_;
  int busy_ = 0;
  std::vector<OpenStream*> open_;
  std::vector<StreamEnd> ends_;
  std::vector<source::Unreadable> failures_;
};

report::SourceReport source_report(const StreamEnd& end, const SourceTally& tally) {
  report::SourceReport report;
  report.path = end.path;
  for (const auto& [format, count] : tally.formats) {
    if (!report.format.empty()) report.format += '+';
    report.format += format;
  }
  if (report.format.empty()) report.format = tally.records == 0 ? "empty" : "unknown";
  report.records = tally.records;
  report.events = tally.events;
  report.skipped = tally.skipped;
  report.rejected_count = tally.rejected;
  for (const BatchReject& reject : tally.first_rejects) {
    report.rejected.push_back({reject.offset, std::string(reject.reason)});
  }
  report.rejected_by_reason.insert(tally.rejected_by_reason.begin(),
                                   tally.rejected_by_reason.end());
  report.bytes = end.bytes;
  if (tally.first_time != kEndOfTime) report.first_time = tally.first_time;
  report.last_time = tally.last_time;
  report.error = end.error;
  return report;
}

/// Sources in path order; detections then cite the new numbers.
void order_sources(std::vector<StreamEnd>& ends, Worker& worker, report::ScanReport& report,
                   std::vector<detect::Detection>& detections) {
  std::sort(ends.begin(), ends.end(), [](const StreamEnd& a, const StreamEnd& b) {
    return std::tie(a.path, a.source) < std::tie(b.path, b.source);
  });
  std::map<uint32_t, uint32_t> renumbered;
  for (const StreamEnd& end : ends) {
    renumbered[end.source] = static_cast<uint32_t>(report.sources.size());
    report.sources.push_back(source_report(end, worker.tallies()[end.source]));
  }
  for (detect::Detection& detection : detections) {
    for (detect::Evidence& evidence : detection.evidence) {
      evidence.ref.source = renumbered[evidence.ref.source];
    }
  }
}

incident::Coverage coverage_of(const std::vector<report::SourceReport>& sources,
                               const summary::EntityLinks& links) {
  incident::Coverage coverage;
  std::set<std::string> formats;
  for (const report::SourceReport& source : sources) {
    for (std::string_view format : split(source.format, '+'))
      formats.emplace(format);
    coverage.rejected_records += source.rejected_count;
    if (!source.error.empty()) coverage.unreadable.push_back(source.path + ": " + source.error);
  }
  coverage.formats.assign(formats.begin(), formats.end());
  coverage.cloudtrail_regions.assign(links.api_regions().begin(), links.api_regions().end());
  return coverage;
}

}  // namespace

report::ScanReport scan(const std::vector<std::string>& places, const Knowledge& knowledge,
                        const ScanOptions& options, source::Progress& progress) {
  report::ScanReport report;

  source::Expanded expanded = source::expand(places, options.limits, progress);
  std::vector<source::Unreadable> unreadable = std::move(expanded.unreadable);
  const Tables tables(knowledge.rules, knowledge.intel, decode::PlainJson::kReject);

  Reading reading(std::move(expanded), tables, progress);
  std::vector<std::unique_ptr<Worker>> workers;
  for (unsigned i = 0; i < std::max(1u, options.threads); ++i) {
    workers.push_back(std::make_unique<Worker>(tables));
  }
  {
    std::vector<std::jthread> threads;
    for (size_t i = 1; i < workers.size(); ++i) {
      threads.emplace_back([&reading, &worker = *workers[i]] { reading.work(worker); });
    }
    reading.work(*workers[0]);
  }
  Worker& whole = *workers[0];
  for (size_t i = 1; i < workers.size(); ++i)
    whole.merge(*workers[i]);

  whole.links().index();
  const detect::JudgeContext context{knowledge.intel, whole.links(), knowledge.prices,
                                     report.notes};
  report.detections = whole.judge(context);
  auto ends = reading.take_ends();
  order_sources(ends, whole, report, report.detections);
  for (source::Unreadable& failure : reading.take_failures()) {
    unreadable.push_back(std::move(failure));
  }
  for (const source::Unreadable& place : unreadable) {
    report::SourceReport source;
    source.path = place.path;
    source.format = "unreadable";
    source.error = place.error.message();
    report.sources.push_back(std::move(source));
  }
  report.incidents = incident::build(report.detections, whole.links(), knowledge.prices,
                                     coverage_of(report.sources, whole.links()));

  for (const report::SourceReport& source : report.sources) {
    report.stats.bytes += source.bytes;
    report.stats.records += source.records;
    report.stats.events += source.events;
  }
  return report;
}

}  // namespace davy::pipeline
