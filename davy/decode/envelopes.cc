// SPDX-License-Identifier: Apache-2.0
#include "davy/decode/envelopes.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "davy/decode/field_slots.h"
#include "davy/decode/joint_outcome.h"
#include "davy/decode/json_shape.h"
#include "davy/decode/json_walker.h"
#include "davy/decode/unread.h"
#include "davy/decode/workbench.h"

namespace davy::decode {
namespace {

using event::Fields;
using event::Value;

/// Whether a format that recognition asks before `asking` knows the record.
bool known_before(const JsonShape& shape, const Format& asking) {
  for (const Format* format : formats()) {
    if (format == &asking) return false;
    if (format->looks_like_json != nullptr && format->looks_like_json(shape)) return true;
  }
  return false;
}

/// The stream as its envelope describes it: what the envelope says fills what the path did not.
StreamContext within(const StreamContext& outer, std::string_view account,
                     std::string_view region) {
  StreamContext inner = outer;
  inner.layout = nullptr;
  if (!account.empty()) inner.account_hint = account;
  if (!region.empty()) inner.region_hint = region;
  return inner;
}

bool is_string(const Fields& fields, event::Slot slot) {
  return fields.has(slot) && (*fields.values(slot).begin()).type == Value::Type::kString;
}

bool is_container(const Fields& fields, event::Slot slot, char bracket) {
  return fields.has(slot) && (*fields.values(slot).begin()).type == Value::Type::kContainer &&
         (*fields.values(slot).begin()).text.starts_with(bracket);
}

// -- EventBridge --------------------------------------------------------------------------------

enum BusField : size_t {
  kBusType,
  kBusSource,
  kBusDetail,
  kBusAccount,
  kBusRegion,
  kBusFieldCount
};
constexpr std::array<std::string_view, kBusFieldCount> kBusPaths = {"detail-type", "source",
                                                                    "detail", "account", "region"};

constexpr std::string_view kOtherBusEvent = "EventBridge event Davy does not read";

/// Events on the bus that announce logs or alarms and hold none.
std::string_view notice_on_bus(std::string_view source, std::string_view type) {
  if (type == "CloudWatch Alarm State Change") return "CloudWatch alarm state change";
  if (source == "aws.s3" && type.starts_with("Object "))
    return "S3 notification: names an object, holds no log";
  return {};
}

class EventBridgeDecoder final : public Decoder {
 public:
  explicit EventBridgeDecoder(const event::Schema& schema)
      : walker_(schema), slots_(schema, kBusPaths) {}

  Outcome decode(const RawRecord& record, Workbench& bench, Sink& sink) override {
    Fields& fields = bench.fields();
    const std::string_view damage = walker_.walk(record.bytes, bench.parser(), fields);
    if (!damage.empty()) return Outcome::rejected(damage);
    const auto text = [&](BusField field) { return fields.text(slots_[field]); };
    if (!is_string(fields, slots_[kBusType]) || !is_string(fields, slots_[kBusSource]) ||
        !fields.has(slots_[kBusDetail])) {
      return Outcome::not_mine();
    }
    const std::string_view notice = notice_on_bus(text(kBusSource), text(kBusType));
    if (!notice.empty()) return Outcome::skipped(notice);
    const std::string_view detail = (*fields.values(slots_[kBusDetail]).begin()).text;
    const StreamContext stream = within(*record.stream, text(kBusAccount), text(kBusRegion));
    // From here on the parser works on `detail`: texts of the envelope are gone.
    if (!detail.starts_with('{')) return Outcome::skipped(kOtherBusEvent);
    const JsonShape shape = read_shape(detail, bench.parser());
    if (!known_before(shape, kShippedMessage)) {
      const std::string_view unread = unread_json(shape);
      return unread.empty() ? Outcome::skipped(kOtherBusEvent) : Outcome::rejected(unread);
    }
    return bench.decode_json({detail, record.offset, &stream}, sink);
  }

 private:
  JsonWalker walker_;
  FieldSlots<kBusFieldCount> slots_;
};

// -- CloudWatch Logs ----------------------------------------------------------------------------

enum LogsField : size_t { kLogsType, kLogsOwner, kLogsEvents, kLogsMessage, kLogsFieldCount };
constexpr std::array<std::string_view, kLogsFieldCount> kLogsPaths = {
    "messageType", "owner", "logEvents", "logEvents.message"};

class LogsDecoder final : public Decoder {
 public:
  explicit LogsDecoder(const event::Schema& schema) : walker_(schema), slots_(schema, kLogsPaths) {}

