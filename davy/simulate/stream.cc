// SPDX-License-Identifier: Apache-2.0
// Load. Composing every record afresh would measure the simulator, so a few thousand records are
// taken from an ordinary background and written again and again with what makes a record new put in
// place: times and ids, which have fixed widths.
#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "davy/simulate/background.h"
#include "davy/simulate/delivery.h"
#include "davy/simulate/simulate.h"
#include "davy/simulate/traffic.h"

namespace davy::simulate {
namespace {

constexpr Time kDefaultStart{1'740'009'600 * kSecond};
constexpr size_t kTemplates = 4096;
constexpr size_t kBlock = 1 << 20;  ///< bytes handed to the writer at once
constexpr size_t kRecordsPerDelivery = 1000;
constexpr uint64_t kRecordsPerSecond = 200;  ///< how fast the stream's time advances
constexpr std::string_view kHexDigits = "0123456789abcdef";

/// Where in a template the parts lie that change.
struct Template {
  std::string text;
  std::vector<size_t> rfc3339, epoch, uuid, port;
};

void find_value(std::string_view text, std::string_view key, std::vector<size_t>& places) {
  const size_t at = text.find(key);
  if (at != std::string_view::npos) places.push_back(at + key.size());
}

Template cloudtrail_template(std::string text) {
  Template made{std::move(text), {}, {}, {}, {}};
  find_value(made.text, R"("eventTime":")", made.rfc3339);
  find_value(made.text, R"("requestID":")", made.uuid);
  find_value(made.text, R"("eventID":")", made.uuid);
  return made;
}

Template dns_template(std::string text) {
  Template made{std::move(text), {}, {}, {}, {}};
  find_value(made.text, R"("query_timestamp":")", made.rfc3339);
  find_value(made.text, R"("srcport":")", made.port);
  return made;
}

/// A number of five digits where an ephemeral port stands.
void find_ephemeral_port(std::string_view line, size_t column_at, std::vector<size_t>& places) {
  const std::string_view number = line.substr(column_at, line.find(' ', column_at) - column_at);
  if (number.size() == 5 && number >= "32768") places.push_back(column_at);
}

/// A default-format line ends in "START END ACTION STATUS".
Template flow_template(std::string text) {
  Template made{std::move(text), {}, {}, {}, {}};
  const size_t status = made.text.rfind(' ');
  const size_t action = made.text.rfind(' ', status - 1);
  const size_t end = made.text.rfind(' ', action - 1);
  const size_t start = made.text.rfind(' ', end - 1);
  made.epoch = {start + 1, end + 1};
  size_t column_at = 0;
  for (int column = 0; column < 5; ++column)
    column_at = made.text.find(' ', column_at) + 1;
  find_ephemeral_port(made.text, column_at, made.port);
  find_ephemeral_port(made.text, made.text.find(' ', column_at) + 1, made.port);
  return made;
}

/// A quiet day to take templates from: a launch that is written a thousand times would be a mass
/// launch, a long connection a thousand of them.
World template_world(uint64_t seed) {
  World world;
  world.seed = seed;
  world.start = kDefaultStart;
  world.days = 1;
  add_background(world, Background::kQuiet);
  return world;
}

std::vector<Template> templates_of(StreamFormat format, uint64_t seed) {
  World world = template_world(seed);
  std::vector<Template> all;
  switch (format) {
    case StreamFormat::kCloudTrail:
    case StreamFormat::kCloudTrailDelivered:
      for (ApiRecord& record : world.api)
        all.push_back(cloudtrail_template(std::move(record.json)));
      break;
    case StreamFormat::kVpcFlow:
      for (FlowRecord& record : world.flows) {
        if (!record.network->version_5) all.push_back(flow_template(std::move(record.line)));
      }
      break;
    case StreamFormat::kRoute53:
      for (LogLine& line : world.dns)
        all.push_back(dns_template(std::move(line.text)));
      break;
  }
  // An even choice over the day, in an order that mixes callers.
  Rng rng(seed, "stream/templates");
  for (size_t i = all.size(); i > 1; --i)
    std::swap(all[i - 1], all[rng.below(i)]);
  if (all.size() > kTemplates) all.resize(kTemplates);
  return all;
}

void put_hex(char* place, uint64_t bits, int digits) {
  for (int i = 0; i < digits; ++i, bits >>= 4)
    place[i] = kHexDigits[bits & 15];
}

/// The four groups of a uuid that are free to change; the version and variant digits stay.
void put_uuid(char* place, Rng& rng) {
  const uint64_t low = rng.next();
  put_hex(place, low, 8);
  put_hex(place + 9, low >> 32, 4);
  put_hex(place + 24, rng.next(), 12);
}

void put_port(char* place, int64_t port) {
  for (int i = 4; i >= 0; --i, port /= 10)
    place[i] = static_cast<char>('0' + port % 10);
}

/// Writes records of a pool, each time with new times and ids.
class Repeater {
 public:
  Repeater(StreamFormat format, const StreamOptions& options)
      : templates_(templates_of(format, options.seed)),
        rng_(options.seed, "stream"),
        start_(options.start.known() ? options.start : kDefaultStart) {}

  void append(std::string& out) {
    if (records_++ % kRecordsPerSecond == 0) {
      const Time now = bucket_start(start_, kSecond) +
                       static_cast<int64_t>(records_ / kRecordsPerSecond) * kSecond;
      rfc3339_ = to_rfc3339(now);
      epoch_ = fmt::format("{}", now.ns / kSecond);
    }
    const Template& one = templates_[rng_.below(templates_.size())];
    const size_t base = out.size();
    out += one.text;
    char* const text = out.data() + base;
    for (const size_t at : one.rfc3339)
      std::copy(rfc3339_.begin(), rfc3339_.end(), text + at);
    for (const size_t at : one.epoch)
      std::copy(epoch_.begin(), epoch_.end(), text + at);
    for (const size_t at : one.port)
      put_port(text + at, rng_.between(32768, 60999));
    for (const size_t at : one.uuid)
      put_uuid(text + at, rng_);
  }

  uint64_t records() const { return records_; }

 private:
  std::vector<Template> templates_;
  Rng rng_;
  Time start_;
  std::string rfc3339_, epoch_;
  uint64_t records_ = 0;
};

Result<StreamSummary> stream_lines(Repeater& repeater, std::string block, uint64_t bytes,
                                   const Write& write) {
  StreamSummary summary;
  block.reserve(kBlock + (1 << 17));
  while (summary.bytes + block.size() < bytes) {
    repeater.append(block);
    block += '\n';
    if (block.size() < kBlock) continue;
    DAVY_TRY(write(block));
    summary.bytes += block.size();
    block.clear();
  }
  DAVY_TRY(write(block));
  summary.bytes += block.size();
  summary.records = repeater.records();
  return summary;
}

Result<StreamSummary> stream_delivered(Repeater& repeater, uint64_t bytes, const Write& write) {
  StreamSummary summary;
  std::string document;
  while (summary.bytes < bytes) {
    document = "{\"Records\":[";
    for (size_t i = 0; i < kRecordsPerDelivery && summary.bytes + document.size() < bytes; ++i) {
      if (i > 0) document += ',';
      repeater.append(document);
    }
    document += "]}";
    summary.bytes += document.size();
    DAVY_TRY(write(DAVY_TRY(gzip(document, Compression::kFast))));
  }
  summary.records = repeater.records();
  return summary;
}

struct FormatName {
  std::string_view name;
  StreamFormat format;
};
constexpr FormatName kFormats[] = {
    {"cloudtrail", StreamFormat::kCloudTrail},
    {"cloudtrail_delivered", StreamFormat::kCloudTrailDelivered},
    {"vpc_flow", StreamFormat::kVpcFlow},
    {"route53", StreamFormat::kRoute53},
};

}  // namespace

std::optional<StreamFormat> stream_format(std::string_view name) {
  const auto row = std::find_if(std::begin(kFormats), std::end(kFormats),
                                [&](const FormatName& one) { return one.name == name; });
  if (row == std::end(kFormats)) return std::nullopt;
  return row->format;
}

std::vector<std::string_view> stream_format_names() {
  std::vector<std::string_view> names;
  for (const FormatName& one : kFormats)
    names.push_back(one.name);
  return names;
}

Result<StreamSummary> stream(StreamFormat format, const StreamOptions& options,
                             const Write& write) {
  Repeater repeater(format, options);
  if (format == StreamFormat::kCloudTrailDelivered) {
    return stream_delivered(repeater, options.bytes, write);
  }
  std::string first;
  if (format == StreamFormat::kVpcFlow) {
    first = flow_log_header(Network{});
    first += '\n';
  }
  return stream_lines(repeater, std::move(first), options.bytes, write);
}

}  // namespace davy::simulate
