// SPDX-License-Identifier: Apache-2.0
#include "davy/decode/metric_emitter.h"

#include <cstring>

#include "davy/base/text.h"
#include "davy/decode/aws_names.h"

namespace davy::decode {
namespace {

/// Words in names of exported files, and the EC2 metric they stand for.
struct FileWord {
  std::string_view word;
  std::string_view metric;
};
constexpr FileWord kFileWords[] = {
    {"cpu_utilization", "CPUUtilization"},
    {"cpuutilization", "CPUUtilization"},
    {"network_in", "NetworkIn"},
    {"networkin", "NetworkIn"},
    {"network_out", "NetworkOut"},
    {"networkout", "NetworkOut"},
    {"disk_write_bytes", "DiskWriteBytes"},
    {"diskwritebytes", "DiskWriteBytes"},
    {"disk_read_bytes", "DiskReadBytes"},
    {"diskreadbytes", "DiskReadBytes"},
};

void append(std::string& key, std::string_view part) {
  key += part;
  key += '\n';
}

template <typename Number>
void append_bytes(std::string& key, Number number) {
  char bytes[sizeof number];
  std::memcpy(bytes, &number, sizeof number);
  key.append(bytes, sizeof bytes);
}

}  // namespace

void MetricEmitter::emit(const Series& series, Time time, double value, const RawRecord& record,
                         const event::Fields& fields, Sink& sink) {
  metric_ = series.metric;
  metric_.value = value;
  key_.clear();
  append(key_, series.instance.empty() ? metric_.series : series.instance);
  append(key_, metric_.name);
  append(key_, metric_.statistic);
  append_bytes(key_, time.ns);
  append_bytes(key_, value);

  event::Event event;
  event.ref = {record.stream->source, record.offset};
  event.key = hash128(key_);
  event.time = time;
  event.end = time > kEndOfTime - metric_.period ? time : time + metric_.period;
  event.logsources = 1;
  event.account =
      series.account.empty() ? std::string_view(record.stream->account_hint) : series.account;
  event.region =
      series.region.empty() ? std::string_view(record.stream->region_hint) : series.region;
  event.instance = series.instance;
  event.cluster = series.cluster;
  event.metric = &metric_;
  sink.emit(event, fields);
}

std::string_view metric_of_label(std::string_view label) {
  const auto words = split(trim(label), ' ');
  for (auto word = words.rbegin(); word != words.rend(); ++word) {
    if (!word->empty() && find_instance_id(*word).empty()) return *word;
  }
  return {};
}

std::string_view metric_of_path(std::string_view path) {
  const std::string_view name = path.substr(path.rfind('/') + 1);
  for (const FileWord& one : kFileWords) {
    if (contains_ignore_case(name, one.word)) return one.metric;
  }
  return {};
}

bool adds_up(std::string_view unit) {
  return unit == "Bytes" || unit == "Count" || unit == "Kilobytes" || unit == "Megabytes";
}

}  // namespace davy::decode
