// SPDX-License-Identifier: Apache-2.0
#include "davy/decode/route53.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "davy/decode/dns_name.h"
#include "davy/decode/field_slots.h"
#include "davy/decode/json_shape.h"
#include "davy/decode/json_walker.h"
#include "davy/decode/workbench.h"

namespace davy::decode {
namespace {

using event::Fields;

constexpr event::Logsource kLogsources[] = {{"", "aws", "route53resolver"}, {"dns", "", ""}};

enum Field : size_t {
  kName,
  kTime,
  kVpc,
  kAccount,
  kRegion,
  kType,
  kCode,
  kAnswers,
  kClient,
  kInstance,
  kAction,
  kFieldCount,
};

constexpr std::array<std::string_view, kFieldCount> kPaths = {
    "query_name",           "query_timestamp", "vpc_id",        "account_id", "region",
    "query_type",           "rcode",           "answers.Rdata", "srcaddr",    "srcids.instance",
    "firewall_rule_action",
};

/// Names that Sigma's rules for DNS use, as they are called here.
struct Alias {
  std::string_view sigma;
  std::string_view path;
};
constexpr Alias kAliases[] = {
    {"QueryName", "query_name"}, {"query", "query_name"},           {"answers", "answers.Rdata"},
    {"answer", "answers.Rdata"}, {"QueryResults", "answers.Rdata"}, {"record_type", "query_type"},
    {"QueryType", "query_type"}, {"QueryStatus", "rcode"},          {"src_ip", "srcaddr"},
    {"SourceIp", "srcaddr"},
};

class Route53Decoder final : public Decoder {
 public:
  explicit Route53Decoder(const event::Schema& schema) : walker_(schema), slots_(schema, kPaths) {}

  Outcome decode(const RawRecord& record, Workbench& bench, Sink& sink) override {
    Fields& fields = bench.fields();
    const std::string_view damage = walker_.walk(record.bytes, bench.parser(), fields);
    if (!damage.empty()) return Outcome::rejected(damage);
    const auto text = [&](Field field) { return fields.text(slots_[field]); };
    if (!fields.has(slots_[kName]) || !fields.has(slots_[kTime]) || !fields.has(slots_[kVpc])) {
      return Outcome::not_mine();
    }
    const auto time = parse_time(text(kTime));
    if (!time) return Outcome::rejected("query_timestamp is not a time");
    query_ = event::DnsQuery{};
    query_.name = normal_name(text(kName), bench.arena());
    if (query_.name.empty()) return Outcome::skipped("DNS query for the root");

    query_.type = text(kType);
    query_.rcode = text(kCode);
    query_.client_ip = text(kClient);
    query_.vpc = text(kVpc);
    query_.blocked = text(kAction) == "BLOCK";
    answers_.clear();
    for (const event::Value& answer : fields.values(slots_[kAnswers])) {
      if (answer.type == event::Value::Type::kString) answers_.push_back(answer.text);
    }
    query_.answers = answers_;

    event::Event event;
    event.ref = {record.stream->source, record.offset};
    event.key = hash128(record.bytes);
    event.time = event.end = *time;
    event.logsources = 0b11;
    event.account =
        text(kAccount).empty() ? std::string_view(record.stream->account_hint) : text(kAccount);
    event.region =
        text(kRegion).empty() ? std::string_view(record.stream->region_hint) : text(kRegion);
    event.instance = text(kInstance);
    event.dns = &query_;
    sink.emit(event, fields);
    return Outcome::decoded();
  }

 private:
  JsonWalker walker_;
  FieldSlots<kFieldCount> slots_;
  event::DnsQuery query_;
  std::vector<std::string_view> answers_;
};

void resolve_field(std::string_view sigma_field, std::vector<std::string>& paths) {
  const auto* alias = std::find_if(std::begin(kAliases), std::end(kAliases),
                                   [&](const Alias& one) { return one.sigma == sigma_field; });
  paths.emplace_back(alias == std::end(kAliases) ? sigma_field : alias->path);
}

constexpr std::string_view kTellKeys[] = {"query_name"};
constexpr std::string_view kSureKeys[] = {"query_name", "query_timestamp", "vpc_id"};

}  // namespace

const Format kRoute53 = {
    .name = "route53",
    .title = "Amazon Route 53 Resolver query log",
    .logsources = kLogsources,
    .looks_like_json =
        [](const JsonShape& shape) {
          return shape.has_all("query_name", "query_timestamp", "vpc_id");
        },
    .tell_keys = kTellKeys,
    .sure_keys = kSureKeys,
    .declare_fields =
        [](event::Schema& schema) {
          for (std::string_view path : kPaths)
            schema.add(path);
        },
    .resolve_field = resolve_field,
    .make_decoder = [](const event::Schema& schema) -> std::unique_ptr<Decoder> {
      return std::make_unique<Route53Decoder>(schema);
    },
};

}  // namespace davy::decode
