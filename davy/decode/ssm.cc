// SPDX-License-Identifier: Apache-2.0
#include "davy/decode/ssm.h"

#include <array>
#include <cstring>

#include "davy/decode/field_slots.h"
#include "davy/decode/json_walker.h"
#include "davy/decode/ps_listing.h"
#include "davy/decode/workbench.h"

namespace davy::decode {
namespace {

constexpr event::Logsource kLogsources[] = {
    {"process_creation", "linux", ""}, {"", "linux", "ps"}, {"", "aws", "ssm"}};

enum Field : size_t {
  kCommand,
  kInstance,
  kPlugin,
  kOutput,
  kStart,
  kEnd,
  kType,
  kEntities,
  kCapture,
  kFieldCount
};
constexpr std::array<std::string_view, kFieldCount> kPaths = {"CommandId",
                                                              "InstanceId",
                                                              "PluginName",
                                                              "StandardOutputContent",
                                                              "ExecutionStartDateTime",
                                                              "ExecutionEndDateTime",
                                                              "TypeName",
                                                              "Entities",
                                                              "captureTime"};

class SsmDecoder final : public Decoder {
 public:
  explicit SsmDecoder(const event::Schema& schema)
      : walker_(schema), slots_(schema, kPaths), listing_(schema) {}

  Outcome decode(const RawRecord& record, Workbench& bench, Sink& sink) override {
    const event::Fields& fields = bench.fields();
    const std::string_view damage = walker_.walk(record.bytes, bench.parser(), bench.fields());
    if (!damage.empty()) return Outcome::rejected(damage);
    const auto text = [&](Field field) { return fields.text(slots_[field]); };
    if (text(kCommand).empty() || !fields.has(slots_[kOutput])) {
      const bool inventory = fields.has(slots_[kType]) || fields.has(slots_[kEntities]) ||
                             fields.has(slots_[kCapture]);
      return inventory ? Outcome::skipped("SSM inventory") : Outcome::not_mine();
    }
    if (!has_process_table(text(kOutput))) {
      return Outcome::skipped("SSM output that is no process listing");
    }
    auto time = parse_time(text(kEnd));
    if (!time) time = parse_time(text(kStart));
    if (!time) return Outcome::rejected("neither ExecutionEndDateTime nor the start is a time");

    event::Event event;
    event.ref = {record.stream->source, record.offset};
    event.time = event.end = *time;
    event.instance = text(kInstance);
    event.account = record.stream->account_hint;
    event.region = record.stream->region_hint;
    event.record_id = identity(text(kCommand), text(kInstance), bench.arena());
    event.logsources = 0b111;
    const Hash128 hash = hash128(record.bytes);
    const size_t found =
        listing_.read(text(kOutput), &fields,
                      [&](const event::Process& process, const event::Fields& row, size_t line) {
                        event.key = {hash.high, hash_combine(hash.low, line)};
                        event.process = &process;
                        sink.emit(event, row);
                      });
    return found > 0 ? Outcome::decoded() : Outcome::skipped("process listing without processes");
  }

 private:
  static std::string_view identity(std::string_view command, std::string_view instance,
                                   Arena& arena) {
    char* place = arena.allocate(command.size() + 1 + instance.size());
    std::memcpy(place, command.data(), command.size());
    place[command.size()] = ':';
    if (!instance.empty())
      std::memcpy(place + command.size() + 1, instance.data(), instance.size());
    return {place, command.size() + 1 + instance.size()};
  }

  JsonWalker walker_;
  FieldSlots<kFieldCount> slots_;
  ProcessListing listing_;
};

/// Of the agent's inventories: by the API per type, by the API per instance, and as delivered to
/// S3.
bool is_inventory(const JsonShape& shape) {
  const std::string_view type = shape.text("TypeName");
  const bool of_type = type.starts_with("AWS:") || type.starts_with("Custom:");
  return (of_type && (shape.has("Entries") || shape.has("Content"))) ||
         (shape.is_array("Entities") &&
          shape.raw("Entities").find("\"Data\"") != std::string_view::npos) ||
         shape.has_all("resourceId", "captureTime", "schemaVersion");
}

}  // namespace

const Format kSsm = {
    .name = "ssm",
    .title = "AWS Systems Manager command results",
    .logsources = kLogsources,
    .looks_like_json =
        [](const JsonShape& shape) {
          return shape.has_all("CommandId", "StandardOutputContent") || is_inventory(shape);
        },
    .declare_fields =
        [](event::Schema& schema) {
          for (std::string_view path : kPaths)
            schema.add(path);
        },
    .make_decoder = [](const event::Schema& schema) -> std::unique_ptr<Decoder> {
      return std::make_unique<SsmDecoder>(schema);
    },
};

}  // namespace davy::decode