  Outcome decode(const RawRecord& record, Workbench& bench, Sink& sink) override {
    Fields& fields = bench.fields();
    const std::string_view damage = walker_.walk(record.bytes, bench.parser(), fields);
    if (!damage.empty()) return Outcome::rejected(damage);
    const std::string_view type = fields.text(slots_[kLogsType]);
    if (!is_container(fields, slots_[kLogsEvents], '[')) return Outcome::not_mine();
    if (type == "CONTROL_MESSAGE") return Outcome::skipped("CloudWatch Logs control message");
    if (type != "DATA_MESSAGE") return Outcome::not_mine();
    const StreamContext stream = within(*record.stream, fields.text(slots_[kLogsOwner]), {});
    JointOutcome joint;
    for (const Value& message : fields.values(slots_[kLogsMessage])) {
      joint.add(bench.decode_text(message.text, {record.bytes, record.offset, &stream}, sink));
    }
    return joint.or_else(Outcome::skipped("CloudWatch Logs delivery without messages"));
  }

 private:
  JsonWalker walker_;
  FieldSlots<kLogsFieldCount> slots_;
};

// -- One string that is a record ----------------------------------------------------------------

/// Where the string of an SNS notification stands, delivered by itself or to a function.
constexpr std::string_view kSnsPaths[] = {"Message", "Sns.Message"};

/// Keys under which shippers put a line: CloudWatch Logs, Fluent Bit and Docker, the journal,
/// CloudWatch Logs Insights, queues and Elastic.
constexpr std::string_view kMessagePaths[] = {"message",  "log",  "MESSAGE",
                                              "@message", "body", "event.original"};

/// Where a queue's answer to a caller has it.
constexpr std::string_view kQueuePaths[] = {"Body"};

/// Whether a container's runtime, or who ships its output, says that a workload printed this.
bool is_printed(const JsonShape& shape) {
  const std::string_view stream = shape.text("stream");
  return stream == "stdout" || stream == "stderr" || shape.is_object("kubernetes") ||
         shape.is_object("container") || shape.is_string("container_id") ||
         shape.is_string("container_name");
}

/// Decodes the first string found at one of the paths.
class StringDecoder final : public Decoder {
 public:
  StringDecoder(const event::Schema& schema, std::span<const std::string_view> paths,
                const Format& format)
      : walker_(schema), format_(format) {
    for (std::string_view path : paths)
      slots_.push_back(schema.find(path));
  }

  Outcome decode(const RawRecord& record, Workbench& bench, Sink& sink) override {
    // Many formats have a "message": a record that is known by more than that is not wrapped.
    const JsonShape shape = read_shape(record.bytes, bench.parser());
    if (known_before(shape, format_)) return Outcome::not_mine();
    const bool printed = is_printed(shape);
    Fields& fields = bench.fields();
    const std::string_view damage = walker_.walk(record.bytes, bench.parser(), fields);
    if (!damage.empty()) return Outcome::rejected(damage);
    for (const event::Slot slot : slots_) {
      if (!is_string(fields, slot)) continue;
      if (printed) bench.unwrap_printed();
      return bench.decode_text(fields.text(slot), record, sink);
    }
    return Outcome::not_mine();
  }

 private:
  JsonWalker walker_;
  const Format& format_;
  std::vector<event::Slot> slots_;
};

// -- Splunk -------------------------------------------------------------------------------------

constexpr std::string_view kSplunkPaths[] = {"event"};

class SplunkDecoder final : public Decoder {
 public:
  explicit SplunkDecoder(const event::Schema& schema)
      : walker_(schema), event_(schema.find(kSplunkPaths[0])) {}

  Outcome decode(const RawRecord& record, Workbench& bench, Sink& sink) override {
    Fields& fields = bench.fields();
    const std::string_view damage = walker_.walk(record.bytes, bench.parser(), fields);
    if (!damage.empty()) return Outcome::rejected(damage);
    if (is_string(fields, event_)) return bench.decode_text(fields.text(event_), record, sink);
    if (!is_container(fields, event_, '{')) return Outcome::not_mine();
    const std::string_view event = (*fields.values(event_).begin()).text;
    return bench.decode_json({event, record.offset, record.stream}, sink);
  }

