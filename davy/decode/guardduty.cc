// SPDX-License-Identifier: Apache-2.0
#include "davy/decode/guardduty.h"

#include <algorithm>
#include <array>
#include <initializer_list>

#include "davy/base/text.h"
#include "davy/decode/aws_names.h"
#include "davy/decode/dns_name.h"
#include "davy/decode/field_slots.h"
#include "davy/decode/guardduty_workloads.h"
#include "davy/decode/json_shape.h"
#include "davy/decode/json_walker.h"
#include "davy/decode/workbench.h"

namespace davy::decode {
namespace {

using event::Fields;

constexpr event::Logsource kLogsources[] = {{"", "aws", "guardduty"}};

enum Field : size_t {
  kSchemaVersion,
  kDetector,
  kService,
  kId,
  kType,
  kTitle,
  kSeverity,
  kAccount,
  kRegion,
  kCreated,
  kUpdated,
  kFirstSeen,
  kLastSeen,
  kCount,
  kArchived,
  kSample,
  kExtra,
  kInstance,
  kInstanceType,
  kInstanceState,
  kTagKey,
  kTagValue,
  kInstanceImage,
  kAccessKey,
  kUserName,
  kUserType,
  kApiCaller,
  kApiCaller6,
  kKubernetesCaller,
  kLoginCaller,
  kRemote,
  kRemote6,
  kRemotePort,
  kDirection,
  kProtocol,
  kConnectionBlocked,
  kProber,
  kDomain,
  kDomainBlocked,
  kProcess,
  kProcessHash,
  kEksCluster,
  kEcsCluster,
  kEcsTask,
  kFunctionArn,
  kFunctionName,
  kContainer,
  kContainerImage,
  kEcsContainer,
  kEcsImage,
  kPodContainer,
  kPodImage,
  kPod,
  kNamespace,
  kVolumeFile,
  kVolumeHash,
  kMalwareFile,
  kMalwareHash,
  kEndpointAddress,
  kEndpointPort,
  kEndpointDomain,
  kSequenceIndicator,
  kSignalIndicator,
  kSequenceResources,
  kSequenceResource,
  kSequenceResourceName,
  kSequenceCredential,
  kSequenceProcess,
  kSequenceHash,
  kFieldCount,
};

constexpr std::array<std::string_view, kFieldCount> kPaths = {
    "schemaVersion",
    "service.detectorId",
    "service.serviceName",
    "id",
    "type",
    "title",
    "severity",
    "accountId",
    "region",
    "createdAt",
    "updatedAt",
    "service.eventFirstSeen",
    "service.eventLastSeen",
    "service.count",
    "service.archived",
    "service.additionalInfo.sample",
    "service.additionalInfo.value",
    "resource.instanceDetails.instanceId",
    "resource.instanceDetails.instanceType",
    "resource.instanceDetails.instanceState",
    "resource.instanceDetails.tags.key",
    "resource.instanceDetails.tags.value",
    "resource.instanceDetails.imageId",
    "resource.accessKeyDetails.accessKeyId",
    "resource.accessKeyDetails.userName",
    "resource.accessKeyDetails.userType",
    "service.action.awsApiCallAction.remoteIpDetails.ipAddressV4",
    "service.action.awsApiCallAction.remoteIpDetails.ipAddressV6",
    "service.action.kubernetesApiCallAction.remoteIpDetails.ipAddressV4",
    "service.action.rdsLoginAttemptAction.remoteIpDetails.ipAddressV4",
    "service.action.networkConnectionAction.remoteIpDetails.ipAddressV4",
    "service.action.networkConnectionAction.remoteIpDetails.ipAddressV6",
    "service.action.networkConnectionAction.remotePortDetails.port",
    "service.action.networkConnectionAction.connectionDirection",
    "service.action.networkConnectionAction.protocol",
    "service.action.networkConnectionAction.blocked",
    "service.action.portProbeAction.portProbeDetails.remoteIpDetails.ipAddressV4",
    "service.action.dnsRequestAction.domain",
    "service.action.dnsRequestAction.blocked",
    "service.runtimeDetails.process.executablePath",
    "service.runtimeDetails.process.executableSha256",
    "resource.eksClusterDetails.name",
    "resource.ecsClusterDetails.arn",
    "resource.ecsClusterDetails.taskDetails.arn",
    "resource.lambdaDetails.functionArn",
    "resource.lambdaDetails.functionName",
    "resource.containerDetails.id",
    "resource.containerDetails.image",
    "resource.ecsClusterDetails.taskDetails.containers.id",
    "resource.ecsClusterDetails.taskDetails.containers.image",
    "resource.kubernetesDetails.kubernetesWorkloadDetails.containers.id",
    "resource.kubernetesDetails.kubernetesWorkloadDetails.containers.image",
    "resource.kubernetesDetails.kubernetesWorkloadDetails.name",
    "resource.kubernetesDetails.kubernetesWorkloadDetails.namespace",
    "service.ebsVolumeScanDetails.scanDetections.threatDetectedByName.threatNames.filePaths."
    "filePath",
    "service.ebsVolumeScanDetails.scanDetections.threatDetectedByName.threatNames.filePaths.hash",
    "service.malwareScanDetails.threats.itemPaths.nestedItemPath",
    "service.malwareScanDetails.threats.hash",
    "service.detection.sequence.endpoints.ip",
    "service.detection.sequence.endpoints.port",
    "service.detection.sequence.endpoints.domain",
    "service.detection.sequence.sequenceIndicators.key",
    "service.detection.sequence.signals.signalIndicators.key",
    "service.detection.sequence.resources",
    "service.detection.sequence.resources.uid",
    "service.detection.sequence.resources.name",
    "service.detection.sequence.actors.user.credentialUid",
    "service.detection.sequence.actors.process.path",
    "service.detection.sequence.actors.process.sha256",
};

/// GuardDuty rates from 1 to 10, Davy from 0 to 100.
constexpr double kSeverityScale = 10;

/// Whether the JSON text in additionalInfo.value says "sample": true.
bool says_sample(std::string_view extra) {
  constexpr std::string_view kKey = "\"sample\"";
  const size_t at = extra.find(kKey);
  if (at == std::string_view::npos) return false;
  std::string_view rest = trim(extra.substr(at + kKey.size()));
  if (!rest.starts_with(':')) return false;
  return trim(rest.substr(1)).starts_with("true");
}

/// Such a finding is evidence of mining as it stands; what it names is not heard a second time.
bool speaks_of_mining(std::string_view type) {
  return type.find("Crypto") != std::string_view::npos ||
         type.find("Bitcoin") != std::string_view::npos;
}

void add_once(std::vector<std::string_view>& list, std::string_view text) {
  if (!text.empty() && std::find(list.begin(), list.end(), text) == list.end()) {
    list.push_back(text);
  }
}

class GuardDutyDecoder final : public Decoder {
 public:
  explicit GuardDutyDecoder(const event::Schema& schema)
      : walker_(schema, KeyCase::kFoldFirst), slots_(schema, kPaths) {}

