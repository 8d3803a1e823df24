// SPDX-License-Identifier: Apache-2.0
#include "davy/decode/unread.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "davy/base/text.h"
#include "davy/decode/json_shape.h"

namespace davy::decode {
namespace {

constexpr std::string_view kAsff = "Security Hub finding (ASFF): Davy does not read it yet";
constexpr std::string_view kAnomaly = "AWS cost anomaly: Davy does not read it yet";
constexpr std::string_view kCostExplorer = "Cost Explorer figures: Davy does not read them yet";
constexpr std::string_view kTaskDefinition = "ECS task definition: Davy does not read it yet";
constexpr std::string_view kOsquery = "osquery result: Davy does not read it yet";
constexpr std::string_view kTetragon = "Tetragon event: Davy does not read it yet";
constexpr std::string_view kKubernetes = "Kubernetes audit event: Davy does not read it yet";
constexpr std::string_view kCloudGuard = "OCI Cloud Guard problem: Davy does not read it yet";
constexpr std::string_view kOciAudit = "OCI audit event: Davy does not read it yet";
constexpr std::string_view kOciLog = "OCI log: Davy does not read it yet";
constexpr std::string_view kNsgFlow = "Azure NSG flow log: Davy does not read it yet";
constexpr std::string_view kVnetFlow = "Azure VNet flow log: Davy does not read it yet";
constexpr std::string_view kAzureActivity =
    "Azure activity or resource log: Davy does not read it yet";
constexpr std::string_view kDefender = "Defender for Cloud alert: Davy does not read it yet";
constexpr std::string_view kGcpFinding =
    "Google Security Command Center finding: Davy does not read it yet";
constexpr std::string_view kGcpAudit = "Google Cloud audit log: Davy does not read it yet";
constexpr std::string_view kGcpFlow = "Google Cloud VPC flow log: Davy does not read it yet";
constexpr std::string_view kGcpLog = "Google Cloud log entry: Davy does not read it yet";
constexpr std::string_view kCloudEvent = "CloudEvents event: Davy does not read it yet";
constexpr std::string_view kOcsf = "OCSF event: Davy does not read it yet";
constexpr std::string_view kZeek = "Zeek log: Davy does not read it yet";
constexpr std::string_view kSuricata = "Suricata event (EVE): Davy does not read it yet";
constexpr std::string_view kCur = "AWS cost and usage report: Davy does not read it yet";
constexpr std::string_view kFocus = "FOCUS cost export: Davy does not read it yet";
constexpr std::string_view kAzureCost = "Azure cost export: Davy does not read it yet";
constexpr std::string_view kGcpCost = "Google Cloud billing export: Davy does not read it yet";
constexpr std::string_view kSysmon = "Sysmon for Linux: Davy does not read it yet";
constexpr std::string_view kAuthLog = "syslog of logins (auth.log): Davy does not read it yet";
constexpr std::string_view kFalcoText =
    "Falco alert as text: Davy reads it as JSON (json_output: true)";
constexpr std::string_view kAggregate =
    "records aggregated by the Kinesis Producer Library: Davy does not read them yet";

/// All keys stand at the top level, and the raw value of `key` holds `text`, if any.
struct JsonSignature {
  std::string_view reason;
  std::array<std::string_view, 4> keys;
  std::string_view key = {};
  std::string_view text = {};
};

constexpr JsonSignature kJson[] = {
    {kAsff, {"ProductArn"}, "SchemaVersion", "\"2018-10-08\""},
    {kAsff, {}, "findings", "\"ProductArn\""},
    {kAnomaly, {"anomalyId", "impact"}},
    {kAnomaly, {"AnomalyId", "Impact"}},
    {kAnomaly, {}, "Anomalies", "\"AnomalyId\""},
    {kCostExplorer, {"ResultsByTime"}},
    {kTaskDefinition, {"containerDefinitions", "family"}},
    {kTaskDefinition, {}, "taskDefinition", "\"containerDefinitions\""},
    {kOsquery, {"hostIdentifier", "calendarTime"}},
    {kOsquery, {"hostname", "calendarTime", "columns"}},
    {kOsquery, {"hostname", "calendarTime", "snapshot"}},
    {kOsquery, {"hostname", "calendarTime", "diffResults"}},
    {kOsquery, {"name", "action", "columns"}},
    {kOsquery, {"data"}, "log_type", "\"result\""},
    {kTetragon, {"process_exec", "time"}},
    {kTetragon, {"process_exit", "time"}},
    {kTetragon, {"process_connect", "time"}},
    {kTetragon, {"process_kprobe", "time"}},
    {kTetragon, {"process_tracepoint", "time"}},
    {kTetragon, {"process_lsm", "time"}},
    {kTetragon, {"process_loader", "time"}},
    {kTetragon, {"process_uprobe", "time"}},
    {kKubernetes, {"kind"}, "apiVersion", "\"audit.k8s.io/"},
    {kKubernetes, {"auditID", "verb"}},
    {kKubernetes, {"kind", "verb", "objectRef"}},
    {kKubernetes, {"properties"}, "category", "\"kube-audit"},
    {kCloudGuard, {"cloudEventsVersion"}, "eventType", "\"com.oraclecloud.cloudguard."},
    {kCloudGuard, {"detectorRuleId", "riskLevel", "lifecycleState"}},
    {kOciAudit, {"cloudEventsVersion"}, "eventType", "\"com.oraclecloud."},
    {kOciAudit, {"data"}, "type", "\"com.oraclecloud."},
    {kOciLog, {"specversion", "oracle"}},
    {kOciLog, {"logContent"}},
    {kNsgFlow, {}, "category", "\"NetworkSecurityGroupFlowEvent\""},
    {kVnetFlow, {"flowRecords"}, "category", "\"FlowLogFlowEvent\""},
    {kAzureActivity, {"operationName", "eventTimestamp"}},
    {kAzureActivity, {"operationName", "resourceId", "time", "category"}},
    {kAzureActivity, {"operationName", "category", "properties"}},
    {kDefender, {"AlertType", "SystemAlertId"}},
    {kDefender, {"properties"}, "type", "\"Microsoft.Security/"},
    {kGcpFinding, {"finding", "notificationConfigName"}},
    {kGcpFinding, {}, "finding", "/findings/"},
    {kGcpAudit, {"logName", "protoPayload"}},
    {kGcpAudit, {}, "protoPayload", "google.cloud.audit.AuditLog"},
    {kGcpFlow, {"jsonPayload"}, "logName", "vpc_flows"},
    {kGcpLog, {"logName", "insertId"}},
    {kGcpLog, {"logName", "resource", "timestamp"}},
    {kCloudEvent, {"specversion", "type", "source"}},
    {kOcsf, {"class_uid", "category_uid", "metadata"}},
    {kZeek, {"ts", "uid", "id.orig_h"}},
    {kSuricata, {"event_type", "flow_id", "timestamp"}},
};

bool is_like(const JsonSignature& signature, const JsonShape& shape) {
  const bool has_keys =
      std::all_of(signature.keys.begin(), signature.keys.end(),
                  [&](std::string_view key) { return key.empty() || shape.has(key); });
  return has_keys && (signature.key.empty() ||
                      shape.raw(signature.key).find(signature.text) != std::string_view::npos);
}

/// One of the first lines holds all the words.
struct TextSignature {
  std::string_view reason;
  std::array<std::string_view, 3> words;
};

constexpr TextSignature kText[] = {
    {kCur, {"identity/LineItemId", "lineItem/UsageStartDate"}},
    {kCur, {"identity_line_item_id"}},
    {kCur, {"line_item_usage_start_date"}},
    {kFocus, {"BilledCost", "ChargePeriodStart", "ServiceName"}},
    {kAzureCost, {"MeterCategory", "CostInBillingCurrency"}},
    {kAzureCost, {"MeterCategory", "PreTaxCost"}},
    {kAzureCost, {"MeterCategory", "EffectivePrice"}},
    {kAzureCost, {"meterCategory", "costInBillingCurrency"}},
    {kGcpCost, {"Service description", "SKU description"}},
    {kGcpCost, {"service.description", "sku.description"}},
    {kSysmon, {"<Event><System><Provider Name=\"Linux-Sysmon\""}},
    {kZeek, {"#separator"}},
    {kAuthLog, {" sshd[", "]: "}},
    {kAuthLog, {" sudo:", "COMMAND="}},
    {kAggregate, {"\xf3\x89\x9a\xc2"}},
};

/// "16:31:56.746609046: Warning …"; with time_format_iso_8601 a date stands before.
bool is_falco_text(std::string_view line) {
  constexpr std::string_view kPriorities[] = {"Emergency ", "Alert ",  "Critical ",      "Error ",
                                              "Warning ",   "Notice ", "Informational ", "Debug "};
  const size_t end = line.find(": ");
  if (end == std::string_view::npos || end < 18 || !is_ascii_digit(line[0])) return false;
  const std::string_view text = line.substr(end + 2);
  return std::any_of(std::begin(kPriorities), std::end(kPriorities),
                     [&](std::string_view priority) { return text.starts_with(priority); });
}

bool holds_all(std::string_view line, const TextSignature& signature) {
  return std::all_of(signature.words.begin(), signature.words.end(), [&](std::string_view word) {
    return line.find(word) != std::string_view::npos;
  });
}

}  // namespace

std::string_view unread_json(const JsonShape& shape) {
  const auto* found = std::find_if(std::begin(kJson), std::end(kJson),
                                   [&](const JsonSignature& s) { return is_like(s, shape); });
  return found == std::end(kJson) ? std::string_view{} : found->reason;
}

std::string_view unread_text(const TextProbe& probe) {
  for (std::string_view line : probe.lines) {
    if (is_falco_text(line)) return kFalcoText;
    for (const TextSignature& signature : kText) {
      if (holds_all(line, signature)) return signature.reason;
    }
  }
  return {};
}

}  // namespace davy::decode
