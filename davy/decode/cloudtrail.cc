// SPDX-License-Identifier: Apache-2.0
#include "davy/decode/cloudtrail.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <span>

#include "davy/base/text.h"
#include "davy/decode/cloudtrail_launch.h"
#include "davy/decode/cloudtrail_standing.h"
#include "davy/decode/field_slots.h"
#include "davy/decode/json_walker.h"
#include "davy/decode/workbench.h"

namespace davy::decode {
namespace {

using event::ApiCall;
using event::Fields;

constexpr event::Logsource kLogsources[] = {{"", "aws", "cloudtrail"}};

enum Field : size_t {
  kVersion,
  kId,
  kTime,
  kShipperTime,
  kSource,
  kName,
  kRegion,
  kType,
  kDigest,
  kAddress,
  kAgent,
  kErrorCode,
  kErrorMessage,
  kReadOnly,
  kRecipient,
  kIdType,
  kIdArn,
  kIdAccount,
  kIdKey,
  kIdUser,
  kIdPrincipal,
  kIdInvokedBy,
  kIssuerArn,
  kIssuerName,
  kMfa,
  kMfaUsed,
  kLoginResult,
  kNewKey,
  kNewSessionKey,
  kNamedKey,
  kNewType,
  kFieldCount,
};

constexpr std::array<std::string_view, kFieldCount> kPaths = {
    "eventVersion",
    "eventID",
    "eventTime",
    "@timestamp",
    "eventSource",
    "eventName",
    "awsRegion",
    "eventType",
    "digestStartTime",
    "sourceIPAddress",
    "userAgent",
    "errorCode",
    "errorMessage",
    "readOnly",
    "recipientAccountId",
    "userIdentity.type",
    "userIdentity.arn",
    "userIdentity.accountId",
    "userIdentity.accessKeyId",
    "userIdentity.userName",
    "userIdentity.principalId",
    "userIdentity.invokedBy",
    "userIdentity.sessionContext.sessionIssuer.arn",
    "userIdentity.sessionContext.sessionIssuer.userName",
    "userIdentity.sessionContext.attributes.mfaAuthenticated",
    "additionalEventData.MFAUsed",
    "responseElements.ConsoleLogin",
    "responseElements.accessKey.accessKeyId",
    "responseElements.credentials.accessKeyId",
    "requestParameters.accessKeyId",
    "requestParameters.instanceType.value"};

/// What a call acts on, in the order of usefulness: the first that is present is the target.
constexpr std::string_view kTargetPaths[] = {
    "requestParameters.instanceId",   "requestParameters.userName",
    "requestParameters.roleName",     "requestParameters.name",
    "requestParameters.trailName",    "requestParameters.detectorId",
    "requestParameters.functionName", "requestParameters.groupId",
    "requestParameters.keyName",      "requestParameters.policyArn",
    "requestParameters.regionName",   "requestParameters.bucketName"};

/// What a call gives its target; the first that is present.
constexpr std::string_view kSettingPaths[] = {
    "requestParameters.status", "requestParameters.disableApiTermination.value",
    "requestParameters.policyName", "requestParameters.policyArn"};

/// DryRun answers with an error that means "you would have been allowed".
constexpr std::string_view kDryRunError = "Client.DryRunOperation";

/// "AROA…:i-0abc" and ".../assumed-role/Role/i-0abc": the session of an instance profile is named
/// after the instance.
std::string_view instance_of_session(std::string_view arn) {
  const std::string_view session = arn.substr(arn.rfind('/') + 1);
  return session.starts_with("i-") ? session : std::string_view{};
}

class CloudTrailDecoder final : public Decoder {
 public:
  explicit CloudTrailDecoder(const event::Schema& schema)
      : walker_(schema), slots_(schema, kPaths), launch_(schema), standing_(schema) {
    for (size_t i = 0; i < std::size(kTargetPaths); ++i)
      targets_[i] = schema.find(kTargetPaths[i]);
    for (size_t i = 0; i < std::size(kSettingPaths); ++i)
      settings_[i] = schema.find(kSettingPaths[i]);
  }

  Outcome decode(const RawRecord& record, Workbench& bench, Sink& sink) override {
    Fields& fields = bench.fields();
    const std::string_view damage = walker_.walk(record.bytes, bench.parser(), fields);
    if (!damage.empty()) return Outcome::rejected(damage);
    const auto text = [&](Field field) { return fields.text(slots_[field]); };

    if (fields.has(slots_[kDigest])) return Outcome::skipped("CloudTrail digest");
    if (text(kType) == "AwsCloudTrailInsight") return Outcome::skipped("CloudTrail Insight");
    if (text(kSource).empty() || text(kName).empty() || text(kRegion).empty()) {
      return Outcome::not_mine();
    }
    // "aws:s3" and the like: a function's input, which uses CloudTrail's keys for other things.
    if (text(kSource).starts_with("aws:")) return Outcome::not_mine();
    // Logstash moves eventTime into its own field.
    const auto time = parse_time(text(kTime).empty() ? text(kShipperTime) : text(kTime));
    if (!time) return Outcome::rejected("eventTime is missing or not a time");

    event::Event event;
    event.ref = {record.stream->source, record.offset};
    event.record_id = text(kId);
    event.key = hash128(event.record_id.empty() ? record.bytes : event.record_id);
    event.time = event.end = *time;
    event.logsources = 1;
    event.region = text(kRegion);
    event.account = text(kRecipient).empty() ? text(kIdAccount) : text(kRecipient);
    if (event.account.empty()) event.account = record.stream->account_hint;
    event.actor = actor(fields);
    event.instance = instance_of_session(event.actor.arn);
    event.api = call(fields);
    sink.emit(event, fields);
    return Outcome::decoded();
  }