  Outcome decode(const RawRecord& record, Workbench& bench, Sink& sink) override {
    Fields& fields = bench.fields();
    const std::string_view damage = walker_.walk(record.bytes, bench.parser(), fields);
    if (!damage.empty()) return Outcome::rejected(damage);
    fields_ = &fields;
    if (text(kSchemaVersion) != "2.0" ||
        (text(kDetector).empty() && text(kService) != "guardduty")) {
      return Outcome::not_mine();
    }
    if (text(kType).empty()) return Outcome::rejected("GuardDuty finding without a type");
    if (text(kSample) == "true" || says_sample(text(kExtra)) ||
        text(kTitle).starts_with("[SAMPLE]")) {
      return Outcome::skipped("GuardDuty sample finding");
    }
    const auto time = parse_time(first_of({kFirstSeen, kCreated}));
    if (!time) return Outcome::rejected("neither eventFirstSeen nor createdAt is a time");

    event::Event event;
    event.ref = {record.stream->source, record.offset};
    event.time = *time;
    event.end = std::max(*time, parse_time(first_of({kLastSeen, kUpdated})).value_or(*time));
    event.record_id = text(kId);
    event.key = key(record, bench.arena());
    event.logsources = 1;
    read_subject(*record.stream, bench.arena(), event);
    event.finding = finding(event);
    if (!speaks_of_mining(finding_.type)) {
      event.process = process();
      event.dns = look_up(bench.arena());
      event.connection = connection();
    }
    sink.emit(event, fields);
    return Outcome::decoded();
  }

 private:
  std::string_view text(Field field) const { return fields_->text(slots_[field]); }

  std::string_view first_of(std::initializer_list<Field> candidates) const {
    for (const Field field : candidates) {
      if (!text(field).empty()) return text(field);
    }
    return {};
  }

