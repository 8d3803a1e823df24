// SPDX-License-Identifier: Apache-2.0
#include "davy/decode/documents.h"

#include <algorithm>
#include <iterator>
#include <span>

#include "davy/decode/joint_outcome.h"
#include "davy/decode/json_shape.h"
#include "davy/decode/json_walker.h"
#include "davy/decode/unread.h"
#include "davy/decode/workbench.h"

namespace davy::decode {
namespace {

using event::Fields;
using event::Value;

constexpr std::string_view kEventPaths[] = {"data"};
constexpr std::string_view kHitPaths[] = {"_source", "hits.hits._source"};

bool is_known(const JsonShape& shape) {
  return std::any_of(formats().begin(), formats().end(), [&](const Format* format) {
    return format->looks_like_json != nullptr && format->looks_like_json(shape);
  });
}

/// Decodes every object or string at the first of the paths that is there.
class DocumentDecoder final : public Decoder {
 public:
  DocumentDecoder(const event::Schema& schema, std::span<const std::string_view> paths)
      : walker_(schema) {
    for (std::string_view path : paths)
      slots_.push_back(schema.find(path));
  }

  Outcome decode(const RawRecord& record, Workbench& bench, Sink& sink) override {
    Fields& fields = bench.fields();
    const std::string_view damage = walker_.walk(record.bytes, bench.parser(), fields);
    if (!damage.empty()) return Outcome::rejected(damage);
    const auto slot = std::find_if(slots_.begin(), slots_.end(),
                                   [&](event::Slot one) { return fields.has(one); });
    if (slot == slots_.end()) return Outcome::not_mine();
    if ((*fields.values(*slot).begin()).type == Value::Type::kString) {
      return bench.decode_text((*fields.values(*slot).begin()).text, record, sink);
    }
    JointOutcome joint;
    bool any_known = false;
    for (const Value& value : fields.values(*slot)) {
      if (value.type != Value::Type::kContainer || !value.text.starts_with('{')) continue;
      const JsonShape shape = read_shape(value.text, bench.parser());
      if (!is_known(shape)) {
        const std::string_view unread = unread_json(shape);
        joint.add(Outcome::rejected(unread.empty() ? kUnknownJson : unread));
        any_known |= !unread.empty();
        continue;
      }
      any_known = true;
      joint.add(bench.decode_json({value.text, record.offset, record.stream}, sink));
    }
    return any_known ? joint.or_else(Outcome::not_mine()) : Outcome::not_mine();
  }

 private:
  JsonWalker walker_;
  std::vector<event::Slot> slots_;
};

/// The only member of an action line, and what stands in it.
bool is_action(const JsonShape& shape) {
  constexpr std::string_view kActions[] = {"index", "create", "update", "delete"};
  constexpr std::string_view kTargets[] = {"\"_index\"", "\"_id\"", "\"_type\""};
  if (shape.members().size() != 1) return false;
  const auto& [name, value] = shape.members()[0];
  if (std::find(std::begin(kActions), std::end(kActions), name) == std::end(kActions)) return false;
  return value == "{}" || (value.starts_with('{') &&
                           std::any_of(std::begin(kTargets), std::end(kTargets),
                                       [text = value](std::string_view target) {
                                         return text.find(target) != std::string_view::npos;
                                       }));
}

class ActionDecoder final : public Decoder {
 public:
  explicit ActionDecoder(const event::Schema& schema) : walker_(schema) {}

  Outcome decode(const RawRecord& record, Workbench& bench, Sink&) override {
    const std::string_view damage = walker_.walk(record.bytes, bench.parser(), bench.fields());
    if (!damage.empty()) return Outcome::rejected(damage);
    return Outcome::skipped("action line of an Elasticsearch bulk request");
  }

 private:
  JsonWalker walker_;
};

}  // namespace

const Format kCloudEvent = {
    .name = "cloudevents",
    .title = "CloudEvents event",
    .looks_like_json =
        [](const JsonShape& shape) {
          return shape.has_all("specversion", "type", "source") &&
                 (shape.is_object("data") || shape.is_string("data"));
        },
    .declare_fields =
        [](event::Schema& schema) {
          for (std::string_view path : kEventPaths)
            schema.add(path);
        },
    .make_decoder = [](const event::Schema& schema) -> std::unique_ptr<Decoder> {
      return std::make_unique<DocumentDecoder>(schema, kEventPaths);
    },
    .envelope = true,
};

const Format kElasticHit = {
    .name = "elastic",
    .title = "Document in Elasticsearch's envelope",
    .looks_like_json =
        [](const JsonShape& shape) {
          return (shape.is_object("_source") && (shape.has("_index") || shape.has("_id"))) ||
                 (shape.is_object("hits") &&
                  shape.raw("hits").find("\"_source\"") != std::string_view::npos);
        },
    .declare_fields =
        [](event::Schema& schema) {
          for (std::string_view path : kHitPaths)
            schema.add(path);
        },
    .make_decoder = [](const event::Schema& schema) -> std::unique_ptr<Decoder> {
      return std::make_unique<DocumentDecoder>(schema, kHitPaths);
    },
    .envelope = true,
};

const Format kElasticAction = {
    .name = "elastic_action",
    .title = "Action of an Elasticsearch bulk request",
    .looks_like_json = is_action,
    .make_decoder = [](const event::Schema& schema) -> std::unique_ptr<Decoder> {
      return std::make_unique<ActionDecoder>(schema);
    },
    .envelope = true,
};

}  // namespace davy::decode