 private:
  event::Actor actor(const Fields& fields) const {
    const auto text = [&](Field field) { return fields.text(slots_[field]); };
    event::Actor actor;
    actor.type = text(kIdType);
    actor.arn = text(kIdArn).empty() ? text(kIdPrincipal) : text(kIdArn);
    actor.issuer_arn = text(kIssuerArn);
    actor.name = text(kIdUser).empty() ? text(kIssuerName) : text(kIdUser);
    actor.access_key = text(kIdKey);
    actor.account = text(kIdAccount);
    actor.mfa = text(kMfa) == "true" || text(kMfaUsed) == "Yes";
    // sourceIPAddress is an address, the name of the service that called, or words ("AWS
    // Internal").
    const std::string_view address = text(kAddress);
    const bool is_address = address.find(':') != std::string_view::npos ||
                            (!address.empty() && is_ascii_digit(address.back()) &&
                             address.find('.') != std::string_view::npos);
    if (is_address) actor.source_ip = address;
    if (address.ends_with(".amazonaws.com")) actor.source_service = address;
    if (!text(kIdInvokedBy).empty()) actor.source_service = text(kIdInvokedBy);
    return actor;
  }

  const ApiCall* call(const Fields& fields) {
    const auto text = [&](Field field) { return fields.text(slots_[field]); };
    call_ = ApiCall{};
    call_.service = text(kSource);
    call_.operation = text(kName);
    call_.error_code = text(kErrorCode);
    call_.error_message = text(kErrorMessage);
    call_.user_agent = text(kAgent);
    call_.read_only = text(kReadOnly) == "true";
    call_.dry_run = call_.error_code == kDryRunError;
    call_.failed = !call_.error_code.empty() || text(kLoginResult) == "Failure";
    call_.target = first_text(targets_, fields);
    call_.setting = first_text(settings_, fields);
    call_.named_access_key = text(kNamedKey);
    call_.created_access_key = text(kNewKey).empty() ? text(kNewSessionKey) : text(kNewKey);
    call_.instance_ids = launch_.read_instances(fields);
    call_.new_instance_type = text(kNewType);
    call_.launch = launch_.read(call_.operation, fields);
    call_.standing = standing_.read(call_.service, call_.operation, fields);
    call_.recipe = standing_.read_recipe(call_.operation, fields);
    return &call_;
  }

  static std::string_view first_text(std::span<const event::Slot> slots, const Fields& fields) {
    for (event::Slot slot : slots) {
      if (const std::string_view text = fields.text(slot); !text.empty()) return text;
    }
    return {};
  }

  JsonWalker walker_;
  FieldSlots<kFieldCount> slots_;
  LaunchReader launch_;
  StandingReader standing_;
  event::Slot targets_[std::size(kTargetPaths)];
  event::Slot settings_[std::size(kSettingPaths)];
  ApiCall call_;
};

class LookupDecoder final : public Decoder {
 public:
  explicit LookupDecoder(const event::Schema& schema)
      : walker_(schema), record_(schema.find("CloudTrailEvent")) {}

  Outcome decode(const RawRecord& record, Workbench& bench, Sink& sink) override {
    const std::string_view damage = walker_.walk(record.bytes, bench.parser(), bench.fields());
    if (!damage.empty()) return Outcome::rejected(damage);
    const std::string_view inner = bench.fields().text(record_);
    if (inner.empty()) return Outcome::not_mine();
    return bench.decode_text(inner, record, sink);
  }

 private:
  JsonWalker walker_;
  event::Slot record_;
};

constexpr std::string_view kTellKeys[] = {"eventSource", "eventType", "digestStartTime"};
constexpr std::string_view kSureKeys[] = {"eventSource", "eventName", "awsRegion"};
constexpr std::string_view kLookupKeys[] = {"CloudTrailEvent"};

}  // namespace

const Format kCloudTrail = {
    .name = "cloudtrail",
    .title = "AWS CloudTrail",
    .logsources = kLogsources,
    .looks_like_json =
        [](const JsonShape& shape) {
          return shape.has_all("eventSource", "eventName", "awsRegion") ||
                 shape.text("eventType") == "AwsCloudTrailInsight" ||
                 shape.has_all("digestStartTime", "digestS3Object");
        },
    .tell_keys = kTellKeys,
    .sure_keys = kSureKeys,
    .declare_fields =
        [](event::Schema& schema) {
          for (std::string_view path : kPaths)
            schema.add(path);
          for (std::string_view path : kTargetPaths)
            schema.add(path);
          for (std::string_view path : kSettingPaths)
            schema.add(path);
          LaunchReader::declare_fields(schema);
          StandingReader::declare_fields(schema);
        },
    .make_decoder = [](const event::Schema& schema) -> std::unique_ptr<Decoder> {
      return std::make_unique<CloudTrailDecoder>(schema);
    },
};

const Format kCloudTrailLookup = {
    .name = "cloudtrail_lookup",
    .title = "AWS CloudTrail lookup-events output",
    .looks_like_json =
        [](const JsonShape& shape) {
          return shape.is_string("CloudTrailEvent") && shape.has("EventId");
        },
    .tell_keys = kLookupKeys,
    .declare_fields = [](event::Schema& schema) { schema.add("CloudTrailEvent"); },
    .make_decoder = [](const event::Schema& schema) -> std::unique_ptr<Decoder> {
      return std::make_unique<LookupDecoder>(schema);
    },
    .envelope = true,
};

}  // namespace davy::decode