 private:
  JsonWalker walker_;
  event::Slot event_;
};

// -- CloudWatch Logs Insights -------------------------------------------------------------------

constexpr std::string_view kResultPaths[] = {"results"};

/// Each result is a list of {"field", "value"}; that of the field "@message" is the record.
class QueryResultsDecoder final : public Decoder {
 public:
  explicit QueryResultsDecoder(const event::Schema& schema) : walker_(schema) {}

  Outcome decode(const RawRecord& record, Workbench& bench, Sink& sink) override {
    const std::string_view damage = walker_.walk(record.bytes, bench.parser(), bench.fields());
    if (!damage.empty()) return Outcome::rejected(damage);
    JointOutcome joint;
    const std::string_view results = read_shape(record.bytes, bench.parser()).raw("results");
    for (std::string_view result : elements_of(results, bench)) {
      for (std::string_view member : elements_of(result, bench)) {
        const JsonShape pair = read_shape(member, bench.parser());
        if (!pair.is_string("value")) continue;
        if (unescape_json(pair.raw("field"), bench.arena()) != "@message") continue;
        const std::string_view message = unescape_json(pair.raw("value"), bench.arena());
        joint.add(bench.decode_text(message, record, sink));
      }
    }
    return joint.or_else(Outcome::skipped("CloudWatch Logs query without messages"));
  }

 private:
  /// All before any is read: one parser reads both.
  static std::vector<std::string_view> elements_of(std::string_view list, Workbench& bench) {
    std::vector<std::string_view> elements;
    if (!list.empty()) {
      for_each_element(list, bench.parser(),
                       [&](std::string_view one) { elements.push_back(one); });
    }
    return elements;
  }

  JsonWalker walker_;
};

// -- Messages without a log ---------------------------------------------------------------------

struct Notice {
  bool (*is)(const JsonShape& shape);
  std::string_view reason;
};

constexpr Notice kNotices[] = {
    {[](const JsonShape& shape) { return shape.text("schema") == "davy.labels/1"; },
     "labels of a simulated estate"},
    {[](const JsonShape& shape) { return shape.text("Event") == "s3:TestEvent"; },
     "S3 test notification"},
    {[](const JsonShape& shape) { return shape.is_object("s3") && shape.has("eventName"); },
     "S3 notification: names an object, holds no log"},
    {[](const JsonShape& shape) { return shape.is_string("s3Bucket") && shape.has("s3ObjectKey"); },
     "CloudTrail notification: names objects, holds no log"},
    {[](const JsonShape& shape) { return shape.has_all("AlarmName", "NewStateValue"); },
     "CloudWatch alarm state change"},
    {[](const JsonShape& shape) {
       return shape.text("Type") == "SubscriptionConfirmation" && shape.has("TopicArn");
     },
     "SNS subscription confirmation"},
    {[](const JsonShape& shape) {
       return shape.text("Type") == "UnsubscribeConfirmation" && shape.has("TopicArn");
     },
     "SNS unsubscription confirmation"},
};

/// One key of each notice.
constexpr std::string_view kNoticeKeys[] = {"schema",   "Event",     "s3",
                                            "s3Bucket", "AlarmName", "TopicArn"};

const Notice* find_notice(const JsonShape& shape) {
  const auto* notice = std::find_if(std::begin(kNotices), std::end(kNotices),
                                    [&](const Notice& one) { return one.is(shape); });
  return notice == std::end(kNotices) ? nullptr : notice;
}

class NoticeDecoder final : public Decoder {
 public:
  explicit NoticeDecoder(const event::Schema& schema) : walker_(schema) {}

  Outcome decode(const RawRecord& record, Workbench& bench, Sink&) override {
    const std::string_view damage = walker_.walk(record.bytes, bench.parser(), bench.fields());
    if (!damage.empty()) return Outcome::rejected(damage);
    const Notice* notice = find_notice(read_shape(record.bytes, bench.parser()));
    return notice == nullptr ? Outcome::not_mine() : Outcome::skipped(notice->reason);
  }

