// SPDX-License-Identifier: Apache-2.0
#include "davy/decode/stamped_line.h"

#include <algorithm>
#include <optional>

#include "davy/base/text.h"
#include "davy/base/time.h"
#include "davy/decode/json_framing.h"
#include "davy/decode/workbench.h"

namespace davy::decode {
namespace {

/// "2024-03-04T12:00:00.123456789+00:00"
constexpr size_t kLongestStamp = 35;

struct StampedLine {
  std::string_view content;
  bool part = false;  ///< of a line that the container runtime split
};

std::optional<StampedLine> read_stamp(std::string_view line) {
  const size_t end = std::min(line.find(' '), line.size());
  if (end < 11 || end > kLongestStamp || line[10] != 'T') return std::nullopt;
  if (!parse_time(line.substr(0, end))) return std::nullopt;
  StampedLine stamped{line.substr(std::min(end + 1, line.size()))};
  for (std::string_view stream : {"stdout ", "stderr "}) {
    if (!stamped.content.starts_with(stream)) continue;
    const std::string_view tagged = stamped.content.substr(stream.size());
    if (tagged.starts_with("F ") || tagged.starts_with("P ")) {
      return StampedLine{tagged.substr(2), tagged[0] == 'P'};
    }
  }
  return stamped;
}

/// Whether a line is a record by itself: no listing, which is read as a whole.
bool is_record(std::string_view line, std::string_view path) {
  if (begins_like_json(line)) return true;
  const TextProbe probe{{line}, path};
  return std::any_of(formats().begin(), formats().end(), [&](const Format* format) {
    return format != &kStampedLine && format->framing != Framing::kWhole &&
           format->looks_like_text != nullptr && format->looks_like_text(probe);
  });
}

class StampedLineDecoder final : public Decoder {
 public:
  Outcome decode(const RawRecord& record, Workbench& bench, Sink& sink) override {
    const auto stamped = read_stamp(record.bytes);
    if (!stamped)
      return Outcome::rejected("line without the time that lines of its file begin with");
    if (stamped->part) return Outcome::rejected("part of a line that the container runtime split");
    return bench.decode_text(stamped->content, record, sink);
  }
};

}  // namespace

const Format kStampedLine = {
    .name = "stamped_line",
    .title = "Line of a CloudWatch Logs export or a container log",
    .framing = Framing::kLines,
    .looks_like_text =
        [](const TextProbe& probe) {
          return std::any_of(probe.lines.begin(), probe.lines.end(), [&](std::string_view line) {
            const auto stamped = read_stamp(line);
            return stamped && !stamped->part && is_record(stamped->content, probe.path);
          });
        },
    .make_decoder = [](const event::Schema&) -> std::unique_ptr<Decoder> {
      return std::make_unique<StampedLineDecoder>();
    },
    .envelope = true,
};

}  // namespace davy::decode
