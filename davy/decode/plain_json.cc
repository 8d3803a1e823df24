// SPDX-License-Identifier: Apache-2.0
#include "davy/decode/plain_json.h"

#include <iterator>

#include "davy/decode/json_walker.h"
#include "davy/decode/workbench.h"

namespace davy::decode {
namespace {

// Names writers of JSON logs use for the time of the event, most specific first.
constexpr std::string_view kTimeFields[] = {"@timestamp", "timestamp", "eventTime", "EventTime",
                                            "UtcTime",    "time",      "ts",        "TimeCreated"};

class PlainJsonDecoder final : public Decoder {
 public:
  explicit PlainJsonDecoder(const event::Schema& schema) : walker_(schema) {
    for (size_t i = 0; i < std::size(kTimeFields); ++i)
      time_slots_[i] = schema.find(kTimeFields[i]);
  }

  Outcome decode(const RawRecord& record, Workbench& bench, Sink& sink) override {
    event::Fields& fields = bench.fields();
    const std::string_view damage = walker_.walk(record.bytes, bench.parser(), fields);
    if (!damage.empty()) return Outcome::rejected(damage);
    event::Event event;
    event.ref = {record.stream->source, record.offset};
    event.key = hash128(record.bytes);
    for (event::Slot slot : time_slots_) {
      if (const auto time = parse_time(fields.text(slot))) {
        event.time = event.end = *time;
        break;
      }
    }
    sink.emit(event, fields);
    return Outcome::decoded();
  }

 private:
  JsonWalker walker_;
  event::Slot time_slots_[std::size(kTimeFields)];
};

}  // namespace

const Format kPlainJson = {
    .name = "json",
    .title = "JSON of any kind",
    .looks_like_json = [](const JsonShape& shape) { return !shape.empty(); },
    .declare_fields =
        [](event::Schema& schema) {
          for (std::string_view field : kTimeFields)
            schema.add(field);
        },
    .make_decoder = [](const event::Schema& schema) -> std::unique_ptr<Decoder> {
      return std::make_unique<PlainJsonDecoder>(schema);
    },
    .believed_when_printed = true,
};

}  // namespace davy::decode