 private:
  JsonWalker walker_;
};

template <typename Paths>
void declare(event::Schema& schema, const Paths& paths) {
  for (std::string_view path : paths)
    schema.add(path);
}

}  // namespace

const Format kEventBridge = {
    .name = "eventbridge",
    .title = "Amazon EventBridge event",
    .looks_like_json =
        [](const JsonShape& shape) {
          return shape.is_string("detail-type") && shape.is_string("source") && shape.has("detail");
        },
    .declare_fields = [](event::Schema& schema) { declare(schema, kBusPaths); },
    .make_decoder = [](const event::Schema& schema) -> std::unique_ptr<Decoder> {
      return std::make_unique<EventBridgeDecoder>(schema);
    },
    .envelope = true,
};

const Format kLogsSubscription = {
    .name = "cloudwatch_logs",
    .title = "CloudWatch Logs delivery",
    .looks_like_json =
        [](const JsonShape& shape) {
          const std::string_view type = shape.text("messageType");
          return shape.is_array("logEvents") &&
                 (type == "DATA_MESSAGE" || type == "CONTROL_MESSAGE");
        },
    .declare_fields = [](event::Schema& schema) { declare(schema, kLogsPaths); },
    .make_decoder = [](const event::Schema& schema) -> std::unique_ptr<Decoder> {
      return std::make_unique<LogsDecoder>(schema);
    },
    .envelope = true,
};

const Format kSns = {
    .name = "sns",
    .title = "Amazon SNS notification",
    .looks_like_json =
        [](const JsonShape& shape) {
          return (shape.text("Type") == "Notification" && shape.is_string("TopicArn") &&
                  shape.is_string("Message")) ||
                 (shape.is_object("Sns") && shape.text("EventSource") == "aws:sns");
        },
    .declare_fields = [](event::Schema& schema) { declare(schema, kSnsPaths); },
    .make_decoder = [](const event::Schema& schema) -> std::unique_ptr<Decoder> {
      return std::make_unique<StringDecoder>(schema, kSnsPaths, kSns);
    },
    .envelope = true,
};

const Format kQueueMessage = {
    .name = "sqs",
    .title = "Received Amazon SQS message",
    .looks_like_json =
        [](const JsonShape& shape) {
          return shape.is_string("Body") && shape.has("ReceiptHandle");
        },
    .declare_fields = [](event::Schema& schema) { declare(schema, kQueuePaths); },
    .make_decoder = [](const event::Schema& schema) -> std::unique_ptr<Decoder> {
      return std::make_unique<StringDecoder>(schema, kQueuePaths, kQueueMessage);
    },
    .envelope = true,
};

const Format kSplunkEvent = {
    .name = "splunk",
    .title = "Event of the Splunk HTTP collector",
    .looks_like_json =
        [](const JsonShape& shape) {
          return (shape.is_object("event") || shape.is_string("event")) &&
                 shape.is_string("sourcetype");
        },
    .declare_fields = [](event::Schema& schema) { declare(schema, kSplunkPaths); },
    .make_decoder = [](const event::Schema& schema) -> std::unique_ptr<Decoder> {
      return std::make_unique<SplunkDecoder>(schema);
    },
    .envelope = true,
};

const Format kLogsQuery = {
    .name = "logs_query",
    .title = "Results of a CloudWatch Logs Insights query",
    .looks_like_json =
        [](const JsonShape& shape) {
          return shape.is_array("results") && shape.is_object("statistics") &&
                 shape.is_string("status");
        },
    .declare_fields = [](event::Schema& schema) { declare(schema, kResultPaths); },
    .make_decoder = [](const event::Schema& schema) -> std::unique_ptr<Decoder> {
      return std::make_unique<QueryResultsDecoder>(schema);
    },
    .envelope = true,
};

const Format kShippedMessage = {
    .name = "message",
    .title = "Record in a shipper's envelope",
    .looks_like_json =
        [](const JsonShape& shape) {
          return std::any_of(std::begin(kMessagePaths), std::end(kMessagePaths),
                             [&](std::string_view path) { return shape.is_string(path); }) ||
                 (shape.is_object("event") &&
                  shape.raw("event").find("\"original\"") != std::string_view::npos);
        },
    .declare_fields = [](event::Schema& schema) { declare(schema, kMessagePaths); },
    .make_decoder = [](const event::Schema& schema) -> std::unique_ptr<Decoder> {
      return std::make_unique<StringDecoder>(schema, kMessagePaths, kShippedMessage);
    },
    .envelope = true,
};

const Format kNotice = {
    .name = "notice",
    .title = "Message without a log",
    .looks_like_json = [](const JsonShape& shape) { return find_notice(shape) != nullptr; },
    .tell_keys = kNoticeKeys,
    .make_decoder = [](const event::Schema& schema) -> std::unique_ptr<Decoder> {
      return std::make_unique<NoticeDecoder>(schema);
    },
    .envelope = true,
};

}  // namespace davy::decode
