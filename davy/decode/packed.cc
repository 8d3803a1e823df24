// SPDX-License-Identifier: Apache-2.0
#include "davy/decode/packed.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "davy/decode/field_slots.h"
#include "davy/decode/joint_outcome.h"
#include "davy/decode/json_shape.h"
#include "davy/decode/json_walker.h"
#include "davy/decode/workbench.h"

namespace davy::decode {
namespace {

using event::Fields;
using event::Value;

constexpr std::string_view kNothingPacked = "packed delivery without data";

bool is_from_kinesis(const JsonShape& shape) {
  return shape.text("eventSource") == "aws:kinesis";
}

bool is_from_kafka(const JsonShape& shape) {
  const std::string_view source = shape.text("eventSource");
  return source == "aws:kafka" || source == "SelfManagedKafka";
}

/// Where packed content stands, and what tells it from other records with such a key.
struct Place {
  std::string_view path;
  bool (*is)(const JsonShape& shape);
};

constexpr Place kPlaces[] = {
    {"awslogs.data", [](const JsonShape& shape) { return shape.is_object("awslogs"); }},
    {"Data",
     [](const JsonShape& shape) { return shape.is_string("Data") && shape.has("PartitionKey"); }},
    {"data",
     [](const JsonShape& shape) {
       return shape.is_string("data") && (shape.has("recordId") || is_from_kinesis(shape));
     }},
    {"records.data",
     [](const JsonShape& shape) {
       return shape.is_array("records") &&
              (shape.has_all("requestId", "timestamp") ||
               shape.has_all("invocationId", "deliveryStreamArn")) &&
              shape.raw("records").find("\"data\"") != std::string_view::npos;
     }},
    {"message.data",
     [](const JsonShape& shape) {
       return shape.is_object("message") && shape.is_string("subscription");
     }},
    {"data_base64",
     [](const JsonShape& shape) {
       return shape.is_string("data_base64") && shape.has("specversion");
     }},
};

constexpr std::string_view kKinesisPath = "kinesis.data";
constexpr std::string_view kKinesisKeys[] = {"kinesis"};

/// Decodes every string at the first of the paths that is there.
class PackedDecoder final : public Decoder {
 public:
  explicit PackedDecoder(const event::Schema& schema) : walker_(schema) {
    slots_.push_back(schema.find(kKinesisPath));
    for (const Place& place : kPlaces)
      slots_.push_back(schema.find(place.path));
  }

  Outcome decode(const RawRecord& record, Workbench& bench, Sink& sink) override {
    Fields& fields = bench.fields();
    const std::string_view damage = walker_.walk(record.bytes, bench.parser(), fields);
    if (!damage.empty()) return Outcome::rejected(damage);
    const auto slot = std::find_if(slots_.begin(), slots_.end(),
                                   [&](event::Slot one) { return fields.has(one); });
    if (slot == slots_.end()) return Outcome::skipped(kNothingPacked);
    JointOutcome joint;
    for (const Value& value : fields.values(*slot)) {
      if (value.type != Value::Type::kString) continue;
      joint.add(bench.decode_packed(value.text, record, sink));
    }
    return joint.or_else(Outcome::skipped(kNothingPacked));
  }

 private:
  JsonWalker walker_;
  std::vector<event::Slot> slots_;
};

void declare_places(event::Schema& schema) {
  for (const Place& place : kPlaces)
    schema.add(place.path);
}

// -- Kafka --------------------------------------------------------------------------------------

constexpr std::string_view kTopicsPath = "records";

/// The keys of "records" are the names of topics and partitions.
class KafkaDecoder final : public Decoder {
 public:
  explicit KafkaDecoder(const event::Schema& schema)
      : walker_(schema), topics_(schema.find(kTopicsPath)) {}

  Outcome decode(const RawRecord& record, Workbench& bench, Sink& sink) override {
    Fields& fields = bench.fields();
    const std::string_view damage = walker_.walk(record.bytes, bench.parser(), fields);
    if (!damage.empty()) return Outcome::rejected(damage);
    const auto topics = fields.values(topics_);
    if (topics.empty()) return Outcome::skipped(kNothingPacked);
    JointOutcome joint;
    const JsonShape shape = read_shape((*topics.begin()).text, bench.parser());
    for (const auto& [topic, messages] : shape.members()) {
      // The parser is at the list while its messages are read: their shapes come after it.
      std::vector<std::string_view> each;
      for_each_element(messages, bench.parser(),
                       [&](std::string_view one) { each.push_back(one); });
      for (std::string_view message : each) {
        const JsonShape parts = read_shape(message, bench.parser());
        if (parts.text("value").empty()) continue;
        // Base64 has slashes, which JSON may write as "\\/".
        const std::string_view value = unescape_json(parts.raw("value"), bench.arena());
        joint.add(bench.decode_packed(value, record, sink));
      }
    }
    return joint.or_else(Outcome::skipped(kNothingPacked));
  }

 private:
  JsonWalker walker_;
  event::Slot topics_;
};

}  // namespace

const Format kKinesisRecord = {
    .name = "kinesis",
    .title = "Amazon Kinesis record",
    .looks_like_json =
        [](const JsonShape& shape) { return shape.is_object("kinesis") && is_from_kinesis(shape); },
    .tell_keys = kKinesisKeys,
    .declare_fields = [](event::Schema& schema) { schema.add(kKinesisPath); },
    .make_decoder = [](const event::Schema& schema) -> std::unique_ptr<Decoder> {
      return std::make_unique<PackedDecoder>(schema);
    },
    .envelope = true,
};

const Format kPacked = {
    .name = "packed",
    .title = "Packed delivery (CloudWatch Logs, Kinesis, Firehose)",
    .looks_like_json =
        [](const JsonShape& shape) {
          return std::any_of(std::begin(kPlaces), std::end(kPlaces),
                             [&](const Place& place) { return place.is(shape); });
        },
    .declare_fields = declare_places,
    .make_decoder = [](const event::Schema& schema) -> std::unique_ptr<Decoder> {
      return std::make_unique<PackedDecoder>(schema);
    },
    .envelope = true,
};

const Format kKafkaBatch = {
    .name = "kafka",
    .title = "Kafka batch for a function",
    .looks_like_json =
        [](const JsonShape& shape) { return shape.is_object("records") && is_from_kafka(shape); },
    .declare_fields = [](event::Schema& schema) { schema.add(kTopicsPath); },
    .make_decoder = [](const event::Schema& schema) -> std::unique_ptr<Decoder> {
      return std::make_unique<KafkaDecoder>(schema);
    },
    .envelope = true,
};

}  // namespace davy::decode
