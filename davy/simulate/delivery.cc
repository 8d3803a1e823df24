// SPDX-License-Identifier: Apache-2.0
#include "davy/simulate/delivery.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <tuple>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "davy/base/hash.h"
#include "davy/base/text.h"
#include "davy/simulate/metrics.h"
#include "davy/simulate/traffic.h"

namespace davy::simulate {
namespace {

/// Path -> text before compression; sorted, so that files are written in a stable order.
using Files = std::map<std::string, std::string>;

struct Stamp {
  std::string folder;   ///< "2025/02/21"
  std::string compact;  ///< "20250221T1400Z"
};

Stamp stamp_of(Time time) {
  std::string date = to_date(time), clock = to_clock(time);
  Stamp stamp;
  stamp.folder = date;
  std::replace(stamp.folder.begin(), stamp.folder.end(), '-', '/');
  date.erase(std::remove(date.begin(), date.end(), '-'), date.end());
  stamp.compact = fmt::format("{}T{}{}Z", date, clock.substr(0, 2), clock.substr(3, 2));
  return stamp;
}

/// The random-looking end of a delivered file's name.
std::string name_suffix(std::string_view belongs_to) {
  return to_hex(hash64(belongs_to));
}

std::string cloudtrail_path(const ApiRecord& record, Time batch) {
  const Stamp stamp = stamp_of(batch);
  const std::string base =
      fmt::format("{}_CloudTrail_{}_{}", record.account, record.region, stamp.compact);
  return fmt::format("cloudtrail/AWSLogs/{}/CloudTrail/{}/{}/{}_{}.json.gz", record.account,
                     record.region, stamp.folder, base, name_suffix(base));
}

bool is_silenced(const World& world, const ApiRecord& record) {
  return std::any_of(world.silences.begin(), world.silences.end(), [&](const Silence& silence) {
    return silence.account == record.account && silence.region == record.region &&
           record.time >= silence.from && record.time < silence.to;
  });
}

/// Within a file records lie in the order they arrived, not that in which they happened.
uint64_t add_cloudtrail(World& world, Files& files) {
  std::sort(world.api.begin(), world.api.end(), [](const ApiRecord& a, const ApiRecord& b) {
    return std::tie(a.delivered, a.id) < std::tie(b.delivered, b.id);
  });
  uint64_t records = 0;
  const auto put = [&](const ApiRecord& record, Time delivered) {
    std::string& text = files[cloudtrail_path(record, bucket_start(delivered, kHour))];
    text += text.empty() ? "{\"Records\":[" : ",";
    text += record.json;
    ++records;
  };
  for (const ApiRecord& record : world.api) {
    if (is_silenced(world, record)) continue;
    put(record, record.delivered);
    constexpr uint64_t kDeliveredTwice = 500;  // one record in so many
    if (hash64(record.id, world.seed) % kDeliveredTwice == 0) put(record, record.delivered + kHour);
  }
  for (auto& [path, text] : files)
    text += "]}";
  return records;
}

void add_flow_logs(World& world, Files& files) {
  std::sort(world.flows.begin(), world.flows.end(), [](const FlowRecord& a, const FlowRecord& b) {
    return std::tie(a.end, a.line) < std::tie(b.end, b.line);
  });
  for (const FlowRecord& record : world.flows) {
    const Network& network = *record.network;
    const Stamp stamp = stamp_of(bucket_start(record.end, 4 * kHour));
    const std::string base = fmt::format("{}_vpcflowlogs_{}_{}_{}", network.account, network.region,
                                         network.flow_log, stamp.compact);
    std::string& text =
        files[fmt::format("vpcflow/AWSLogs/{}/vpcflowlogs/{}/{}/{}_{}.log.gz", network.account,
                          network.region, stamp.folder, base, name_suffix(base).substr(0, 8))];
    if (text.empty()) {
      text = flow_log_header(network);
      text += '\n';
    }
    text += record.line;
    text += '\n';
  }
}

/// `path_of` names the file a line belongs to. Lines of one moment stay in the order they were
/// made.
template <typename PathOf>
void add_lines(const std::vector<LogLine>& lines, Files& files, const PathOf& path_of) {
  std::vector<size_t> order(lines.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return std::tie(lines[a].time, a) < std::tie(lines[b].time, b);
  });
  for (const size_t i : order) {
    std::string& text = files[path_of(lines[i])];
    text += lines[i].text;
    text += '\n';
  }
}

std::string dns_path(const LogLine& line) {
  return fmt::format("route53/{}_{}_vpcdnsquerylogs_{}.log", line.account, line.region,
                     to_date(line.time));
}

std::string findings_path(const LogLine& line) {
  const Stamp stamp = stamp_of(line.time);
  const std::string base = line.account + line.region + stamp.folder;
  return fmt::format("guardduty/AWSLogs/{}/GuardDuty/{}/{}/{}.jsonl.gz", line.account, line.region,
                     stamp.folder, to_hex(hash128(base)));
}

std::string falco_path(const LogLine& line) {
  return fmt::format("falco/{}.json", to_date(line.time));
}
std::string audit_path(const LogLine&) {
  return "hosts/audit.log";
}

}  // namespace

Result<void> deliver(World& world, const WriteFile& write_file, Summary& summary) {
  Files files;
  summary.records += add_cloudtrail(world, files);
  add_flow_logs(world, files);
  add_lines(world.dns, files, dns_path);
  add_lines(world.findings, files, findings_path);
  add_lines(world.falco, files, falco_path);
  add_lines(world.audit, files, audit_path);
  write_metric_documents(world);
  for (Document& document : world.documents)
    files[document.path] = std::move(document.text);
  summary.records += world.flows.size() + world.dns.size() + world.findings.size() +
                     world.falco.size() + world.audit.size() + world.documents.size();

  for (const auto& [path, text] : files) {
    ++summary.files;
    summary.bytes += text.size();
    const std::string packed =
        path.ends_with(".gz") ? DAVY_TRY(gzip(text, Compression::kUsual)) : text;
    summary.bytes_written += packed.size();
    DAVY_TRY(write_file(path, packed));
  }
  return {};
}

}  // namespace davy::simulate