  /// An update of a finding says more than the finding did: it is a record of its own.
  Hash128 key(const RawRecord& record, Arena& arena) const {
    if (text(kId).empty()) return hash128(record.bytes);
    return hash128(join_texts(text(kId), '\n', text(kUpdated), arena));
  }

  static std::string_view join_texts(std::string_view left, char between, std::string_view right,
                                     Arena& arena) {
    char* place = arena.allocate(left.size() + 1 + right.size());
    std::copy(left.begin(), left.end(), place);
    place[left.size()] = between;
    std::copy(right.begin(), right.end(), place + left.size() + 1);
    return {place, left.size() + 1 + right.size()};
  }

  /// "arn:…:function:name" of "arn:…:function:name:version"; what is done to a function is done to
  /// all its versions.
  static std::string_view without_qualifier(std::string_view function) {
    constexpr std::string_view kBeforeName = ":function:";
    const size_t before = function.find(kBeforeName);
    if (before == std::string_view::npos) return function;
    return function.substr(0, function.find(':', before + kBeforeName.size()));
  }

  void read_subject(const StreamContext& stream, Arena& arena, event::Event& event) {
    event.account = text(kAccount).empty() ? std::string_view(stream.account_hint) : text(kAccount);
    event.region = text(kRegion).empty() ? std::string_view(stream.region_hint) : text(kRegion);
    event.instance = text(kInstance);
    event.instance_type = text(kInstanceType);
    const Fields::Range tags = fields_->values(slots_[kTagKey]);
    const Fields::Range tag_values = fields_->values(slots_[kTagValue]);
    event.instance_name = tag_value(tags, tag_values, "Name");
    event.cluster = first_of({kEksCluster, kEcsCluster});
    if (event.cluster.empty()) event.cluster = cluster_of_tags(tags, tag_values);
    event.task = text(kEcsTask);
    event.function = without_qualifier(first_of({kFunctionArn, kFunctionName}));
    event.container = first_of({kContainer, kEcsContainer, kPodContainer});
    event.image = first_of({kContainerImage, kEcsImage, kPodImage, kInstanceImage});
    if (!text(kPod).empty()) {
      event.pod = text(kNamespace).empty() ? text(kPod)
                                           : join_texts(text(kNamespace), '/', text(kPod), arena);
    }
    event.actor.access_key = text(kAccessKey);
    event.actor.name = text(kUserName);
    event.actor.type = text(kUserType);
    event.actor.source_ip = first_of({kApiCaller, kApiCaller6, kKubernetesCaller, kLoginCaller});
    read_sequence(arena);
    // A sequence about one machine, one key or one workload is about that one.
    if (event.instance.empty() && instance_ids_.size() == 1) event.instance = instance_ids_[0];
    if (event.actor.access_key.empty() && access_keys_.size() == 1) {
      event.actor.access_key = access_keys_[0];
    }
    take_only(event::EntityType::kCluster, event.cluster);
    take_only(event::EntityType::kTask, event.task);
    take_only(event::EntityType::kContainer, event.container);
    take_only(event::EntityType::kPod, event.pod);
  }

  /// The one name of its kind in the sequence, for a subject that has none.
  void take_only(event::EntityType type, std::string_view& subject) const {
    const auto is_of = [type](const event::Named& one) { return one.type == type; };
    if (!subject.empty() || std::count_if(named_.begin(), named_.end(), is_of) != 1) return;
    subject = std::find_if(named_.begin(), named_.end(), is_of)->id;
  }

  /// Machines and credentials of an attack sequence are told by the form of their ids, what runs on
  /// machines by the type that its resource states.
  void read_sequence(Arena& arena) {
    named_.clear();
    const Fields::Range resources = fields_->values(slots_[kSequenceResources]);
    if (!resources.empty()) sequence_.read(resources.begin()->text, arena, named_);
    instance_ids_.clear();
    access_keys_.clear();
    indicators_.clear();
    for (const Field field : {kSequenceResource, kSequenceResourceName, kSequenceCredential}) {
      for (const event::Value& value : fields_->values(slots_[field])) {
        add_once(instance_ids_, find_instance_id(value.text));
        if (is_access_key_id(value.text)) add_once(access_keys_, value.text);
      }
    }
    for (const Field field : {kSequenceIndicator, kSignalIndicator}) {
      for (const event::Value& value : fields_->values(slots_[field])) {
        if (value.type == event::Value::Type::kString) add_once(indicators_, value.text);
      }
    }
  }

