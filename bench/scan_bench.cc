// SPDX-License-Identifier: Apache-2.0
// Where the time of a scan goes, in process, on one thread: reading and cutting, then decoding too,
// then everything (own rules, detectors, incidents).
//
//   scan_bench FILE…     medians of three, in MB/s of bytes after decompression
#include <algorithm>
#include <array>
#include <chrono>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "content/content.h"
#include <fmt/format.h>

#include "davy/pipeline/decode_batch.h"
#include "davy/pipeline/record_stream.h"
#include "davy/pipeline/scan.h"

namespace davy {
namespace {

struct NoSink final : decode::Sink {
  uint64_t events = 0;
  void emit(const event::Event&, const event::Fields&) override { ++events; }
};

/// Reads all of `path`, calling `each` with every batch; returns the bytes.
uint64_t read_batches(const std::string& path, const decode::Catalog& catalog,
                      const std::function<void(const pipeline::Batch&)>& each) {
  source::Progress progress;
  uint64_t bytes = 0;
  const source::Expanded expanded = source::expand({path}, {}, progress);
  for (const auto& input : expanded.inputs) {
    const auto whole = input->open([&](source::Opened opened) {
      pipeline::RecordStream stream(catalog, *opened.stream, opened.path, 0);
      pipeline::Batch batch;
      while (stream.next(batch))
        each(batch);
      bytes += stream.bytes();
    });
    if (!whole) fmt::print(stderr, "{}: {}\n", path, whole.error().message());
  }
  return bytes;
}

uint64_t decode_all(const std::string& path, const decode::Catalog& catalog) {
  decode::Workbench bench(catalog);
  NoSink sink;
  return read_batches(path, catalog, [&](const pipeline::Batch& batch) {
    for_each_record(batch, [&](const decode::RawRecord& record, const pipeline::Run& run) {
      pipeline::decode_one(run, bench, record, sink);
    });
  });
}

pipeline::Knowledge own_knowledge() {
  std::vector<sigma::RuleText> texts;
  for (auto& [path, text] : content::below("rules/", ".yml")) {
    if (!path.ends_with(".test.yml")) texts.push_back({path, std::move(text)});
  }
  sigma::LoadReport report;
  sigma::RuleSet rules = sigma::RuleSet::load(texts, {}, report);
  Diagnostics problems;
  intel::Intel intel = intel::Intel::load(content::below("indicators/", ".csv"), problems);
  impact::PriceTable prices = impact::PriceTable::load(
      content::find("tables/aws_ec2_prices.csv"), content::find("tables/aws_region_factors.csv"),
      content::find("tables/aws_other_prices.csv"), problems);
  return {std::move(rules), std::move(report), std::move(intel), std::move(prices)};
}

uint64_t scan_all(const std::string& path, const pipeline::Knowledge& knowledge) {
  source::Progress progress;
  return pipeline::scan({path}, knowledge, {1, {}}, progress).stats.bytes;
}

/// Median MB/s of three runs of `run`, which returns the bytes it read.
double rate(const std::function<uint64_t()>& run) {
  std::array<double, 3> rates{};
  for (double& one : rates) {
    const auto begin = std::chrono::steady_clock::now();
    const auto bytes = static_cast<double>(run());
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
    one = bytes / 1e6 / taken.count();
  }
  std::sort(rates.begin(), rates.end());
  return rates[1];
}

int run(const std::vector<std::string>& files) {
  const decode::Catalog catalog(decode::PlainJson::kReject);
  const pipeline::Knowledge knowledge = own_knowledge();
  fmt::print("{:<28} {:>10} {:>14} {:>12}\n", "in process, 1 thread, MB/s", "read+cut",
             "and decode", "whole scan");
  for (const std::string& file : files) {
    const double cut = rate([&] { return read_batches(file, catalog, [](const auto&) {}); });
    const double decoded = rate([&] { return decode_all(file, catalog); });
    const double whole = rate([&] { return scan_all(file, knowledge); });
    fmt::print("{:<28} {:>10.0f} {:>14.0f} {:>12.0f}\n", file.substr(file.rfind('/') + 1), cut,
               decoded, whole);
  }
  return 0;
}

}  // namespace
}  // namespace davy

int main(int argc, char** argv) {
  if (argc < 2) {
    fmt::print(stderr, "usage: scan_bench FILE...\n");
    return 2;
  }
  return davy::run({argv + 1, argv + argc});
}