  const event::Finding* finding(const event::Event& event) {
    finding_ = event::Finding{};
    finding_.product = "guardduty";
    finding_.type = text(kType);
    finding_.title = text(kTitle);
    finding_.severity =
        std::clamp(parse_number(text(kSeverity)).value_or(0) * kSeverityScale, 0.0, 100.0);
    finding_.first_seen = event.time;
    finding_.last_seen = event.end;
    finding_.reported = parse_time(first_of({kCreated, kUpdated})).value_or(Time{});
    // Only this state is final: a stopped machine may be at work again when nobody looks.
    if (text(kInstanceState) == "terminated") {
      finding_.ended = parse_time(first_of({kUpdated, kCreated})).value_or(Time{});
    }
    finding_.archived = text(kArchived) == "true";
    finding_.count = std::max<uint64_t>(1, parse_int<uint64_t>(text(kCount)).value_or(1));
    finding_.remote_ip = first_of({kRemote, kRemote6, kProber, kEndpointAddress});
    const Field port = first_of({kRemote, kRemote6}).empty() ? kEndpointPort : kRemotePort;
    finding_.remote_port = parse_int<uint16_t>(text(port)).value_or(0);
    finding_.domain = first_of({kDomain, kEndpointDomain});
    finding_.process_path = first_of({kProcess, kSequenceProcess, kVolumeFile, kMalwareFile});
    finding_.process_sha256 = first_of({kProcessHash, kSequenceHash, kVolumeHash, kMalwareHash});
    finding_.indicators = indicators_;
    finding_.instance_ids = instance_ids_;
    finding_.access_keys = access_keys_;
    finding_.named = named_;
    return &finding_;
  }

  /// The program that a finding of Runtime Monitoring is about.
  const event::Process* process() {
    const std::string_view path = text(kProcess);
    if (path.empty()) return nullptr;
    process_ = event::Process{};
    process_.path = path;
    process_.name = path.substr(path.rfind('/') + 1);
    process_.sha256 = text(kProcessHash);
    return &process_;
  }

  const event::DnsQuery* look_up(Arena& arena) {
    if (text(kDomain).empty()) return nullptr;
    query_ = event::DnsQuery{};
    query_.name = normal_name(text(kDomain), arena);
    query_.blocked = text(kDomainBlocked) == "true";
    return &query_;
  }

  /// What the workload called. Scanners and strangers come from anywhere, and over UDP nothing
  /// stands.
  const event::Connection* connection() {
    const std::string_view ip = first_of({kRemote, kRemote6});
    if (ip.empty() || text(kDirection) == "INBOUND" || text(kProtocol) == "UDP") return nullptr;
    connection_ = event::Connection{};
    connection_.remote_ip = ip;
    connection_.remote_port = finding_.remote_port;
    if (text(kConnectionBlocked) == "true") {
      connection_.outcome = event::Connection::Outcome::kFailed;
    }
    return &connection_;
  }

  JsonWalker walker_;
  FieldSlots<kFieldCount> slots_;
  SequenceWorkloads sequence_;
  const Fields* fields_ = nullptr;  ///< of the record being decoded
  event::Finding finding_;
  event::Process process_;
  event::DnsQuery query_;
  event::Connection connection_;
  std::vector<std::string_view> instance_ids_;
  std::vector<std::string_view> access_keys_;
  std::vector<std::string_view> indicators_;
  std::vector<event::Named> named_;
};

bool names_guardduty(std::string_view service) {
  constexpr std::string_view kSigns[] = {"\"detectorId\"", "\"DetectorId\"", "\"guardduty\""};
  return std::any_of(std::begin(kSigns), std::end(kSigns), [&](std::string_view sign) {
    return service.find(sign) != std::string_view::npos;
  });
}

constexpr std::string_view kTellKeys[] = {"schemaVersion", "SchemaVersion"};

}  // namespace

const Format kGuardDuty = {
    .name = "guardduty",
    .title = "Amazon GuardDuty",
    .logsources = kLogsources,
    .looks_like_json =
        [](const JsonShape& shape) {
          return (shape.text("schemaVersion") == "2.0" && names_guardduty(shape.raw("service"))) ||
                 (shape.text("SchemaVersion") == "2.0" && names_guardduty(shape.raw("Service")));
        },
    .tell_keys = kTellKeys,
    .declare_fields =
        [](event::Schema& schema) {
          for (std::string_view path : kPaths)
            schema.add(path);
        },
    .make_decoder = [](const event::Schema& schema) -> std::unique_ptr<Decoder> {
      return std::make_unique<GuardDutyDecoder>(schema);
    },
};

}  // namespace davy::decode
